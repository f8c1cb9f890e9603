import Dialects
import Testing
import Transcript
import Wire

@Suite struct FTPFacetsTests {
  private func facets(_ command: String, _ lines: [String]) throws -> [String] {
    let texts = try lines.map { try Text(template: $0, at: .nowhere) }
    return FTP().facets(of: Message(.server, texts), in: Context(answering: Message(.client, [Text(command)]))).map(shown)
  }

  private func shown(_ facet: Facet) -> String {
    "\(facet.line) \(facet.weight) \(facet.kind)\(facet.key.isEmpty ? "" : " \(facet.key)")=\(facet.value.template)"
  }

  @Test func `a code alone leaves the text open`() throws {
    #expect(try facets("NOOP", ["200"]) == ["0 outcome reply-code class=2", "0 detail reply-code code=200"])
    #expect(
      try facets("NOOP", ["200 ok"]) == ["0 outcome reply-code class=2", "0 detail reply-code code=200", "0 wording wording 0=ok"])
  }

  @Test(arguments: [
    ("SYST", "215", "detail"), ("HELP", "502", "detail"), ("stat", "211", "detail"), ("FEAT", "500", "detail"), ("ABOR", "225", "detail"),
    ("ABOR", "502", "detail"), ("ABOR", "226", "outcome"), ("PWD", "257", "outcome"), ("RETR a", "150", "outcome"),
  ])
  func `what only tells about the server decides nothing`(command: String, code: String, weight: String) throws {
    #expect(try facets(command, [code]).first?.hasPrefix("0 \(weight) ") == true)
  }

  @Test func `a size and a time are values, a path is a detail`() throws {
    #expect(try facets("SIZE a", ["213 1892"]).last == "0 value value size=1892")
    #expect(try facets("SIZE a", ["213 ${:number=1892}"]).last == "0 value value size=${:number=1892}")
    #expect(try facets("MDTM a", ["213 20240305102000"]).last == "0 value value time=20240305102000")
    #expect(try facets("MDTM a", ["550 no"]).last == "0 wording wording 0=no")
    #expect(
      try facets("PWD", ["257 \"/a \"\"b\"\" c\" is it"]).dropFirst(2) == ["0 detail path=/a \"\"b\"\" c", "0 wording wording 0= is it"])
    #expect(try facets("MKD x", ["257 \"${dir}/x\" made"]).dropFirst(2) == ["0 detail path=${dir}/x", "0 wording wording 0= made"])
    #expect(try facets("MKD x", ["257 x made"]).dropFirst(2) == ["0 wording wording 0=x made"])
  }

  @Test func `features are keywords, those that there are several of one each`() throws {
    let heard = try facets(
      "FEAT",
      [
        "211-Features:", " MDTM", "  REST STREAM", "211-SIZE", " AUTH TLS", " AUTH SSL", " MLST type*;size*;", " utf8", " UTF8", "",
        "211 End",
      ])
    #expect(
      heard.dropFirst(2) == [
        "0 wording wording 0=Features:", "1 detail keyword MDTM=MDTM", "2 detail keyword REST=REST STREAM", "3 detail keyword SIZE=SIZE",
        "4 detail keyword AUTH TLS=AUTH TLS", "5 detail keyword AUTH SSL=AUTH SSL", "6 detail keyword MLST=MLST type*;size*;",
        "7 detail keyword UTF8=utf8", "10 wording wording 10=End",
      ])
    #expect(try facets("FEAT", ["211 none"]).dropFirst(2) == ["0 wording wording 0=none"])
  }

  @Test func `MLST's facts are compared as facts`() throws {
    let heard = try facets("MLST a", ["250-Start", " Type=file;Size=4;modify=${:date=20240305102000};UNIX.mode=0644; /a b", "250 End"])
    #expect(
      heard.dropFirst(2) == [
        "0 wording wording 0=Start", "1 detail path=/a b", "1 value entry-type=file", "1 value entry-size=4",
        "1 detail entry-date=${:date=20240305102000}", "1 wording entry-fact unix.mode=0644", "2 wording wording 2=End",
      ])
  }

  @Test func `other lines are text, with or without a code in front`() throws {
    #expect(
      try facets("CWD a", ["250-one", "250-two", "221 three", " 250 four", "250 five"]).dropFirst(2) == [
        "0 wording wording 0=one", "1 wording wording 1=two", "2 wording wording 2=221 three", "3 wording wording 3= 250 four",
        "4 wording wording 4=five",
      ])
  }

  // MARK: What the server says

  @Test func `usual replies are of the code, and keep to the grammar`() {
    let ftp = FTP()
    func said(_ code: String, _ command: String?, _ keywords: [Text] = []) -> [String] {
      ftp.usualReply(code, to: command.map { Message(.client, [Text($0)]) }, with: keywords).head.map { printable($0.recorded) }
    }
    #expect(said("220", nil) == ["220 replique.invalid FTP server ready"])
    #expect(said("211", "FEAT", ["MDTM", "SIZE"]) == ["211-Features:", " MDTM", " SIZE", "211 End"])
    #expect(said("211", "feat") == ["211 No features"])
    #expect(said("226", "LIST") == ["226 Transfer complete"])
    #expect(said("257", "PWD") == ["257 \"/\""])
    let features = ftp.usualReply("211", to: Message(.client, ["FEAT"]), with: ["MDTM", "AUTH TLS", "AUTH SSL"])
    #expect(ftp.dropping(keyword: "auth ssl", from: features)?.head == ["211-Features:", " MDTM", " AUTH TLS", "211 End"])
    #expect(ftp.dropping(keyword: nil, from: features)?.head == ["211-Features:", " MDTM", " AUTH TLS", "211 End"])
    #expect(ftp.dropping(keyword: "SIZE", from: features) == nil)
    #expect(ftp.dropping(keyword: nil, from: Message(.server, ["211 none"])) == nil)
    #expect(ftp.refused(Message(.server, ["150 go"]), code: nil).head == ["550 File unavailable"])
    #expect(ftp.refused(Message(.server, ["530 no"]), code: nil).head == ["250 Requested file action okay, completed"])
    #expect(ftp.refused(Message(.server, ["150 go"]), code: "425").head == ["425 Can't open data connection"])
  }

  @Test(arguments: [
    ("PORT ${data}", "10.0.0.1:1025", "10,0,0,1,4,1"), ("PORT ${data}", "[::ffff:10.0.0.1]:1025", "10,0,0,1,4,1"),
    ("PORT ${data}", "[fd00::1]:1025", nil), ("EPRT ${data}", "10.0.0.1:1025", "|1|10.0.0.1|1025|"),
    ("EPRT ${data}", "[fd00::1]:65535", "|2|fd00::1|65535|"), ("LPRT ${data}", "10.0.0.1:1025", "4,4,10,0,0,1,2,4,1"),
    ("LPRT ${data}", "[2001:db8::1]:1025", "6,16,32,1,13,184,0,0,0,0,0,0,0,0,0,0,0,1,2,4,1"), ("RETR ${data}", "10.0.0.1:1025", nil),
  ])
  func `the client's argument is where it listens`(command: String, endpoint: String, expected: String?) throws {
    let message = Message(.client, [try Text(template: command, at: .nowhere)])
    let written = FTP().argument(try #require(Endpoint(endpoint)), for: message)
    #expect(written.map { String(decoding: $0, as: UTF8.self) } == expected)
  }

  @Test(arguments: [
    ("227 Entering (${data}).", "10.0.0.1:1025", "10,0,0,1,4,1"), ("227 ${data}", "[fd00::1]:1025", nil),
    ("229 Entering (${data})", "[fd00::1]:1025", "|||1025|"), ("229", "10.0.0.1:1025", "|||1025|"), ("200 ${data}", "10.0.0.1:1025", nil),
    ("228 (${data})", "10.0.0.1:1025", "4,4,10,0,0,1,2,4,1"),
  ])
  func `the server's reply is where it listens`(reply: String, endpoint: String, expected: String?) throws {
    let message = Message(.server, [try Text(template: reply, at: .nowhere)])
    let written = FTP().argument(try #require(Endpoint(endpoint)), for: message)
    #expect(written.map { String(decoding: $0, as: UTF8.self) } == expected)
  }

  // MARK: What makes no sense any more

  @Test(arguments: [
    // What failed that was to succeed, what is asked now, whether that makes sense.
    (["-PASS p"], "CWD a", true), (["-PASS p"], "LIST", true), (["-USER u"], "PASS p", true), (["-PASS p"], "USER v", false),
    (["-PASS p"], "QUIT", false), (["-PASS p"], "FEAT", false), (["-PASS p", "USER v", "PASS q"], "LIST", false),
    (["-PASS p", "USER v"], "PASS q", false), (["-AUTH TLS"], "PASS p", true), (["-AUTH TLS"], "QUIT", false),
    (["-RNFR a"], "RNTO b", true), (["RNFR a"], "RNTO b", false), (["-RNFR a", "RNFR c"], "RNTO b", true), (["-RNFR a"], "DELE b", false),
    (["-PORT 1,2,3,4,5,6"], "LIST", true), (["-PASV"], "PASV", false), (["-EPSV", "PASV"], "RETR /a", false), (["-PASV"], "CWD a", false),
    (["-PASV", "EPSV", "RETR b"], "RETR /a", false), (["-REST 100"], "RETR /a", true), (["-REST 100"], "STOR /a", true),
    (["-REST 100"], "LIST", false), (["-REST 100", "RETR b"], "RETR /a", false), (["-REST 100", "PASV"], "RETR /a", true),
    (["-PROT P"], "LIST", true),
    (["-CWD pub"], "LIST", true), (["-CWD pub"], "RETR a", true), (["-CWD pub"], "RETR /a", false), (["-CWD pub"], "PWD", false),
    (["-CWD pub"], "LIST -la /pub", false), (["-CWD pub"], "LIST -la", true), (["-CWD pub"], "CWD ${dir}", true),
    (["-CWD pub"], "PASV", false), (["-CWD pub", "CWD /"], "LIST", false), (["-CWD pub"], "CWD /", false), (["-CWD pub"], "CDUP", true),
    (["CWD pub"], "LIST", false), (["-SIZE a"], "RETR a", false), (["-STOR a"], "SIZE a", false), ([], "LIST", false),
  ])
  func `what needs a command that failed makes no sense`(history: [String], command: String, expected: Bool) {
    let turns = history.map { line in
      Turn(
        command: Message(.client, [Text(line.hasPrefix("-") ? String(line.dropFirst()) : line)]), wasToSucceed: true,
        didSucceed: !line.hasPrefix("-"))
    }
    #expect(FTP().isHindered(Message(.client, [Text(command)]), by: turns) == expected)
  }

  @Test func `what was not to succeed hinders nothing`() {
    let turn = Turn(command: Message(.client, ["PASS p"]), wasToSucceed: false, didSucceed: false)
    #expect(!FTP().isHindered(Message(.client, ["SYST"]), by: [turn]))
    #expect(!FTP().isHindered(Message(.client, ["LIST"]), by: [turn]))
  }

  @Test(arguments: [
    ("SIZE", "SIZE a", true), ("SIZE", "MDTM a", false), ("MLST", "MLSD", true), ("MLST", "MLST a", true), ("UTF8", "OPTS UTF8 ON", true),
    ("UTF8", "OPTS MLST size", false), ("AUTH TLS", "AUTH TLS", true), ("AUTH SSL", "AUTH TLS", false), ("AUTH TLS;SSL", "auth ssl", true),
    ("REST", "REST 5", true), ("EPSV", "EPSV", true), ("TVFS", "CWD /", false),
  ])
  func `a command uses what a keyword offers`(keyword: String, command: String, expected: Bool) {
    #expect(FTP().uses(keyword, in: Message(.client, [Text(command)])) == expected)
  }
}
