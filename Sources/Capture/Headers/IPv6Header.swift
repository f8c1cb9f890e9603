import Wire

/// RFC 8200 §3, with the extension headers of §4 behind it.
struct IPv6Header {
  var source: Address
  var destination: Address
  /// The number of the protocol that follows the extension headers.
  var kind: UInt8
  /// Where the payload begins and ends. What was captured may end earlier; a link layer's trailer lies behind.
  var payload: Range<Int>

  /// - Parameter frameEnd: where the frame ended when it was sent.
  init(_ bytes: Span<UInt8>, at start: Int, frameEnd: Int) throws(Ignored) {
    guard start + 40 <= bytes.count else { throw .cut }
    guard bytes[start] >> 4 == 6 else { throw .malformed }
    // Segmentation offload leaves the length empty: then the frame's counts.
    let length = Int(bytes.short(start + 4))
    let end = length == 0 ? frameEnd : min(start + 40 + length, frameEnd)
    kind = bytes[start + 6]
    var at = start + 40
    for _ in 0..<Self.extensionsAtMost {
      guard let unit = Self.unit(of: kind) else { break }
      guard at + 8 <= bytes.count else { throw .cut }
      // More fragments, or not the first one.
      if kind == Self.fragment, bytes.short(at + 2) & 0xfff9 != 0 { throw .fragment }
      kind = bytes[at]
      at += 8 + (unit == 0 ? 0 : Int(bytes[at + 1]) * unit)
    }
    guard Self.unit(of: kind) == nil, at <= end else { throw .malformed }
    source = Address(v6: bytes.long(start + 8), bytes.long(start + 16))
    destination = Address(v6: bytes.long(start + 24), bytes.long(start + 32))
    payload = at..<end
  }

  /// In what an extension header counts its length beyond the first eight bytes; nil for what is none.
  private static func unit(of kind: UInt8) -> Int? {
    switch kind {
    case 0, 43, 60, 135, 139, 140: 8
    case 51: 4
    case fragment: 0
    default: nil
    }
  }

  private static let fragment: UInt8 = 44
  private static let extensionsAtMost = 16
}
