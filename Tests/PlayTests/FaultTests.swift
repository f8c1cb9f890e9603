import Play
import Results
import Testing
import Transcript
import Wire

/// Declared misbehaviour, as a client sees it.
@Suite struct FaultTests {
  func server(_ faults: String...) throws -> Service { try Service("smtp", ClientRoleTests.mail, faults: faults) }

  @Test func `delay holds one reply back`() throws {
    var server = try server("delay=3s@EHLO")
    #expect(server.greeting == "220 mx ESMTP\r\n")
    #expect(server.hears("EHLO me\r\n") == "")
    #expect(server.waits(.seconds(2)) == "")
    #expect(server.waits(.seconds(1)).hasPrefix("250-mx"))
    #expect(server.hears("MAIL FROM:<a@x>\r\n") == "250 2.1.0 Ok\r\n")
  }

  @Test func `drip says one byte at a time, every reply`() throws {
    var server = try server("drip=10ms")
    var said = server.greeting
    for _ in 1..<14 { said += server.waits() }
    #expect(said == "220 mx ESMTP\r\n")
    #expect(server.now == Instant(nanoseconds: 130_000_000))
    #expect(server.hears("EHLO me\r\n") == "2")
  }

  @Test func `close comes instead of a reply, reset in the middle of one`() throws {
    var closing = try server("close@EHLO")
    #expect(closing.hears("EHLO me\r\n") == "")
    #expect(closing.isFinished && closing.isClosed)
    var resetting = try server("reset@RCPT")
    for line in ["EHLO me", "MAIL FROM:<a@x>"] { _ = resetting.hears(line + "\r\n") }
    #expect(resetting.hears("RCPT TO:<b@x>\r\n") == "250 2.1<reset>")
    #expect(resetting.isFinished && !resetting.isClosed)
  }

  @Test func `bare-lf leaves out each CR`() throws {
    var server = try server("bare-lf")
    #expect(server.greeting == "220 mx ESMTP\n")
    #expect(server.hears("EHLO me\r\n") == "250-mx\n250-PIPELINING\n250 SIZE 1000\n")
  }

  @Test func `code changes the outcome, and the conversation with it`() throws {
    var server = try server("code@DATA")
    for line in ["EHLO me", "MAIL FROM:<a@x>", "RCPT TO:<b@x>", "RCPT TO:<c@x>"] { _ = server.hears(line + "\r\n") }
    #expect(server.hears("DATA\r\n").hasPrefix("550"))
    #expect(server.hears("QUIT\r\n") == "221 2.0.0 Bye\r\n")
    var given = try self.server("code=451@MAIL")
    _ = given.hears("EHLO me\r\n")
    #expect(given.hears("MAIL FROM:<a@x>\r\n").hasPrefix("451"))
  }

  @Test func `drop-keyword leaves out the last one, or the one that is named`() throws {
    var last = try server("drop-keyword")
    #expect(last.hears("EHLO me\r\n") == "250-mx\r\n250 PIPELINING\r\n")
    var named = try server("drop-keyword=pipelining")
    #expect(named.hears("EHLO me\r\n") == "250-mx\r\n250 SIZE 1000\r\n")
  }

  @Test func `garbage stands in front of one reply`() throws {
    var server = try server("garbage@EHLO")
    #expect(server.hears("EHLO me\r\n").hasSuffix("\r\n250-mx\r\n250-PIPELINING\r\n250 SIZE 1000\r\n"))
    #expect(server.hears("MAIL FROM:<a@x>\r\n") == "250 2.1.0 Ok\r\n")
  }

  @Test func `a flood comes as fast as the client takes it, and ends`() throws {
    var server = try server("flood@EHLO")
    let first = server.hears("EHLO me\r\n")
    #expect(first.hasPrefix("250-mx\r\n250-PIPELINING\r\n250 SIZE 1000\r\n250-flood\r\n"))
    #expect(server.asksToConfirm == 1)
    // Not before the client has made room.
    #expect(server.hears("NOOP\r\n") == "")
    var count = first.utf8.count
    var last = first
    while !last.hasSuffix("implemented\r\n"), count < 65 << 20 {
      last = server.happens(.sent())
      count += last.utf8.count
    }
    #expect(count > 64 << 20 && count < 65 << 20)
    var unread = try self.server("flood@EHLO")
    _ = unread.hears("EHLO me\r\n")
    _ = unread.waits(.seconds(30))
    #expect(unread.isFinished && unread.isClosed)
  }

  @Test func `a stalled server says nothing any more, and outlasts the client's patience`() throws {
    var server = try server("stall@MAIL")
    _ = server.hears("EHLO me\r\n")
    #expect(server.hears("MAIL FROM:<a@x>\r\nNOOP\r\n") == "")
    #expect(server.waits(.seconds(300)) == "")
    #expect(!server.isFinished)
    _ = server.happens(.ended(.finished))
    #expect(server.isFinished)
  }

  @Test func `a fault strikes a step by its name, its line, or the verb that it answers`() throws {
    let script = "S: 220\nC: NOOP\nS: 250\nC: NOOP\nS: 250\nname: second\nC: QUIT\nS: 221"
    for step in ["second", "5"] {
      var server = try Service("smtp", script, faults: ["code=451@\(step)"])
      #expect(server.hears("NOOP\r\n").hasPrefix("250"))
      #expect(server.hears("NOOP\r\n").hasPrefix("451"))
    }
    var verb = try Service("smtp", script, faults: ["code=451@noop"])
    #expect(verb.hears("NOOP\r\n").hasPrefix("451"))
    // One strike.
    #expect(verb.hears("NOOP\r\n").hasPrefix("250"))
  }
}
