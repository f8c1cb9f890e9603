import Play
import Results
import Testing
import Transcript
import Wire

/// FORMAT's "The server's part".
@Suite struct ServerRoleTests {
  static let mail = """
    S: 220
    C: EHLO ${client}
    S: 250
    has: PIPELINING,SIZE 1000
    C: MAIL FROM:<${from}>
    S: 250 2.1.0 Ok
    C: RCPT TO:<b@x>
    S: 250 2.1.5 Ok
    C: DATA
    S: 354
    message: Subject: x//hello
    S: 250 queued as ${id:token=ABC}
    C: QUIT
    S: 221 bye ${client}
    close: S
    """

  func mail(_ faults: String..., given: [String: String] = [:]) throws -> Service {
    try Service("smtp", Self.mail, given: given, open: ["client", "from"], defaults: ["client": "there", "from": "a@x"], faults: faults)
  }

  @Test func `a bare code gets its usual text, and the lines of has`() throws {
    var server = try mail()
    #expect(server.greeting == "220 replique.invalid ESMTP\r\n")
    #expect(server.hears("ehlo ME\r\n") == "250-replique.invalid\r\n250-PIPELINING\r\n250 SIZE 1000\r\n")
  }

  @Test func `names take what the client says and keep it`() throws {
    var server = try mail()
    _ = server.hears("EHLO me\r\n")
    #expect(server.hears("MAIL FROM:<z@y>\r\n") == "250 2.1.0 Ok\r\n")
    _ = server.hears("RCPT TO:<b@x>\r\n")
    #expect(server.hears("DATA\r\n") == "354 End data with <CR><LF>.<CR><LF>\r\n")
    #expect(server.hears("Subject: x\r\n\r\nhello\r\n.\r\n") == "250 queued as ABC\r\n")
    #expect(server.hears("QUIT\r\n") == "221 bye me\r\n")
    #expect(server.isFinished && server.isClosed)
    #expect(server.differences == [])
  }

  @Test func `a name that is given is fixed`() throws {
    var server = try mail(given: ["client": "fixed"])
    _ = server.hears("EHLO me\r\n")
    #expect(server.differences == ["2: drift command"])
    #expect(server.hears("QUIT\r\n") == "221 bye fixed\r\n")
  }

  @Test func `another argument and another content are drift`() throws {
    var server = try mail()
    for line in ["EHLO me", "MAIL FROM:<a@x>", "RCPT TO:<other@x>", "DATA", "Subject: y\r\n\r\nhello\r\n."] {
      _ = server.hears(line + "\r\n")
    }
    #expect(server.differences == ["7: drift command", "11: drift content"])
  }

  @Test func `the nearest later step answers a command that is not the next one`() throws {
    var server = try mail()
    _ = server.hears("EHLO me\r\n")
    #expect(server.hears("DATA\r\n").hasPrefix("354"))
    #expect(server.hears("Subject: x\r\n\r\nhello\r\n.\r\n").hasPrefix("250 queued"))
    #expect(server.differences == ["9: drift out-of-order"])
    #expect(server.hears("QUIT\r\n") == "221 bye me\r\n")
    #expect(server.unreached == [5, 6, 7, 8])
  }

  @Test func `what no later step has is not implemented`() throws {
    var server = try mail()
    #expect(server.hears("FROB\r\n") == "502 5.5.1 Command not implemented\r\n")
    _ = server.hears("EHLO me\r\n")
    // Once more: no later step has it.
    #expect(server.hears("EHLO me\r\n").hasPrefix("502"))
    #expect(server.hears("MAIL FROM:<a@x>\r\n") == "250 2.1.0 Ok\r\n")
    #expect(server.differences == ["2: divergence unknown-command", "5: divergence unknown-command"])
  }

