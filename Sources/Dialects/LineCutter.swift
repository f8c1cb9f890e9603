import Glibc
import Transcript
import Wire

/// Finds lines at the front of what a side has sent. Lines end in CR LF; LF alone is taken as an end, too, and told.
///
/// A line of more than `limit` bytes is given back in blocks of that size, so that an endless one needs no memory.
struct LineCutter: Sendable {
  enum Found {
    case more
    case line(Line)
    /// A block, or the rest, of a line that is too long.
    case tooLong(taking: Int)
  }

  private var isInLongLine = false

  /// - Parameter searched: how many of the bytes hold no line feed, as an earlier search showed.
  mutating func find(_ bytes: Span<UInt8>, searched: Int) -> Found {
    guard let end = first(10, in: bytes, from: searched, to: min(bytes.count, Self.limit + 1)) else {
      guard bytes.count > Self.limit else { return .more }
      isInLongLine = true
      return .tooLong(taking: Self.limit)
    }
    if isInLongLine {
      isInLongLine = false
      return .tooLong(taking: end + 1)
    }
    let hasCR = end > 0 && bytes[end - 1] == 13
    let length = hasCR ? end - 1 : end
    return .line(Line(length: length, next: end + 1, endsInBareLF: !hasCR, hasBareCR: first(13, in: bytes, from: 0, to: length) != nil))
  }

  /// No RFC allows more than some thousand.
  static let limit = 1 << 16
}

/// A line at the front of some bytes.
struct Line: Sendable {
  /// Of its text.
  var length: Int
  /// Where the next one begins.
  var next: Int
  var endsInBareLF: Bool
  var hasBareCR: Bool

  /// What is wrong with it, whatever it says.
  func violations(of rules: LineRules) -> [Violation] {
    guard endsInBareLF || hasBareCR || next > rules.limit else { return [] }
    var out: [Violation] = []
    if endsInBareLF { out.append(Violation("bare-lf", rules.ends)) }
    if hasBareCR { out.append(Violation("bare-cr", rules.ends)) }
    if next > rules.limit { out.append(Violation("line-too-long", rules.length)) }
    return out
  }
}

/// What an RFC says of lines.
struct LineRules: Sendable {
  /// The section that says how lines end.
  var ends: String
  /// In bytes with the line's end, and the section that says so.
  var limit: Int
  var length: String
}

/// The first line feed at or behind an offset.
func firstLF(_ bytes: Span<UInt8>, from start: Int) -> Int? { first(10, in: bytes, from: start, to: bytes.count) }

func first(_ byte: UInt8, in bytes: Span<UInt8>, from start: Int, to end: Int) -> Int? {
  guard start < end else { return nil }
  return bytes.withUnsafeBufferPointer { buffer in
    guard let base = buffer.baseAddress, let hit = memchr(base + start, CInt(byte), end - start) else { return nil }
    return UnsafeRawPointer(base).distance(to: UnsafeRawPointer(hit))
  }
}

/// The upper-case word at an offset, behind blanks, and where it ends. At most 32 characters, others than printable ones as `?`.
func word(_ bytes: Span<UInt8>, from start: Int, to end: Int) -> (text: String, end: Int) {
  var start = start
  while start < end, isBlank(bytes[start]) { start += 1 }
  var at = start
  while at < end, !isBlank(bytes[at]), bytes[at] != 13 { at += 1 }
  let count = min(at - start, 32)
  let text = String(unsafeUninitializedCapacity: count) { buffer in
    for i in 0..<count {
      let byte = bytes[start + i]
      buffer[i] = byte >= 97 && byte <= 122 ? byte - 32 : byte > 32 && byte < 127 ? byte : 63
    }
    return count
  }
  return (text, at)
}

/// The upper-case word at the front, once it can be told that nothing more belongs to it.
func wholeWord(_ bytes: Span<UInt8>, ending: Ending) -> String? {
  let limit = min(bytes.count, 32)
  let (text, end) = word(bytes, from: 0, to: limit)
  return end < limit || limit == 32 || ending != .open ? text : nil
}

private func isBlank(_ byte: UInt8) -> Bool { byte == 32 || byte == 9 }

/// What a command's line is called: its verb, or `?` where it has none; the empty label is a payload's.
func label(_ verb: String) -> String { verb.isEmpty ? "?" : verb }

extension [Text] {
  /// Each with CR LF behind it.
  var onTheWire: [UInt8] { reduce(into: []) { $0 += $1.recorded + [13, 10] } }
}
