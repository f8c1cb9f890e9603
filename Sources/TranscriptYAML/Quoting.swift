import Transcript

/// How a text is written so that YAML reads the same text back.
enum Quoting {
  /// Plain where that is safe, in single quotes where it can be, else in double quotes.
  static func scalar(_ text: String, inFlow: Bool = false) -> String { isSafePlain(text, inFlow: inFlow) ? text : quoted(text) }

  static func quoted(_ text: String) -> String {
    let needsEscapes = text.unicodeScalars.contains {
      $0.value < 0x20 || $0.value == 0x7f || $0.value == 0x85 || $0.value == 0x2028 || $0.value == 0x2029 || $0.value == 0xfeff
    }
    if !needsEscapes, !text.contains("\\"), !text.contains("\"") { return "\"\(text)\"" }
    if !needsEscapes { return "'" + text.replacing("'", with: "''") + "'" }
    var out = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": out += "\\\""
      case "\\": out += "\\\\"
      case "\n": out += "\\n"
      case "\r": out += "\\r"
      case "\t": out += "\\t"
      default:
        if scalar.value < 0x20 || scalar.value == 0x7f || scalar.value == 0x85 || scalar.value == 0x2028 || scalar.value == 0x2029
          || scalar.value == 0xfeff
        {
          let digits = String(scalar.value, radix: 16)
          out +=
            scalar.value < 0x100
            ? "\\x" + String(repeating: "0", count: 2 - digits.count) + digits
            : "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
        } else {
          out.unicodeScalars.append(scalar)
        }
      }
    }
    return out + "\""
  }

  static func isSafePlain(_ text: String, inFlow: Bool) -> Bool {
    guard let first = text.unicodeScalars.first, let last = text.unicodeScalars.last else { return false }
    if first == " " || last == " " || last == ":" || text.contains(": ") || text.contains(" #") { return false }
    if "*?[]|>%@`\"'{}&!#,".unicodeScalars.contains(first) { return false }
    if first == "-" || first == ":" || first == "?" {
      guard let second = text.unicodeScalars.dropFirst().first, second != " ", second != "\t" else { return false }
    }
    if text.hasPrefix("---") || text.hasPrefix("...") || text == "<<" { return false }
    // `${…}` is safe outside of flow.
    if inFlow, text.contains(where: { ",[]{}".contains($0) }) || text.contains("${") { return false }
    return text.unicodeScalars.allSatisfy {
      $0.value >= 0x20 && $0.value != 0x7f && !(0x80..<0xa0).contains($0.value) && $0.value != 0x2028 && $0.value != 0x2029
        && $0.value != 0xfeff && !(0xd800..<0xe000).contains($0.value) && $0.value != 0xfffe && $0.value != 0xffff
    }
  }
}
