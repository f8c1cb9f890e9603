/// An exchange of SASL (RFC 4422) in progress, which SMTP (RFC 4954) and POP3 (RFC 5034) carry alike: the client's command, then
/// challenges and answers in turn, in lines that are no commands.
struct SASLExchange: Sendable {
  /// Upper case.
  private let mechanism: String
  /// The number of the client's last answer, an initial response being the first.
  private var step: Int

  init(mechanism: String, hasInitialResponse: Bool) {
    self.mechanism = mechanism
    step = hasInitialResponse ? 1 : 0
  }

  /// What the client's next line is called: `*LOGIN2`. No mechanism has more than nine.
  mutating func next() -> String {
    step = min(step + 1, 9)
    return "\(Self.prefix)\(mechanism)\(step)"
  }

  /// The server's challenge. LOGIN has no specification; its servers ask by name, some for the password first.
  mutating func challenged(_ text: [UInt8]) {
    guard mechanism == "LOGIN", let prompt = LoginPrompt(text) else { return }
    step = prompt == .user ? 0 : max(step, 1)
  }

  /// What a label says: which mechanism, and which of its answers.
  static func answer(_ label: String) -> (mechanism: String, step: Int)? {
    guard label.hasPrefix(prefix), let step = label.last?.wholeNumberValue else { return nil }
    return (String(label.dropFirst().dropLast()), step)
  }

  private static let prefix = "*"
}

/// What a server of the mechanism LOGIN asks for: `Username:`, `User Name`, `Password:` in base 64.
enum LoginPrompt: Sendable {
  case user, password

  init?(_ text: [UInt8]) {
    let asked = text.prefix(7).map { $0 }
    switch asked {
    case Array("VXNlcm5".utf8), Array("VXNlciB".utf8), Array("dXNlcm5".utf8), Array("VVNFUk5".utf8): self = .user
    case Array("UGFzc3d".utf8), Array("cGFzc3d".utf8), Array("UEFTU1d".utf8): self = .password
    default: return nil
    }
  }
}
