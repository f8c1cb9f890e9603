/// A JSON text (RFC 8259) taken apart, expected (with holes) or observed (without). Strings are what they stand for, escapes undone;
/// numbers and everything else are kept as they are written.
package indirect enum JSONValue: Sendable, Hashable {
  case object([Member])
  case array([JSONValue])
  case string(Text)
  /// A number, `true`, `false`, `null`.
  case plain([UInt8])
  /// A pattern alone, quoted or not: a value of any type.
  case any(Text)

  package struct Member: Sendable, Hashable {
    package var name: [UInt8]
    package var value: JSONValue
  }

  /// Nil where it is no JSON, or nested deeper than anybody reads.
  package init?(_ text: Text) {
    var parser = JSONParser(text)
    guard let value = parser.whole() else { return nil }
    self = value
  }

  /// As JSON on one line, a string without its quotes: what a pattern that stands for it sees, and what is shown of it.
  package var text: [UInt8] {
    switch self {
    case .string(let text), .any(let text): Array(text.template.utf8)
    case .plain(let bytes): bytes
    case .array(let values): [UInt8(ascii: "[")] + Array(values.map(\.quoted).joined(separator: [UInt8(ascii: ",")])) + [UInt8(ascii: "]")]
    case .object(let members):
      [UInt8(ascii: "{")]
        + Array(members.map { Self.quote($0.name) + [UInt8(ascii: ":")] + $0.value.quoted }.joined(separator: [UInt8(ascii: ",")]))
        + [UInt8(ascii: "}")]
    }
  }

  private var quoted: [UInt8] {
    if case .string(let text) = self { Self.quote(Array(text.template.utf8)) } else { text }
  }

  private static func quote(_ bytes: [UInt8]) -> [UInt8] {
    [UInt8(ascii: "\"")]
      + bytes.flatMap { byte -> [UInt8] in
        if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") { return [UInt8(ascii: "\\"), byte] }
        return byte < 32 ? Array("\\u00\(byte < 16 ? "0" : "")\(String(byte, radix: 16))".utf8) : [byte]
      } + [UInt8(ascii: "\"")]
  }
}

/// Strict, but for patterns, which stand in the text as NUL: no JSON has one.
private struct JSONParser {
  private let bytes: [UInt8]
  private let holes: [Hole]
  private let place: Place
  private var at = 0
  private var nextHole = 0
  private var depth = 0

  init(_ text: Text) {
    var bytes: [UInt8] = []
    var hasNUL = false
    for piece in text.pieces {
      switch piece {
      case .literal(let literal):
        hasNUL = hasNUL || literal.contains(0)
        bytes += literal
      case .hole: bytes.append(0)
      }
    }
    // What has a NUL of its own is no JSON.
    self.bytes = hasNUL ? [] : bytes
    holes = text.holes
    place = text.place
  }

  mutating func whole() -> JSONValue? {
    guard let value = value() else { return nil }
    skipBlanks()
    return at == bytes.count ? value : nil
  }

  private mutating func value() -> JSONValue? {
    skipBlanks()
    guard at < bytes.count, depth < Self.deepest else { return nil }
    depth += 1
    defer { depth -= 1 }
    switch bytes[at] {
    case UInt8(ascii: "{"): return object()
    case UInt8(ascii: "["): return array()
    case UInt8(ascii: "\""):
      guard let text = string() else { return nil }
      return text.pieces.count == 1 && !text.isLiteral ? .any(text) : .string(text)
    case 0: return .any(Text(pieces: [.hole(takeHole())], place: place))
    default: return plain()
    }
  }

  private mutating func object() -> JSONValue? {
    at += 1
    var members: [JSONValue.Member] = []
    skipBlanks()
    if take(UInt8(ascii: "}")) { return .object([]) }
    repeat {
      skipBlanks()
      guard at < bytes.count, bytes[at] == UInt8(ascii: "\""), let name = string()?.literal else { return nil }
      skipBlanks()
      guard take(UInt8(ascii: ":")), let value = value() else { return nil }
      members.append(JSONValue.Member(name: name, value: value))
      skipBlanks()
    } while take(UInt8(ascii: ","))
    return take(UInt8(ascii: "}")) ? .object(members) : nil
  }

