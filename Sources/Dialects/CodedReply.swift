import Transcript
import Wire

/// Replies of three digits, on one line or several (RFC 5321 §4.2): `250-first`, `250 last`. Follows one until its last line.
struct CodedReply: Sendable {
  enum Found {
    case more
    case took(Int)
    /// The whole reply ends `length` bytes on.
    case whole(code: Int, length: Int, [Violation])
    case broken(Violation, taking: Int)
  }

  private var lines = LineCutter()
  private var code: Int?
  private var count = 0
  private var size = 0
  private var violations: [Violation] = []

  mutating func cut(_ bytes: Span<UInt8>, searched: Int, rules: LineRules) -> Found {
    switch lines.find(bytes, searched: searched) {
    case .more: return .more
    case .tooLong(let taking):
      reset()
      return .broken(Violation("line-too-long", rules.length), taking: taking)
    case .line(let line):
      guard let number = Self.code(bytes, line.length) else {
        // Inside a reply, a line without its code is told and taken along.
        guard code != nil else { return .broken(Violation("reply-syntax", "RFC 5321 §4.2"), taking: line.next) }
        tell(Violation("reply-syntax", "RFC 5321 §4.2"))
        return took(line.next)
      }
      for violation in line.violations(of: rules) { tell(violation) }
      if let code, code != number { tell(Violation("mixed-codes", "RFC 5321 §4.2.1")) }
      let separator = line.length > 3 ? bytes[3] : 32
      if separator != 32, separator != UInt8(ascii: "-") { tell(Violation("reply-syntax", "RFC 5321 §4.2")) }
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
      reset()
      return .broken(Violation("reply-too-long", "RFC 5321 §4.2.1"), taking: next)
    }
    return .took(next)
  }

  private mutating func tell(_ violation: Violation) {
    if !violations.contains(where: { $0.kind == violation.kind }) { violations.append(violation) }
  }

  private mutating func reset() {
    code = nil
    count = 0
    size = 0
    violations = []
  }

  /// RFC 5321 §4.2 lists digits that a code may have. What others mean is graded, not framed, so 1yz and 6yz are codes, too.
  private static func code(_ bytes: Span<UInt8>, _ length: Int) -> Int? {
    guard length >= 3 else { return nil }
    var code = 0
    for i in 0..<3 {
      guard bytes[i].isDigit else { return nil }
      code = code * 10 + Int(bytes[i] - 48)
    }
    return code >= 100 ? code : nil
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
