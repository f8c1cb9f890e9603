import Play
import Results
import Testing
import Transcript
import Wire

/// How a client goes on after something was not as expected.
@Suite struct GoingOnTests {
  static let pipelined = """
    S: 220
    C: EHLO me
    S: 250
    C: MAIL FROM:<a@x>
    C: RCPT TO:<b@x>
    C: RCPT TO:<c@x>
    C: DATA
    S: 250
    S: 250
    S: 250
    S: 354
    message: hi
    S: 250
    C: QUIT
    S: 221
    """

  func begin(_ script: String = pipelined, dialect: String = "smtp") throws -> Dialogue {
    var play = try Dialogue(dialect, script)
    _ = play.happens(.connected())
    _ = play.hears("220 x\r\n")
    return play
  }

  @Test func `what follows from a refused command is marked, and the first alone counts`() throws {
    var play = try begin()
    #expect(play.hears("250-x\r\n250 PIPELINING\r\n") == "MAIL FROM:<a@x>\r\nRCPT TO:<b@x>\r\nRCPT TO:<c@x>\r\nDATA\r\n")
    #expect(play.hears("550 no\r\n503 first MAIL\r\n503 first MAIL\r\n") == "")
    #expect(play.hears("503 first MAIL\r\n") == "QUIT\r\n")
    _ = play.hears("221 x\r\n")
    #expect(
      play.differences == [
        "8: divergence reply-code", "9: divergence reply-code", "10: divergence reply-code", "11: divergence reply-code",
      ])
    #expect(play.counted == ["8: divergence reply-code"])
    #expect(play.unreached == [12, 13])
  }

  @Test func `a message to nobody that the server waits for ends before it begins`() throws {
    var play = try begin()
    _ = play.hears("250-x\r\n250 PIPELINING\r\n")
    #expect(play.hears("250 ok\r\n550 no\r\n550 no\r\n354 go\r\n") == ".\r\n")
    #expect(play.hears("554 no recipients\r\n") == "QUIT\r\n")
    _ = play.hears("221 x\r\n")
    #expect(play.counted == ["9: divergence reply-code", "10: divergence reply-code"])
    #expect(play.differences.contains("13: divergence reply-code"))
  }

  @Test func `where a reply is missing, those that move up are no failures of their own`() throws {
    var play = try begin()
    _ = play.hears("250-x\r\n250 PIPELINING\r\n")
    // The second RCPT has no reply.
    _ = play.hears("250 ok\r\n250 ok\r\n354 go\r\n")
    _ = play.waits(.seconds(31))
    #expect(play.isFinished)
    #expect(play.counted == ["10: divergence reply-code", "10: violation reply-class", "11: divergence late"])
  }

  @Test func `after a refused login nothing is tried that needs one`() throws {
    var play = try begin(
      "S: 220\nC: EHLO me\nS: 250\nC: AUTH LOGIN\nS: 334\nC: dXNlcg==\nS: 334\nC: cGFzcw==\nS: 235\nC: MAIL FROM:<a@x>\nS: 250\nC: QUIT\nS: 221"
    )
    _ = play.hears("250-x\r\n250 AUTH LOGIN\r\n")
    _ = play.hears("334 VXNlcm5hbWU6\r\n")
    _ = play.hears("334 UGFzc3dvcmQ6\r\n")
    #expect(play.hears("535 no\r\n") == "QUIT\r\n")
    _ = play.hears("221 x\r\n")
    #expect(play.differences == ["9: divergence reply-code"])
    #expect(play.unreached == [10, 11])
  }

  @Test func `where AUTH is refused at once, its answers are not sent as commands`() throws {
    var play = try begin("S: 220\nC: EHLO me\nS: 250\nC: AUTH LOGIN\nS: 334\nC: dXNlcg==\nS: 334\nC: cGFzcw==\nS: 235\nC: QUIT\nS: 221")
    _ = play.hears("250 x\r\n")
    #expect(play.hears("504 no\r\n") == "QUIT\r\n")
    _ = play.hears("221 x\r\n")
    #expect(play.unreached == [6, 7, 8, 9])
  }

  @Test func `where the server asks on, a command is not sent as the answer`() throws {
    var play = try begin("S: 220\nC: EHLO me\nS: 250\nC: AUTH PLAIN AGEAYg==\nS: 235\nC: MAIL FROM:<a@x>\nS: 250\nC: QUIT\nS: 221")
    _ = play.hears("250 x\r\n")
    #expect(play.hears("334 \r\n") == "")
    #expect(play.isFinished && play.isClosed)
    #expect(play.unreached == [6, 7, 8, 9])
    #expect(play.differences == ["5: divergence reply-code"])
  }

  @Test func `a client that is turned away at the door says goodbye`() throws {
    var play = try Dialogue("smtp", ClientRoleTests.mail)
    _ = play.happens(.connected())
    #expect(play.hears("554 not you\r\n") == "QUIT\r\n")
    #expect(play.isFinished && play.isClosed)
    #expect(play.differences == ["1: divergence reply-code"])
    #expect(play.unreached.first == 2)
  }

  @Test func `a goodbye at any time ends the conversation there`() throws {
    var play = try begin(ClientRoleTests.mail)
    _ = play.hears("250-mx\r\n250-PIPELINING\r\n250 SIZE 1000\r\n")
    #expect(play.hears("421 shutting down\r\n") == "")
    #expect(play.isFinished)
    #expect(play.differences.filter { !$0.contains("note") } == ["7: divergence reply-code"])
    #expect(play.unreached.first == 8)
  }

  @Test func `a goodbye in front of the end is drift`() throws {
    var play = try begin("S: 220\nC: QUIT\nS: 221\nclose: S")
    _ = play.hears("221 x\r\n421 y\r\n")
    _ = play.happens(.ended(.finished))
    #expect(play.differences == ["4: drift extra-reply"])
  }

  @Test func `what comes behind the last step is told`() throws {
    var play = try begin("S: 220\nC: MAIL FROM:<a@x>\nC: RCPT TO:<b@x>\nS: 250")
    _ = play.hears("250 a\r\n250 b\r\n")
    #expect(play.differences == ["4: divergence extra-reply"])
  }

  @Test func `a name that no reply bound leaves its commands unreached`() throws {
    var play = try Dialogue(
      "pop3", "S: +OK ready ${stamp:/<[^>]+>/}\nC: APOP u ${apop(stamp, secret.u)}\nS: +OK\nC: STAT\nS: +OK 1 1\nC: QUIT\nS: +OK",
      secrets: ["secret.u": "secret"])
    _ = play.happens(.connected())
    #expect(play.hears("+OK ready\r\n") == "QUIT\r\n")
    _ = play.hears("+OK\r\n")
    #expect(play.differences == ["1: divergence unbound"])
    #expect(play.unreached == [2, 3, 4, 5])
  }

  @Test func `a limit of the matcher is no verdict about the server`() throws {
    var play = try Dialogue("smtp", "S: 220 x ${:/(a+)+$/} y\nC: QUIT\nS: 221")
    _ = play.happens(.connected())
    #expect(play.hears("220 x \(String(repeating: "a", count: 5000))! y\r\n") == "QUIT\r\n")
    #expect(play.role.outcome.reason?.kind == .fault)
  }

  @Test func `a server that turns to TLS where it was not to is left without a word`() throws {
    var play = try begin("S: 220\nC: EHLO me\nS: 250\nC: STARTTLS\nS: 454\nC: QUIT\nS: 221")
    _ = play.hears("250 x\r\n")
    #expect(play.hears("220 go\r\n") == "")
    #expect(play.isFinished && play.isClosed)
    #expect(play.differences == ["5: divergence reply-code"])
    #expect(play.unreached == [6, 7])
  }

  @Test func `LMTP answers for each recipient, QUIT sent along`() throws {
    let script = """
      S: 220
      C: LHLO me
      S: 250
      C: MAIL FROM:<a@x>
      C: RCPT TO:<b@x>
      C: RCPT TO:<c@x>
      C: DATA
      S: 250
      S: 250
      S: 250
      S: 354
      message: hi
      C: QUIT
      S: 250 b
      S: 250 c
      S: 221
      """
    var play = try begin(script, dialect: "lmtp")
    _ = play.hears("250 x\r\n")
    #expect(play.hears("250 a\r\n250 b\r\n250 c\r\n354 go\r\n") == "hi\r\n.\r\nQUIT\r\n")
    _ = play.hears("250 b\r\n250 c\r\n221 bye\r\n")
    #expect(play.isFinished)
    #expect(play.differences == [])

    var refused = try begin(script, dialect: "lmtp")
    _ = refused.hears("250 x\r\n")
    _ = refused.hears("250 a\r\n550 b\r\n250 c\r\n354 go\r\n")
    _ = refused.hears("250 c\r\n221 bye\r\n")
    #expect(refused.isFinished)
    #expect(refused.counted == ["9: divergence reply-code", "14: note wording"])
    #expect(refused.differences.contains("15: divergence missing-reply"))
  }

  @Test func `one reply where two were: the second is missed at once`() throws {
    var play = try begin(
      "S: 220\nC: LHLO me\nS: 250\nC: MAIL FROM:<a@x>\nS: 250\nC: RCPT TO:<b@x>\nS: 250\nC: RCPT TO:<c@x>\nS: 250\nC: DATA\nS: 354\nmessage: x\nS: 250\nS: 250",
      dialect: "lmtp")
    for reply in ["250 x", "250 a", "250 b", "550 c", "354 go"] { _ = play.hears(reply + "\r\n") }
    _ = play.hears("250 b\r\n")
    #expect(play.isFinished)
    #expect(play.counted == ["9: divergence reply-code"])
    #expect(play.differences == ["9: divergence reply-code", "14: divergence missing-reply"])
  }
}
