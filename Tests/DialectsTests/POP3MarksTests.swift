import Dialects
import Testing
import Wire

@Suite struct POP3MarksTests {
  @Test(arguments: [
    ("+OK POP3 server ready <1896.697170952@dbc.mtview.ca.us>", "+OK POP3 server ready {stamp:/<[^>]+>/}"),
    ("+OK Dovecot (Debian) ready.", "+OK Dovecot (Debian) ready."), ("+OK example.com POP3-Server", "+OK {server} POP3-Server"),
    (
      "+OK Gpop ready for requests from 192.0.2.1 a1b2c3d4mb12345678pjb",
      "+OK Gpop ready for requests from {client-address:ip} {id:token}"
    ),
    (
      "+OK mail.example Cyrus POP3 v2.4.17 server ready <17.1@mail.example>",
      "+OK {server} Cyrus POP3 v2.4.17 server ready {stamp:/<[^>]+>/}"
    ),
    ("+OK", "+OK"),
  ])
  func `a greeting stamps its time`(line: String, expected: String) {
    #expect(marked(POP3(), [.s(line + "\r\n")]) == ["S: " + expected])
  }

  @Test(arguments: [
    ("USER etu1", "USER {user}"), ("PASS a secret ", "PASS {secret}"), ("pass  x", "pass {secret}"), ("PASS", "PASS"),
    (
      "APOP mrose c4c9334bac560ecc979e58001b3e22fb", "APOP {user} {apop(stamp, secret of mrose)}"
    ),
    ("AUTH PLAIN AHVzZXIAc2VjcmV0", "AUTH PLAIN {plain(user=user, password secret of user)}"),
    ("LOGIN bob secret", "LOGIN {user} {secret of bob}"),
    ("AHVzZXIAc2VjcmV0", "{secret}"), ("TOP 1 0", "TOP 1 0"), ("AUTH", "AUTH"),
  ])
  func `a command shows no secret`(line: String, expected: String) {
    #expect(marked(POP3(), [.s("+OK\r\n"), .c(line + "\r\n")]).last == "C: " + expected)
  }

  @Test func `challenges vary, prompts do not`() {
    let heard = marked(
      POP3(),
      [
        .s("+OK\r\n"), .c("AUTH CRAM-MD5\r\n"), .s("+ PDFAeD4=\r\n"), .c("dXNlciBhYmNk\r\n"), .s("-ERR no\r\n"), .c("AUTH LOGIN\r\n"),
        .s("+ VXNlcm5hbWU6\r\n"), .c("dXNlcg==\r\n"), .s("+ UGFzc3dvcmQ6\r\n"), .c("c2VjcmV0\r\n"),
      ])
    #expect(
      heard == [
        "S: +OK", "C: AUTH CRAM-MD5", "S: + {challenge:base64}", "C: {cram-md5(challenge, user=user, secret of user)}", "S: -ERR no",
        "C: AUTH LOGIN", "S: + VXNlcm5hbWU6", "C: {base64(user=user)}", "S: + UGFzc3dvcmQ6", "C: {base64(password secret of )}",
      ])
  }

  @Test func `unique ids vary, sizes do not`() {
    let heard = marked(
      POP3(),
      [
        .s("+OK\r\n"), .c("UIDL\r\n"), .s("+OK\r\n1 000000016b03f381\r\n2 <x>\r\n.\r\n"), .c("UIDL 2\r\n"), .s("+OK 2 <x>\r\n"),
        .c("LIST\r\n"),
        .s("+OK 2 messages (12345678 octets)\r\n1 12345678\r\n.\r\n"), .c("UIDL 9\r\n"), .s("-ERR no such\r\n"),
      ])
    #expect(
      heard.filter { $0.hasPrefix("S") } == [
        "S: +OK", "S: +OK", "S: 1 {uid:token}", "S: 2 {uid:word}", "S: +OK 2 {uid:word}", "S: +OK 2 messages (12345678 octets)",
        "S: 1 12345678",
        "S: -ERR no such",
      ])
  }

  @Test func `an error may say when`() {
    let heard = marked(POP3(), [.s("+OK\r\n"), .c("STLS\r\n"), .s("-ERR [SYS/TEMP] Internal error. [2026-11-23 08:04:16]\r\n")])
    #expect(heard.last == "S: -ERR [SYS/TEMP] Internal error. [{date:date}]")
  }

  @Test func `a mail's way to its box varies, the mail does not`() {
    let mail = [
      "Return-Path: <prof@local.demo>", "Delivery-date: Tue, 05 Mar 2024 10:20:00 +0100",
      "Received: from client.local.demo (client.local.demo [192.168.1.10])", "\tby server.local.demo (Postfix) with ESMTP id 1150EF8A7EB",
      "\tfor <etu1@local.demo>; Tue,  5 Mar 2024 10:20:00 +0100 (CET)",
      "Received: (qmail 12345 invoked by uid 89); 5 Mar 2024 09:20:00 -0000",
      "X-UIDL: abc<1", "DKIM-Signature: v=1; a=rsa-sha256; d=x.example; s=k1; t=1709630400;",
      " bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=;",
      " b=dzdVyOfAKCdLXdJOc9G2q8LoXSlEniSbav+yuU4zGeeruD00lszZ", "  VoG4ZHRNiYzR", "Date: Mon, 4 Mar 2024 10:20:00 +0100",
      "Subject: id 12345678", "", "Received: from x; Tue, 05 Mar 2024 10:20:00 +0100",
    ]
    let heard = marked(POP3(), [.s("+OK\r\n"), .c("RETR 1\r\n"), .s("+OK 120 octets\r\n\(mail.joined(separator: "\r\n"))\r\n.\r\n")])
    #expect(
      heard.dropFirst(3) == [
        "S: Return-Path: <prof@local.demo>", "S: Delivery-date: {date:date}",
        "S: Received: from client.local.demo (client.local.demo [{address:ip}])",
        "S: \\x09by server.local.demo (Postfix) with ESMTP id {id:token}",
        "S: \\x09for <etu1@local.demo>; {date:date}", "S: Received: (qmail {id:token} invoked by uid 89); {date:date}",
        "S: X-UIDL: {uid:word}",
        "S: DKIM-Signature: v=1; a=rsa-sha256; d=x.example; s=k1; t={time:number};", "S:  bh={signature:token};", "S:  b={signature:token}",
        "S:   VoG4ZHRNiYzR", "S: Date: Mon, 4 Mar 2024 10:20:00 +0100", "S: Subject: id 12345678", "S: ",
        "S: Received: from x; Tue, 05 Mar 2024 10:20:00 +0100",
      ])
  }
}
