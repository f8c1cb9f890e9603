import Dialects
import Testing
import Wire

@Suite struct POP3SessionTests {
  func pop3(_ happenings: Happening..., sourceLocation: SourceLocation = #_sourceLocation) -> [String] {
    rehearse(POP3(), happenings, sourceLocation: sourceLocation)
  }

  @Test func `a mailbox is read`() {
    let heard = pop3(
      .s("+OK POP3 <1896.697@x>\r\n"), .c("USER u\r\n"), .s("+OK\r\n"), .c("pass a secret \r\n"), .s("+OK in\r\n"), .c("STAT\r\n"),
      .s("+OK 2 320\r\n"), .c("LIST\r\n"), .s("+OK 2 messages\r\n1 120\r\n2 200\r\n.\r\n"), .c("LIST 2\r\n"), .s("+OK 2 200\r\n"),
      .c("UIDL\r\n"), .s("+OK\r\n1 a.b\r\n2 ..\r\n.\r\n"), .c("UIDL 1\r\n"), .s("+OK 1 a.b\r\n"), .c("RETR 1\r\n"),
      .s("+OK 120 octets\r\nSubject: x\r\n\r\n..\r\n...x\r\n\r\n.\r\n"), .c("TOP 1 0\r\n"), .s("+OK\r\nSubject: x\r\n\r\n.\r\n"),
      .c("DELE 1\r\n"), .s("-ERR [IN-USE] no\r\n"), .c("QUIT\r\n"), .s("+OK bye\r\n"), .end(.server, .finished))
    #expect(
      heard == [
        "S0 +OK POP3 <1896.697@x>", "C0 USER u", "S1=0 +OK", "C1 pass a secret ", "S2=1 +OK in", "C2 STAT", "S3=2 +OK 2 320", "C3 LIST",
        "S4=3 +OK 2 messages {1 120⏎2 200}", "C4 LIST 2", "S5=4 +OK 2 200", "C5 UIDL", "S6=5 +OK {1 a.b⏎2 ..}", "C6 UIDL 1",
        "S7=6 +OK 1 a.b", "C7 RETR 1", "S8=7 +OK 120 octets {Subject: x⏎⏎.⏎..x⏎⏎}", "C8 TOP 1 0", "S9=8 +OK {Subject: x⏎⏎}", "C9 DELE 1",
        "S10=9 -ERR [IN-USE] no", "C10 QUIT", "S11=10 +OK bye ends",
      ])
  }

  @Test func `a refused RETR among pipelined ones has no lines`() {
    let heard = pop3(
      .s("+OK\r\n"), .c("RETR 1\r\nRETR 9\r\nRETR 2\r\nNOOP\r\n"), .s("+OK\r\na\r\n.\r\n-ERR none\r\n+OK\r\n.\r\n+OK\r\n"))
    #expect(heard.suffix(4) == ["S1=0 +OK {a⏎}", "S2=1 -ERR none", "S3=2 +OK {}", "S4=3 +OK"])
  }

  @Test func `capabilities are lines, and a server without any says so`() {
    let heard = pop3(
      .s("+OK\r\n"), .c("CAPA\r\n"), .s("+OK\r\nTOP\r\nSASL PLAIN\r\n.\r\n"), .c("capa\r\n"), .s("-ERR what\r\n"), .c("XTND XMIT\r\n"),
      .s("-ERR no\r\n"), .c("APOP u c4c9334bac560ecc979e58001b3e22fb\r\n"), .s("+OK in\r\n"))
    #expect(heard[2] == "S1=0 +OK {TOP⏎SASL PLAIN}")
    #expect(heard[4] == "S2=1 -ERR what")
    #expect(heard.last == "S4=3 +OK in")
  }

  @Test func `AUTH goes through challenges, may begin with a response, and alone lists mechanisms`() {
    let heard = pop3(
      .s("+OK\r\n"), .c("AUTH\r\n"), .s("+OK\r\nPLAIN\r\nLOGIN\r\n.\r\n"), .c("AUTH CRAM-MD5\r\n"), .s("+ PDFAeD4=\r\n"),
      .c("dSAwMA==\r\n"),
      .s("-ERR no\r\n"), .c("AUTH PLAIN\r\n"), .s("+ \r\n"), .c("*\r\n"), .s("-ERR cancelled\r\n"), .c("AUTH PLAIN AHUAcA==\r\n"),
      .s("-ERR [AUTH] no\r\n"), .c("AUTH LOGIN\r\n"), .s("+\r\n"), .c("QUIT\r\n"), .s("+ UGFzc3dvcmQ6\r\n"), .c("cA==\r\n"),
      .s("+OK in\r\n"))
    #expect(
      heard == [
        "S0 +OK", "C0 AUTH", "S1=0 +OK {PLAIN⏎LOGIN}", "C1 AUTH CRAM-MD5", "S2=1 + PDFAeD4=", "C2 *CRAM-MD51 dSAwMA==", "S3=2 -ERR no",
        "C3 AUTH PLAIN", "S4=3 + ", "C4 *PLAIN1 *", "S5=4 -ERR cancelled", "C5 AUTH PLAIN AHUAcA==", "S6=5 -ERR [AUTH] no", "C6 AUTH LOGIN",
        "S7=6 +", "C7 *LOGIN1 QUIT", "S8=7 + UGFzc3dvcmQ6", "C8 *LOGIN2 cA==", "S9=8 +OK in",
      ])
  }

  @Test func `STLS turns to TLS, or does not`() {
    #expect(
      pop3(.s("+OK\r\n"), .c("STLS\r\n"), .s("+OK go\r\n"), .c("\u{16}\u{3}\u{1}\r\n"), .s("\u{16}\u{3}\r\n"))
        == ["S0 +OK", "C0 STLS", "S1=0 +OK go startTLS", "C opaque", "S opaque"])
    #expect(
      pop3(.s("+OK\r\n"), .c("STLS\r\nCAPA\r\n"), .s("-ERR no\r\n+OK\r\n.\r\n"))
        == ["S0 +OK", "C0 STLS", "S1=0 -ERR no", "C1 CAPA", "S2=1 +OK {}"])
  }

  @Test func `a client may speak before the greeting`() {
    let heard = pop3(.c("USER u\r\nPASS p\r\nLIST\r\nQUIT\r\n"), .s("+OK hi\r\n+OK\r\n+OK\r\n+OK\r\n1 2\r\n.\r\n+OK\r\n"))
    #expect(heard.suffix(5) == ["S0 +OK hi", "S1=0 +OK", "S2=1 +OK", "S3=2 +OK {1 2}", "S4=3 +OK ends"])
  }

  @Test func `a greeting that was not recorded is not waited for`() {
    let heard = pop3(.c("RETR 1\r\n"), .s("+OK\r\nhi\r\n.\r\n"), .c("QUIT\r\n"), .s("+OK\r\n"))
    #expect(heard == ["C0 RETR 1", "S0=0 +OK {hi⏎}", "C1 QUIT", "S1=1 +OK ends"])
  }

  @Test func `a server that greets nobody answers the first command`() {
    let heard = pop3(.c("CAPA\r\n"), .s("+OK Capability list follows\r\nUSER\r\n.\r\n"), .c("QUIT\r\n"), .s("+OK\r\n"))
    #expect(heard == ["C0 CAPA", "S0=0 +OK Capability list follows {USER}", "C1 QUIT", "S1=1 +OK ends"])
    let greeted = pop3(.c("CAPA\r\n"), .s("+OK Dovecot ready.\r\n+OK\r\nUSER\r\n.\r\n"))
    #expect(greeted == ["C0 CAPA", "S0 +OK Dovecot ready.", "S1=0 +OK {USER}"])
  }

  @Test func `a challenge that nobody asked for is none`() {
    let heard = pop3(.s("+OK\r\n"), .c("STAT\r\n"), .s("+ \r\n+\r\r.\r\n+OK 1 236\r\n"))
    #expect(heard.suffix(3) == ["S !reply-syntax + \\x0d\\x0a", "S !reply-syntax +\\x0d\\x0d.\\x0d\\x0a", "S1=0 +OK 1 236"])
  }

  @Test func `a server that knows no CR LF ends its lines in LF alone`() {
    let heard = pop3(.s("+OK\n"), .c("RETR 1\r\n"), .s("+OK\na\n..b\n.\n"), .c("QUIT\r\n"), .s("+OK\n"))
    #expect(heard == ["S0 +OK !bare-lf", "C0 RETR 1", "S1=0 +OK {a\\x0a.b\\x0a} !bare-lf !bare-lf", "C1 QUIT", "S2=1 +OK !bare-lf ends"])
  }
}
