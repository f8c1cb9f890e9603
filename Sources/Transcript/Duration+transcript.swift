extension Duration {
  /// `500ms`, `10s`, `2m`, as transcripts and options write a time.
  package init?(transcript text: String) {
    let digits = text.prefix { $0.isNumber && $0.isASCII }
    guard let number = Int64(digits), number <= 1_000_000_000 else { return nil }
    switch text.dropFirst(digits.count) {
    case "ms": self = .milliseconds(number)
    case "s": self = .seconds(number)
    case "m": self = .seconds(number * 60)
    default: return nil
    }
  }

  /// The same, back.
  package var transcript: String {
    let milliseconds = Int64(components.seconds) * 1000 + components.attoseconds / 1_000_000_000_000_000
    if milliseconds % 60_000 == 0, milliseconds > 0 { return "\(milliseconds / 60_000)m" }
    return milliseconds % 1000 == 0 ? "\(milliseconds / 1000)s" : "\(milliseconds)ms"
  }
}
