import Play
import Results
import Testing
import Transcript
import Wire

@Suite struct ClientRoleTests {
  static let mail = """
    S: 220 mx ESMTP
    C: EHLO me
    S: 250-mx
    | 250-PIPELINING
    | 250 SIZE 1000
    C: MAIL FROM:<a@x>
    S: 250 2.1.0 Ok
    C: RCPT TO:<b@x>
    S: 250 2.1.5 Ok
    C: RCPT TO:<c@x>
    S: 250 2.1.5 Ok
    C: DATA
    S: 354 Go on
    message: Subject: x//.dot
    S: 250 2.0.0 Ok: queued as ${:token=ABC123}
    C: QUIT
    S: 221 2.0.0 Bye
    close: S
    """

  @Test func `a mail is sent line by line, dots stuffed`() throws {
    var play = try Dialogue("smtp", Self.mail)
    #expect(play.happens(.connected()) == "")
    #expect(play.hears("220 mx ESMTP\r\n") == "EHLO me\r\n")
    #expect(play.hears("250-mx\r\n250-PIPELINING\r\n") == "")
    #expect(play.hears("250 SIZE 1000\r\n") == "MAIL FROM:<a@x>\r\n")
    #expect(play.hears("250 2.1.0 Ok\r\n") == "RCPT TO:<b@x>\r\n")
    #expect(play.hears("250 2.1.5 Ok\r\n") == "RCPT TO:<c@x>\r\n")
    #expect(play.hears("250 2.1.5 Ok\r\n") == "DATA\r\n")
    #expect(play.hears("354 Go on\r\n") == "Subject: x\r\n\r\n..dot\r\n.\r\n")
    #expect(play.hears("250 2.0.0 Ok: queued as XYZ789\r\n") == "QUIT\r\n")
    #expect(play.hears("221 2.0.0 Bye\r\n") == "")
    #expect(!play.isFinished)
    _ = play.happens(.ended(.finished))
    #expect(play.isFinished && play.isClosed)
    #expect(play.differences.isEmpty)
    #expect(play.unreached.isEmpty)
  }

  @Test func `a rejected recipient among several does not stop the mail`() throws {
    var play = try Dialogue("smtp", Self.mail)
    _ = play.happens(.connected())
    for reply in ["220 mx ESMTP", "250-mx\r\n250-PIPELINING\r\n250 SIZE 1000", "250 2.1.0 Ok"] { _ = play.hears(reply + "\r\n") }
    #expect(play.hears("550 5.1.1 no such user\r\n") == "RCPT TO:<c@x>\r\n")
    #expect(play.hears("250 2.1.5 Ok\r\n") == "DATA\r\n")
    #expect(play.differences == ["9: divergence reply-code"])
  }

  @Test func `without any recipient, DATA and the message are not sent, and QUIT is`() throws {
    var play = try Dialogue("smtp", Self.mail)
    _ = play.happens(.connected())
    for reply in ["220 mx ESMTP", "250-mx\r\n250-PIPELINING\r\n250 SIZE 1000", "250 2.1.0 Ok", "550 5.1.1 no"] {
      _ = play.hears(reply + "\r\n")
    }
    #expect(play.hears("550 5.1.1 no\r\n") == "QUIT\r\n")
    _ = play.hears("221 2.0.0 Bye\r\n")
    _ = play.happens(.ended(.finished))
    #expect(play.unreached == [12, 13, 14, 15])
    #expect(play.differences == ["9: divergence reply-code", "11: divergence reply-code"])
  }

  @Test func `550 for 354: nothing of the message is sent as commands`() throws {
    var play = try Dialogue("smtp", Self.mail)
    _ = play.happens(.connected())
    for reply in ["220 mx ESMTP", "250-mx\r\n250-PIPELINING\r\n250 SIZE 1000", "250 2.1.0 Ok", "250 2.1.5 Ok", "250 2.1.5 Ok"] {
      _ = play.hears(reply + "\r\n")
    }
    #expect(play.hears("550 5.7.1 no\r\n") == "QUIT\r\n")
    #expect(play.unreached == [14, 15, 17, 18])
    #expect(play.differences == ["13: divergence reply-code"])
  }

  @Test func `354 for 550: a command would be taken for the message, so the connection is closed`() throws {
    var play = try Dialogue("smtp", "S: 220\nC: DATA\nS: 503\nC: QUIT\nS: 221")
    _ = play.happens(.connected())
    _ = play.hears("220 x\r\n")
    #expect(play.hears("354 go on\r\n") == "")
    #expect(play.isFinished && play.isClosed)
    #expect(play.unreached == [4, 5])
    #expect(play.differences == ["3: divergence reply-code"])
  }

  @Test func `several commands in a row are sent without waiting`() throws {
    var play = try Dialogue(
      "smtp", "S: 220\nC: EHLO x\nS: 250\nC: MAIL FROM:<a@x>\nC: RCPT TO:<b@x>\nC: DATA\nS: 250\nS: 250\nS: 354\nmessage: hi\nS: 250")
    _ = play.happens(.connected())
    _ = play.hears("220 x\r\n")
    #expect(play.hears("250-x\r\n250 PIPELINING\r\n") == "MAIL FROM:<a@x>\r\nRCPT TO:<b@x>\r\nDATA\r\n")
    #expect(play.hears("250 ok\r\n250 ok\r\n354 go\r\n") == "hi\r\n.\r\n")
    _ = play.hears("250 ok\r\n")
    #expect(play.isFinished)
    #expect(play.differences.isEmpty)
  }

