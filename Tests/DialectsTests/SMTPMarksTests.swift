import Dialects
import Testing
import Wire

@Suite struct SMTPMarksTests {
  @Test(arguments: [
    ("220 server.local.demo ESMTP Postfix", "220 {server} ESMTP Postfix"),
    ("220 uprise ESMTP SubEthaSMTP null", "220 {server} ESMTP SubEthaSMTP null"),
    ("220 [10.0.0.1] Clueless host service ready", "220 {server} Clueless host service ready"),
    (
      "220 tux.example.ch ESMTP Sendmail 8.14.9/8.12.11; Mon, 29 Jul 2019 19:01:46 +0200",
      "220 {server} ESMTP Sendmail 8.14.9/8.12.11; {date:date}"
    ),
    (
      "220 www.example.ne.jp ESMTP Sendmail 8.14.3/8.14.3; Thu, 20 Feb 2014 04:02:39 +0900 (JST)",
      "220 {server} ESMTP Sendmail 8.14.3/8.14.3; {date:date}"
    ),
    (
      "220 mx.example ESMTP Exim 4.69 #1 Mon, 05 Oct 2009 01:05:54 -0500 ", "220 {server} ESMTP Exim 4.69 #1 {date:date} "
    ),
    (
      "220 MX.example.fr Microsoft ESMTP MAIL Service ready at Thu, 5 Dec 2024 08:52:31 +0000",
      "220 {server} Microsoft ESMTP MAIL Service ready at {date:date}"
    ),
    ("220 mx.google.com ESMTP hf10si4097299icc.190 - gsmtp", "220 {server} ESMTP {session:token} - gsmtp"),
    ("220 mail.example ESMTP OpenSMTPD", "220 {server} ESMTP OpenSMTPD"), ("220 ready", "220 ready"),
    ("220 mail.example ESMTP CommuniGate Pro 6.1.16", "220 {server} ESMTP CommuniGate Pro 6.1.16"),
    ("554 mx.example No service for you", "554 {server} No service for you"), ("220 qmail.example ESMTP", "220 {server} ESMTP"),
  ])
  func `a greeting names its host, and says when`(line: String, expected: String) {
    #expect(marked(SMTP.smtp, [.s(line + "\r\n")]) == ["S: " + expected])
  }

  @Test(arguments: [
    ("250-server.local.demo", "250-{server}"), ("250-uprise", "250-{server}"),
    ("250-mx.example Hello vger.kernel.org [23.128.96.18]", "250-{server} Hello {client-name:host} [{client-address:ip}]"),
    (
      "250-tux.example.ch Hello me.example [173.66.46.112], pleased to meet you",
      "250-{server} Hello {client} [{client-address:ip}], pleased to meet you"
    ),
    ("250-tinkyx390 Hello localhost [127.0.0.1]", "250-{server} Hello localhost [{client-address:ip}]"),
    ("250-mx.google.com at your service, [192.150.187.237]", "250-{server} at your service, [{client-address:ip}]"),
    (
      "250-mail.example Hello me.example [IPv6:2001:db8::1], pleased to meet you",
      "250-{server} Hello {client} [IPv6:{client-address:ip}], pleased to meet you"
    ),
    ("250-mx.example is pleased to meet you", "250-{server} is pleased to meet you"),
    ("250-Hello me.example", "250-Hello {client}"),
  ])
  func `a reply to EHLO names both, and its keywords stay`(line: String, expected: String) {
    let heard = marked(
      SMTP.smtp, [.s("220 x\r\n"), .c("EHLO me.example\r\n"), .s("\(line)\r\n250-SIZE 52428800\r\n250 AUTH CRAM-MD5\r\n")])
    #expect(heard.dropFirst() == ["C: EHLO {client}", "S: " + expected, "S: 250-SIZE 52428800", "S: 250 AUTH CRAM-MD5"])
  }

