import Wire

/// A head as it lies on the wire (RFC 9112 §2.1): a start line, fields, an empty line. Read once, when it is whole; it says how its message
/// goes on, and what is wrong with it.
struct HTTPHead: Sendable {
  /// What `Content-Length` says.
  enum Length: Sendable, Hashable {
    case none
    case bytes(Int)
    /// No number, several different ones, or one that nobody can count to.
    case invalid
  }

  /// What `Transfer-Encoding` says.
  enum Coding: Sendable, Hashable {
    case none
    /// Its last coding is `chunked`.
    case chunked
    /// Its last coding is another one: only the connection's end can tell where the body ends.
    case other
  }

  private(set) var length = Length.none
  private(set) var coding = Coding.none
  private(set) var closes = false
  private(set) var keepsAlive = false
  private(set) var expectsContinue = false
  private(set) var asksForUpgrade = false
  private(set) var hosts = 0
  private(set) var violations: [Violation] = []

  /// - Parameter start: where the fields begin.
  init(_ bytes: Span<UInt8>, fieldsFrom start: Int) {
    var at = start
    var hasField = false
    while at < bytes.count {
      let lf = first(10, in: bytes, from: at, to: bytes.count) ?? bytes.count
      let end = lf > at && bytes[lf - 1] == 13 ? lf - 1 : lf
      if end == at { break }
      if bytes[at] == 32 || bytes[at] == 9 {
        // A continued line is the field's before it; in front of the first field it is nobody's (RFC 9112 §2.2).
        tell(hasField ? "obs-fold" : "field-syntax", hasField ? "RFC 9112 §5.2" : "RFC 9112 §2.2")
      } else {
        field(bytes, at, end)
        hasField = true
      }
      at = lf + 1
    }
    check(bytes)
  }

  mutating func tell(_ kind: String, _ rule: String) {
    if !violations.contains(where: { $0.kind == kind }) { violations.append(Violation(kind, rule)) }
  }

  private mutating func field(_ bytes: Span<UInt8>, _ start: Int, _ end: Int) {
    guard let colon = first(UInt8(ascii: ":"), in: bytes, from: start, to: end) else { return tell("field-syntax", "RFC 9112 §5") }
    var nameEnd = colon
    while nameEnd > start, bytes[nameEnd - 1] == 32 || bytes[nameEnd - 1] == 9 { nameEnd -= 1 }
    // Blanks there made proxies and servers disagree about what a field is (RFC 9112 §5.1).
    if nameEnd < colon { tell("field-syntax", "RFC 9112 §5.1") }
    if nameEnd == start { return tell("field-syntax", "RFC 9112 §5") }
    for i in start..<nameEnd where !bytes[i].isToken { return tell("field-syntax", "RFC 9110 §5.1") }
    func isNamed(_ name: StaticString) -> Bool { bytes.isWord(name, from: start, to: nameEnd) }
    let values = (colon + 1)..<end
    switch nameEnd - start {
    case 4 where isNamed("host"): hosts += 1
    case 6 where isNamed("expect"):
      expectsContinue =
        expectsContinue || Self.elements(bytes, values).contains { bytes.isWord("100-continue", from: $0.lowerBound, to: $0.upperBound) }
    case 7 where isNamed("upgrade"): asksForUpgrade = true
    case 10 where isNamed("connection"):
      for option in Self.elements(bytes, values) {
        if bytes.isWord("close", from: option.lowerBound, to: option.upperBound) { closes = true }
        if bytes.isWord("keep-alive", from: option.lowerBound, to: option.upperBound) { keepsAlive = true }
      }
    case 14 where isNamed("content-length"): contentLength(bytes, values)
    case 17 where isNamed("transfer-encoding"): transferEncoding(bytes, values)
    default: break
    }
  }

  /// RFC 9110 §8.6. The same number several times is taken for one, and told.
  private mutating func contentLength(_ bytes: Span<UInt8>, _ range: Range<Int>) {
    let elements = Self.elements(bytes, range)
    if elements.isEmpty || elements.count > 1 || length != .none { tell("content-length", "RFC 9110 §8.6") }
    if elements.isEmpty { length = .invalid }
    for element in elements {
      var start = element.lowerBound
      while start + 1 < element.upperBound, bytes[start] == UInt8(ascii: "0") { start += 1 }
      let found = number(bytes, from: start, to: element.upperBound).map { Length.bytes($0) } ?? .invalid
      length = length == .none || length == found ? found : .invalid
    }
    if length == .invalid { tell("content-length", "RFC 9110 §8.6") }
  }

