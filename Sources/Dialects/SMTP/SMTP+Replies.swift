package import Transcript

extension SMTP {
  /// RFC 5321 §4.3.2, and what extensions add: 530 where TLS (RFC 3207 §4) or a login (RFC 4954 §6) has to come first.
  package func replies(to command: Message?) -> ReplyRule? {
    guard let command else { return ReplyRule(listed: ["220", "421", "521", "554"], classes: "245", rule: Self.table) }
    // The message has no head, and its reply is DATA's second.
    if command.head.isEmpty { return rule("250", "552 554 451 452 450 550") }
    switch verb(of: command) {
    // RFC 2033 §4.1: LMTP knows neither.
    case "EHLO" where isLMTP, "HELO" where isLMTP: return ReplyRule(listed: Self.always, classes: "45", rule: "RFC 2033 §4.1")
    case "LHLO" where isLMTP: return rule("250", "550", by: "RFC 2033 §4.1")
    case "EHLO", "HELO": return rule("250", "550")
    case "MAIL": return rule("250", "552 451 452 550 553 455 555 530")
    case "RCPT": return rule("250 251", "550 551 552 553 450 451 452 455 555 530 556")
    // 450 and 550 where the message is not wanted, which a server may know by now.
    case "DATA": return rule("354", "554 450 550 530", successes: "3")
    case "BDAT": return rule("250", "552 554 451 452 450 550 530", by: "RFC 3030 §2")
    case "RSET": return rule("250", "530")
    case "VRFY": return rule("250 251 252", "550 551 553 530")
    case "EXPN": return rule("250 252", "550 530")
    case "HELP": return rule("211 214", "530")
    case "NOOP": return rule("250")
    case "QUIT": return rule("221")
    case "AUTH": return rule("235 334", "432 454 530 534 535 538", successes: "23", by: "RFC 4954 §4, §6")
    case "STARTTLS": return rule("220", "454", by: "RFC 3207 §4")
    case "ETRN": return rule("250 251 252 253", "458 459 530", by: "RFC 1985 §5.3")
    // An answer within AUTH is no verb (and no verb is base 64 for a name); nor is what no RFC knows. Codes begin with 2 to 5 all the same.
    default: return ReplyRule(listed: [], classes: "2345", rule: Self.table)
    }
  }

  private func rule(_ positive: String, _ negative: String = "", successes: String = "2", by section: String = table) -> ReplyRule {
    ReplyRule(
      listed: (positive + " " + negative).split(separator: " ").map(String.init) + Self.always, classes: successes + "45", rule: section)
  }

  private static let table = "RFC 5321 §4.3.2"
  /// Any command may get these: RFC 5321 §4.3.2; 502 to 504 where it is not implemented, out of order or has a parameter that is not
  /// (§4.2.4, §4.1.4, §4.2.2).
  private static let always = ["421", "500", "501", "502", "503", "504"]
}
