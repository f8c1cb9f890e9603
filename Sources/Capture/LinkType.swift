import CPcap
import Wire

/// The link layers that are read, and how each leads to the network layer.
enum LinkType {
  case ethernet, cooked, cooked2, loopback, raw, ppp, nflog

  /// Nil for one that is not read.
  init?(_ number: Int32) {
    switch number {
    case DLT_EN10MB: self = .ethernet
    case DLT_LINUX_SLL: self = .cooked
    case DLT_LINUX_SLL2: self = .cooked2
    case DLT_NULL, DLT_LOOP: self = .loopback
    case DLT_RAW, DLT_IPV4, DLT_IPV6, 14, 101: self = .raw
    case DLT_PPP, DLT_PPP_SERIAL: self = .ppp
    case DLT_NFLOG: self = .nflog
    default: return nil
    }
  }

  /// The EtherType of what is carried, and where that begins.
  func network(_ bytes: Span<UInt8>) throws(Ignored) -> (type: UInt16, start: Int) {
    switch self {
    case .ethernet: return try tagged(bytes, 12)
    case .cooked: return try tagged(bytes, 14)
    case .cooked2:
      guard bytes.count >= 20 else { throw .cut }
      return try behind(bytes, bytes.short(0), 20)
    case .loopback:
      guard bytes.count >= 4 else { throw .cut }
      // In the byte order of whoever captured; IPv6 has another number on each system.
      let family = bytes[0] == 0 && bytes[1] == 0 ? bytes.word(0) : bytes.word(0).byteSwapped
      switch family {
      case 2: return (0x0800, 4)
      case 10, 24, 28, 30: return (0x86dd, 4)
      default: throw .notIP
      }
    case .raw: return try byVersion(bytes, 0)
    case .ppp: return try ppp(bytes, bytes.count > 1 && bytes[0] == 0xff && bytes[1] == 0x03 ? 2 : 0)
    case .nflog: return try nflog(bytes)
    }
  }

  private func tagged(_ bytes: Span<UInt8>, _ at: Int) throws(Ignored) -> (type: UInt16, start: Int) {
    guard bytes.count >= at + 2 else { throw .cut }
    return try behind(bytes, bytes.short(at), at + 2)
  }

  /// Past VLAN tags (IEEE 802.1Q, nested), PPPoE (RFC 2516) and MPLS labels (RFC 3032).
  private func behind(_ bytes: Span<UInt8>, _ first: UInt16, _ from: Int) throws(Ignored) -> (type: UInt16, start: Int) {
    var type = first
    var at = from
    for _ in 0..<8 {
      switch type {
      case 0x8100, 0x88a8, 0x9100:
        guard bytes.count >= at + 4 else { throw .cut }
        type = bytes.short(at + 2)
        at += 4
      case 0x8864: return try ppp(bytes, at + 6)
      case 0x8847, 0x8848:
        var isLast = false
        while !isLast {
          guard bytes.count >= at + 4 else { throw .cut }
          isLast = bytes[at + 2] & 1 != 0
          at += 4
        }
        return try byVersion(bytes, at)
      default: return (type, at)
      }
    }
    throw .malformed
  }

  private func ppp(_ bytes: Span<UInt8>, _ at: Int) throws(Ignored) -> (type: UInt16, start: Int) {
    guard bytes.count >= at + 2 else { throw .cut }
    // The protocol's first byte may be left out where it is 0 (RFC 1661 §6.5).
    let isShort = bytes[at] & 1 != 0
    switch isShort ? UInt16(bytes[at]) : bytes.short(at) {
    case 0x21: return (0x0800, at + (isShort ? 1 : 2))
    case 0x57: return (0x86dd, at + (isShort ? 1 : 2))
    default: throw .notIP
    }
  }

  private func byVersion(_ bytes: Span<UInt8>, _ at: Int) throws(Ignored) -> (type: UInt16, start: Int) {
    guard bytes.count > at else { throw .cut }
    switch bytes[at] >> 4 {
    case 4: return (0x0800, at)
    case 6: return (0x86dd, at)
    default: throw .notIP
    }
  }

  /// Linux netfilter: type-length-value, of which type 9 is the packet.
  private func nflog(_ bytes: Span<UInt8>) throws(Ignored) -> (type: UInt16, start: Int) {
    var at = 4
    while at + 4 <= bytes.count {
      let length = Int(bytes[at]) | Int(bytes[at + 1]) << 8
      guard length >= 4 else { throw .malformed }
      if bytes[at + 2] == 9, bytes[at + 3] == 0 { return try byVersion(bytes, at + 4) }
      at += (length + 3) & ~3
    }
    throw .cut
  }
}