  private mutating func array() -> JSONValue? {
    at += 1
    var values: [JSONValue] = []
    skipBlanks()
    if take(UInt8(ascii: "]")) { return .array([]) }
    repeat {
      guard let value = value() else { return nil }
      values.append(value)
      skipBlanks()
    } while take(UInt8(ascii: ","))
    return take(UInt8(ascii: "]")) ? .array(values) : nil
  }

  private mutating func string() -> Text? {
    at += 1
    var text = Text(pieces: [], place: place)
    var run: [UInt8] = []
    while at < bytes.count {
      let byte = bytes[at]
      switch byte {
      case UInt8(ascii: "\""):
        at += 1
        text.append(.literal(run))
        return text
      case UInt8(ascii: "\\"):
        guard let escaped = escape() else { return nil }
        run += escaped
      case 0:
        text.append(.literal(run))
        run = []
        text.append(.hole(takeHole()))
      case 1..<32: return nil
      default:
        run.append(byte)
        at += 1
      }
    }
    return nil
  }

  private mutating func escape() -> [UInt8]? {
    at += 1
    guard at < bytes.count else { return nil }
    let byte = bytes[at]
    at += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return [byte]
    case UInt8(ascii: "b"): return [8]
    case UInt8(ascii: "f"): return [12]
    case UInt8(ascii: "n"): return [10]
    case UInt8(ascii: "r"): return [13]
    case UInt8(ascii: "t"): return [9]
    case UInt8(ascii: "u"):
      guard var code = unit() else { return nil }
      // Two surrogates are one character; one alone is none (RFC 8259 §8.2), and kept recognisable.
      if (0xd800..<0xdc00).contains(code), at + 1 < bytes.count, bytes[at] == UInt8(ascii: "\\"), bytes[at + 1] == UInt8(ascii: "u") {
        let start = at
        at += 2
        guard let low = unit() else { return nil }
        if (0xdc00..<0xe000).contains(low) { code = 0x10000 + (code - 0xd800) << 10 + (low - 0xdc00) } else { at = start }
      }
      return Unicode.Scalar(code).map { Array(String(Character($0)).utf8) } ?? Array("\u{fffd}".utf8)
    default: return nil
    }
  }

  private mutating func unit() -> UInt32? {
    guard at + 4 <= bytes.count, bytes[at..<(at + 4)].allSatisfy({ ($0 | 0x20) >= 97 && ($0 | 0x20) <= 102 || (48...57).contains($0) })
    else {
      return nil
    }
    defer { at += 4 }
    return UInt32(String(decoding: bytes[at..<(at + 4)], as: UTF8.self), radix: 16)
  }

  private mutating func plain() -> JSONValue? {
    let start = at
    while at < bytes.count, !" \t\r\n,:]}\"[{".utf8.contains(bytes[at]), bytes[at] != 0 { at += 1 }
    let word = Array(bytes[start..<at])
    let isName = ["true", "false", "null"].contains { word.elementsEqual($0.utf8) }
    return isName || Self.isNumber(word[...]) ? .plain(word) : nil
  }

  /// RFC 8259 §6.
  private static func isNumber(_ word: ArraySlice<UInt8>) -> Bool {
    var rest = word
    func digits() -> Int { rest.prefix { (48...57).contains($0) }.count }
    if rest.first == UInt8(ascii: "-") { rest = rest.dropFirst() }
    let whole = digits()
    guard whole > 0, whole == 1 || rest.first != 48 else { return false }
    rest = rest.dropFirst(whole)
    if rest.first == UInt8(ascii: ".") {
      rest = rest.dropFirst()
      guard digits() > 0 else { return false }
      rest = rest.dropFirst(digits())
    }
    if let sign = rest.first, sign | 0x20 == UInt8(ascii: "e") {
      rest = rest.dropFirst()
      if rest.first == UInt8(ascii: "+") || rest.first == UInt8(ascii: "-") { rest = rest.dropFirst() }
      guard digits() > 0 else { return false }
      rest = rest.dropFirst(digits())
    }
    return rest.isEmpty
  }

  private mutating func takeHole() -> Hole {
    at += 1
    nextHole += 1
    return holes[nextHole - 1]
  }

  private mutating func take(_ byte: UInt8) -> Bool {
    guard at < bytes.count, bytes[at] == byte else { return false }
    at += 1
    return true
  }

  private mutating func skipBlanks() {
    while at < bytes.count, bytes[at] == 32 || bytes[at] == 10 || bytes[at] == 13 || bytes[at] == 9 { at += 1 }
  }

  private static let deepest = 256
}
