import Wire

/// How a text is written so that YAML reads the same text back. All of it looks at Unicode scalars: to Swift, a quote with an accent on it
/// is one character, and no quote.
enum Quoting {
  /// Plain where that is safe, else in quotes.
  static func scalar(_ text: String, inFlow: Bool = false) -> String { isSafePlain(text, inFlow: inFlow) ? text : quoted(text) }

  /// In double quotes; in single ones where that spares backslashes.
  static func quoted(_ text: String) -> String {
    let scalars = text.unicodeScalars
    guard scalars.allSatisfy(isPrintable) else { return doubleQuoted(text) { isPrintable($0) } }
    guard scalars.contains(where: { $0 == "\"" || $0 == "\\" }) else { return "\"\(text)\"" }
    return "'" + String(String.UnicodeScalarView(scalars.flatMap { $0 == "'" ? [$0, $0] : [$0] })) + "'"
  }

  /// In double quotes, with escapes for all that `isPlain` is false for.
  static func doubleQuoted(_ text: String, _ isPlain: (Unicode.Scalar) -> Bool) -> String {
    var out = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": out += "\\\""
      case "\\": out += "\\\\"
      case "\n": out += "\\n"
      case "\r": out += "\\r"
      case "\t": out += "\\t"
      case _ where isPlain(scalar): out.unicodeScalars.append(scalar)
      case _ where scalar.value < 0x100: out += "\\x" + hexadecimal(scalar, 2)
      case _ where scalar.value < 0x10000: out += "\\u" + hexadecimal(scalar, 4)
      default: out += "\\U" + hexadecimal(scalar, 8)
      }
    }
    return out + "\""
  }

  /// What to write for a text that needs quotes, as a hint says it; `before` is what its line has before it. Nothing where that would be
  /// too long to show.
  static func advice(_ before: ArraySlice<UInt8>, _ text: ArraySlice<UInt8>) -> String? {
    guard before.count + text.count <= longestAdvice else { return nil }
    return printable("write \(String(decoding: before, as: UTF8.self)) \(quoted(String(decoding: text, as: UTF8.self)))")
  }

  /// Whether YAML reads these characters, without quotes, as they are.
  static func isSafePlain(_ text: String, inFlow: Bool) -> Bool {
    let scalars = text.unicodeScalars
    guard let first = scalars.first, let last = scalars.last, first != " ", last != " ", last != ":" else { return false }
    guard scalars.allSatisfy(isPrintable), !indicators.contains(first) else { return false }
    if first == "-" || first == ":" || first == "?" {
      guard scalars.count > 1, scalars[scalars.index(after: scalars.startIndex)] != " " else { return false }
    }
    // What ends or begins a document, what merges; no text of ours stands at a line's start, but nobody has to know.
    if text.utf8.starts(with: "---".utf8) || text.utf8.starts(with: "...".utf8) || text == "<<" { return false }
    var before: Unicode.Scalar = "x"
    for scalar in scalars {
      if before == ":", scalar == " " { return false }
      if before == " ", scalar == "#" { return false }
      if inFlow, brackets.contains(scalar) { return false }
      before = scalar
    }
    return true
  }

  /// Whether a `|` block keeps these characters.
  static func canStandInBlock(_ text: String) -> Bool { text.unicodeScalars.allSatisfy { $0 == "\t" || isPrintable($0) } }

  /// Seen as it is by a reader, and by YAML neither refused nor taken for a line's end.
  private static func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x20...0x7e, 0xa0...0x2027, 0x202a...0xd7ff, 0xe000...0xfefe, 0xff00...0xfffd, 0x10000...0x10ffff: true
    default: false
    }
  }

  private static func hexadecimal(_ scalar: Unicode.Scalar, _ width: Int) -> String {
    let digits = String(scalar.value, radix: 16)
    return String(repeating: "0", count: width - digits.count) + digits
  }

  private static let indicators: Set<Unicode.Scalar> = Set("*[]|>%@`\"'{}&!#,".unicodeScalars)
  private static let brackets: Set<Unicode.Scalar> = Set(",[]{}?:".unicodeScalars)
  private static let longestAdvice = 160
}
