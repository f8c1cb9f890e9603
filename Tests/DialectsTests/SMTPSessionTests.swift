import Dialects
import Testing
import Wire

@Suite struct SMTPSessionTests {
  func smtp(_ happenings: Happening..., sourceLocation: SourceLocation = #_sourceLocation) -> [String] {
    rehearse(SMTP.smtp, happenings, sourceLocation: sourceLocation)
  }

  @Test func `a mail is its commands, its replies and one message`() {
    let heard = smtp(
      .s("220 mx ESMTP\r\n"), .c("EHLO me\r\n"), .s("250-mx\r\n250-SIZE 1000\r\n250 DSN\r\n"), .c("MAIL FROM:<a@x> SIZE=9\r\n"),
      .s("250 2.1.0 Ok\r\n"), .c("rcpt to:<b@x>\r\n"), .s("250 2.1.5 Ok\r\n"), .c("DATA\r\n"), .s("354 Go on\r\n"),
      .c("Subject: x\r\n\r\n..dot\r\n...\r\n.\r\n"), .s("250 2.0.0 Ok: queued as 1150EF8A7EB\r\n"), .c("QUIT\r\n"), .s("221 Bye\r\n"),
      .end(.server, .finished), .end(.client, .finished))
    #expect(
      heard == [
        "S0 220 mx ESMTP", "C0 EHLO me", "S1=0 250-mx⏎250-SIZE 1000⏎250 DSN", "C1 MAIL FROM:<a@x> SIZE=9", "S2=1 250 2.1.0 Ok",
        "C2 rcpt to:<b@x>", "S3=2 250 2.1.5 Ok", "C3 DATA", "S4=3 354 Go on", "C4 {Subject: x⏎⏎.dot⏎..⏎}",
        "S5=4 250 2.0.0 Ok: queued as 1150EF8A7EB", "C5 QUIT", "S6=5 221 Bye ends",
      ])
  }

  @Test func `pipelined commands are answered in turn, DATA last`() {
    let heard = smtp(
      .s("220 mx\r\n"), .c("EHLO me\r\n"), .s("250-mx\r\n250 PIPELINING\r\n"),
      .c("MAIL FROM:<a@x>\r\nRCPT TO:<b@x>\r\nRCPT TO:<c@x>\r\nDATA\r\n"), .s("250 a\r\n250 b\r\n550 c\r\n354 go\r\n"),
      .c("x\r\n.\r\nMAIL FROM:<d@x>\r\nQUIT\r\n"), .s("250 q\r\n250 d\r\n221 bye\r\n"))
    #expect(
      heard == [
        "S0 220 mx", "C0 EHLO me", "S1=0 250-mx⏎250 PIPELINING", "C1 MAIL FROM:<a@x>", "C2 RCPT TO:<b@x>", "C3 RCPT TO:<c@x>", "C4 DATA",
        "S2=1 250 a", "S3=2 250 b", "S4=3 550 c", "S5=4 354 go", "C5 {x⏎}", "C6 MAIL FROM:<d@x>", "C7 QUIT", "S6=5 250 q", "S7=6 250 d",
        "S8=7 221 bye ends",
      ])
  }

  @Test func `after a rejected DATA come commands`() {
    let heard = smtp(
      .s("220 mx\r\n"), .c("MAIL FROM:<a@x>\r\nRCPT TO:<b@x>\r\nDATA\r\n"), .s("250 a\r\n550 b\r\n554 no valid recipients\r\n"),
      .c("RSET\r\nQUIT\r\n"), .s("250 ok\r\n221 bye\r\n"))
    #expect(heard.suffix(4) == ["C3 RSET", "C4 QUIT", "S4=3 250 ok", "S5=4 221 bye ends"])
    #expect(heard[6] == "S3=2 554 no valid recipients")
  }

  @Test func `an empty message is one`() {
    let heard = smtp(.s("220 mx\r\n"), .c("DATA\r\n"), .s("354 go\r\n"), .c(".\r\n"), .s("250 ok\r\n"))
    #expect(heard.suffix(2) == ["C1 {}", "S2=1 250 ok"])
  }

  @Test func `a dot ends a message only between CR LFs`() {
    let heard = smtp(
      .s("220 mx\r\n"), .c("DATA\r\n"), .s("354 go\r\n"), .c("a\n.\nb\r\n.\rc\r\n.\n\r\n. x\r\n.\r\n"), .s("250 ok\r\n"))
    #expect(heard.suffix(2) == ["C1 {a\\x0a.\\x0ab⏎\\x0dc⏎\\x0a⏎ x⏎} !bare-lf !bare-cr", "S2=1 250 ok"])
  }

  @Test func `chunks are counted, not read`() {
    let heard = smtp(
      .s("220 mx\r\n"), .c("MAIL FROM:<a@x>\r\nRCPT TO:<b@x>\r\nBDAT 9\r\nx\r\n.\r\ny\r\nbdat  2  last\r\nzz"),
      .s("250 a\r\n250 b\r\n250 9 octets\r\n250 queued\r\n"), .c("QUIT\r\n"), .s("221 bye\r\n"))
    #expect(
      heard == [
        "S0 220 mx", "C0 MAIL FROM:<a@x>", "C1 RCPT TO:<b@x>", "C2 BDAT 9 {x⏎.⏎y⏎}", "C3 bdat  2  last {zz}", "S1=0 250 a", "S2=1 250 b",
        "S3=2 250 9 octets", "S4=3 250 queued", "C4 QUIT", "S5=4 221 bye ends",
      ])
  }

  @Test func `the last chunk may be empty, and a rejected one is still a chunk`() {
    let heard = smtp(
      .s("220 mx\r\n"), .c("BDAT 6\r\nQUIT\r\nBDAT 0 LAST\r\nBDAT x\r\nRSET\r\n"), .s("503 no\r\n503 no\r\n501 what\r\n250 ok\r\n"))
    #expect(
      heard.dropFirst() == [
        "C0 BDAT 6 {QUIT⏎}", "C1 BDAT 0 LAST {}", "C2 BDAT x", "C3 RSET", "S1=0 503 no", "S2=1 503 no", "S3=2 501 what", "S4=3 250 ok",
      ])
  }

  @Test(arguments: ["BDAT", "BDAT -5", "BDAT +5", "BDAT 99999999999999999999", "BDAT LAST", "BDAT 4 FIRST", "BDAT 4 LAST x"])
  func `no chunk follows what is no size`(command: String) {
    let heard = smtp(.s("220 mx\r\n"), .c("\(command)\r\nQUIT\r\n"), .s("501 what\r\n221 bye\r\n"))
    #expect(heard == ["S0 220 mx", "C0 \(command)", "C1 QUIT", "S1=0 501 what", "S2=1 221 bye ends"])
  }

  @Test func `answers within AUTH are no commands`() {
    let heard = smtp(
      .s("220 mx\r\n"), .c("AUTH LOGIN\r\n"), .s("334 VXNlcm5hbWU6\r\n"), .c("UVVJVA==\r\n"), .s("334 UGFzc3dvcmQ6\r\n"), .c("QUIT\r\n"),
      .s("535 no\r\n"), .c("QUIT\r\n"), .s("221 bye\r\n"))
    #expect(
      heard == [
        "S0 220 mx", "C0 AUTH LOGIN", "S1=0 334 VXNlcm5hbWU6", "C1 *LOGIN1 UVVJVA==", "S2=1 334 UGFzc3dvcmQ6", "C2 *LOGIN2 QUIT",
        "S3=2 535 no", "C3 QUIT", "S4=3 221 bye ends",
      ])
  }

  @Test func `the answer behind an initial response is the second`() {
    let heard = smtp(
      .s("220 mx\r\n"), .c("auth login dXNlcg==\r\n"), .s("334 UGFzc3dvcmQ6\r\n"), .c("c2VjcmV0\r\n"), .s("235 in\r\n"))
    #expect(heard[3] == "C1 *LOGIN2 c2VjcmV0")
  }

  @Test func `a server that asks for the password first gets it`() {
    let heard = smtp(.s("220 mx\r\n"), .c("AUTH LOGIN\r\n"), .s("334 UGFzc3dvcmQ6\r\n"), .c("c2VjcmV0\r\n"), .s("535 no\r\n"))
    #expect(heard[3] == "C1 *LOGIN2 c2VjcmV0")
  }

  @Test func `AUTH is cancelled by a star, and refused in the middle`() {
    let heard = smtp(
      .s("220 mx\r\n"), .c("AUTH CRAM-MD5\r\n"), .s("334 PDFAeD4=\r\n"), .c("*\r\n"), .s("501 cancelled\r\n"), .c("AUTH X-OWN =\r\n"),
      .s("334 \r\n"), .c("\r\n"), .s("501 5.5.2 cannot decode\r\n"), .c("AUTH\r\n"), .s("501 which\r\n"), .c("AUTH PLAIN =\r\nNOOP\r\n"),
      .s("504 no\r\n250 ok\r\n"))
    #expect(
      heard.dropFirst() == [
        "C0 AUTH CRAM-MD5", "S1=0 334 PDFAeD4=", "C1 *CRAM-MD51 *", "S2=1 501 cancelled", "C2 AUTH X-OWN =", "S3=2 334 ", "C3 *X-OWN2 ",
        "S4=3 501 5.5.2 cannot decode", "C4 AUTH", "S5=4 501 which", "C5 AUTH PLAIN =", "S6=5 504 no", "C6 NOOP", "S7=6 250 ok",
      ])
  }

  @Test func `behind an accepted STARTTLS everything is TLS's`() {
    let heard = smtp(
      .s("220 mx\r\n"), .c("STARTTLS\r\n"), .s("220 go\r\n"), .c("\u{16}\u{3}\u{1}EHLO x\r\n"), .s("\u{16}\u{3}\u{3}250 ok\r\n"))
    #expect(heard == ["S0 220 mx", "C0 STARTTLS", "S1=0 220 go startTLS", "C opaque", "S opaque"])
  }

  @Test func `behind a refused STARTTLS come commands, injected ones too`() {
    let heard = smtp(.s("220 mx\r\n"), .c("STARTTLS\r\nEHLO x\r\n"), .s("454 not now\r\n250 mx\r\n"))
    #expect(heard == ["S0 220 mx", "C0 STARTTLS", "S1=0 454 not now", "C1 EHLO x", "S2=1 250 mx"])
    let injected = smtp(.s("220 mx\r\n"), .c("STARTTLS\r\nEHLO x\r\n"), .s("220 go\r\n"))
    #expect(injected == ["S0 220 mx", "C0 STARTTLS", "S1=0 220 go startTLS", "C opaque"])
  }

  @Test func `behind STARTTLS a decrypted capture goes on in clear`() {
    let heard = smtp(.s("220 mx\r\n"), .c("STARTTLS\r\n"), .s("220 go\r\n"), .c("EHLO x\r\n"), .s("250 mx\r\n"))
    #expect(heard == ["S0 220 mx", "C0 STARTTLS", "S1=0 220 go startTLS", "C1 EHLO x", "S2=1 250 mx"])
  }

  @Test func `421 may come at any time, a client may speak first, a line may be empty`() {
    #expect(
      smtp(.s("220 mx\r\n"), .c("\r\nNOOP\r\n"), .s("500 what\r\n250 ok\r\n421 too long\r\n"))
        == ["S0 220 mx", "C0 ", "C1 NOOP", "S1=0 500 what", "S2=1 250 ok", "S3 421 too long ends"])
    #expect(
      smtp(.c("EHLO x\r\nQUIT\r\n"), .s("220 mx\r\n250 x\r\n221 bye\r\n"))
        == ["C0 EHLO x", "C1 QUIT", "S0 220 mx", "S1=0 250 x", "S2=1 221 bye ends"])
    #expect(smtp(.s("554 no\r\n"), .c("QUIT\r\n"), .s("221 bye\r\n")) == ["S0 554 no", "C0 QUIT", "S1=0 221 bye ends"])
  }

  @Test func `a greeting that was not recorded is not waited for`() {
    #expect(smtp(.c("RCPT TO:<b@x>\r\n"), .s("250 ok\r\n")) == ["C0 RCPT TO:<b@x>", "S0=0 250 ok"])
  }

  @Test func `who ended early still gets its replies`() {
    let heard = smtp(
      .c("EHLO x\r\nDATA\r\nhi\r\n.\r\nQUIT\r\n"), .end(.client, .finished), .s("220 mx\r\n250 x\r\n354 go\r\n250 ok\r\n221 bye\r\n"),
      .end(.server, .finished))
    #expect(heard.filter { $0.hasPrefix("C") } == ["C0 EHLO x", "C1 DATA", "C2 {hi⏎}", "C3 QUIT"])
  }

  @Test func `without a reply what waited for it is nobody's`() {
    let heard = smtp(
      .s("220 mx\r\n"), .c("AUTH PLAIN\r\nAHUAcA==\r\n"), .end(.server, .reset), .end(.client, .finished))
    #expect(heard == ["S0 220 mx", "C0 AUTH PLAIN", "C opaque"])
  }

  @Test func `addresses may be in UTF-8, and cut within a character`() {
    let heard = smtp(.s("220 mx\r\n"), .c("MAIL FROM:<prüf@é.example> SMTPUTF8 SIZE=9\r\n"), .s("250 <prüf@é.example> ok\r\n"))
    #expect(heard == ["S0 220 mx", "C0 MAIL FROM:<prüf@é.example> SMTPUTF8 SIZE=9", "S1=0 250 <prüf@é.example> ok"])
  }

  @Test func `a reply of one code has no text`() {
    #expect(smtp(.s("220\r\n"), .c("QUIT\r\n"), .s("221-\r\n221\r\n")) == ["S0 220", "C0 QUIT", "S1=0 221-⏎221 ends"])
  }
}

