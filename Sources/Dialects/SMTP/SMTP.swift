package import Transcript
package import Wire

/// The Simple Mail Transfer Protocol (RFC 5321), and its local variant LMTP (RFC 2033).
package struct SMTP: Dialect {
  let isLMTP: Bool

  package static let smtp = SMTP(isLMTP: false)
  package static let lmtp = SMTP(isLMTP: true)

  package var name: String { isLMTP ? "lmtp" : "smtp" }
  package var transports: [Transport] { [.stream] }
  package var ports: [UInt16] { isLMTP ? [24] : [25, 587, 2525] }
  package var parts: [PartShape] { [PartShape("message", .payload, [.client])] }
  package var subjects: [String] { ["to", "from", "client"] }
  package var farewell: Message? { Message(.client, ["QUIT"]) }
  package var capabilities: Message? { Message(.client, [isLMTP ? "LHLO replique.invalid" : "EHLO replique.invalid"]) }

  package func begin(_ transport: Transport) -> any Session { SMTPSession(isLMTP: isLMTP) }

  /// `220` greets in FTP, too: the greeting must speak of mail, the client must say what only a mail client says, or the port must be
  /// mail's and nothing speak against it.
  package func likeness(_ glimpse: Glimpse) -> Int {
    guard glimpse.transport == .stream else { return 0 }
    let verb = glimpse.command.map { Words.upper($0).first ?? "" }
    let greeting = glimpse.greeting.map(Words.upper) ?? []
    let isKnownPort = ports.contains(glimpse.port)
    let greets = greeting.first.map { isGreeting($0, atKnownPort: isKnownPort) }
    switch verb {
    case "LHLO"?: return isLMTP && greets != false ? 100 : 0
    case "EHLO"?, "HELO"?: return isLMTP ? 0 : greets != false ? 100 : isKnownPort ? 50 : 0
    default: break
    }
    guard greets != false else { return 0 }
    var likeness = 0
    if greeting.dropFirst().contains(where: { $0.contains(isLMTP ? "LMTP" : "SMTP") }) { likeness += 60 }
    if let verb, ["MAIL", "RCPT", "BDAT", "STARTTLS", "VRFY", "EXPN", "ETRN"].contains(verb) { likeness += isLMTP ? 20 : 60 }
    if likeness > 0 { return likeness + (isKnownPort ? 20 : 0) }
    // Nothing but the port speaks for it; not enough where the first words are another protocol's.
    let speaksAgainst = verb.map { !$0.isEmpty && !Self.commands.contains($0) } ?? false || greeting.contains { $0.contains("FTP") }
    return isKnownPort && !speaksAgainst ? 30 : 0
  }

  private func isGreeting(_ word: String, atKnownPort isKnownPort: Bool) -> Bool {
    // `220-first` begins a greeting of several lines.
    let code = word.prefix { $0 != "-" }
    return code == "220" || code == "421" || code == "554" || code == "521"
      || isKnownPort && code.count == 3 && (code.hasPrefix("4") || code.hasPrefix("5")) && code.allSatisfy(\.isWholeNumber)
  }

  package func verb(of command: Message) -> String {
    guard let first = command.head.first else { return "" }
    return Words.upper(first.words(limit: 2)[0].recorded).first ?? ""
  }

  package func succeeded(_ reply: Message) -> Bool {
    guard let first = reply.head.last?.recorded.first else { return false }
    return first == UInt8(ascii: "2") || first == UInt8(ascii: "3")
  }

  package func isHindered(_ command: Message, by history: [Turn]) -> Bool {
    let verb = verb(of: command)
    if ["QUIT", "RSET", "NOOP", "EHLO", "HELO", "LHLO", "AUTH", "HELP", "VRFY", "EXPN", "STARTTLS"].contains(verb) { return false }
    var wantsRecipients = false
    var recipients = (failed: 0, accepted: 0)
    for turn in history.reversed() {
      let isLost = turn.wasToSucceed && !turn.didSucceed
      switch self.verb(of: turn.command) {
      case "EHLO", "HELO", "LHLO": return isLost || wantsRecipients && recipients.failed > 0 && recipients.accepted == 0
      case "AUTH": if isLost { return true }
      case "DATA":
        guard command.head.isEmpty else { continue }
        if isLost { return true }
        // Taken, yet perhaps for nobody (RFC 2920 §3.1).
        wantsRecipients = true
      case "RCPT":
        if isLost { recipients.failed += 1 } else if turn.didSucceed { recipients.accepted += 1 }
        if verb == "DATA" || verb == "BDAT" { wantsRecipients = true }
      case "MAIL":
        // No DATA since: the message has nowhere to go.
        if command.head.isEmpty, !wantsRecipients { return true }
        guard ["RCPT", "DATA", "BDAT", ""].contains(verb) else { continue }
        return isLost || wantsRecipients && recipients.failed > 0 && recipients.accepted == 0
      case "RSET": if ["RCPT", "DATA", "BDAT", ""].contains(verb) { return false }
      default: break
      }
    }
    return false
  }

  package func uses(_ keyword: String, in command: Message) -> Bool {
    let verb = verb(of: command)
    let words = command.head.first.map { Words.upper($0.recorded) } ?? []
    func hasParameter(_ names: String...) -> Bool {
      words.dropFirst().contains { word in names.contains { word.hasPrefix($0 + "=") || word == $0 } }
    }
    switch keyword {
    case "SIZE": return verb == "MAIL" && hasParameter("SIZE")
    case "8BITMIME": return verb == "MAIL" && words.contains("BODY=8BITMIME")
    case "BINARYMIME": return verb == "MAIL" && words.contains("BODY=BINARYMIME")
    case "SMTPUTF8": return hasParameter("SMTPUTF8")
    case "DSN": return verb == "MAIL" && hasParameter("RET", "ENVID") || verb == "RCPT" && hasParameter("NOTIFY", "ORCPT")
    case "CHUNKING": return verb == "BDAT"
    case "DELIVERBY": return verb == "MAIL" && hasParameter("BY")
    case "AUTH", "STARTTLS", "VRFY", "ETRN", "EXPN", "HELP": return verb == keyword
    default: return false
    }
  }

  static let commands: Set<String> = [
    "EHLO", "HELO", "LHLO", "MAIL", "RCPT", "DATA", "BDAT", "RSET", "VRFY", "EXPN", "HELP", "NOOP", "QUIT", "AUTH", "STARTTLS", "ETRN",
    "TURN", "XCLIENT", "XFORWARD",
  ]
}

/// Blank-separated words of a line.
enum Words {
  static func upper(_ bytes: [UInt8]) -> [String] {
    bytes.split(whereSeparator: { $0 == 32 || $0 == 9 }).map { String(decoding: $0, as: UTF8.self).uppercased() }
  }
}
