import CPcap
import Wire

/// The link layers that are read, and how each leads to the network layer.
enum LinkType: CaseIterable {
  case ethernet, cooked, cooked2, loopback, raw, ppp, pppDirected, pppoe, hdlc, nflog

  enum Network: Equatable { case ipv4, ipv6 }

  /// Nil for one that is not read. The numbers are libpcap's DLT, not those of the file.
  init?(_ number: Int32) {
    switch number {
    case DLT_EN10MB: self = .ethernet
    case DLT_LINUX_SLL: self = .cooked
    case DLT_LINUX_SLL2: self = .cooked2
    case DLT_NULL, DLT_LOOP: self = .loopback
    case DLT_RAW, DLT_IPV4, DLT_IPV6, Self.rawOnOpenBSD: self = .raw
    case DLT_PPP, DLT_PPP_SERIAL: self = .ppp
    case DLT_PPP_PPPD, DLT_PPP_WITH_DIR: self = .pppDirected
    case DLT_PPP_ETHER: self = .pppoe
    case DLT_C_HDLC: self = .hdlc
    case DLT_NFLOG: self = .nflog
    default: return nil
    }
  }

  /// The DLT of what files number otherwise: of what is read, that is raw IP only.
  static func dataLink(inFiles number: UInt16) -> Int32 { number == rawInFiles ? DLT_RAW : Int32(number) }

  /// For people.
  var name: String {
    switch self {
    case .ethernet: "Ethernet"
    case .cooked: "Linux cooked v1"
    case .cooked2: "Linux cooked v2"
    case .loopback: "BSD loopback"
    case .raw: "raw IP"
    case .ppp: "PPP"
    case .pppDirected: "PPP with direction"
    case .pppoe: "PPPoE"
    case .hdlc: "Cisco HDLC"
    case .nflog: "NFLOG"
    }
  }

  /// What is carried, and where it begins.
  ///
  /// - Parameter start: where the link layer's header begins.
  func network(_ bytes: Span<UInt8>, at start: Int = 0) throws(Ignored) -> (Network, start: Int) {
    switch self {
    case .ethernet: try Self.ethernet(bytes, start)
    case .cooked: try Self.behindType(bytes, start + 14)
    case .cooked2: try Self.behind(bytes, try Self.short(bytes, start), start + 20)
    case .loopback: try Self.loopback(bytes, start)
    case .raw: try Self.byVersion(bytes, start)
    case .ppp: try Self.framedPPP(bytes, start)
    // One byte more, or the direction in the place of the address field.
    case .pppDirected: try Self.framedPPP(bytes, bytes.count > start + 1 && bytes[start + 1] == 0x03 ? start + 2 : start + 1)
    case .pppoe: try Self.ppp(bytes, start + 6)
    case .hdlc: try Self.behindType(bytes, start + 2)
    case .nflog: try Self.nflog(bytes, start)
    }
  }

  /// What is no type is a length, and then the type stands behind LLC and SNAP (IEEE 802.3, RFC 1042).
  private static func ethernet(_ bytes: Span<UInt8>, _ start: Int) throws(Ignored) -> (Network, start: Int) {
    guard try short(bytes, start + 12) < 0x0600 else { return try behindType(bytes, start + 12) }
    guard bytes.count >= start + 22 else { throw .cut }
    guard bytes.long(start + 14) >> 16 == 0xaaaa_0300_0000 else { throw .notIP }
    return try behindType(bytes, start + 20)
  }

  private static func behindType(_ bytes: Span<UInt8>, _ at: Int) throws(Ignored) -> (Network, start: Int) {
    try behind(bytes, try short(bytes, at), at + 2)
  }