  @Test func `a reply that does not come is late, and the rest unreached`() throws {
    var play = try Dialogue("smtp", Self.mail, timeout: .seconds(2))
    _ = play.happens(.connected())
    _ = play.hears("220 mx ESMTP\r\n")
    #expect(play.alarm != nil)
    _ = play.hears("250-m")
    #expect(play.waits(.seconds(1)) == "")
    #expect(!play.isFinished)
    #expect(play.waits(.seconds(2)) == "QUIT\r\n")
    #expect(play.isFinished)
    #expect(play.differences == ["3: divergence late"])
    #expect(play.unreached.first == 6)
  }

  @Test func `an end before a reply is told at that reply`() throws {
    var play = try Dialogue("smtp", Self.mail)
    _ = play.happens(.connected())
    _ = play.hears("220 mx ESMTP\r\n")
    _ = play.happens(.ended(.reset))
    #expect(play.isFinished)
    #expect(play.differences == ["3: divergence closed-early"])
  }

  @Test func `after a refused login a server may leave without a goodbye`() throws {
    var play = try Dialogue("pop3", "S: +OK\nC: USER u\nS: +OK\nC: PASS p\nS: -ERR [AUTH] no\nC: QUIT\nS: +OK")
    _ = play.happens(.connected())
    for reply in ["+OK ready", "+OK", "-ERR [AUTH] no"] { _ = play.hears(reply + "\r\n") }
    _ = play.happens(.ended(.finished))
    #expect(play.differences == ["7: drift closed-early"])
  }

  @Test func `no connection is no verdict about the server`() throws {
    var play = try Dialogue("smtp", Self.mail)
    _ = play.happens(.failed(.refused, "127.0.0.1:1: connection refused"))
    #expect(play.isFinished && !play.isClosed)
    #expect(play.role.outcome.reason?.kind == .unreachable)
  }

  @Test func `a reply to nothing is a violation, an endless one is given up`() throws {
    var play = try Dialogue("smtp", "S: 220\nC: EHLO x\nS: 250\nC: QUIT\nS: 221")
    _ = play.happens(.connected())
    _ = play.hears("220 x\r\n")
    for _ in 0..<200 { _ = play.hears(String(repeating: "x", count: 65_536)) }
    #expect(play.isFinished)
    #expect(play.differences.allSatisfy { $0.hasSuffix("violation line-too-long") })
  }

  @Test func `a secret is sent and never shown`() throws {
    var play = try Dialogue(
      "pop3", "S: +OK\nC: USER u\nS: +OK\nC: PASS ${secret.u}\nS: +OK\nC: QUIT\nS: +OK", secrets: ["secret.u": "tanstaaf"])
    _ = play.happens(.connected())
    _ = play.hears("+OK\r\n")
    #expect(play.hears("+OK\r\n") == "PASS tanstaaf\r\n")
    _ = play.hears("-ERR tanstaaf is wrong\r\n")
    let shown = "\(play.role.outcome.steps)"
    #expect(!shown.contains("tanstaaf"))
    #expect(shown.contains("***"))
  }

  @Test(arguments: [
    ("250 2.1.0 Ok", []), ("250 2.1.0 Fine", ["3: note wording"]), ("251 2.1.0 Ok", ["3: drift reply-code"]),
    ("550 no", ["3: divergence reply-code"]),
    ("250-a\r\n251 b", ["3: violation mixed-codes"]), ("354 x", ["3: divergence reply-code", "3: violation reply-class"]),
    ("250\t2.1.0 Ok", ["3: violation reply-syntax"]),
  ])
  func `replies are graded`(reply: String, expected: [String]) throws {
    var play = try Dialogue("smtp", "S: 220\nC: RSET\nS: 250 2.1.0 Ok\nC: QUIT\nS: 221")
    _ = play.happens(.connected())
    _ = play.hears("220 x\r\n")
    _ = play.hears(reply + "\r\n")
    for line in expected { #expect(play.differences.contains(line), "\(play.differences)") }
    if expected.isEmpty { #expect(play.differences.isEmpty) }
  }

  @Test func `a keyword that a later command uses is more than a drift`() throws {
    for (size, grade) in [("", "drift"), (" SIZE=5", "divergence")] {
      var play = try Dialogue("smtp", "S: 220\nC: EHLO x\nS: 250-mx\n| 250-SIZE 9\n| 250 DSN\nC: MAIL FROM:<a@x>\(size)\nS: 250")
      _ = play.happens(.connected())
      _ = play.hears("220 x\r\n")
      _ = play.hears("250-mx\r\n250 DSN\r\n")
      #expect(play.differences == ["4: \(grade) missing-keyword"])
    }
  }

  @Test func `what the server gave is given back`() throws {
    var play = try Dialogue("pop3", "S: +OK\nC: UIDL 1\nS: +OK 1 ${u:token=abc}\nC: TOP 1 0\nS: +OK\nmessage: x-uid: ${u}")
    _ = play.happens(.connected())
    _ = play.hears("+OK\r\n")
    _ = play.hears("+OK 1 zyx\r\n")
    _ = play.hears("+OK\r\nx-uid: zyx\r\n.\r\n")
    #expect(play.isFinished)
    #expect(play.differences.isEmpty)
  }
}
