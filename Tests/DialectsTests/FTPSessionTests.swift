import Dialects
import Testing
import Wire

@Suite struct FTPSessionTests {
  func ftp(_ happenings: Happening..., sourceLocation: SourceLocation = #_sourceLocation) -> [String] {
    rehearse(FTP(), happenings, sourceLocation: sourceLocation)
  }

  @Test func `a file is fetched`() {
    let heard = ftp(
      .s("220 (vsFTPd 3.0.3)\r\n"), .c("USER u\r\n"), .s("331 Please\r\n"), .c("PASS p\r\n"), .s("230 in\r\n"), .c("type i\r\n"),
      .s("200 ok\r\n"), .c("PASV\r\n"), .s("227 Entering Passive Mode (192,168,1,1,156,102).\r\n"), .c("RETR a\r\n"), .s("150 go\r\n"),
      .s("226 done\r\n"), .c("QUIT\r\n"), .s("221 bye\r\n"), .end(.server, .finished))
    #expect(
      heard == [
        "S0 220 (vsFTPd 3.0.3)", "C0 USER u", "S1=0 331 Please", "C1 PASS p", "S2=1 230 in", "C2 type i", "S3=2 200 ok", "C3 PASV",
        "S4=3 227 Entering Passive Mode (192,168,1,1,156,102). client dials 192.168.1.1 40038 as 192,168,1,1,156,102", "C4 RETR a",
        "S5~4 150 go bytes from server", "S6=4 226 done", "C5 QUIT", "S7=5 221 bye ends",
      ])
  }

  // MARK: Replies of several lines

  @Test func `what is between the first and the last line is text, whatever it begins with`() {
    let heard = ftp(
      .s("220-first\r\n220- \r\n230 no code here\r\n2201\r\n220-again\r\n 220 indented\r\n\r\n220\r\n"), .c("FEAT\r\n"),
      .s("211-Features:\r\n MDTM\r\n211-SIZE\r\n211 End\r\n"), .c("QUIT\r\n"), .s("221-\r\n 154 bytes\r\n221 Thank you\r\n"))
    #expect(
      heard == [
        "S0 220-first⏎220- ⏎230 no code here⏎2201⏎220-again⏎ 220 indented⏎⏎220", "C0 FEAT", "S1=0 211-Features:⏎ MDTM⏎211-SIZE⏎211 End",
        "C1 QUIT", "S2=1 221-⏎ 154 bytes⏎221 Thank you ends",
      ])
  }

  @Test func `a line without a code is no reply, and one with another sign behind it is told`() {
    let heard = ftp(.s("220 x\r\n"), .c("NOOP\r\n"), .s("hello\r\n200:ok\r\n"), .c("NOOP\r\n"), .s("200 a\n"))
    #expect(
      heard == [
        "S0 220 x", "C0 NOOP", "S !reply-syntax hello\\x0d\\x0a", "S1=0 200:ok !reply-syntax", "C1 NOOP", "S2=1 200 a !bare-lf",
      ])
  }

  @Test func `a line without an end within a reply does not hide where the reply ends`() {
    var rehearsal = Rehearsal(FTP())
    let long = String(repeating: "x", count: 70_000)
    for happening in [Happening.s("220 x\r\n"), .c("STAT\r\n"), .s("211-a\r\n\(long)\r\n200 no\r\n211 b\r\n")] {
      rehearsal.happens(happening)
    }
    #expect(rehearsal.sounds.map(describe).last == "S1=0 200 no⏎211 b")
  }

  // MARK: Which command a reply answers

  @Test func `a greeting may take its time`() {
    let heard = ftp(.s("120 in 2 minutes\r\n"), .s("220 x\r\n"), .c("REIN\r\n"), .s("120 wait\r\n220 again\r\n"))
    #expect(heard == ["S0 120 in 2 minutes", "S1 220 x", "C0 REIN", "S2~0 120 wait", "S3=0 220 again"])
  }

  @Test func `pipelined commands are answered in turn`() {
    let heard = ftp(
      .s("220 x\r\n"), .c("RETR a\r\nCWD b\r\nRETR c\r\nPWD\r\n"), .s("550 no\r\n250 b\r\n150 go\r\n226 done\r\n257 \"b\"\r\n"))
    #expect(heard.suffix(5) == ["S1=0 550 no", "S2=1 250 b", "S3~2 150 go text from server", "S4=2 226 done", "S5=3 257 \"b\""])
    let transfers = ftp(.s("220 x\r\n"), .c("RETR a\r\nRETR b\r\n"), .s("150 a\r\n110 MARK 1 = 2\r\n226 a\r\n125 b\r\n426 b\r\n"))
    #expect(
      transfers.suffix(5) == [
        "S1~0 150 a text from server", "S2~0 110 MARK 1 = 2", "S3=0 226 a", "S4~1 125 b text from server", "S5=1 426 b",
      ])
  }

  @Test func `a client may speak before the greeting, and a greeting that was not recorded is not waited for`() {
    let heard = ftp(.c("USER u\r\nPASS p\r\n"), .s("220 x\r\n331 u\r\n230 p\r\n"))
    #expect(heard.suffix(3) == ["S0 220 x", "S1=0 331 u", "S2=1 230 p"])
    #expect(ftp(.c("USER u\r\n"), .s("331 u\r\n")).last == "S0=0 331 u")
  }

  @Test func `what is asked during a transfer is answered before it ends`() {
    let heard = ftp(
      .s("220 x\r\n"), .c("RETR a\r\n"), .s("150 go\r\n"), .c("STAT\r\n"), .s("213-status\r\n 5 bytes\r\n213 end\r\n"), .c("NOOP\r\n"),
      .s("200 ok\r\n"), .s("226 done\r\n"), .c("STOR b\r\n"), .s("150 go\r\n"), .c("STAT\r\n"), .s("226 done\r\n"), .s("211 idle\r\n"))
    #expect(
      heard == [
        "S0 220 x", "C0 RETR a", "S1~0 150 go text from server", "C1 STAT", "S2=1 213-status⏎ 5 bytes⏎213 end", "C2 NOOP", "S3=2 200 ok",
        "S4=0 226 done", "C3 STOR b", "S5~3 150 go text from client", "C4 STAT", "S6=3 226 done", "S7=4 211 idle",
      ])
    let refused = ftp(.s("220 x\r\n"), .c("RETR a\r\n"), .s("150 go\r\n"), .c("STAT\r\n"), .s("502 no\r\n226 done\r\n"))
    #expect(refused.suffix(2) == ["S2=1 502 no", "S3=0 226 done"])
    let failed = ftp(.s("220 x\r\n"), .c("RETR a\r\n"), .s("150 go\r\n"), .c("STAT\r\n"), .s("522 no TLS\r\n211 idle\r\n"))
    #expect(failed.suffix(2) == ["S2=0 522 no TLS", "S3=1 211 idle"])
    #expect(
      ftp(.s("220 x\r\n"), .c("RETR a\r\n"), .s("150 go\r\n"), .c("QUIT\r\n"), .s("221 bye\r\n226 done\r\n")).suffix(2) == [
        "S2=1 221 bye ends", "S3=0 226 done",
      ])
  }

  @Test(arguments: [
    (["426 cut", "226 aborted"], ["S2=0 426 cut", "S3=1 226 aborted", "S4=2 257 \"/\""]),
    (["226 done", "225 nothing to abort"], ["S2=0 226 done", "S3=1 225 nothing to abort", "S4=2 257 \"/\""]),
    (["226 done", "226 done"], ["S2=0 226 done", "S3=1 226 done", "S4=2 257 \"/\""]),
    (["426 cut", "502 what"], ["S2=0 426 cut", "S3=1 502 what", "S4=2 257 \"/\""]),
    // Only one reply, to either.
    (["226 aborted"], ["S2=0 226 aborted", "S3=2 257 \"/\""]),
    (["225 aborted"], ["S2=1 225 aborted", "S3=2 257 \"/\""]),
  ])
  func `ABOR ends a transfer with two replies, or one`(replies: [String], expected: [String]) {
    let heard = ftp(
      .s("220 x\r\n"), .c("RETR a\r\n"), .s("150 go\r\n"), .c("ABOR\r\n"), .s(replies.map { $0 + "\r\n" }.joined()), .c("PWD\r\n"),
      .s("257 \"/\"\r\n"))
    #expect(heard.filter { $0.hasPrefix("S") }.dropFirst(2) == expected[...])
  }

  @Test func `Telnet's commands stand before ABOR, and before a reply`() {
    var rehearsal = Rehearsal(FTP())
    func feed(_ bytes: [UInt8], _ side: Side) { for byte in bytes { rehearsal.feed([byte], from: side) } }
    feed([255, 253, 24] + Array("USER u\r\n".utf8), .client)
    feed(Array("220 x\r\n".utf8) + [255, 252, 24, 255, 250, 24, 1, 255, 240] + Array("331-u\r\n331 \u{20}v\r\n".utf8), .server)
    feed([255, 244, 255, 242] + Array("ABOR\r\n".utf8), .client)
    feed(Array("226 ok\r\n".utf8), .server)
    feed([255, 244, 242] + Array("quit\r\n".utf8), .client)
    feed(Array("221 bye\r\n".utf8), .server)
    #expect(
      rehearsal.sounds.map(describe) == [
        "C0 \\xff\\xfd\\x18USER u", "S0 220 x", "S1=0 \\xff\\xfc\\x18\\xff\\xfa\\x18\\x01\\xff\\xf0331-u⏎331  v",
        "C1 \\xff\\xf4\\xff\\xf2ABOR", "S2=1 226 ok", "C2 \\xff\\xf4\\xf2quit", "S3=2 221 bye ends",
      ])
    let labels = rehearsal.sounds.compactMap { if case .message(let heard) = $0 { heard.label } else { nil } }
    #expect(labels == ["USER", "220", "331", "ABOR", "226", "QUIT", "221"])
  }

  @Test func `an empty line may be refused, or not noticed`() {
    #expect(ftp(.s("220 x\r\n"), .c("\r\nNOOP\r\n"), .s("500 what\r\n200 ok\r\n")).suffix(2) == ["S1=0 500 what", "S2=1 200 ok"])
    #expect(ftp(.s("220 x\r\n"), .c("\r\nNOOP\r\n"), .s("200 ok\r\n")).last == "S1=1 200 ok")
  }

  @Test func `a server may leave at any time, and speaks of nothing else unasked`() {
    let heard = ftp(.s("220 x\r\n"), .s("421 Timeout\r\n"), .end(.server, .finished))
    #expect(heard.last == "S1 421 Timeout ends")
    #expect(ftp(.s("220 x\r\n"), .s("221 Timeout\r\n")).last == "S1 221 Timeout !unsolicited ends")
    #expect(ftp(.s("220 x\r\n"), .s("200 what\r\n")).last == "S !unsolicited 200 what\\x0d\\x0a")
    #expect(ftp(.s("220 x\r\n"), .c("RETR a\r\n"), .s("150 go\r\n421 no more\r\n")).last == "S2=0 421 no more ends")
  }

  // MARK: TLS

  @Test(arguments: ["AUTH TLS", "auth ssl", "AUTH TLS-C"]) func `AUTH turns to TLS, or does not`(command: String) {
    let heard = ftp(
      .s("220 x\r\n"), .c(command + "\r\n"), .s("234 go\r\n"), .c("\u{16}\u{3}\u{1}\r\n"), .s("\u{16}\u{3}\r\n"))
    #expect(heard == ["S0 220 x", "C0 \(command)", "S1=0 234 go startTLS", "C opaque", "S opaque"])
    let refused = ftp(.s("220 x\r\n"), .c(command + "\r\nUSER u\r\n"), .s("534 no\r\n331 u\r\n"))
    #expect(refused == ["S0 220 x", "C0 \(command)", "S1=0 534 no", "C1 USER u", "S2=1 331 u"])
  }

  @Test func `other mechanisms, and protection, are commands like others`() {
    let heard = ftp(
      .s("220 x\r\n"), .c("AUTH GSSAPI\r\n"), .s("334 ADAT=\r\n"), .c("ADAT YQ==\r\n"), .s("235 ADAT=YQ==\r\n"), .c("PBSZ 0\r\n"),
      .s("200 ok\r\n"), .c("PROT P\r\n"), .s("200 ok\r\n"), .c("CCC\r\n"), .s("200 ok\r\n"), .c("MIC YQ==\r\n"), .s("631 YQ==\r\n"))
    #expect(heard.suffix(3) == ["S5=4 200 ok", "C5 MIC YQ==", "S6=5 631 YQ=="])
  }

  // MARK: Transfers

  @Test(arguments: [
    ([], "RETR a", "text from server"), (["TYPE I"], "RETR a", "bytes from server"), (["TYPE I", "TYPE A"], "STOR a", "text from client"),
    (["TYPE I", "type a n"], "APPE a", "text from client"), (["TYPE L 8"], "STOU", "bytes from client"),
    (["TYPE E"], "RETR a", "bytes from server"), (["TYPE I", "REIN"], "RETR a", "text from server"),
    (["TYPE I", "MODE S", "STRU F"], "MLSD", "text from server"), (["TYPE I"], "NLST", "text from server"),
    (["STRU R"], "RETR a", "bytes from server"), (["STRU R"], "LIST", "text from server"), (["MODE Z"], "LIST", "bytes from server"),
    (["TYPE I", "USER u"], "RETR a", "bytes from server"),
  ])
  func `what a transfer is depends on the parameters`(parameters: [String], command: String, expected: String) {
    var happenings = [Happening.s("220 x\r\n")]
    for parameter in parameters { happenings += [.c(parameter + "\r\n"), .s("200 ok\r\n")] }
    happenings += [.c(command + "\r\n"), .s("150 go\r\n"), .s("226 done\r\n")]
    let heard = rehearse(FTP(), happenings)
    #expect(heard.suffix(2).first?.hasSuffix("150 go \(expected)") == true, "\(heard)")
    #expect(heard.last?.hasSuffix("226 done") == true)
  }

  @Test func `a parameter holds once it is accepted`() {
    let heard = ftp(.s("220 x\r\n"), .c("TYPE I\r\nRETR a\r\n"), .s("504 no\r\n150 go\r\n226 done\r\n"))
    #expect(heard.suffix(2) == ["S2~1 150 go text from server", "S3=1 226 done"])
  }

  @Test func `a transfer may end without having been announced, or not begin`() {
    #expect(ftp(.s("220 x\r\n"), .c("LIST\r\n"), .s("226 empty\r\n")).last == "S1=0 226 empty text from server")
    #expect(ftp(.s("220 x\r\n"), .c("LIST\r\n"), .s("425 no\r\n")).last == "S1=0 425 no")
    #expect(ftp(.s("220 x\r\n"), .c("LIST\r\n"), .s("150 go\r\n425 no\r\n")).suffix(2) == ["S1~0 150 go text from server", "S2=0 425 no"])
  }

  // MARK: Endpoints

  @Test(arguments: [
    ("PORT 192,168,1,10,214,127", "server dials 192.168.1.10 54911 as 192,168,1,10,214,127"),
    ("port  127,0,0,1,0,80", "server dials 127.0.0.1 80 as 127,0,0,1,0,80"),
    ("PORT 010,0,0,1,4,1", "server dials 10.0.0.1 1025 as 010,0,0,1,4,1"),
    ("EPRT |1|192.168.1.10|52195|", "server dials 192.168.1.10 52195 as |1|192.168.1.10|52195|"),
    ("EPRT |2|fd00:192:168:1::10|49189|", "server dials fd00:192:168:1::10 49189 as |2|fd00:192:168:1::10|49189|"),
    ("EPRT ,2,0:0:0:0:0:0:0:0,1025,", "server dials :: 1025 as ,2,0:0:0:0:0:0:0:0,1025,"),
    ("LPRT 4,4,10,0,0,1,2,4,1", "server dials 10.0.0.1 1025 as 4,4,10,0,0,1,2,4,1"),
    (
      "LPRT 6,16,32,1,13,184,0,0,0,0,0,0,0,0,0,0,0,1,2,4,1",
      "server dials 2001:db8::1 1025 as 6,16,32,1,13,184,0,0,0,0,0,0,0,0,0,0,0,1,2,4,1"
    ),
    ("EPSV", ""), ("EPSV ALL", ""), ("PASV", ""), ("LPSV", ""),
  ])
  func `the client says where it listens`(command: String, expected: String) {
    #expect(ftp(.s("220 x\r\n"), .c(command + "\r\n")).last == "C0 \(command)" + (expected.isEmpty ? "" : " " + expected))
  }

  @Test(arguments: [
    "PORT", "PORT 1,2,3,4,5", "PORT 300,0,0,1,4,1", "PORT 10,0,0,1,256,1", "PORT 10,0,0,1,0,0", "PORT 10,0,0,1,4,1,1", "PORT a,b,c,d,e,f",
    "PORT 10,0,0,1,4,-1", "PORT 10,0,0,1,4,0001", "PORT 10.0.0.1:80", "EPRT |1|fd00::1|1025|", "EPRT |2|10.0.0.1|1025|",
    "EPRT |3|10.0.0.1|1025|", "EPRT |1|10.0.0.1|0|", "EPRT |1|10.0.0.1|65536|", "EPRT |1|10.0.0.1|1025", "EPRT |1|10.0.0.1|+125|",
    "EPRT |1|host|1025|", "EPRT ||10.0.0.1|1025|", "EPRT", "LPRT 4,4,10,0,0,1,2,4", "LPRT 4,16,10,0,0,1,2,4,1", "LPRT 4,4,10,0,0,1,3,4,1",
    "LPRT 4,4,10,0,0,1,2,0,0", "LPRT 255,0",
  ])
  func `an endpoint that cannot be read announces nothing`(command: String) {
    #expect(ftp(.s("220 x\r\n"), .c(command + "\r\n")).last == "C0 \(command) !data-endpoint")
  }

  @Test(arguments: [
    ("PASV", "227 Entering Passive Mode (127,0,0,1,227,145)", "client dials 127.0.0.1 58257 as 127,0,0,1,227,145"),
    ("PASV", "227 Entering Passive Mode. 127,0,0,1,4,1", "client dials 127.0.0.1 1025 as 127,0,0,1,4,1"),
    ("PASV", "227 =127,0,0,1,4,1", "client dials 127.0.0.1 1025 as 127,0,0,1,4,1"),
    ("PASV", "227 Mode 2 is on (127, 0, 0, 1, 4, 1)", "client dials 127.0.0.1 1025 as 127, 0, 0, 1, 4, 1"),
    ("P@SW", "227 whatever was asked (127,0,0,1,4,1)", "client dials 127.0.0.1 1025 as 127,0,0,1,4,1"),
    ("EPSV", "229 Entering Extended Passive Mode (|||40090|)", "client dials 40090 as |||40090|"),
    ("EPSV 1", "229 Ok !!!1025!", "client dials 1025 as !!!1025!"),
    ("EPSV", "229 --- Extended --- (|||40090|)", "client dials 40090 as |||40090|"),
    ("LPSV", "228 Entering Long Passive Mode (4,4,127,0,0,1,2,4,1)", "client dials 127.0.0.1 1025 as 4,4,127,0,0,1,2,4,1"),
  ])
  func `the server says where it listens, among words of its own`(command: String, reply: String, expected: String) {
    #expect(ftp(.s("220 x\r\n"), .c(command + "\r\n"), .s(reply + "\r\n")).last == "S1=0 \(reply) \(expected)")
  }

  @Test(arguments: [
    "227 Entering Passive Mode (127,0,0,1,4)", "227 Entering Passive Mode (127,0,0,300,4,1)", "227 Entering Passive Mode", "227",
    "227 Entering Passive Mode (127,0,0,1,0,0)", "229 Entering (|||0|)", "229 Entering (|||70000|)", "229 Entering (|1|127.0.0.1|1025|)",
    "229 Entering (|||)", "229 Entering (1025)", "228 Entering (4,4,127,0,0,1,2,4)", "227-first\r\n227 (1,2,3)",
  ])
  func `a place that cannot be read is none`(reply: String) {
    let heard = ftp(.s("220 x\r\n"), .c("PASV\r\n"), .s(reply + "\r\n")).last ?? ""
    #expect(heard == "S1=0 \(reply.replacing("\r\n", with: "⏎")) !data-endpoint")
  }

  // MARK: What is missing

  @Test func `a conversation that began earlier is followed from where it is seen`() {
    let heard = ftp(
      .gap(.client, 0), .gap(.server, 0), .s("226 done\r\n"), .c("PASV\r\n"), .s("227 (127,0,0,1,4,1)\r\n"), .c("LIST\r\n"),
      .s("150 go\r\n"), .s("226 done\r\n"))
    #expect(
      heard == [
        "S0 226 done", "C0 PASV", "S1=0 227 (127,0,0,1,4,1) client dials 127.0.0.1 1025 as 127,0,0,1,4,1", "C1 LIST",
        "S2~1 150 go text from server", "S3=1 226 done",
      ])
  }

  @Test func `behind a gap the rest of a line is nobody's, and what was answered in it is not waited for`() {
    let heard = ftp(
      .s("220 x\r\n"), .c("USER u\r\n"), .gap(.server, 20), .gap(.client, 4), .c("SS p\r\nSYST\r\n"), .s("215 UNIX\r\n"))
    #expect(heard == ["S0 220 x", "C0 USER u", "C1 SS p cut short", "C1 SYST", "S1=1 215 UNIX"])
  }
}
