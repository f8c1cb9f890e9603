import Dialects
import Testing
import Transcript
import Wire

@Suite struct ReplyTableTests {
  enum Expected: Sendable { case listed, unlisted, wrong, free }

  func check(
    _ dialect: any Dialect, _ command: Message?, _ label: String, _ expected: Expected, sourceLocation: SourceLocation = #_sourceLocation
  ) {
    let rule = dialect.replies(to: command)
    let found: Expected =
      switch (rule, rule?.finding(label)) {
      case (nil, _): .free
      case (_, nil): .listed
      case (_, .unlisted?): .unlisted
      case (_, .wrongClass?): .wrong
      }
    #expect(
      found == expected, "\(command?.head.first.map { printable($0.recorded) } ?? "greeting") \(label)", sourceLocation: sourceLocation)
  }

  @Test(arguments: [
    ("EHLO x", "250", Expected.listed), ("ehlo x", "250", .listed), ("HELO x", "504", .listed), ("EHLO x", "502", .listed),
    ("EHLO x", "220", .unlisted),
    ("EHLO x", "354", .wrong), ("MAIL FROM:<>", "250", .listed), ("MAIL FROM:<>", "555", .listed), ("MAIL FROM:<>", "552", .listed),
    ("MAIL FROM:<é@x> SMTPUTF8", "550", .listed), ("MAIL FROM:<é@x> SMTPUTF8", "553", .listed), ("MAIL FROM:<>", "530", .listed),
    ("MAIL FROM:<>", "450", .unlisted), ("MAIL FROM:<>", "354", .wrong), ("RCPT TO:<a>", "251", .listed), ("RCPT TO:<a>", "551", .listed),
    ("rcpt to:<a>", "252", .unlisted), ("RCPT TO:<a>", "554", .unlisted), ("RCPT TO:<a>", "334", .wrong), ("DATA", "354", .listed),
    ("DATA", "250", .wrong), ("DATA", "503", .listed), ("DATA", "550", .listed), ("DATA", "451", .unlisted),
    ("BDAT 1 LAST", "250", .listed),
    ("BDAT 1", "503", .listed),
    ("BDAT 1", "354", .wrong), ("RSET", "250", .listed), ("RSET", "502", .listed), ("RSET", "550", .unlisted), ("VRFY x", "252", .listed),
    ("VRFY x", "250", .listed),
    ("EXPN x", "550", .listed), ("HELP", "214", .listed), ("HELP", "250", .unlisted), ("NOOP", "250", .listed), ("NOOP", "251", .unlisted),
    ("NOOP", "150", .wrong), ("NOOP", "650", .wrong), ("QUIT", "221", .listed), ("QUIT", "250", .unlisted), ("QUIT", "421", .listed),
    ("AUTH PLAIN x", "235", .listed), ("AUTH PLAIN", "334", .listed), ("AUTH PLAIN", "535", .listed), ("AUTH PLAIN", "538", .listed),
    ("AUTH PLAIN", "501", .listed), ("AUTH PLAIN", "550", .unlisted), ("STARTTLS", "220", .listed), ("STARTTLS", "454", .listed),
    ("STARTTLS", "334", .wrong), ("dXNlcg==", "334", .listed), ("dXNlcg==", "235", .listed), ("*", "501", .listed),
    ("XCLIENT A=b", "220", .listed),
    ("XCLIENT A=b", "100", .wrong), ("", "500", .listed), ("LHLO x", "500", .listed), ("NOOP", "421", .listed),
    ("MAIL FROM:<>", "421", .listed),
  ])
  func `SMTP's replies are those of RFC 5321 and its extensions`(command: String, label: String, expected: Expected) {
    check(SMTP.smtp, Message(.client, [Text(command)]), label, expected)
  }

  @Test func `the greeting and the message have rules of their own`() {
    for (label, expected) in [
      ("220", Expected.listed), ("554", .listed), ("421", .listed), ("521", .listed), ("250", .unlisted), ("354", .wrong),
    ] {
      check(SMTP.smtp, nil, label, expected)
    }
    let message = Message(.client, [], [Part("message", .payload(Payload(.lines([]))))])
    for (label, expected) in [
      ("250", Expected.listed), ("552", .listed), ("550", .listed), ("451", .listed), ("251", .unlisted), ("354", .wrong),
    ] {
      check(SMTP.smtp, message, label, expected)
    }
  }

  @Test(arguments: [
    ("LHLO x", "250", Expected.listed), ("EHLO x", "250", .wrong), ("HELO x", "250", .wrong), ("EHLO x", "500", .listed),
    ("DATA", "503", .listed),
    ("RCPT TO:<a>", "250", .listed),
  ])
  func `LMTP takes no EHLO`(command: String, label: String, expected: Expected) {
    check(SMTP.lmtp, Message(.client, [Text(command)]), label, expected)
  }

  @Test(arguments: [
    ("STAT", "+OK", Expected.listed), ("stat", "-ERR", .listed), ("STAT", "+", .unlisted), ("AUTH PLAIN", "+", .listed),
    ("CAPA", "-ERR", .listed),
    ("USER x", "+OK", .listed), ("XTND XMIT", "+OK", .free), ("dXNlcg==", "+", .free), ("STLS", "+OK", .listed), ("UIDL", "220", .wrong),
  ])
  func `POP3 has two answers, and a challenge`(command: String, label: String, expected: Expected) {
    check(POP3(), Message(.client, [Text(command)]), label, expected)
  }

  @Test(arguments: [
    ("USER x", "331", Expected.listed), ("user x", "230", .listed), ("USER x", "232", .listed), ("USER x", "530", .listed),
    ("USER x", "250", .unlisted), ("USER x", "150", .wrong), ("PASS x", "230", .listed), ("PASS x", "202", .listed),
    ("PASS x", "332", .listed),
    ("CWD a", "250", .listed), ("CWD a", "550", .listed), ("CWD a", "200", .unlisted), ("CWD a", "350", .wrong), ("CDUP", "200", .listed),
    ("CDUP", "250", .listed), ("XCUP", "250", .listed), ("REIN", "120", .listed), ("REIN", "220", .listed), ("QUIT", "221", .listed),
    ("QUIT", "226", .unlisted), ("PORT 1,2,3,4,5,6", "200", .listed), ("PORT 1,2,3,4,5,6", "501", .listed), ("PASV", "227", .listed),
    ("PASV", "425", .unlisted), ("EPRT |1|a|b|", "522", .listed), ("EPSV", "229", .listed), ("EPSV", "200", .unlisted),
    ("EPSV ALL", "200", .listed),
    ("epsv all", "229", .unlisted), ("EPSV 2", "522", .listed), ("LPSV", "228", .listed), ("TYPE A", "200", .listed),
    ("TYPE A", "504", .listed),
    ("ALLO 5", "202", .listed), ("REST 5", "350", .listed), ("REST 5", "200", .wrong), ("RETR a", "125", .listed),
    ("RETR a", "110", .listed),
    ("RETR a", "250", .listed), ("RETR a", "426", .listed), ("RETR a", "550", .listed), ("RETR a", "553", .unlisted),
    ("RETR a", "350", .wrong),
    ("STOR a", "553", .listed), ("STOR a", "550", .listed), ("STOU", "532", .listed), ("APPE a", "452", .listed), ("LIST", "226", .listed),
    ("NLST", "550", .listed), ("LIST", "534", .listed), ("MLSD", "501", .listed), ("MLSD", "200", .unlisted), ("MLST a", "250", .listed),
    ("MLST a", "150", .wrong), ("SIZE a", "213", .listed), ("SIZE a", "550", .listed), ("MDTM a", "213", .listed),
    ("RNFR a", "350", .listed),
    ("RNFR a", "250", .wrong), ("RNTO b", "250", .listed), ("RNTO b", "503", .listed), ("DELE a", "250", .listed),
    ("MKD a", "257", .listed),
    ("XMKD a", "257", .listed), ("PWD", "257", .listed), ("PWD", "150", .wrong), ("ABOR", "225", .listed), ("ABOR", "226", .listed),
    ("ABOR", "426", .unlisted), ("SYST", "215", .listed), ("STAT", "211", .listed), ("STAT a", "213", .listed), ("HELP", "214", .listed),
    ("SITE CHMOD", "200", .listed), ("NOOP", "200", .listed), ("NOOP", "221", .unlisted), ("FEAT", "211", .listed),
    ("OPTS UTF8 ON", "200", .listed),
    ("OPTS UTF8 ON", "202", .unlisted), ("OPTS X", "451", .listed), ("LANG fr", "200", .listed), ("HOST a.b", "220", .listed),
    ("HOST a.b", "504", .listed),
    ("AUTH TLS", "234", .listed), ("AUTH GSSAPI", "334", .listed), ("AUTH TLS", "534", .listed), ("AUTH TLS", "431", .listed),
    ("ADAT x", "335", .listed),
    ("PBSZ 0", "200", .listed), ("PROT P", "536", .listed), ("CCC", "200", .listed), ("CCC", "533", .listed), ("NOOP", "631", .unlisted),
    ("NOOP", "421", .listed), ("NOOP", "530", .listed), ("XYZZY", "299", .listed), ("XYZZY", "700", .wrong),
  ])
  func `FTP's replies are those of RFC 959 and its extensions`(command: String, label: String, expected: Expected) {
    check(FTP(), Message(.client, [Text(command)]), label, expected)
  }

  @Test func `FTP's greeting may be late`() {
    for (label, expected) in [
      ("220", Expected.listed), ("120", .listed), ("421", .listed), ("230", .unlisted), ("331", .wrong), ("530", .listed),
    ] {
      check(FTP(), nil, label, expected)
    }
  }

  @Test func `every rule names its section`() {
    for verb in ["EHLO", "MAIL", "RCPT", "DATA", "BDAT", "RSET", "VRFY", "EXPN", "HELP", "NOOP", "QUIT", "AUTH", "STARTTLS", "FOO"] {
      #expect(SMTP.smtp.replies(to: Message(.client, [Text(verb)]))?.rule.contains("RFC ") == true)
    }
    #expect(SMTP.smtp.replies(to: Message(.client, ["AUTH X"]))?.rule == "RFC 4954 §4, §6")
    #expect(SMTP.smtp.replies(to: Message(.client, ["STARTTLS"]))?.rule == "RFC 3207 §4")
    for verb in ["USER", "RETR", "MLSD", "EPSV", "HOST", "AUTH", "FOO"] {
      #expect(FTP().replies(to: Message(.client, [Text(verb)]))?.rule.contains("RFC ") == true)
    }
    #expect(FTP().replies(to: Message(.client, ["EPSV ALL"]))?.rule == "RFC 2428 §4")
    #expect(SMTP.smtp.replies(to: Message(.client, ["FOO"]))?.allowed == "2yz, 3yz, 4yz, 5yz")
  }
}
