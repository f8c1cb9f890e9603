import Play
import Results
import Testing
import Transcript
import Wire

/// Bytes said as they are written.
@Suite struct RawTests {
  func begin(_ script: String) throws -> Dialogue {
    var play = try Dialogue("smtp", script)
    _ = play.happens(.connected())
    return play
  }

  @Test func `the session says what a raw command is`() throws {
    var play = try begin("S: 220\nbytes: ehlo me\\n\nS: 250-mx\n| 250-SIZE 1\n| 250 DSN\nC: QUIT\nS: 221")
    #expect(play.hears("220 x\r\n") == "ehlo me\n")
    #expect(play.hears("250-mx\r\n250-DSN\r\n250 SIZE 1\r\n") == "QUIT\r\n")
    _ = play.hears("221 x\r\n")
    #expect(play.differences == [])
  }

  @Test func `several commands in one step have a reply each`() throws {
    var play = try begin("S: 220\nbytes: NOOP\\r\\nVRFY a\\r\\n\nS: 250\nS: 252\nC: QUIT\nS: 221")
    #expect(play.hears("220 x\r\n") == "NOOP\r\nVRFY a\r\n")
    #expect(play.hears("250 x\r\n") == "")
    #expect(play.hears("252 x\r\n") == "QUIT\r\n")
    _ = play.hears("221 x\r\n")
    #expect(play.differences == [])
  }

  @Test func `a command in two steps is one`() throws {
    var play = try begin("S: 220\nbytes: NO\npause: 10ms\nbytes: OP\\r\\n\nS: 250\nC: QUIT\nS: 221")
    #expect(play.hears("220 x\r\n") == "NO")
    #expect(play.waits(.milliseconds(10)) == "OP\r\n")
    #expect(play.hears("250 x\r\n") == "QUIT\r\n")
    _ = play.hears("221 x\r\n")
    #expect(play.differences == [])
  }

  @Test func `raw bytes are said where no command may be`() throws {
    var play = try begin("S: 220\nC: DATA\nS: 354\nbytes: a\\n.\\n\nsilence: 1s\nbytes: \\r\\n.\\r\\n\nS: 250\nC: QUIT\nS: 221")
    _ = play.hears("220 x\r\n")
    #expect(play.hears("354 x\r\n") == "a\n.\n")
    #expect(play.waits(.seconds(1)) == "\r\n.\r\n")
    #expect(play.hears("250 x\r\n") == "QUIT\r\n")
    _ = play.hears("221 x\r\n")
    #expect(play.differences == [])
  }

  @Test func `a raw message is not said as commands where it was refused`() throws {
    var play = try begin("S: 220\nC: DATA\nS: 354\nbytes: QUIT\\n.\\r\\n\nS: 250\nC: QUIT\nS: 221")
    _ = play.hears("220 x\r\n")
    #expect(play.hears("550 x\r\n") == "QUIT\r\n")
    #expect(play.unreached.contains(4))
  }
}
