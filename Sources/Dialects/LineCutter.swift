import Glibc
import Transcript
import Wire

/// Finds lines at the front of what a side has sent. Lines end in CR LF; LF alone is taken as an end, too, and told.
///
/// A line of more than `limit` bytes is given back in blocks of that size, so that an endless one needs no memory.
struct LineCutter: Sendable {
  enum Found {
    case more
    /// `length` bytes of text, `next` with the line's end.
    case line(length: Int, next: Int, isBare: Bool)
    /// A block, or the rest, of a line that is too long.
    case tooLong(taking: Int)
  }

  private var isInLongLine = false

  mutating func find(_ bytes: Span<UInt8>, searched: Int) -> Found {
    guard let end = firstLF(bytes, from: searched), end <= Self.limit else {
      guard bytes.count > Self.limit else { return .more }
      isInLongLine = true
      return .tooLong(taking: Self.limit)
    }
    if isInLongLine {
      isInLongLine = false
      return .tooLong(taking: end + 1)
    }
    let hasCR = end > 0 && bytes[end - 1] == 13
    return .line(length: hasCR ? end - 1 : end, next: end + 1, isBare: !hasCR)
  }

  /// What comes next is the rest of a line whose beginning is lost.
  mutating func skipRest() { isInLongLine = true }

  /// No RFC allows more than some thousand.
  static let limit = 1 << 16
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

/// The upper-case word at the front, and where it ends.
func word(_ bytes: Span<UInt8>, from start: Int, to end: Int) -> (text: String, end: Int) {
  var at = start
  while at < end, bytes[at] != 32, bytes[at] != 9, bytes[at] != 13 { at += 1 }
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

extension [Text] {
  /// Each with CR LF behind it.
  var onTheWire: [UInt8] { reduce(into: []) { $0 += $1.recorded + [13, 10] } }
}
