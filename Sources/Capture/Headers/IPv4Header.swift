import Wire

/// RFC 791 §3.1.
struct IPv4Header {
  var source: Address
  var destination: Address
  /// The number of the protocol that follows.
  var kind: UInt8
  /// Where the payload begins and ends. What was captured may end earlier; a link layer's trailer lies behind.
  var payload: Range<Int>
  /// Whether the payload is only a piece of what was sent: more fragments, or not the first one.
  var isFragment: Bool { flagsAndOffset & 0x3fff != 0 }

  private let start: Int
  private let flagsAndOffset: UInt16

  /// - Parameter frameEnd: where the frame ended when it was sent.
  init(_ bytes: Span<UInt8>, at start: Int, frameEnd: Int, _ checksums: Checksums) throws(Ignored) {
    guard start + 20 <= bytes.count else { throw .cut }
    let length = Int(bytes[start] & 15) * 4
    guard bytes[start] >> 4 == 4, length >= 20 else { throw .malformed }
    guard start + length <= bytes.count else { throw .cut }
    // Segmentation offload leaves the total length empty: then the frame's counts.
    let total = Int(bytes.short(start + 2))
    let end = total == 0 ? frameEnd : min(start + total, frameEnd)
    guard end >= start + length else { throw .malformed }
    if checksums == .verified, Checksum.sum(bytes, start..<start + length) != 0xffff { throw .wrongChecksum }
    kind = bytes[start + 9]
    source = Address(v4: bytes.word(start + 12))
    destination = Address(v4: bytes.word(start + 16))
    payload = start + length..<end
    self.start = start
    flagsAndOffset = bytes.short(start + 6)
  }

  /// The piece that its payload is (RFC 791 §2.3).
  ///
  /// - Parameter bytes: those that it was read from.
  func fragment(_ bytes: Span<UInt8>) throws(Ignored) -> Fragment {
    let offset = Int(flagsAndOffset & 0x1fff) * 8
    let key = Fragment.Key(source: source, destination: destination, identification: UInt32(bytes.short(start + 4)), kind: kind)
    return try Fragment(key, kind: kind, offset..<offset + payload.count, isLast: flagsAndOffset & 0x2000 == 0)
  }
}