  private mutating func transferEncoding(_ bytes: Span<UInt8>, _ range: Range<Int>) {
    for element in Self.elements(bytes, range) {
      // Nothing may come behind `chunked`, which may come only once (RFC 9112 §7.1).
      if coding == .chunked { tell("transfer-encoding", "RFC 9112 §7.1") }
      coding = bytes.isWord("chunked", from: element.lowerBound, to: element.upperBound) ? .chunked : .other
    }
    // What is there and says nothing is trusted by nobody.
    if coding == .none { coding = .other }
  }

  private mutating func check(_ bytes: Span<UInt8>) {
    if coding != .none, length != .none { tell("length-and-coding", "RFC 9112 §6.3") }
    if first(0, in: bytes, from: 0, to: bytes.count) != nil { tell("field-syntax", "RFC 9110 §5.5") }
    var at = 0
    while let lf = first(10, in: bytes, from: at, to: bytes.count) {
      let end = lf > at && bytes[lf - 1] == 13 ? lf - 1 : lf
      if end == lf { tell("bare-lf", "RFC 9112 §2.2") }
      if first(13, in: bytes, from: at, to: end) != nil { tell("bare-cr", "RFC 9112 §2.2") }
      at = lf + 1
    }
  }

  /// The comma-separated elements of a list, empty ones left out (RFC 9110 §5.6.1), at most some hundred.
  private static func elements(_ bytes: Span<UInt8>, _ range: Range<Int>) -> [Range<Int>] {
    var out: [Range<Int>] = []
    var at = range.lowerBound
    while at < range.upperBound, out.count < 256 {
      let comma = first(UInt8(ascii: ","), in: bytes, from: at, to: range.upperBound) ?? range.upperBound
      var start = at
      var end = comma
      while start < end, bytes[start] == 32 || bytes[start] == 9 { start += 1 }
      while start < end, bytes[end - 1] == 32 || bytes[end - 1] == 9 { end -= 1 }
      if start < end { out.append(start..<end) }
      at = comma + 1
    }
    return out
  }
}

/// Finds the end of a head: an empty line. A line ends in CR LF; LF alone is taken as an end, too, and told (RFC 9112 §2.2).
enum HTTPFraming {
  enum Found {
    case more
    /// Where it ends, the empty line taken along.
    case whole(Int)
    case tooLong
  }

  /// - Parameter searched: how many of the bytes hold no such end, as an earlier search showed.
  static func end(of bytes: Span<UInt8>, searched: Int) -> Found {
    var at = max(0, searched - 2)
    while let lf = first(10, in: bytes, from: at, to: min(bytes.count, limit)) {
      if lf == 0 || lf == 1 && bytes[0] == 13 { return .whole(lf + 1) }
      if bytes[lf - 1] == 10 || lf >= 2 && bytes[lf - 1] == 13 && bytes[lf - 2] == 10 { return .whole(lf + 1) }
      at = lf + 1
    }
    return bytes.count >= limit ? .tooLong : .more
  }

  /// Of a head, or of the trailers: servers allow some ten thousand bytes.
  static let limit = 1 << 18
}

extension Span<UInt8> {
  /// Whether a stretch is that word, which is in lower case, in either case.
  func isWord(_ word: StaticString, from start: Int, to end: Int) -> Bool {
    guard end - start == word.utf8CodeUnitCount else { return false }
    return word.withUTF8Buffer { wanted in
      for (i, byte) in wanted.enumerated() where self[start + i].lowercased != byte { return false }
      return true
    }
  }
}

extension UInt8 {
  /// Of a token (RFC 9110 §5.6.2).
  var isToken: Bool {
    if isLetterOrDigit { return true }
    switch self {
    case UInt8(ascii: "!"), UInt8(ascii: "#"), UInt8(ascii: "$"), UInt8(ascii: "%"), UInt8(ascii: "&"), UInt8(ascii: "'"),
      UInt8(ascii: "*"),
      UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "^"), UInt8(ascii: "_"), UInt8(ascii: "`"), UInt8(ascii: "|"),
      UInt8(ascii: "~"):
      return true
    default: return false
    }
  }
}
