import Play
import Results
import Testing
import Transcript
import Wire

/// Deadlines, silence, ends.
@Suite struct WaitingTests {
  func begin(_ script: String, dialect: String = "smtp", timeout: Duration = .seconds(30)) throws -> Dialogue {
    var play = try Dialogue(dialect, script, timeout: timeout)
    _ = play.happens(.connected())
    return play
  }

  @Test func `later than within is late, and heard all the same`() throws {
    var play = try begin("S: 220\nwithin: 1s\nC: QUIT\nS: 221")
    _ = play.waits(.seconds(5))
    #expect(play.hears("220 x\r\n") == "QUIT\r\n")
    _ = play.hears("221 x\r\n")
    #expect(play.differences == ["1: divergence late"])
    #expect(play.unreached == [])
  }

  @Test func `a drip buys no time`() throws {
    var play = try begin("S: 220\nC: QUIT\nS: 221", timeout: .seconds(10))
    for _ in 0..<9 {
      #expect(play.waits(.seconds(1)) == "")
      _ = play.hears("2")
    }
    #expect(!play.isFinished)
    _ = play.waits(.seconds(1))
    #expect(play.isFinished)
    #expect(play.differences == ["1: divergence late"])
  }

  @Test func `garbage buys no time, and what it displaced is missed because of it`() throws {
    var play = try begin("S: 220\nC: QUIT\nS: 221", timeout: .seconds(10))
    _ = play.hears("what\r\n")
    _ = play.waits(.seconds(10))
    #expect(play.isFinished)
    #expect(play.differences == ["1: violation reply-syntax", "1: divergence late"])
    #expect(play.counted == ["1: violation reply-syntax"])
  }

  @Test func `one alarm serves all waits`() throws {
    var play = try begin(ClientRoleTests.mail)
    _ = play.hears("220 mx ESMTP\r\n")
    let first = play.alarm
    _ = play.waits(.seconds(1))
    #expect(play.alarms == 2)
    for reply in ["250-mx\r\n250-PIPELINING\r\n250 SIZE 1000", "250 2.1.0 Ok", "250 2.1.5 Ok"] { _ = play.hears(reply + "\r\n") }
    #expect(play.alarms == 2)
    #expect(first != nil)
  }

  @Test func `what may be absent is waited for as long as it is given`() throws {
    let script = "S: 220\nS: 220\noptional\nwithin: 500ms\nC: QUIT\nS: 221"
    var play = try begin(script)
    #expect(play.hears("220 x\r\n") == "")
    #expect(play.waits(.milliseconds(500)) == "QUIT\r\n")
    _ = play.hears("221 x\r\n")
    #expect(play.differences == [])
    #expect(play.role.outcome.steps[1].state == .absent)
  }

  @Test func `what may be absent and does not fit is tried on the next step`() throws {
    var play = try begin("S: 220\nC: AUTH LOGIN\nS: 334\noptional\nS: 504\nC: QUIT\nS: 221")
    _ = play.hears("220 x\r\n")
    #expect(play.hears("504 no\r\n") == "QUIT\r\n")
    #expect(play.differences == [])
  }

  @Test func `silence is broken by a message, or by the beginning of one`() throws {
    for (bytes, expected) in [("", []), ("421 x\r\n", ["2: divergence not-silent"]), ("42", ["2: divergence not-silent"])] {
      var play = try begin("S: 220\nsilence: 500ms\nC: QUIT\nS: 221")
      #expect(play.hears("220 x\r\n") == "")
      if !bytes.isEmpty { _ = play.hears(bytes) }
      _ = play.waits(.milliseconds(500))
      #expect(play.differences == expected)
    }
  }

  @Test func `a pause is waited out`() throws {
    var play = try begin("S: 220\npause: 200ms\nC: QUIT\nS: 221")
    #expect(play.hears("220 x\r\n") == "")
    #expect(play.waits(.milliseconds(199)) == "")
    #expect(play.waits(.milliseconds(1)) == "QUIT\r\n")
  }

  @Test func `an end that does not come diverges, one of another kind is a note`() throws {
    let script = "S: 220\nC: QUIT\nS: 221\nclose: S\nwithin: 1s"
    func play(_ happens: (inout Dialogue) -> Void) throws -> [String] {
      var play = try begin(script, timeout: .seconds(5))
      _ = play.hears("220 x\r\n")
      _ = play.hears("221 x\r\n")
      happens(&play)
      #expect(play.isFinished)
      return play.differences
    }
    #expect(try play { _ = $0.happens(.ended(.finished)) } == [])
    #expect(try play { _ = $0.happens(.ended(.reset)) } == ["4: note closed-otherwise"])
    #expect(try play { _ = $0.waits(.seconds(5)) } == ["4: divergence still-open"])
    #expect(
      try play {
        _ = $0.waits(.seconds(2))
        _ = $0.happens(.ended(.finished))
      } == ["4: divergence still-open"])
  }

  @Test func `after our end the server may still answer`() throws {
    var play = try begin("S: 220\nC: NOOP\nclose: C\nS: 250\nclose: S")
    #expect(play.hears("220 x\r\n") == "NOOP\r\n<end>")
    _ = play.hears("250 x\r\n")
    _ = play.happens(.ended(.finished))
    #expect(play.isFinished)
    #expect(play.differences == [])
  }

  @Test func `a reset is sent behind what was said`() throws {
    var play = try begin("S: 220\nC: NOOP\nreset: C")
    #expect(play.hears("220 x\r\n") == "NOOP\r\n<reset>")
    #expect(play.isFinished && !play.isClosed)
  }

  @Test func `an end in the middle of a reply shows its beginning`() throws {
    var play = try begin("S: 220\nC: QUIT\nS: 221")
    _ = play.hears("220-mx\r\n220")
    _ = play.happens(.ended(.reset))
    #expect(play.differences == ["1: divergence closed-early"])
    #expect(play.role.outcome.steps[0].differences[0].observed == .text("the connection was reset in the middle of '220-mx'"))
  }

  @Test func `an interrupted conversation says so`() throws {
    var play = try begin("S: 220\nC: QUIT\nS: 221")
    #expect(play.happens(.interrupted) == "")
    #expect(play.isFinished && play.isClosed)
    #expect(play.role.outcome.reason?.kind == .interrupted)
  }
}
