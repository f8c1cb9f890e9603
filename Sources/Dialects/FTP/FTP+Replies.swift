package import Transcript

extension FTP {
  /// The command–reply sequences of RFC 959 §5.4, preliminary replies included, and what later RFCs add to them.
  package func replies(to command: Message?) -> ReplyRule? {
    guard let command else { return Self.greeting }
    let verb = verb(of: command)
    if verb == "EPSV", command.head.first.map({ Words.upper($0.recorded).dropFirst() == ["ALL"] }) ?? false { return Self.onlyExtended }
    return Self.rules[verb] ?? Self.unknown
  }

  private static let table = "RFC 959 §5.4"
  private static let greeting = rule("120 220")
  /// RFC 2428 §4: no port is told where all that is asked is to use no other command.
  private static let onlyExtended = rule("200", "522", by: "RFC 2428 §4")

  /// Any command may be answered that it is not understood, not known, out of order, or not for who is not logged in, that it needs
  /// protection (RFC 2228 §5), or that the service ends (RFC 959 §4.2.1). Other codes of a class that is listed are a server's own choice
  /// (RFC 1123 §4.1.2.11).
  private static let always = ["421", "500", "501", "502", "503", "504", "530", "533"]
  /// What no RFC knows may be answered with anything that is a code; 6yz is for replies under protection (RFC 2228 §5).
  private static let unknown = ReplyRule(listed: [], classes: "123456", rule: table)

  private static func rule(_ positive: String, _ negative: String = "", by section: String = table) -> ReplyRule {
    let listed = (positive + " " + negative).split(separator: " ").map(String.init)
    let classes = Set(positive.split(separator: " ").compactMap(\.first)).sorted()
    return ReplyRule(listed: listed + always, classes: String(classes) + "456", rule: section)
  }

  /// Transfers: 110 is a restart marker (RFC 959 §3.5); 534 and 535 are for those that need protection (RFC 2228 §8), 521 and 522 for
  /// TLS that is not as it has to be (RFC 4217). That there is no such file or no access, 550, is missing for some in RFC 959's table only.
  private static func transfer(_ negative: String, by section: String = table) -> ReplyRule {
    rule("110 125 150 226 250", "425 426 450 451 521 522 534 535 550 " + negative, by: section)
  }

  private static let rules: [String: ReplyRule] = [
    // Login.
    "USER": rule("230 232 331 332 336"),
    "PASS": rule("202 230 332"),
    "ACCT": rule("202 230"),
    // CDUP's replies are CWD's (RFC 959 §4.1.1), yet its own in the table.
    "CWD": rule("250", "550"),
    "CDUP": rule("200 250", "550"),
    "SMNT": rule("202 250", "550"),
    "HOST": rule("220", by: "RFC 7151 §3.3"),
    // Logout.
    "REIN": rule("120 220"),
    "QUIT": rule("221"),
    // Transfer parameters.
    "PORT": rule("200"),
    "PASV": rule("227"),
    "EPRT": rule("200", "522", by: "RFC 2428 §2"),
    "EPSV": rule("229", "522", by: "RFC 2428 §3"),
    "LPRT": rule("200", "521", by: "RFC 1639"),
    "LPSV": rule("228", "521", by: "RFC 1639"),
    "MODE": rule("200"),
    "TYPE": rule("200"),
    "STRU": rule("200"),
    // File actions.
    "ALLO": rule("200 202"),
    "REST": rule("350", by: "RFC 3659 §5"),
    "STOR": transfer("452 532 551 552 553"),
    "STOU": transfer("452 532 551 552 553"),
    "APPE": transfer("452 532 551 552 553"),
    "RETR": transfer("551"),
    "LIST": transfer(""),
    "NLST": transfer(""),
    "MLSD": transfer("553", by: "RFC 3659 §7.2.1"),
    "MLST": rule("250", "450 451 550 553", by: "RFC 3659 §7.2.1"),
    "SIZE": rule("213", "450 550", by: "RFC 3659 §4"),
    "MDTM": rule("213", "450 550", by: "RFC 3659 §3"),
    "RNFR": rule("350", "450 550"),
    "RNTO": rule("250", "532 550 553"),
    "DELE": rule("250", "450 550"),
    "RMD": rule("250", "550"),
    "MKD": rule("257", "550"),
    "PWD": rule("257", "550"),
    "ABOR": rule("225 226"),
    // As they were called before they were standard, and still are by some (RFC 1123 §4.1.3.1).
    "XCWD": rule("250", "550"),
    "XCUP": rule("200 250", "550"),
    "XRMD": rule("250", "550"),
    "XMKD": rule("257", "550"),
    "XPWD": rule("257", "550"),
    // Information and the rest. What SITE does is the server's own (RFC 959 §4.1.3).
    "SYST": rule("215"),
    "STAT": rule("211 212 213", "450 550"),
    "HELP": rule("211 214"),
    "SITE": rule("200 202 211 214 250", "450 550"),
    "NOOP": rule("200"),
    "FEAT": rule("211", by: "RFC 2389 §3.2"),
    "OPTS": rule("200", "451", by: "RFC 2389 §4"),
    "LANG": rule("200", by: "RFC 2640 §4"),
    // Security.
    "AUTH": rule("234 334", "431 534", by: "RFC 2228 §8"),
    "ADAT": rule("235 335", "535", by: "RFC 2228 §8"),
    "PBSZ": rule("200", by: "RFC 2228 §8"),
    "PROT": rule("200", "431 534 536", by: "RFC 2228 §8"),
    "CCC": rule("200", "534", by: "RFC 2228 §3"),
  ]
}
