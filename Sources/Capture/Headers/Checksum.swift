import Wire

/// The internet's checksum: ones' complement, in words of 16 bits (RFC 1071).
enum Checksum {
  /// What the words add up to, with end-around carry: 0xffff where a checksum among them is right.
  ///
  /// - Parameter start: what is added beforehand.
  static func sum(_ bytes: Span<UInt8>, _ range: Range<Int>, from start: UInt64 = 0) -> UInt64 {
    var sum = start
    var at = range.lowerBound
    while at + 1 < range.upperBound {
      sum += UInt64(bytes.short(at))
      at += 2
    }
    if at < range.upperBound { sum += UInt64(bytes[at]) << 8 }
    while sum > 0xffff { sum = sum >> 16 + sum & 0xffff }
    return sum
  }

  /// Of TCP and UDP, over their header, what they carry, and a pseudo-header (RFC 9293 §3.1, RFC 8200 §8.1).
  ///
  /// - Parameter range: from the header to the end of what is carried; what was not captured whole is believed.
  static func verify(
    _ bytes: Span<UInt8>, _ range: Range<Int>, _ kind: UInt8, _ source: Address, _ destination: Address
  ) throws(Ignored) {
    guard range.upperBound <= bytes.count else { return }
    var pseudo = UInt64(kind) + UInt64(range.count >> 16) + UInt64(range.count & 0xffff)
    for half in [source.words.high, source.words.low, destination.words.high, destination.words.low] {
      for shift in stride(from: UInt64(0), to: 64, by: 16) { pseudo += half >> shift & 0xffff }
    }
    guard sum(bytes, range, from: pseudo) == 0xffff else { throw .wrongChecksum }
  }
}
