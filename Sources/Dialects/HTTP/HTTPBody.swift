import Wire

/// The content behind a head, on its way (RFC 9112 §6, §7).
struct HTTPBody: Sendable {
  enum Framing: Sendable, Hashable {
    case length(Int)
    case chunked
    /// Until the connection ends.
    case untilClose
  }

  private enum State: Sendable, Hashable {
    case counted(left: Int)
    case chunkSize
    case chunk(left: Int)
    case chunkEnd
    case trailers
    case untilClose
  }

  private var state: State
  private var hasEnded = false

  init(_ framing: Framing) {
    switch framing {
    case .length(let count): state = .counted(left: count)
    case .chunked: state = .chunkSize
    case .untilClose: state = .untilClose
    }
  }

  enum Found {
    case more
    case piece(Piece)
    /// Nothing tells any more where the content ends.
    case broken(Violation)
  }

  mutating func cut(_ bytes: Span<UInt8>, searched: Int, ending: Ending) -> Found {
    let found = next(bytes, searched)
    guard case .more = found, ending != .open else { return found }
    return ended(bytes, ending)
  }

  private mutating func next(_ bytes: Span<UInt8>, _ searched: Int) -> Found {
    switch state {
    case .counted(let left):
      guard bytes.count > 0 else { return .more }
      let count = min(left, bytes.count)
      state = .counted(left: left - count)
      return .piece(Piece(content: count, taking: count, isLast: count == left))
    case .untilClose: return bytes.count > 0 ? .piece(Piece(content: bytes.count, taking: bytes.count, isLast: false)) : .more
    case .chunkSize: return chunkSize(bytes, searched)
    case .chunk(let left):
      guard bytes.count > 0 else { return .more }
      let count = min(left, bytes.count)
      state = count == left ? .chunkEnd : .chunk(left: left - count)
      return .piece(Piece(content: count, taking: count, isLast: false))
    case .chunkEnd: return chunkEnd(bytes)
    case .trailers: return trailers(bytes, searched)
    }
  }

  private mutating func chunkEnd(_ bytes: Span<UInt8>) -> Found {
    guard bytes.count > 0 else { return .more }
    var piece = Piece(content: 0, taking: 1, isLast: false)
    if bytes[0] == 10 {
      piece.violations = [Self.bareLF]
    } else {
      guard bytes[0] == 13 else { return .broken(Self.badChunk) }
      guard bytes.count > 1 else { return .more }
      guard bytes[1] == 10 else { return .broken(Self.badChunk) }
      piece.taking = 2
    }
    state = .chunkSize
    return .piece(piece)
  }

  /// `1f;name=value` (RFC 9112 §7.1). Extensions are passed over.
  private mutating func chunkSize(_ bytes: Span<UInt8>, _ searched: Int) -> Found {
    guard let lf = first(10, in: bytes, from: searched, to: min(bytes.count, Self.longestSizeLine)) else {
      return bytes.count >= Self.longestSizeLine ? .broken(Self.badChunk) : .more
    }
    let end = lf > 0 && bytes[lf - 1] == 13 ? lf - 1 : lf
    var digits = 0
    while digits < end, bytes[digits].isHexadecimal { digits += 1 }
    guard digits > 0, let size = Self.size(bytes, digits) else { return .broken(Self.badChunk) }
    var behind = digits
    while behind < end, bytes[behind] == 32 || bytes[behind] == 9 { behind += 1 }
    guard behind == end || bytes[behind] == UInt8(ascii: ";") else { return .broken(Self.badChunk) }
    state = size == 0 ? .trailers : .chunk(left: size)
    var piece = Piece(content: 0, taking: lf + 1, isLast: false)
    // Blanks have no place before a line's end, though some servers pad the number with them.
    if behind == end, digits < end { piece.violations.append(Self.badChunk) }
    if end == lf { piece.violations.append(Self.bareLF) }
    return .piece(piece)
  }

  /// Nil where it is more than anybody can count to.
  private static func size(_ bytes: Span<UInt8>, _ digits: Int) -> Int? {
    var at = 0
    while at < digits, bytes[at] == UInt8(ascii: "0") { at += 1 }
    guard digits - at < 16 else { return nil }
    var out = 0
    for i in at..<digits { out = out << 4 | Int(bytes[i] < 58 ? bytes[i] - 48 : (bytes[i] | 0x20) - 87) }
    return out
  }

  /// The fields behind the last chunk, and the empty line that ends them (RFC 9112 §7.1.2).
  private mutating func trailers(_ bytes: Span<UInt8>, _ searched: Int) -> Found {
    switch HTTPFraming.end(of: bytes, searched: searched) {
    case .more: return .more
    case .tooLong: return .broken(HTTPSession.headTooLong)
    case .whole(let length):
      let head = HTTPHead(bytes.extracting(..<length), fieldsFrom: 0)
      var piece = Piece(content: length, taking: length, isLast: true)
      piece.isTrailers = true
      piece.violations = head.violations
      // They would say how the message is framed once it is over (RFC 9110 §6.5.1).
      if head.length != .none || head.coding != .none { piece.violations.append(Violation("field-syntax", "RFC 9110 §6.5.1")) }
      return .piece(piece)
    }
  }

  /// The sender has ended: that is the end of a content without a length, and too early for any other. Told once, of who ended properly.
  private mutating func ended(_ bytes: Span<UInt8>, _ ending: Ending) -> Found {
    guard !hasEnded else { return .more }
    hasEnded = true
    if state == .untilClose { return ending == .finished ? .piece(Piece(content: 0, taking: 0, isLast: true)) : .more }
    var piece = Piece(content: 0, taking: bytes.count, isLast: false)
    if ending == .finished {
      let isCounted = if case .counted = state { true } else { false }
      piece.violations = [isCounted ? Violation("content-length", "RFC 9112 §8") : Violation("bad-chunk", "RFC 9112 §8")]
    }
    return .piece(piece)
  }

  /// Bytes are missing. False where it cannot be known where the content ends.
  mutating func lost(_ count: Int) -> Bool {
    switch state {
    case .counted(let left) where count < left: state = .counted(left: left - count)
    case .chunk(let left) where count < left: state = .chunk(left: left - count)
    case .untilClose: break
    case .counted, .chunkSize, .chunk, .chunkEnd, .trailers: return false
    }
    return true
  }

  private static let badChunk = Violation("bad-chunk", "RFC 9112 §7.1")
  private static let bareLF = Violation("bare-lf", "RFC 9112 §7.1")
  /// A number and its extensions.
  private static let longestSizeLine = 1 << 14
}