  @Test func `a client that pipelines gets every reply, in order`() throws {
    var server = try mail()
    _ = server.hears("EHLO me\r\n")
    #expect(
      server.hears("MAIL FROM:<a@x>\r\nRCPT TO:<b@x>\r\nDATA\r\n")
        == "250 2.1.0 Ok\r\n250 2.1.5 Ok\r\n354 End data with <CR><LF>.<CR><LF>\r\n")
    #expect(server.differences == [])
  }

  static let pipelined = """
    S: 220
    C: EHLO me
    S: 250
    C: MAIL FROM:<a@x>
    C: RCPT TO:<b@x>
    C: RCPT TO:<c@x>
    C: DATA
    S: 250 mail
    S: 250 b
    S: 250 c
    S: 354
    message: hi
    S: 250
    C: QUIT
    S: 221
    """

  @Test func `a client that waits for each reply gets it, though the recorded one did not wait`() throws {
    var server = try Service("smtp", Self.pipelined)
    _ = server.hears("EHLO me\r\n")
    #expect(server.hears("MAIL FROM:<a@x>\r\n") == "250 mail\r\n")
    #expect(server.hears("RCPT TO:<b@x>\r\n") == "250 b\r\n")
    #expect(server.hears("RCPT TO:<c@x>\r\n") == "250 c\r\n")
    #expect(server.hears("DATA\r\n").hasPrefix("354"))
    _ = server.hears("hi\r\n.\r\n")
    #expect(server.hears("QUIT\r\n").hasPrefix("221"))
    #expect(server.differences == [])
    #expect(server.unreached == [])
  }

  @Test func `one recipient less leaves its reply out`() throws {
    var server = try Service("smtp", Self.pipelined)
    _ = server.hears("EHLO me\r\n")
    #expect(server.hears("MAIL FROM:<a@x>\r\nRCPT TO:<b@x>\r\nDATA\r\n") == "250 mail\r\n250 b\r\n354 End data with <CR><LF>.<CR><LF>\r\n")
    #expect(server.hears("hi\r\n.\r\nQUIT\r\n") == "250 Ok\r\n221 Bye\r\n")
    #expect(server.differences == ["7: drift out-of-order"])
    #expect(server.unreached == [6, 10])
  }

  @Test func `a secret that was not given takes anything, one that was is compared`() throws {
    let script = "S: 220\nC: AUTH PLAIN ${plain(user, secret.u)}\nS: 235\nC: QUIT\nS: 221"
    var open = try Service("smtp", script, open: ["user", "secret.u"])
    #expect(open.hears("AUTH PLAIN AGEAYg==\r\n").hasPrefix("235"))
    #expect(open.differences == [])
    var fixed = try Service("smtp", script, given: ["user": "a", "secret.u": "b"])
    #expect(fixed.hears("AUTH PLAIN AGEAYg==\r\n").hasPrefix("235"))
    #expect(fixed.differences == [])
    var other = try Service("smtp", script, given: ["user": "a", "secret.u": "other"])
    #expect(other.hears("AUTH PLAIN AGEAYg==\r\n").hasPrefix("235"))
    #expect(other.differences == ["2: drift command"])
  }

  @Test func `answers within AUTH are told from commands`() throws {
    let script =
      "S: 220\nC: AUTH LOGIN\nS: 334 VXNlcm5hbWU6\nC: ${base64(user)}\nS: 334 UGFzc3dvcmQ6\nC: ${base64(secret.u)}\nS: 235\nC: QUIT\nS: 221"
    var server = try Service("smtp", script, open: ["user", "secret.u"])
    #expect(server.hears("AUTH LOGIN\r\n") == "334 VXNlcm5hbWU6\r\n")
    #expect(server.hears("dXNlcg==\r\n") == "334 UGFzc3dvcmQ6\r\n")
    #expect(server.hears("cGFzcw==\r\n").hasPrefix("235"))
    #expect(server.hears("QUIT\r\n").hasPrefix("221"))
    #expect(server.differences == [])
  }

  @Test func `an answer of several lines is never left without its end`() throws {
    var server = try Service(
      "pop3", "S: +OK\nC: LIST\nS: +OK 2 messages\nC: RETR 1\nS: +OK\nC: CAPA\nS: +OK\nhas: TOP,UIDL\nC: QUIT\nS: +OK")
    #expect(server.hears("LIST\r\n") == "+OK 2 messages\r\n.\r\n")
    #expect(server.hears("RETR 1\r\n") == "+OK\r\n.\r\n")
    #expect(server.hears("CAPA\r\n") == "+OK Capability list follows\r\nTOP\r\nUIDL\r\n.\r\n")
    #expect(server.hears("QUIT\r\n").hasPrefix("+OK"))
  }

  @Test func `commands in front of the client's end are answered`() throws {
    var server = try Service("smtp", "S: 220\nC: QUIT\nS: 221\nclose: C\nclose: S")
    _ = server.hears("QUIT\r\n")
    #expect(server.hears("NOOP\r\n").hasPrefix("502"))
    _ = server.happens(.ended(.finished))
    #expect(server.isFinished && server.isClosed)
  }

  @Test func `a client that says nothing is left after the timeout, one that breaks the protocol is told`() throws {
    var server = try mail()
    _ = server.waits(.seconds(30))
    #expect(server.isFinished && server.isClosed)
    #expect(server.differences == ["2: divergence late"])
    var bare = try mail()
    _ = bare.hears("EHLO me\n")
    #expect(bare.differences == ["2: violation bare-lf"])
    #expect(bare.role.outcome.steps[1].differences.allSatisfy { $0.fault == .client })
  }
}
