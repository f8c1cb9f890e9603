import Dialects
import Testing
import Transcript
import Wire

@Suite struct FTPMarksTests {
  @Test(arguments: [
    ("USER etu1", "USER {user}"), ("user a b", "user {user}"), ("USER", "USER"), ("USER ", "USER "), ("PASS secret1", "PASS {secret}"),
    ("pass  two words ", "pass {secret}"), ("PASS me@there.example", "PASS {secret}"), ("PASS", "PASS"), ("ACCT billing", "ACCT {secret}"),
    ("ADAT YQ==", "ADAT {secret}"), ("SITE PSWD old new", "SITE PSWD {secret}"), ("SITE CHMOD 644 a", "SITE CHMOD 644 a"),
    ("PORT 192,168,1,10,214,127", "PORT {data}"), ("PORT 1,2,3", "PORT 1,2,3"), ("EPRT |1|192.168.1.10|52195|", "EPRT {data}"),
    ("EPRT |2|fd00::10|49189|", "EPRT {data}"), ("EPRT |1|fd00::10|49189|", "EPRT |1|fd00::10|49189|"), ("EPSV 1", "EPSV 1"),
    ("LPRT 4,4,10,0,0,1,2,4,1", "LPRT {data}"), ("CWD /home/etu1", "CWD /home/etu1"), ("RETR a b.txt", "RETR a b.txt"),
    ("SITE", "SITE"), ("nonsense", "nonsense"),
  ])
  func `a command names who logs in and where it listens, and shows no secret`(line: String, expected: String) {
    #expect(marked(FTP(), [.s("220 x\r\n"), .c(line + "\r\n")]).last == "C: " + expected)
  }

  @Test(arguments: [("PASS sec", "PASS {secret}"), ("PAS", "{secret}"), ("geheim", "{secret}"), ("RETR a", "RETR a")])
  func `what was cut short shows no secret`(text: String, expected: String) {
    #expect(marked(FTP(), [.s("220 x\r\n"), .c(text), .end(.client, .finished)]) == ["S: 220 x", "C: " + expected])
  }

  @Test func `Telnet's commands in front change nothing`() {
    var rehearsal = Rehearsal(FTP())
    rehearsal.feed([255, 244, 255, 242] + Array("PASS a\r\n".utf8), from: .client)
    guard case .message(let heard)? = rehearsal.sounds.first else { return }
    #expect(FTP().marks(of: heard, answering: nil) == [Mark(.head(0), 9..<10, .secret(of: nil))])
  }

  @Test(arguments: [
    ("PASV", "227 Entering Passive Mode (192,168,1,1,156,102).", "227 Entering Passive Mode ({data})."),
    ("EPSV", "229 Entering Extended Passive Mode (|||40090|)", "229 Entering Extended Passive Mode ({data})"),
    ("LPSV", "228 Entering Long Passive Mode (4,4,127,0,0,1,2,4,1)", "228 Entering Long Passive Mode ({data})"),
    ("PASV", "227 Entering Passive Mode (192,168,1,1,156)", "227 Entering Passive Mode (192,168,1,1,156)"),
    ("STOU", "150 FILE: ftp.1a2b3c", "150 FILE: {file:path}"), ("STOU x", "125 FILE: x.rp7eaz59", "125 FILE: {file:path}"),
    ("STOU", "226 Transfer complete (unique file name:foo.1).", "226 Transfer complete (unique file name:{file:path})."),
    ("STOU", "226 Transfer complete.", "226 Transfer complete."), ("MDTM a", "213 20240305102000", "213 20240305102000"),
    ("SIZE a", "213 1892", "213 1892"), ("SYST", "215 UNIX Type: L8", "215 UNIX Type: L8"),
    ("PWD", "257 \"/home/etu1\" is the current directory", "257 \"/home/etu1\" is the current directory"),
    ("RETR 20240305102000", "150 Opening 20240305102000 (5 bytes)", "150 Opening 20240305102000 (5 bytes)"),
    ("USER etu1", "331 Password required for etu1.", "331 Password required for {user}."),
    ("USER etu1", "331 etu10 is not Etu1", "331 etu10 is not Etu1"), ("USER or", "331 name or password", "331 name or password"),
    ("PASS p", "230 Last login Tue Mar  5 10:20:00 2024", "230 Last login {date:date}"),
    ("MLST a", "250-Start", "250-Start"),
  ])
  func `a reply says where the server listens, and what it called a file`(command: String, reply: String, expected: String) {
    let end = reply.dropFirst(3).first == "-" ? "\(reply.prefix(3)) end\r\n" : ""
    let heard = marked(FTP(), [.s("220 x\r\n"), .c(command + "\r\n"), .s(reply + "\r\n" + end)])
    #expect(heard.dropFirst(2).first == "S: " + expected)
  }

  @Test func `of the facts of MLST the time and the identifier vary`() {
    let heard = marked(
      FTP(),
      [
        .s("220 x\r\n"), .c("MLST a\r\n"),
        .s("250-Start\r\n modify=20000101111213;perm=fle;type=dir;unique=35U224E81; /a b\r\n250 End\r\n"),
      ])
    #expect(heard.suffix(3) == ["S: 250-Start", "S:  modify={date:date};perm=fle;type=dir;unique={unique:token}; /a b", "S: 250 End"])
  }

  @Test(arguments: [
    (
      "LIST", "-rw-r--r--    1 2001     1000           4 Mar 05  2024 lisezmoi.txt",
      "-rw-r--r--    1 2001     1000           4 {Mar 05  2024} lisezmoi.txt"
    ),
    ("LIST", "drwxr-xr-x 2 a b 4096 Nov 23 07:34 Mar 05  2024", "drwxr-xr-x 2 a b 4096 {Nov 23 07:34} Mar 05  2024"),
    ("LIST", "02-23-05  10:22AM       <DIR>          a", "{02-23-05  10:22AM}       <DIR>          a"),
    ("LIST", "-rw-r--r-- 1 a b 4 2024-03-05 10:20 a", "-rw-r--r-- 1 a b 4 {2024-03-05 10:20} a"),
    // A date that no type has stays as it is.
    ("LIST", "-rw-r--r-- 1 a b 4 5 févr. 2024 a", "-rw-r--r-- 1 a b 4 5 févr. 2024 a"), ("LIST", "total 24", "total 24"),
    ("NLST", "Mar 05  2024", "Mar 05  2024"),
    (
      "MLSD", "type=file;size=4;modify=20240305102000;unique=fd01g2; Mar 05  2024",
      "type=file;size=4;modify={20240305102000};unique={fd01g2}; Mar 05  2024"
    ),
    ("RETR a", "-rw-r--r-- 1 a b 4 Mar 05  2024 a", "-rw-r--r-- 1 a b 4 Mar 05  2024 a"),
  ])
  func `in a listing dates vary`(command: String, line: String, expected: String) {
    let bytes = Array(line.utf8)
    var shown = ""
    var at = 0
    for mark in FTP().marks(ofTransfer: [[], bytes], answering: Message(.client, [Text(command)])) {
      #expect(mark.place == .part("data", line: 1))
      shown +=
        String(decoding: bytes[at..<mark.range.lowerBound], as: UTF8.self) + "{"
        + String(decoding: bytes[mark.range], as: UTF8.self) + "}"
      at = mark.range.upperBound
    }
    #expect(shown + String(decoding: bytes[at...], as: UTF8.self) == expected)
  }
}
