import Play
import Results
import Testing
import Transcript
import Wire

/// What the client's role sends over data connections, and transfers that are cut.
@Suite struct UploadTests {
  static let upload = """
    S: 220 ready
    C: TYPE I
    S: 200 ok
    C: PASV
    S: 227 (${data})
    C: STOR x
    S: 150 go
    data: C
    text: one\\ntwo\\r\\n
    S: 226 ok
    C: QUIT
    S: 221 Bye
    """

  /// Up to the reply to the transfer's command.
  func begin(_ script: String = upload, reply: String? = "150 go", isUp: Bool = true) throws -> Dialogue {
    var play = try Dialogue("ftp", script)
    _ = play.happens(.connected(own: client, peer: server))
    _ = play.hears("220 ready\r\n")
    if script.contains("TYPE") { _ = play.hears("200 ok\r\n") }
    _ = play.hears("227 (10,0,0,1,19,136)\r\n")
    if isUp { _ = play.happens(.connected(on: .data(0))) }
    if let reply { _ = play.hears(reply + "\r\n") }
    return play
  }

  @Test func `bytes are sent as they are, and their end is the end of the connection`() throws {
    var play = try begin()
    #expect(play.lines[0] == ["dial 5000", "one\ntwo\r\n"])
    _ = play.happens(.sent(on: .data(0)))
    #expect(play.lines[0]?.last == "<end>")
    #expect(play.hears("226 ok\r\n") == "QUIT\r\n")
    _ = play.happens(.ended(.finished, on: .data(0)))
    #expect(play.lines[0]?.last == "<close>")
    #expect(play.differences == [])
    #expect(play.role.outcome.steps[7].actual == [.text("one"), .text("two")])
  }

  @Test func `text has the line ends of the network`() throws {
    let play = try begin(Self.upload.replacing("TYPE I", with: "TYPE A"))
    #expect(play.lines[0] == ["dial 5000", "one\r\ntwo\r\n"])
  }

  @Test func `nothing is sent before the server says go, nor before the connection is up`() throws {
    var play = try begin(reply: nil)
    #expect(play.lines[0] == ["dial 5000"])
    _ = play.hears("150 go\r\n")
    #expect(play.lines[0]?.count == 2)
    var late = try begin(isUp: false)
    #expect(late.lines[0] == ["dial 5000"])
    _ = late.happens(.connected(on: .data(0)))
    #expect(late.lines[0]?.count == 2)
  }

  @Test func `much is sent at the peer's pace`() throws {
    let script = Self.upload.replacing("one\\ntwo\\r\\n", with: "${repeat(\"x\", 600000)}")
    var play = try begin(script)
    var counts: [Int] = []
    for _ in 0..<3 {
      counts.append(play.lines[0]?.last?.count ?? 0)
      _ = play.happens(.sent(on: .data(0)))
    }
    #expect(counts == [262_144, 262_144, 75_712])
    #expect(play.lines[0]?.last == "<end>")
  }

  @Test func `the last reply may stand before the transfer`() throws {
    let script = Self.upload.replacing("data: C\ntext: one\\ntwo\\r\\n\nS: 226 ok", with: "S: 226 ok\ndata: C\ntext: one\\ntwo\\r\\n")
    var play = try begin(script)
    #expect(play.lines[0]?.count == 2)
    _ = play.happens(.sent(on: .data(0)))
    #expect(play.hears("226 ok\r\n") == "QUIT\r\n")
    #expect(play.differences == [])
  }

  @Test func `a server that takes no more`() throws {
    let script = Self.upload.replacing("one\\ntwo\\r\\n", with: "${repeat(\"x\", 600000)}")
    var full = try begin(script)
    #expect(full.hears("452 No room\r\n") == "QUIT\r\n")
    #expect(full.counted == ["10: divergence reply-code"])
    #expect(full.lines[0]?.last == "<reset>")

    var reset = try begin(script)
    _ = reset.happens(.ended(.reset, on: .data(0)))
    #expect(reset.hears("426 Broken\r\n") == "QUIT\r\n")
    #expect(reset.counted == ["8: divergence data-reset"])

    var content = try begin(script)
    #expect(content.hears("226 ok\r\n") == "QUIT\r\n")
    #expect(content.counted == ["8: divergence cut-short"])

    var stalled = try begin(script)
    _ = stalled.waits(.seconds(30))
    #expect(stalled.counted == ["8: divergence late"])
  }