  @Test(arguments: [
    ("250 2.0.0 Ok: queued as 1150EF8A7EB", "250 2.0.0 Ok: queued as {id:token}"),
    ("250 2.0.0 Ok: queued as ABCDEF", "250 2.0.0 Ok: queued as {id:token}"),
    ("250 2.0.0 Ok: queued as 4Tq1Zc2mFhz1Y", "250 2.0.0 Ok: queued as {id:token}"),
    ("250 OK id=1lHkUh-008hPw-NY", "250 OK id={id:token}"), ("250 OK id=aBcdEf-GhiJkl-Mn", "250 OK id={id:token}"),
    ("250 OK id=1rHkUh-000000008hP-3wNY", "250 OK id={id:token}"),
    ("250 2.0.0 abcd1234 Message accepted for delivery", "250 2.0.0 {id:token} Message accepted for delivery"),
    ("250 2.0.0 38SBw6hd010934 Message accepted for delivery", "250 2.0.0 {id:token} Message accepted for delivery"),
    ("250 2.0.0: 1234abcd Message accepted for delivery", "250 2.0.0: {id:token} Message accepted for delivery"),
    ("250 ok 1234567890 qp 12345", "250 ok {number:number} qp {id:token}"),
    ("250 Ok. 00000000000A1B2C.5F3E4D5C.00001234", "250 Ok. {id:token}"),
    ("250 Queued (0.032 seconds)", "250 Queued ({number:number} seconds)"),
    (
      "250 2.6.0 <964329.815@elsewhere> [InternalId=3835405795330, Hostname=MX.example.fr] 17802 bytes in 0.102, 170,277 KB/sec Queued mail for delivery",
      "250 2.6.0 {message-id:word} [InternalId={id:token}, Hostname=MX.example.fr] 17802 bytes in 0.102, 170,277 KB/sec Queued mail for delivery"
    ),
    ("250 2.6.0 <1@own> [InternalId=3835405795330] Queued", "250 2.6.0 <1@own> [InternalId={id:token}] Queued"),
    (
      "250 2.0.0 OK  1385736217 hf10si4097299icc.190 - gsmtp", "250 2.0.0 OK  {number:number} {session:token} - gsmtp"
    ),
    ("250 OK", "250 OK"), ("250 Message accepted for delivery", "250 Message accepted for delivery"),
    ("250 2.0.0 Ok: 21 bytes", "250 2.0.0 Ok: 21 bytes"),
    ("250 Ok 0100017d-11aa22bb-33cc-44dd-000000", "250 Ok {id:token}"),
  ])
  func `where a message was taken, what it is called varies`(line: String, expected: String) {
    let heard = marked(
      SMTP.smtp, [.s("220 x\r\n"), .c("DATA\r\n"), .s("354 go\r\n"), .c("Message-ID: <1@own>\r\n.\r\n"), .s(line + "\r\n")])
    #expect(heard.last == "S: " + expected)
  }

  @Test(arguments: [
    ("550 5.1.1 <inconnu@local.demo>: Recipient address rejected: User unknown", nil as String?), ("250 2.1.5 Ok", nil),
    ("250 2.1.5 OK hf10si4097299icc.190 - gsmtp", "250 2.1.5 OK {session:token} - gsmtp"),
    (
      "554 5.7.1 Service unavailable; Client host [192.0.2.1] blocked",
      "554 5.7.1 Service unavailable; Client host [{client-address:ip}] blocked"
    ),
    ("451 4.7.1 Greylisted until 2024-03-05 10:20:00", "451 4.7.1 Greylisted until {date:date}"),
    ("550 no mailbox user1234567890 here", nil),
  ])
  func `another reply keeps what it says of the command`(line: String, expected: String?) {
    let heard = marked(SMTP.smtp, [.s("220 x\r\n"), .c("RCPT TO:<user1234567890@x.example>\r\n"), .s(line + "\r\n")])
    #expect(heard.suffix(2) == ["C: RCPT TO:<{to}>", "S: " + (expected ?? line)])
  }

