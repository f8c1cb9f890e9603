import Wire

/// RFC 8200 §3, with the extension headers of §4 behind it.
struct IPv6Header {
  var source: Address
  var destination: Address
  /// The number of the protocol that follows the extension headers.
  var kind: UInt8
  /// Where the payload begins and ends. What was captured may end earlier; a link layer's trailer lies behind.
  var payload: Range<Int>
  /// Whether the payload is only a piece of what was sent.
  var isFragment: Bool { piece != nil }

  private let piece: Piece?

  /// What a fragment header says (§4.5).
  typealias Piece = (identification: UInt32, offset: Int, isLast: Bool)

  /// - Parameter frameEnd: where the frame ended when it was sent.
  init(_ bytes: Span<UInt8>, at start: Int, frameEnd: Int) throws(Ignored) {
    guard start + 40 <= bytes.count else { throw .cut }
    guard bytes[start] >> 4 == 6 else { throw .malformed }
    // Segmentation offload leaves the length empty: then the frame's counts.
    let length = Int(bytes.short(start + 4))
    let end = length == 0 ? frameEnd : min(start + 40 + length, frameEnd)
    kind = bytes[start + 6]
    source = Address(v6: bytes.long(start + 8), bytes.long(start + 16))
    destination = Address(v6: bytes.long(start + 24), bytes.long(start + 32))
    var at = start + 40
    piece = try Self.skipExtensions(bytes, &kind, &at, end: end)
    payload = at..<end
  }

  /// The piece that its payload is.
  func fragment(_ bytes: Span<UInt8>) throws(Ignored) -> Fragment {
    guard let piece else { throw .malformed }
    let key = Fragment.Key(source: source, destination: destination, identification: piece.identification, kind: 0)
    return try Fragment(key, kind: kind, piece.offset..<piece.offset + payload.count, isLast: piece.isLast)
  }

  /// Steps over extension headers, as far as a fragment's: what follows that may begin anywhere.
  ///
  /// - Parameters:
  ///   - kind: of the header at `at`; then of what follows.
  ///   - end: where the packet ended when it was sent.
  static func skipExtensions(
    _ bytes: Span<UInt8>, _ kind: inout UInt8, _ at: inout Int, end: Int
  ) throws(Ignored) -> Piece? {
    for _ in 0..<extensionsAtMost {
      guard let unit = unit(of: kind) else { break }
      guard at + 8 <= bytes.count else { throw .cut }
      let header = at
      let isPiece = kind == fragment
      kind = bytes[header]
      at += 8 + (unit == 0 ? 0 : Int(bytes[header + 1]) * unit)
      // A fragment header of a packet that is whole is stepped over like others (RFC 6946).
      if isPiece, bytes.short(header + 2) & 0xfff9 != 0 {
        guard at <= end else { throw .malformed }
        let word = bytes.short(header + 2)
        return (bytes.word(header + 4), Int(word & 0xfff8), word & 1 == 0)
      }
    }
    guard unit(of: kind) == nil, at <= end else { throw .malformed }
    return nil
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
