import Transcript
import Wire

/// Replies of three digits, on one line or several: `250-first`, `250 last`. Follows one until its last line.
struct CodedReply: Sendable {
  /// Which of a reply's lines have its code.
  enum Style: Sendable {
    /// Each (RFC 5321 §4.2.1).
    case everyLine
    /// The first and the last; what is between them is text, whatever it begins with (RFC 959 §4.2). Telnet's commands may stand in front.
    case firstAndLast

    fileprivate var syntax: String { self == .everyLine ? "RFC 5321 §4.2" : "RFC 959 §4.2" }
    fileprivate var size: String { self == .everyLine ? "RFC 5321 §4.2.1" : "RFC 959 §4.2" }
  }

  enum Found {
    case more
    case took(Int)
    /// The whole reply ends `length` bytes on.
    case whole(code: Int, length: Int, [Violation])
    case broken(Violation, taking: Int)
  }

  private let style: Style
  private var lines = LineCutter()
  private var code: Int?
  private var count = 0
  private var size = 0
  private var violations: [Violation] = []

  init(_ style: Style) { self.style = style }

  mutating func cut(_ bytes: Span<UInt8>, searched: Int, rules: LineRules) -> Found {
    switch lines.find(bytes, searched: searched) {
    case .more: return .more
    case .tooLong(let taking):
      giveUp()
      return .broken(Violation("line-too-long", rules.length), taking: taking)
    case .line(let line):
      let start = style == .firstAndLast ? Telnet.commands(bytes, to: line.length) : 0
      let number = Self.code(bytes, from: start, to: line.length)
      let separator = line.length > start + 3 ? bytes[start + 3] : UInt8(ascii: " ")
      if style == .firstAndLast, let code, number != code || separator != UInt8(ascii: " ") {
        for violation in line.violations(of: rules) { tell(violation) }
        return took(line.next)
      }
      guard let number else {
        // Inside a reply, a line without its code is told and taken along.
        guard code != nil else { return .broken(Violation("reply-syntax", style.syntax), taking: line.next) }
        tell(Violation("reply-syntax", style.syntax))
        return took(line.next)
      }
      for violation in line.violations(of: rules) { tell(violation) }
      if let code, code != number { tell(Violation("mixed-codes", style.size)) }
      if separator != UInt8(ascii: " "), separator != UInt8(ascii: "-") { tell(Violation("reply-syntax", style.syntax)) }
      guard separator == UInt8(ascii: "-") else {
        let told = violations
        reset()
        return .whole(code: number, length: line.next, told)
      }
      code = code ?? number
      return took(line.next)
    }
  }

  /// What was taken is given up.
  mutating func lost() { reset() }

  private mutating func took(_ next: Int) -> Found {
    count += 1
    size += next
    guard count < Self.lineLimit, size < Self.sizeLimit else {
      giveUp()
      return .broken(Violation("reply-too-long", style.size), taking: next)
    }
    return .took(next)
  }

  private mutating func tell(_ violation: Violation) {
    if !violations.contains(where: { $0.kind == violation.kind }) { violations.append(violation) }
  }

  /// What was taken so far is no reply any more. Where lines within look like others, only the last one tells where the next begins.
  private mutating func giveUp() {
    let begun = style == .firstAndLast ? code : nil
    reset()
    code = begun
  }

  private mutating func reset() {
    code = nil
    count = 0
    size = 0
    violations = []
  }

  /// RFC 5321 §4.2 lists digits that a code may have. What others mean is graded, not framed, so 1yz and 6yz are codes, too.
  private static func code(_ bytes: Span<UInt8>, from start: Int, to end: Int) -> Int? {
    guard end - start >= 3, bytes[start] != UInt8(ascii: "0") else { return nil }
    return number(bytes, from: start, to: start + 3)
  }

  /// Of one reply: no server has a reason for more.
  private static let lineLimit = 10_000
  private static let sizeLimit = 1 << 20
}

/// A reply's lines with their codes and separators put right: `250-` but for the last.
func coded(_ code: String, _ texts: [Text]) -> [Text] {
  texts.enumerated().map { i, text in
    let last = i == texts.count - 1
    return Text(pieces: [.literal(Array("\(code)\(last ? " " : "-")".utf8))] + text.pieces, place: text.place)
  }
}

/// A number in ASCII digits, at most 19 of them.
func number(_ bytes: Span<UInt8>, from start: Int, to end: Int) -> Int? {
  guard start < end, end - start < 19 else { return nil }
  var out = 0
  for i in start..<end {
    guard bytes[i].isDigit else { return nil }
    out = out * 10 + Int(bytes[i] - 48)
  }
  return out
}