  @Test(arguments: [
    ("MAIL FROM:<prof@local.demo> SIZE=1", "MAIL FROM:<{from}> SIZE=1"), ("mail from: a@x", "mail from: {from}"),
    ("MAIL FROM:<>", "MAIL FROM:<>"),
    ("RCPT TO:<\"a>b\"@x>", "RCPT TO:<{to}>"), ("RCPT TO:<@a,@b:c@d>", "RCPT TO:<@a,@b:{to}>"), ("VRFY etu1", "VRFY {to}"),
    ("HELO [192.0.2.1]", "HELO {client}"), ("NOOP", "NOOP"), ("FOOBARXX", "FOOBARXX"), ("BLAH", "BLAH"), ("RCPT TO:<", "RCPT TO:<"),
    ("AUTH PLAIN AHVzZXIAc2VjcmV0", "AUTH PLAIN {plain(user=user, password secret of user)}"),
    ("auth plain dXNlcgB1c2VyAHNlY3JldA==", "auth plain {plain(user=user, password secret of user, authzid=user)}"),
    ("AUTH PLAIN =", "AUTH PLAIN ="), ("AUTH PLAIN", "AUTH PLAIN"),
    ("AUTH PLAIN what ever", "AUTH PLAIN {secret}"), ("AUTH X-OWN c2VjcmV0", "AUTH X-OWN {secret}"),
    ("AUTH LOGIN dXNlcg==", "AUTH LOGIN {base64(user=user)}"), ("AHVzZXIAc2VjcmV0", "{secret}"),
    ("AUTH XOAUTH2 dXNlcj1qb2UBYXV0aD1CZWFyZXIgQUFBAQE=", "AUTH XOAUTH2 {secret of joe}"),
    ("AUTH OAUTHBEARER bixhPWpvZSwBaG9zdD14AWF1dGg9QmVhcmVyIEFBQQEB", "AUTH OAUTHBEARER {secret of joe}"),
  ])
  func `a command names who it is about, and shows no secret`(line: String, expected: String) {
    #expect(marked(SMTP.smtp, [.s("220 x\r\n"), .c(line + "\r\n")]).last == "C: " + expected)
  }

  @Test func `answers within AUTH are what the challenge asked for`() {
    let heard = marked(
      SMTP.smtp,
      [
        .s("220 x\r\n"), .c("AUTH LOGIN\r\n"), .s("334 VXNlcm5hbWU6\r\n"), .c("dXNlcg==\r\n"), .s("334 UGFzc3dvcmQ6\r\n"),
        .c("c2VjcmV0\r\n"),
        .s("535 no\r\n"), .c("AUTH LOGIN dXNlcg==\r\n"), .s("334 UGFzc3dvcmQ6\r\n"), .c("c2VjcmV0\r\n"), .s("535 no\r\n"),
        .c("AUTH CRAM-MD5\r\n"), .s("334 PDFAeD4=\r\n"), .c("dXNlciBhYmNk\r\n"), .s("535 no\r\n"), .c("AUTH PLAIN\r\n"), .s("334 \r\n"),
        .c("*\r\n"), .s("501 no\r\n"), .c("AUTH NTLM\r\n"), .s("334 \r\n"), .c("TlRMTVNTUAAB\r\n"),
      ])
    #expect(
      heard.filter { $0.hasPrefix("C") } == [
        "C: AUTH LOGIN", "C: {base64(user=user)}", "C: {base64(password secret of )}", "C: AUTH LOGIN {base64(user=user)}",
        "C: {base64(password secret of )}", "C: AUTH CRAM-MD5", "C: {cram-md5(challenge, user=user, secret of user)}", "C: AUTH PLAIN",
        "C: *",
        "C: AUTH NTLM", "C: {secret}",
      ])
    #expect(heard.contains("S: 334 {challenge:base64}"))
    #expect(heard.contains("S: 334 VXNlcm5hbWU6"))
  }

  @Test func `a chunk's size is its own`() {
    let heard = marked(
      SMTP.smtp, [.s("220 x\r\n"), .c("BDAT 4 LAST\r\nhi\r\n"), .s("250- 4 byte chunk, total 4\r\n250 OK id=1lHkUh-008hPw-NY\r\n")])
    #expect(heard == ["S: 220 x", "C: BDAT {size} LAST", "C: hi", "S: 250- 4 byte chunk, total 4", "S: 250 OK id={id:token}"])
  }

  @Test func `a goodbye may name the session`() {
    let heard = marked(SMTP.smtp, [.s("220 x\r\n"), .c("QUIT\r\n"), .s("221 2.0.0 mx.example closing connection a1b2c3si99\r\n")])
    #expect(heard.last == "S: 221 2.0.0 {server} closing connection {id:token}")
  }

  @Test(arguments: [
    ("AUTH PLAIN AHVzZXIAc2V", "AUTH PLAIN {secret}"), ("AUTH XOAUTH2 dXNl", "AUTH XOAUTH2 {secret}"), ("PASS sec", "{secret}"),
    ("c2VjcmV0", "{secret}"), ("MAIL FROM:<a@x", "MAIL FROM:<a@x"),
  ])
  func `what was cut short shows no secret`(text: String, expected: String) {
    #expect(marked(SMTP.smtp, [.s("220 x\r\n"), .c(text), .end(.client, .finished)]) == ["S: 220 x", "C: " + expected])
  }
}
