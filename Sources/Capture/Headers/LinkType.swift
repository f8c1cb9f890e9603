import CPcap
import Wire

/// The link layers that are read, and how each leads to the network layer.
enum LinkType: CaseIterable {
  case ethernet, cooked, cooked2, loopback, raw, ppp, nflog

  enum Network: Equatable { case ipv4, ipv6 }

  /// Nil for one that is not read. The numbers are libpcap's DLT, not those of the file.
  init?(_ number: Int32) {
    switch number {
    case DLT_EN10MB: self = .ethernet
    case DLT_LINUX_SLL: self = .cooked
    case DLT_LINUX_SLL2: self = .cooked2
    case DLT_NULL, DLT_LOOP: self = .loopback
    case DLT_RAW, DLT_IPV4, DLT_IPV6, Self.rawOnOpenBSD, Self.rawInFiles: self = .raw
    case DLT_PPP, DLT_PPP_SERIAL: self = .ppp
    case DLT_NFLOG: self = .nflog
    default: return nil
    }
  }

  /// For people.
  var name: String {
    switch self {
    case .ethernet: "Ethernet"
    case .cooked: "Linux cooked v1"
    case .cooked2: "Linux cooked v2"
    case .loopback: "BSD loopback"
    case .raw: "raw IP"
    case .ppp: "PPP"
    case .nflog: "NFLOG"
    }
  }

  /// What is carried, and where it begins.
  func network(_ bytes: Span<UInt8>) throws(Ignored) -> (Network, start: Int) {
    switch self {
    case .ethernet: try behindType(bytes, 12)
    case .cooked: try behindType(bytes, 14)
    case .cooked2: try behind(bytes, try short(bytes, 0), 20)
    case .loopback: try loopback(bytes)
    case .raw: try byVersion(bytes, 0)
    // With address and control field, or without (RFC 1662 §3.1).
    case .ppp: try ppp(bytes, bytes.count > 1 && bytes[0] == 0xff && bytes[1] == 0x03 ? 2 : 0)
    case .nflog: try nflog(bytes)
    }
  }

  private func behindType(_ bytes: Span<UInt8>, _ at: Int) throws(Ignored) -> (Network, start: Int) {
    try behind(bytes, try short(bytes, at), at + 2)
  }

  /// Past VLAN tags (IEEE 802.1Q, nested), PPPoE (RFC 2516) and MPLS labels (RFC 3032).
  private func behind(_ bytes: Span<UInt8>, _ first: UInt16, _ from: Int) throws(Ignored) -> (Network, start: Int) {
    var type = first
    var at = from
    for _ in 0..<Self.tagsAtMost {
      switch type {
      case 0x0800: return (.ipv4, at)
      case 0x86dd: return (.ipv6, at)
      case 0x8100, 0x88a8, 0x9100:
        type = try short(bytes, at + 2)
        at += 4
      case 0x8864: return try ppp(bytes, at + 6)
      case 0x8847, 0x8848: return try byVersion(bytes, try behindLabels(bytes, at))
      default: throw .notIP
      }
    }
    throw .malformed
  }

  private func behindLabels(_ bytes: Span<UInt8>, _ from: Int) throws(Ignored) -> Int {
    var at = from
    while true {
      guard bytes.count >= at + 4 else { throw .cut }
      let isLast = bytes[at + 2] & 1 != 0
      at += 4
      if isLast { return at }
    }
  }

  /// An address family in the byte order of whoever captured; IPv6 has another number on each system.
  private func loopback(_ bytes: Span<UInt8>) throws(Ignored) -> (Network, start: Int) {
    guard bytes.count >= 4 else { throw .cut }
    let isBigEndian = bytes[0] == 0 && bytes[1] == 0
    switch isBigEndian ? bytes.word(0) : bytes.word(0).byteSwapped {
    case 2: return (.ipv4, 4)
    case 10, 24, 28, 30: return (.ipv6, 4)
    default: throw .notIP
    }
  }

  /// The protocol's first byte may be left out where it is 0 (RFC 1661 §6.5).
  private func ppp(_ bytes: Span<UInt8>, _ at: Int) throws(Ignored) -> (Network, start: Int) {
    guard bytes.count >= at + 2 else { throw .cut }
    let isShort = bytes[at] & 1 != 0
    switch isShort ? UInt16(bytes[at]) : bytes.short(at) {
    case 0x21: return (.ipv4, at + (isShort ? 1 : 2))
    case 0x57: return (.ipv6, at + (isShort ? 1 : 2))
    default: throw .notIP
    }
  }

  private func byVersion(_ bytes: Span<UInt8>, _ at: Int) throws(Ignored) -> (Network, start: Int) {
    guard bytes.count > at else { throw .cut }
    switch bytes[at] >> 4 {
    case 4: return (.ipv4, at)
    case 6: return (.ipv6, at)
    default: throw .notIP
    }
  }

  /// Linux netfilter: length, type and value, of which type 9 is the packet. In the byte order of whoever captured, nearly always little.
  private func nflog(_ bytes: Span<UInt8>) throws(Ignored) -> (Network, start: Int) {
    var at = 4
    while at + 4 <= bytes.count {
      let length = Int(bytes[at]) | Int(bytes[at + 1]) << 8
      guard length >= 4 else { throw .malformed }
      if bytes[at + 2] == 9, bytes[at + 3] == 0 { return try byVersion(bytes, at + 4) }
      at += (length + 3) & ~3
    }
    throw .cut
  }

  private func short(_ bytes: Span<UInt8>, _ at: Int) throws(Ignored) -> UInt16 {
    guard bytes.count >= at + 2 else { throw .cut }
    return bytes.short(at)
  }

  private static let rawOnOpenBSD: Int32 = 14
  private static let rawInFiles: Int32 = 101
  private static let tagsAtMost = 8
}
