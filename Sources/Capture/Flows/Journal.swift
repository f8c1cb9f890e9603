/// What segments brought last, of all conversations together: a ring of bytes, so that what comes again can be compared with what was told
/// although nobody keeps that.
struct Journal {
  private struct Entry {
    var start: SequenceNumber
    var count: Int
    /// Of its first byte, counted from the first that was ever written.
    var place: Int
    /// The number of the one before it in the same direction of the same conversation; `none` where there is no other.
    var older: Int
  }

  static let none = -1

  private let size: Int
  private var bytes: [UInt8] = []
  private var written = 0
  private var entries: [Entry] = []
  private var entered = 0

  /// - Parameter size: bytes that are remembered.
  init(size: Int) { self.size = size }

  /// - Parameter older: the number of the entry before it in the same direction of the same conversation.
  /// - Returns: its number.
  mutating func append(_ segment: Span<UInt8>, at start: SequenceNumber, after older: Int) -> Int {
    guard segment.count <= size else { return older }
    let entry = Entry(start: start, count: segment.count, place: written, older: older)
    if entries.count < Self.entriesAtMost { entries.append(entry) } else { entries[entered % Self.entriesAtMost] = entry }
    entered += 1
    let at = written % size
    let first = min(segment.count, size - at)
    write(segment.extracting(..<first), at: at)
    if first < segment.count { write(segment.extracting(first...), at: 0) }
    written += segment.count
    return entered - 1
  }

  /// How many bytes differ from those that were written at their places, as far as they are remembered.
  ///
  /// - Parameter latest: the number of the last entry of the same direction.
  func differences(_ segment: Span<UInt8>, at start: SequenceNumber, latest: Int) -> Int {
    var number = latest
    var count = 0
    for _ in 0..<Self.looksBack {
      guard number >= 0, entered - number <= Self.entriesAtMost else { break }
      let entry = entries[number % Self.entriesAtMost]
      guard written - entry.place <= size else { break }
      let offset = entry.start - start
      for i in max(0, offset)..<max(0, offset, min(segment.count, offset + entry.count))
      where segment[i] != bytes[(entry.place + i - offset) % size] { count += 1 }
      number = entry.older
    }
    return count
  }

  /// The ring has its size only once that much was written.
  private mutating func write(_ segment: Span<UInt8>, at place: Int) {
    unsafe segment.withUnsafeBufferPointer { segment in
      if place == bytes.count { return unsafe bytes.append(contentsOf: segment) }
      unsafe bytes.withUnsafeMutableBufferPointer { bytes in
        guard let from = segment.baseAddress, let to = bytes.baseAddress else { return }
        unsafe (to + place).update(from: from, count: segment.count)
      }
    }
  }

  private static let entriesAtMost = 1 << 15
  /// Segments of one direction.
  private static let looksBack = 16
}