  /// Past VLAN tags (IEEE 802.1Q, nested), PPPoE (RFC 2516) and MPLS labels (RFC 3032).
  ///
  /// - Parameter first: the type of what begins at `from`, as Ethernet numbers them.
  static func behind(_ bytes: Span<UInt8>, _ first: UInt16, _ from: Int) throws(Ignored) -> (Network, start: Int) {
    var type = first
    var at = from
    for _ in 0..<tagsAtMost {
      switch type {
      case 0x0800: return (.ipv4, at)
      case 0x86dd: return (.ipv6, at)
      case 0x8100, 0x88a8, 0x9100, 0x9200, 0x9300:
        type = try short(bytes, at + 2)
        at += 4
      case 0x8864: return try ppp(bytes, at + 6)
      case 0x8847, 0x8848: return try byVersion(bytes, try behindLabels(bytes, at))
      default: throw .notIP
      }
    }
    throw .malformed
  }

  private static func behindLabels(_ bytes: Span<UInt8>, _ from: Int) throws(Ignored) -> Int {
    var at = from
    while true {
      guard bytes.count >= at + 4 else { throw .cut }
      let isLast = bytes[at + 2] & 1 != 0
      at += 4
      if isLast { return at }
    }
  }

  /// An address family in the byte order of whoever captured; IPv6 has another number on each system.
  private static func loopback(_ bytes: Span<UInt8>, _ start: Int) throws(Ignored) -> (Network, start: Int) {
    guard bytes.count >= start + 4 else { throw .cut }
    let isBigEndian = bytes.short(start) == 0
    switch isBigEndian ? bytes.word(start) : bytes.word(start).byteSwapped {
    case 2: return (.ipv4, start + 4)
    case 10, 24, 28, 30: return (.ipv6, start + 4)
    default: throw .notIP
    }
  }

  /// With address and control field, or without (RFC 1662 §3.1); or, on a serial line, Cisco's framing.
  private static func framedPPP(_ bytes: Span<UInt8>, _ at: Int) throws(Ignored) -> (Network, start: Int) {
    guard bytes.count > at + 1 else { throw .cut }
    switch bytes.short(at) {
    case 0xff03: return try ppp(bytes, at + 2)
    case 0x0f00, 0x8f00: return try behindType(bytes, at + 2)
    default: return try ppp(bytes, at)
    }
  }

  /// The protocol's first byte may be left out where it is 0 (RFC 1661 §6.5).
  private static func ppp(_ bytes: Span<UInt8>, _ at: Int) throws(Ignored) -> (Network, start: Int) {
    guard bytes.count >= at + 2 else { throw .cut }
    let isShort = bytes[at] & 1 != 0
    switch isShort ? UInt16(bytes[at]) : bytes.short(at) {
    case 0x21: return (.ipv4, at + (isShort ? 1 : 2))
    case 0x57: return (.ipv6, at + (isShort ? 1 : 2))
    default: throw .notIP
    }
  }

  private static func byVersion(_ bytes: Span<UInt8>, _ at: Int) throws(Ignored) -> (Network, start: Int) {
    guard bytes.count > at else { throw .cut }
    switch bytes[at] >> 4 {
    case 4: return (.ipv4, at)
    case 6: return (.ipv6, at)
    default: throw .notIP
    }
  }

  /// Linux netfilter: length, type and value, of which type 9 is the packet. In the byte order of whoever captured, nearly always little.
  private static func nflog(_ bytes: Span<UInt8>, _ start: Int) throws(Ignored) -> (Network, start: Int) {
    var at = start + 4
    while at + 4 <= bytes.count {
      let length = Int(bytes[at]) | Int(bytes[at + 1]) << 8
      guard length >= 4 else { throw .malformed }
      if bytes[at + 2] == 9, bytes[at + 3] == 0 { return try byVersion(bytes, at + 4) }
      at += (length + 3) & ~3
    }
    throw .cut
  }

  private static func short(_ bytes: Span<UInt8>, _ at: Int) throws(Ignored) -> UInt16 {
    guard bytes.count >= at + 2 else { throw .cut }
    return bytes.short(at)
  }

  private static let rawOnOpenBSD: Int32 = 14
  private static let rawInFiles: UInt16 = 101
  private static let tagsAtMost = 8
}
