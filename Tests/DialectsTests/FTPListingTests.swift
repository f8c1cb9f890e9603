import Dialects
import Testing
import Transcript
import Wire

@Suite struct FTPListingTests {
  /// The facets of each line: kind, key where it is not the entry's name, value; `~` in front of details, `.` of wording.
  private func listing(_ command: String, _ lines: [String]) throws -> [String] {
    let texts = try lines.map { try Text(template: $0, at: .nowhere) }
    let facets = try #require(FTP().facets(ofTransfer: texts, answering: Message(.client, [Text(command)])))
    return facets.map { facet in
      let sign = [.detail: "~", .wording: "."][facet.weight] ?? ""
      let kind = facet.kind.hasPrefix("entry-") ? String(facet.kind.dropFirst(6)) : facet.kind
      return "\(facet.line) \(sign)\(kind) [\(facet.key)] \(facet.value.template)"
    }
  }

  private func one(_ command: String, _ line: String) throws -> [String] {
    try listing(command, [line]).map { String($0.dropFirst(2)) }
  }

  @Test(arguments: [
    ("-rw-r--r--    1 2001     1000           4 Mar 05  2024 lisezmoi.txt", "file", "4", "Mar 05  2024", "lisezmoi.txt"),
    ("-rw-r--r--+ 1 0 0 5416666670 Nov 23 07:34  two  blanks ", "file", "5416666670", "Nov 23 07:34", " two  blanks "),
    ("-rw-r--r--  1 owner  4 Mar  5 2024 no group", "file", "4", "Mar  5 2024", "no group"),
    ("-rw-r--r--. 1 Domain Users Jan 1 staff 12 Mar 5 2024 a", "file", "12", "Mar 5 2024", "a"),
    ("-rw-r--r--@ 1 a b 4 5 Mär 07:34 a", "file", "4", "5 Mär 07:34", "a"),
    ("-rw-r--r-- 1 a b 4 5 févr. 2024 a", "file", "4", "5 févr. 2024", "a"),
    ("-rw-r--r-- 1 a b 4 3月 05 2024 a", "file", "4", "3月 05 2024", "a"),
    ("-rw-r--r-- 1 a b 4 2024-03-05 10:20 a", "file", "4", "2024-03-05 10:20", "a"),
    ("-rw-r--r-- 1 a b 4 2024-03-05 10:20:00.000000000 +0100 a", "file", "4", "2024-03-05 10:20:00.000000000 +0100", "a"),
    ("-rw-r--r-- 1 a b 4 Mar 05 10:20:00 2024 a", "file", "4", "Mar 05 10:20:00 2024", "a"),
    ("-rwsr-xr-T 1 a b 10 Mar 05  2024 12 Mar 05  2024 b", "file", "10", "Mar 05  2024", "12 Mar 05  2024 b"),
    ("02-23-05  10:22AM               1234 name with blanks", "file", "1234", "02-23-05  10:22AM", "name with blanks"),
    ("02-23-2005  22:22 1234 a", "file", "1234", "02-23-2005  22:22", "a"),
    ("+i8388621.48594,m825718503,r,s280,\tdjb.html", "file", "280", "825718503", "djb.html"),
  ])
  func `a file has a name, a size and a date`(line: String, type: String, size: String, date: String, name: String) throws {
    let facets = try one("LIST", line)
    #expect(
      facets.filter { !$0.hasPrefix(".column") } == [
        "entry [\(name)] \(name)", "type [\(name)] \(type)", "size [\(name)] \(size)", "~date [\(name)] \(date)",
      ])
  }

  @Test(arguments: [
    ("drwxr-xr-x   2 0        0            4096 Mar 05  2024 pub", "dir", "pub"),
    ("lrwxrwxrwx 1 0 0 4 Mar 05  2024 a -> b -> c", "link", "a"),
    ("crw-rw-rw- 1 root root 1, 3 Mar 05  2024 null", "device", "null"),
    ("brw-rw-rw- 1 root root 8,   1 Mar 05  2024 sda1", "device", "sda1"),
    ("prw-r--r-- 1 a b 0 Mar 05  2024 fifo", "other", "fifo"),
    ("02-23-05  10:22AM       <DIR>          aspnet client", "dir", "aspnet client"),
    ("02-23-05  10:22AM       <JUNCTION>     c", "link", "c"), ("+/,m824255907,\tsub dir", "dir", "sub dir"),
  ])
  func `what is no file has no size`(line: String, type: String, name: String) throws {
    let facets = try one("LIST", line)
    #expect(facets.prefix(2) == ["entry [\(name)] \(name)", "type [\(name)] \(type)"])
    #expect(!facets.contains { $0.hasPrefix("size") })
  }

  @Test func `other columns are wording, dot files details`() throws {
    #expect(try one("LIST", "-rw-r--r--    1 2001     1000           4 Mar 05  2024 a").last == ".column [a] rw-r--r--    1 2001     1000")
    #expect(
      try one("LIST", "lrwxrwxrwx 1 0 0 4 Mar 05  2024 a -> b") == [
        "entry [a] a", "type [a] link", "~date [a] Mar 05  2024", ".column [a] rwxrwxrwx 1 0 0", ".column [a] b",
      ])
    #expect(
      try one("LIST", "-rw-r--r-- 1 0 0 4 Mar 05  2024 .profile") == [
        "~entry [.profile] .profile", "~type [.profile] file", "~size [.profile] 4", "~date [.profile] Mar 05  2024",
        ".column [.profile] rw-r--r-- 1 0 0",
      ])
    #expect(try one("NLST", "pub/.profile") == ["~entry [pub/.profile] pub/.profile"])
  }

  @Test func `an expected line is taken apart as an observed one is`() throws {
    #expect(
      try one("LIST", "-rw-r--r--    1 ${:number=2001}     1000           ${:number} ${:date} ${file:path=a b}") == [
        "entry [a b] ${file:path=a b}", "type [a b] file", "size [a b] ${:number}", "~date [a b] ${:date}",
        ".column [a b] rw-r--r--    1 ${:number=2001}     1000",
      ])
    #expect(
      try one("MLSD", "type=file;modify=${:date=20240305102000}; ${file}") == [
        "entry [?] ${file}", "type [?] file", "~date [?] ${:date=20240305102000}",
      ])
    #expect(try one("LIST", "${:any}") == ["listing [?] ${:any}"])
  }

  @Test func `names alone are entries, unless options ask for more`() throws {
    #expect(try listing("NLST", ["a", "b c"]) == ["0 entry [a] a", "1 entry [b c] b c"])
    #expect(try one("NLST -la", "drwxr-xr-x 2 0 0 4096 Mar 05  2024 pub").first == "entry [pub] pub")
    #expect(try one("nlst -a", "drwxr-xr-x 2 0 0 4096 Mar 05  2024 pub").count == 1)
  }

  @Test func `facts are compared as facts, their names without case`() throws {
    #expect(
      try one("MLSD", "Type=file;Size=4;Modify=20240305102000;Perm=adfr;UNIX.mode=0644;Unique=fd01g2; a; b") == [
        "entry [a; b] a; b", "type [a; b] file", "size [a; b] 4", "~date [a; b] 20240305102000", ".fact [perm of a; b] adfr",
        ".fact [unix.mode of a; b] 0644", ".fact [unique of a; b] fd01g2",
      ])
    #expect(try one("MLSD", "type=cdir;sizd=4096; .").prefix(2) == ["~entry [.] .", "~type [.] dir"])
    #expect(try one("MLSD", "type=OS.unix=slink:/b; a") == ["entry [a] a", "type [a] link"])
    #expect(try one("MLSD", " a") == ["entry [a] a"])
    #expect(try one("MLSD", "type=file; ") == ["listing [type=file; ] type=file; "])
  }

  @Test func `what is no entry is compared as it is`() throws {
    #expect(
      try listing("LIST", ["total 24", "", "ls: x: No such file", "sub:", "-rw-r--r-- 1 0 0 4 Mar 05  2024 a"]).map {
        $0.hasSuffix("0 0") ? "" : $0
      } == [
        "0 .listing [total] total 24", "1 .listing [] ", "2 listing [ls: x: No such file] ls: x: No such file", "3 listing [sub:] sub:",
        "4 entry [sub/a] a", "4 type [sub/a] file", "4 size [sub/a] 4", "4 ~date [sub/a] Mar 05  2024", "",
      ])
  }

  @Test(arguments: [
    "-rw-r--r-- 1 0 0 4 Mar 05  2024", "-rw-r--r-- 1 0 0 4 Mar 32  2024 a", "-rw-r--r-- 1 0 0 x Mar 05  2024 a", "drwxr-xr-x",
    "d [RWCE] a 512 Mar 05 2024 a",
    "02-30-05  10:22AM <DIR> a", "02-23-05  10:22AM <DIR>", "02-23-05  10:22AM x a", "+r,s5", "+\t", "-",
    "lrwxrwxrwx 1 0 0 4 Mar 05  2024  -> b",
    "-rw-r--r-- 1 0 0 4 99999999999999999999 Mar 2024 a",
  ])
  func `what is written otherwise is a line`(line: String) throws {
    #expect(try one("LIST", line) == ["listing [\(line)] \(line)"])
  }

  @Test func `what no server gives is a line like others`() {
    let facts = String(repeating: "a=b;", count: 200) + " a"
    #expect(FTP().facets(ofTransfer: [Text(facts)], answering: Message(.client, ["MLSD"]))?.map(\.kind) == ["listing"])
    let heading = String(repeating: "x", count: 5_000) + ":"
    let facets = FTP().facets(
      ofTransfer: [Text(heading), "-rw-r--r-- 1 0 0 4 Mar 05  2024 a"], answering: Message(.client, ["LIST"]))
    #expect(facets?.last?.key == "a")
  }

  @Test func `content is no listing`() {
    for command in ["RETR a", "STOR a", "STOU", "APPE a", "STAT"] {
      #expect(FTP().facets(ofTransfer: ["a"], answering: Message(.client, [Text(command)])) == nil)
      #expect(FTP().marks(ofTransfer: [[97]], answering: Message(.client, [Text(command)])) == [])
    }
  }
}
