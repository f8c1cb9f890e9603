import Wire

/// A request line (RFC 9112 §3) or a status line (§4), taken apart where it lies.
struct HTTPStartLine: Sendable {
  /// Where the line ends, and where the first field begins.
  let end: Int
  let next: Int
  /// `1` of `HTTP/1.1`.
  private(set) var minor = 1
  private(set) var violations: [Violation] = []

  /// - Parameter bytes: hold a line feed.
  private init?(_ bytes: Span<UInt8>, searched: Int) {
    guard let lf = first(10, in: bytes, from: searched, to: bytes.count) else { return nil }
    end = lf > 0 && bytes[lf - 1] == 13 ? lf - 1 : lf
    next = lf + 1
  }

  /// `GET / HTTP/1.1`; nil where it is none. Its target is not looked into: what a server makes of it is the server's.
  static func request(_ bytes: Span<UInt8>) -> (line: HTTPStartLine, method: String)? {
    guard var line = HTTPStartLine(bytes, searched: 0) else { return nil }
    let (method, methodEnd) = word(bytes, from: 0, to: line.end)
    guard methodEnd > 0, bytes[0] != 32, bytes[0] != 9, line.end >= methodEnd + 10 else { return nil }
    for i in 0..<methodEnd where !bytes[i].isToken { return nil }
    let version = line.end - 8
    guard version > methodEnd + 1, let minor = Self.minor(bytes, at: version), bytes[version - 1] == 32 else { return nil }
    line.minor = minor
    // One blank on each side, and none within (RFC 9112 §3).
    for i in (methodEnd + 1)..<(version - 1) where bytes[i] == 32 || bytes[i] == 9 { line.isOdd() }
    if bytes[methodEnd] != 32 { line.isOdd() }
    return (line, method)
  }

  /// `HTTP/1.1 200 OK`; nil where it is none.
  static func response(_ bytes: Span<UInt8>) -> (line: HTTPStartLine, status: Int)? {
    guard var line = HTTPStartLine(bytes, searched: 0), line.end >= 12, let minor = Self.minor(bytes, at: 0), bytes[8] == 32 else {
      return nil
    }
    var at = 9
    while at < line.end, bytes[at] == 32 { at += 1 }
    guard at + 3 <= line.end, let status = number(bytes, from: at, to: at + 3), at + 3 == line.end || bytes[at + 3] == 32 else {
      return nil
    }
    line.minor = minor
    if at > 9 || at + 3 == line.end { line.violations.append(Violation("reply-syntax", "RFC 9112 §4")) }
    return (line, status)
  }

  /// The port at the end of CONNECT's target, `host:port` (RFC 9110 §9.3.6).
  func targetPort(_ bytes: Span<UInt8>) -> UInt16? {
    let end = end - 9
    var start = end
    while start > 0, bytes[start - 1].isDigit { start -= 1 }
    guard start > 0, bytes[start - 1] == UInt8(ascii: ":") else { return nil }
    return number(bytes, from: start, to: end).flatMap { UInt16(exactly: $0) }
  }

  /// Whether bytes may be the beginning of a status line.
  static func mayBeResponse(_ bytes: Span<UInt8>) -> Bool {
    for (i, byte) in "HTTP/1.".utf8.enumerated() where i < bytes.count && bytes[i] != byte { return false }
    return true
  }

  private mutating func isOdd() { if violations.isEmpty { violations.append(Violation("request-syntax", "RFC 9112 §3")) } }

  /// The name is in upper case (RFC 9112 §2.3). What speaks another major version is none of ours.
  private static func minor(_ bytes: Span<UInt8>, at start: Int) -> Int? {
    guard bytes.count >= start + 8, mayBeResponse(bytes.extracting(start..<(start + 7))), bytes[start + 7].isDigit else { return nil }
    return Int(bytes[start + 7] - 48)
  }
}
