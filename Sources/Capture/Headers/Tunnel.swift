/// Packets within packets.
enum Tunnel {
  /// Generic routing encapsulation (RFC 2784, RFC 2890), and the enhanced one of PPTP (RFC 2637 §4.1): what is carried, and where it begins.
  static func routed(_ bytes: Span<UInt8>, at start: Int) throws(Ignored) -> (LinkType.Network, start: Int) {
    guard start + 4 <= bytes.count else { throw .cut }
    let flags = bytes.short(start)
    let version = flags & 7
    // Routing was part of it once (RFC 1701), and is not any more.
    guard version <= 1, flags & hasRouting == 0 else { throw .notTCPOrUDP }
    var at = start + 4
    if flags & hasChecksum != 0 { at += 4 }
    if flags & hasKey != 0 { at += 4 }
    let hasNumber = flags & hasSequence != 0
    if hasNumber { at += 4 }
    if version == 1, flags & hasAcknowledgement != 0 { at += 4 }
    switch bytes.short(start + 2) {
    case 0x880b: return try LinkType.ppp.network(bytes, at: at)
    case 0x6558: return try LinkType.ethernet.network(bytes, at: at)
    // A switch's mirror port, in its first form or its second.
    case 0x88be: return try LinkType.ethernet.network(bytes, at: hasNumber ? at + 8 : at)
    case let type: return try LinkType.behind(bytes, type, at)
    }
  }

  /// VXLAN (RFC 7348 §5), by which clouds mirror traffic: what is carried within a datagram to its port, and where it begins; nil where it is
  /// something else.
  static func extended(_ bytes: Span<UInt8>, _ payload: Range<Int>, to port: UInt16) throws(Ignored) -> (LinkType.Network, start: Int)? {
    let start = payload.lowerBound
    guard port == 4789, payload.count >= 8 else { return nil }
    guard start + 8 <= bytes.count else { throw .cut }
    guard bytes.word(start) == 0x0800_0000, bytes[start + 7] == 0 else { return nil }
    return try LinkType.ethernet.network(bytes, at: start + 8)
  }

  private static let hasChecksum: UInt16 = 0x8000
  private static let hasRouting: UInt16 = 0x4000
  private static let hasKey: UInt16 = 0x2000
  private static let hasSequence: UInt16 = 0x1000
  private static let hasAcknowledgement: UInt16 = 0x0080
}