@Suite struct LMTPSessionTests {
  func lmtp(_ happenings: Happening..., sourceLocation: SourceLocation = #_sourceLocation) -> [String] {
    rehearse(SMTP.lmtp, happenings, sourceLocation: sourceLocation)
  }

  @Test func `each accepted recipient gets a reply of its own`() {
    let heard = lmtp(
      .s("220 mx LMTP\r\n"), .c("LHLO me\r\n"), .s("250 mx\r\n"),
      .c("MAIL FROM:<a@x>\r\nRCPT TO:<b@x>\r\nRCPT TO:<c@x>\r\nRCPT TO:<d@x>\r\nDATA\r\n"),
      .s("250 a\r\n250 b\r\n550 c\r\n251 d\r\n354 go\r\n"), .c("x\r\n.\r\nQUIT\r\n"), .s("250 b\r\n452 d\r\n221 bye\r\n"))
    #expect(heard.suffix(6) == ["S6=5 354 go", "C6 {x⏎}", "C7 QUIT", "S7~6 250 b", "S8=6 452 d", "S9=7 221 bye ends"])
  }

  @Test func `so it is behind the last chunk, and only there`() {
    let heard = lmtp(
      .s("220 mx\r\n"), .c("MAIL FROM:<a@x>\r\nRCPT TO:<b@x>\r\nRCPT TO:<c@x>\r\nBDAT 1\r\naBDAT 1 LAST\r\nb"),
      .s("250 a\r\n250 b\r\n250 c\r\n250 chunk\r\n250 b\r\n250 c\r\n"))
    #expect(heard.suffix(3) == ["S4=3 250 chunk", "S5~4 250 b", "S6=4 250 c"])
  }

  @Test func `without an accepted recipient there is one reply`() {
    let heard = lmtp(
      .s("220 mx\r\n"), .c("MAIL FROM:<a@x>\r\nRCPT TO:<b@x>\r\nDATA\r\n"), .s("250 a\r\n550 b\r\n503 none\r\n"),
      .c("BDAT 1 LAST\r\nxQUIT\r\n"), .s("503 none\r\n221 bye\r\n"))
    #expect(heard.suffix(5) == ["S3=2 503 none", "C3 BDAT 1 LAST {x}", "C4 QUIT", "S4=3 503 none", "S5=4 221 bye ends"])
  }

  @Test func `recipients of an earlier transaction do not count`() {
    let heard = lmtp(
      .s("220 mx\r\n"), .c("MAIL FROM:<a@x>\r\nRCPT TO:<b@x>\r\nRCPT TO:<c@x>\r\nRSET\r\nMAIL FROM:<a@x>\r\nRCPT TO:<b@x>\r\nDATA\r\n"),
      .s("250 1\r\n250 2\r\n250 3\r\n250 4\r\n250 5\r\n250 6\r\n354 go\r\n"), .c(".\r\n"), .s("250 only\r\n"))
    #expect(heard.last == "S8=7 250 only")
  }
}
