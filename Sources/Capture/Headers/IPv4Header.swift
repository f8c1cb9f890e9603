import Wire

/// RFC 791 §3.1.
struct IPv4Header {
  var source: Address
  var destination: Address
  /// The number of the protocol that follows.
  var kind: UInt8
  /// Where the payload begins and ends. What was captured may end earlier; a link layer's trailer lies behind.
  var payload: Range<Int>

  /// - Parameter frameEnd: where the frame ended when it was sent.
  init(_ bytes: Span<UInt8>, at start: Int, frameEnd: Int) throws(Ignored) {
    guard start + 20 <= bytes.count else { throw .cut }
    let length = Int(bytes[start] & 15) * 4
    guard bytes[start] >> 4 == 4, length >= 20 else { throw .malformed }
    guard start + length <= bytes.count else { throw .cut }
    // Segmentation offload leaves the total length empty: then the frame's counts.
    let total = Int(bytes.short(start + 2))
    let end = total == 0 ? frameEnd : min(start + total, frameEnd)
    guard end >= start + length else { throw .malformed }
    // More fragments, or not the first one.
    guard bytes.short(start + 6) & 0x3fff == 0 else { throw .fragment }
    kind = bytes[start + 9]
    source = Address(v4: bytes.word(start + 12))
    destination = Address(v4: bytes.word(start + 16))
    payload = start + length..<end
  }
}
