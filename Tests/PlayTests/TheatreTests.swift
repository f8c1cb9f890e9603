import Play
import Results
import Testing
import Transcript
import Wire

@Suite struct TheatreTests {
  static let fetch = """
    S: +OK ready ${stamp:/<[^>]+>/=<1896.697170952@x>}
    C: CAPA
    S: +OK
    lines: TOP/UIDL/SASL PLAIN
    C: APOP ${user} ${apop(stamp, secret.u)}
    S: +OK
    C: STAT
    S: +OK 2 320
    C: LIST
    S: +OK
    lines: 1 120/2 200
    C: RETR 1
    S: +OK 120 octets
    message: Subject: x//.dot/-- /end
    C: QUIT
    S: +OK
    close: S
    """

  @Test(arguments: [Int.max, 1, 2, 7]) func `a mail played against itself shows no difference`(pieces: Int) throws {
    let theatre = Theatre(try Script(try conversation("smtp", ClientRoleTests.mail)), pieces: pieces)
    #expect(Theatre.differences(theatre.client) == [])
    #expect(Theatre.differences(theatre.server) == [])
    #expect(theatre.client.steps.allSatisfy { $0.state == .done })
  }

  @Test(arguments: [Int.max, 1, 3]) func `a fetched mail played against itself shows no difference`(pieces: Int) throws {
    var client = Bindings()
    client.bind("secret.u", Array("s3cret".utf8))
    client.bind("user", Array("etu1".utf8))
    var server = Bindings()
    server.open = ["user", "secret.u"]
    let script = try Script(try conversation("pop3", Self.fetch))
    let theatre = Theatre(script, clientBindings: client, serverBindings: server, pieces: pieces)
    #expect(Theatre.differences(theatre.client) == [])
    #expect(Theatre.differences(theatre.server) == [])
  }

  @Test(arguments: [
    ("code=451@RCPT", "9: divergence reply-code"), ("close@MAIL", "7: divergence closed-early"),
    ("reset@DATA", "13: divergence closed-early"),
    ("drop-keyword@EHLO", "5: drift missing-keyword"), ("bare-lf@EHLO", "3: violation bare-lf"), ("stall@QUIT", "17: divergence late"),
    ("garbage@EHLO", "3: violation reply-syntax"), ("delay=20s@EHLO", "3: divergence late"),
  ])
  func `each fault is found where it is`(fault: String, expected: String) throws {
    let parsed = try Fault.parse(fault).get()
    let theatre = Theatre(try Script(try conversation("smtp", ClientRoleTests.mail)), faults: [parsed])
    #expect(Theatre.differences(theatre.client).contains(expected), "\(Theatre.differences(theatre.client))")
  }

  @Test(arguments: ["drip=1ms", "delay=1s"]) func `a slow server is no worse`(fault: String) throws {
    let theatre = Theatre(try Script(try conversation("smtp", ClientRoleTests.mail)), faults: [try Fault.parse(fault).get()])
    #expect(Theatre.differences(theatre.client) == [])
  }

  @Test(arguments: ["delai", "delay=5", "close=1", "=", ""]) func `what is no fault is refused`(text: String) {
    #expect(throws: FaultError.self) { try Fault.parse(text).get() }
  }
}