  @Test func `a transfer that the transcript's server refuses is not carried out`() throws {
    let script = "S: 220 ready\nC: PASV\nS: 227 (${data})\nC: STOR x\nS: 553 No\nC: QUIT\nS: 221 Bye"
    let play = try begin(script)
    #expect(play.lines[0] == ["dial 5000", "<reset>"])
    #expect(play.counted == ["5: divergence reply-code"])
  }

  @Test func `content that the transcript does not have cannot be sent`() throws {
    let digest = Self.upload.replacing("text: one\\ntwo\\r\\n", with: "sha256: 00")
    #expect(throws: Diagnostic.self) { try Script(try conversation("ftp", digest)) }
    _ = try Script(try conversation("ftp", digest), acting: .server)
  }

  @Test(arguments: [
    "S: 220\nC: PASV\nS: 227 (${data})\nC: LIST\nS: 150\ndata: C\ncontent: x\nS: 226",
    "S: 220\nC: NOOP\nS: 200\ndata: S", "S: 220\nC: LIST\nS: 425 no\ndata: S",
    "S: 220\nC: PASV\nS: 227 (${data})\nC: LIST\nS: 150\ndata: S\ndata: S\nS: 226",
  ])
  func `a transfer where none can be is an error`(script: String) throws {
    #expect(throws: Diagnostic.self) { try Script(try conversation("ftp", script)) }
  }

  // MARK: Transfers that are cut

  @Test func `an upload that is to be cut is`() throws {
    var play = try begin(Self.upload.replacing("text:", with: "early\ntext:").replacing("226 ok", with: "426 broken"))
    _ = play.happens(.sent(on: .data(0)))
    #expect(play.lines[0]?.last == "<reset>")
    #expect(play.hears("426 broken\r\n") == "QUIT\r\n")
    #expect(play.differences == [])
  }

  static let abort = """
    S: 220 ready
    C: PASV
    S: 227 (${data})
    C: RETR x
    S: 150 go
    data: S
    early
    text: 12345
    C: ABOR
    S: 426 cut
    S: 226 ok
    C: QUIT
    """

  @Test func `ABOR is sent in the middle of a transfer, wherever the transfer stands`() throws {
    var before = try begin(Self.abort)
    #expect(before.takes("12345678", on: 0) == "ABOR\r\n")
    #expect(before.lines[0] == ["dial 5000", "<reset>"])
    #expect(before.hears("426 cut\r\n226 ok\r\n") == "QUIT\r\n")
    #expect(before.differences == [])

    let order = Self.abort.replacing("data: S\nearly\ntext: 12345\nC: ABOR\n", with: "C: ABOR\ndata: S\nearly\ntext: 12345\n")
    var after = try begin(order, reply: nil)
    #expect(after.hears("150 go\r\n") == "ABOR\r\n")
    _ = after.takes("123", on: 0)
    _ = after.happens(.ended(.finished, on: .data(0)))
    #expect(after.hears("426 cut\r\n226 ok\r\n") == "QUIT\r\n")
    #expect(after.differences == [])
  }

  @Test func `a client that had enough has enough again`() throws {
    let script = Self.abort.replacing("C: ABOR\nS: 426 cut\nS: 226 ok", with: "S: 426 cut")
    var play = try begin(script)
    #expect(play.lines[0] == ["dial 5000"])
    _ = play.takes("12345678", on: 0)
    #expect(play.lines[0] == ["dial 5000", "<reset>"])
    #expect(play.hears("426 cut\r\n") == "QUIT\r\n")
    #expect(play.differences == [])
  }

  @Test func `whether the server had said all before it was cut is a race`() throws {
    var play = try begin(Self.abort)
    _ = play.takes("12345", on: 0)
    #expect(play.hears("226 all\r\n225 nothing to abort\r\n") == "QUIT\r\n")
    #expect(play.differences.allSatisfy { !$0.contains("divergence") })
    #expect(play.differences.contains("10: drift reply-code"))
  }

  @Test func `what was cut is the same as far as it goes`() throws {
    var play = try begin(Self.abort)
    _ = play.takes("12X45", on: 0)
    #expect(play.differences == ["8: divergence content"])
  }
}
