package import Transcript

extension SMTP {
  /// RFC 5321 §4.3.2, and what extensions add: 530 where TLS (RFC 3207 §4) or a login (RFC 4954 §6) has to come first.
  package func replies(to command: Message?) -> ReplyRule? {
    guard let command else { return Self.greeting }
    // The message has no head, and its reply is DATA's second.
    if command.head.isEmpty { return Self.message }
    let verb = verb(of: command)
    return (isLMTP ? Self.localRules[verb] : nil) ?? Self.rules[verb] ?? Self.unknown
  }

  private static let greeting = ReplyRule(listed: ["220", "421", "521", "554"], classes: "245", rule: table)
  private static let message = rule("250", "552 554 451 452 450 550")
  private static let rules = [
    "EHLO": rule("250", "550"),
    "HELO": rule("250", "550"),
    "MAIL": rule("250", "552 451 452 550 553 455 555 530"),
    "RCPT": rule("250 251", "550 551 552 553 450 451 452 455 555 530 556"),
    // 450 and 550 where the message is not wanted, which a server may know by now.
    "DATA": rule("354", "554 450 550 530", successes: "3"),
    "BDAT": rule("250", "552 554 451 452 450 550 530", by: "RFC 3030 §2"),
    "RSET": rule("250", "530"),
    "VRFY": rule("250 251 252", "550 551 553 530"),
    "EXPN": rule("250 252", "550 530"),
    "HELP": rule("211 214", "530"),
    "NOOP": rule("250"),
    "QUIT": rule("221"),
    "AUTH": rule("235 334", "432 454 530 534 535 538", successes: "23", by: "RFC 4954 §4, §6"),
    "STARTTLS": rule("220", "454", by: "RFC 3207 §4"),
    "ETRN": rule("250 251 252 253", "458 459 530", by: "RFC 1985 §5.3"),
  ]
  /// RFC 2033 §4.1: LMTP knows neither EHLO nor HELO.
  private static let localRules = [
    "EHLO": ReplyRule(listed: always, classes: "45", rule: "RFC 2033 §4.1"),
    "HELO": ReplyRule(listed: always, classes: "45", rule: "RFC 2033 §4.1"),
    "LHLO": rule("250", "550", by: "RFC 2033 §4.1"),
  ]
  /// An answer within AUTH is no verb (and no verb is base 64 for a name); nor is what no RFC knows. Codes begin with 2 to 5 all the same.
  private static let unknown = ReplyRule(listed: [], classes: "2345", rule: table)

  private static func rule(_ positive: String, _ negative: String = "", successes: String = "2", by section: String = table) -> ReplyRule {
    ReplyRule(
      listed: (positive + " " + negative).split(separator: " ").map(String.init) + always, classes: successes + "45", rule: section)
  }

  private static let table = "RFC 5321 §4.3.2"
  /// Any command may get these: RFC 5321 §4.3.2; 502 to 504 where it is not implemented, out of order or has a parameter that is not
  /// (§4.2.4, §4.1.4, §4.2.2).
  private static let always = ["421", "500", "501", "502", "503", "504"]
}
