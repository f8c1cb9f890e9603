import Dialects
import Testing
import Wire

@Suite struct GapTests {
  @Test func `a lost reply to DATA is seen from what the client says then`() {
    let message = rehearse(
      SMTP.smtp,
      [.s("220 x\r\n"), .c("DATA\r\n"), .gap(.server, 20), .c("Subject: x\r\n\r\n.\r\nQUIT\r\n"), .s("250 queued\r\n221 bye\r\n")])
    #expect(message == ["S0 220 x", "C0 DATA", "C1 {Subject: x⏎⏎}", "C2 QUIT", "S1=1 250 queued", "S2=2 221 bye ends"])
    let refused = rehearse(SMTP.smtp, [.s("220 x\r\n"), .c("DATA\r\n"), .gap(.server, 20), .c("QUIT\r\n"), .s("221 bye\r\n")])
    #expect(refused == ["S0 220 x", "C0 DATA", "C1 QUIT", "S1=1 221 bye ends"])
  }

  @Test func `a lost challenge is seen from the answer, which is no command`() {
    let heard = rehearse(POP3(), [.s("+OK\r\n"), .c("AUTH LOGIN\r\n"), .gap(.server, 20), .c("dXNlcg==\r\n"), .s("-ERR no\r\n")])
    #expect(heard == ["S0 +OK", "C0 AUTH LOGIN", "C1 *LOGIN1 dXNlcg==", "S1=1 -ERR no"])
  }

  @Test func `behind a lost reply the next one answers the next command`() {
    let heard = rehearse(
      SMTP.smtp, [.s("220 x\r\n"), .c("NOOP\r\n"), .gap(.server, 8), .c("RSET\r\n"), .s("250 ok\r\n"), .c("QUIT\r\n"), .s("221 bye\r\n")])
    #expect(heard == ["S0 220 x", "C0 NOOP", "C1 RSET", "S1=1 250 ok", "C2 QUIT", "S2=2 221 bye ends"])
  }

  @Test func `the rest of a lost line is nobody's fault`() {
    let heard = rehearse(
      SMTP.smtp,
      [.s("220 x\r\n"), .gap(.client, 5), .c("me\r\nNOOP\r\n"), .s("250 a\r\n"), .gap(.server, 3), .s("rest of it\r\n250 ok\r\n")])
    #expect(heard == ["S0 220 x", "C0 me cut short", "C0 NOOP", "S1=0 250 a", "S2 rest of it cut short", "S2 250 ok"])
  }

  @Test func `a message with a hole in it is cut short, and ends where it ends`() {
    let heard = rehearse(
      SMTP.smtp,
      [
        .s("220 x\r\n"), .c("DATA\r\n"), .s("354 go\r\n"), .c("a\r\n"), .gap(.client, 9), .c("b\r\n.\r\nQUIT\r\n"),
        .s("250 ok\r\n221 x\r\n"),
      ])
    #expect(heard == ["S0 220 x", "C0 DATA", "S1=0 354 go", "C1 {a⏎} cut short", "C2 QUIT", "S2=1 250 ok", "S3=2 221 x ends"])
  }

  @Test func `a chunk with a hole in it is counted all the same`() {
    let heard = rehearse(
      SMTP.smtp, [.s("220 x\r\n"), .c("BDAT 6 LAST\r\nab"), .gap(.client, 2), .c("cdQUIT\r\n"), .s("250 ok\r\n221 x\r\n")])
    #expect(heard == ["S0 220 x", "C0 BDAT 6 LAST {ab} cut short", "C1 QUIT", "S1=0 250 ok", "S2=1 221 x ends"])
  }

  @Test func `where a mail's end was lost, the client's next command shows it`() {
    let heard = rehearse(
      POP3(),
      [
        .s("+OK\r\n"), .c("RETR 1\r\n"), .s("+OK\r\na\r\n"), .gap(.server, 9), .c("DELE 1\r\n"), .s("+OK gone\r\n"),
        .c("QUIT\r\n"), .s("+OK\r\n"),
      ])
    #expect(heard == ["S0 +OK", "C0 RETR 1", "S1=0 +OK {a⏎} cut short", "C1 DELE 1", "S2=1 +OK gone", "C2 QUIT", "S3=2 +OK ends"])
  }

  @Test func `a recording that began late is no violation`() {
    let heard = rehearse(
      POP3(),
      [
        .gap(.client, 0), .gap(.server, 0), .s("text\r\n..\r\n.\r\n"), .c("PASS p\r\n"), .s("+OK in\r\n"), .c("STAT\r\n"),
        .s("+OK 1 2\r\n"),
      ])
    #expect(heard.suffix(4) == ["C0 PASS p", "S0=0 +OK in", "C1 STAT", "S1=1 +OK 1 2"])
    #expect(!heard.contains { $0.contains("!") })
  }

  @Test func `TLS that may or may not have begun is not guessed`() {
    let heard = rehearse(SMTP.smtp, [.s("220 x\r\n"), .c("STARTTLS\r\n"), .gap(.server, 9), .c("EHLO x\r\n"), .s("250 x\r\n")])
    #expect(heard == ["S0 220 x", "C0 STARTTLS", "C opaque", "S opaque"])
  }
}
