import Wire

/// Builds packets, from the link layer up.
enum Packets {
  enum Link: CaseIterable {
    case ethernet, vlan, qinq, snap, pppoe, mpls, cooked, cooked2, loopbackLittle, loopbackBig, raw, rawOld, ipv4or6, ppp, pppShort, pppd,
      pppDirected, pppoeAlone, hdlc, hdlcOnPPP, nflog

    /// As a pcap file names it.
    var number: UInt32 {
      switch self {
      case .ethernet, .vlan, .qinq, .snap, .pppoe, .mpls: 1
      case .cooked: 113
      case .cooked2: 276
      case .loopbackLittle: 0
      case .loopbackBig: 108
      case .raw: 101
      case .rawOld: 12
      case .ipv4or6: 228
      case .ppp, .pppShort: 9
      case .pppd: 166
      case .pppDirected: 204
      case .pppoeAlone: 51
      case .hdlc: 104
      case .hdlcOnPPP: 50
      case .nflog: 239
      }
    }
  }

  /// A frame around an IP packet.
  static func frame(_ link: Link, _ packet: [UInt8]) -> [UInt8] {
    let isV6 = packet[0] >> 4 == 6
    let type: [UInt8] = isV6 ? [0x86, 0xdd] : [0x08, 0x00]
    let macs = [UInt8](repeating: 2, count: 12)
    switch link {
    case .ethernet: return macs + type + packet
    case .vlan: return macs + [0x81, 0, 0, 7] + type + packet
    case .qinq: return macs + [0x88, 0xa8, 0, 9, 0x81, 0, 0, 7] + type + packet
    case .pppoe: return macs + [0x88, 0x64, 0x11, 0, 0, 1] + short(packet.count + 2) + [0, isV6 ? 0x57 : 0x21] + packet
    case .mpls: return macs + [0x88, 0x47, 0, 1, 0, 64, 0, 2, 1, 64] + packet
    case .cooked: return [0, 0, 0, 1, 0, 6] + [UInt8](repeating: 2, count: 8) + type + packet
    case .cooked2: return type + [0, 0, 0, 0, 0, 1, 0, 1, 0, 6] + [UInt8](repeating: 2, count: 8) + packet
    case .loopbackLittle: return [isV6 ? 30 : 2, 0, 0, 0] + packet
    case .loopbackBig: return [0, 0, 0, isV6 ? 24 : 2] + packet
    case .raw, .rawOld, .ipv4or6: return packet
    case .snap: return macs + short(packet.count + 8) + [0xaa, 0xaa, 3, 0, 0, 0] + type + packet
    case .pppd: return [0x01, 0x03, 0, isV6 ? 0x57 : 0x21] + packet
    case .pppDirected: return [0x01, 0xff, 0x03, 0, isV6 ? 0x57 : 0x21] + packet
    case .pppoeAlone: return [0x11, 0, 0, 1] + short(packet.count + 2) + [0, isV6 ? 0x57 : 0x21] + packet
    case .hdlc, .hdlcOnPPP: return [0x0f, 0] + type + packet
    case .ppp: return [0xff, 0x03, 0, isV6 ? 0x57 : 0x21] + packet
    case .pppShort: return [isV6 ? 0x57 : 0x21] + packet
    case .nflog:
      return [2, 0, 0, 0, 8, 0, 1, 0, 8, 0, 0, 0] + [UInt8(packet.count + 4 & 255), UInt8((packet.count + 4) >> 8), 9, 0] + packet
    }
  }

  static func ip(_ kind: UInt8, from source: Endpoint, to destination: Endpoint, _ body: [UInt8], options: [UInt8] = []) -> [UInt8] {
    if source.address.family == .v4 {
      let header: [UInt8] =
        [0x45 + UInt8(options.count / 4), 0] + short(20 + options.count + body.count) + [0, 1, 0x40, 0, 64, kind, 0, 0]
      return header + source.address.bytes + destination.address.bytes + options + body
    }
    // Options are extension headers here; the first one is told by its own first byte's place.
    let next: UInt8 = options.isEmpty ? kind : 0
    return [0x60, 0, 0, 0] + short(options.count + body.count) + [next, 64] + source.address.bytes + destination.address.bytes + options
      + body
  }

  struct Flags: OptionSet {
    var rawValue: UInt8
    static let fin = Flags(rawValue: 1)
    static let syn = Flags(rawValue: 2)
    static let rst = Flags(rawValue: 4)
    static let ack = Flags(rawValue: 16)
  }

  static func tcp(
    from source: Endpoint, to destination: Endpoint, sequence: UInt32, acknowledgement: UInt32 = 0, _ flags: Flags, window: UInt16 = 0xffff,
    options: [UInt8] = [], _ payload: [UInt8] = []
  ) -> [UInt8] {
    let offset = UInt8(5 + options.count / 4) << 4
    let head = short(Int(source.port)) + short(Int(destination.port)) + word(sequence) + word(acknowledgement) + [offset, flags.rawValue]
    return ip(6, from: source, to: destination, head + short(Int(window)) + [0xba, 0xad, 0, 0] + options + payload)
  }

  static func udp(from source: Endpoint, to destination: Endpoint, _ payload: [UInt8]) -> [UInt8] {
    ip(
      17, from: source, to: destination,
      short(Int(source.port)) + short(Int(destination.port)) + short(payload.count + 8) + [0, 0] + payload)
  }

  /// A packet in pieces of so many bytes, told apart by `number`.
  static func fragments(_ packet: [UInt8], of size: Int, number: UInt16 = 7) -> [[UInt8]] {
    let isV6 = packet[0] >> 4 == 6
    let body = Array(packet.dropFirst(isV6 ? 40 : 20))
    return stride(from: 0, to: body.count, by: size).map { offset in
      piece(
        of: packet, Array(body[offset..<min(offset + size, body.count)]), at: offset, isLast: offset + size >= body.count, number: number)
    }
  }

  /// A piece that has `packet`'s ends and protocol.
  static func piece(of packet: [UInt8], _ bytes: [UInt8], at offset: Int, isLast: Bool, number: UInt16 = 7) -> [UInt8] {
    if packet[0] >> 4 == 6 {
      let header = [packet[6], 0] + short(offset | (isLast ? 0 : 1)) + word(UInt32(number))
      return packet[..<4] + short(bytes.count + 8) + [44, 64] + packet[8..<40] + header + bytes
    }
    return [0x45, 0] + short(20 + bytes.count) + short(Int(number)) + short(offset / 8 | (isLast ? 0 : 0x2000)) + packet[8..<20] + bytes
  }

  /// With right checksums wherever there is one.
  static func checked(_ packet: [UInt8]) -> [UInt8] {
    var out = packet
    let isV6 = packet[0] >> 4 == 6
    let body = isV6 ? 40 : 20
    let kind = packet[isV6 ? 6 : 9]
    let at = body + (kind == 6 ? 16 : 6)
    out.replaceSubrange(at..<at + 2, with: [0, 0])
    let pseudo = packet[(isV6 ? 8 : 12)..<body] + word(UInt32(packet.count - body)) + [0, 0, 0, kind]
    out.replaceSubrange(at..<at + 2, with: checksum(pseudo + out[body...]))
    if !isV6 {
      out.replaceSubrange(10..<12, with: [0, 0])
      out.replaceSubrange(10..<12, with: checksum(out[..<20]))
    }
    return out
  }

  private static func checksum(_ bytes: some Collection<UInt8>) -> [UInt8] {
    var sum = 0
    for (i, byte) in bytes.enumerated() { sum += Int(byte) << (i % 2 == 0 ? 8 : 0) }
    while sum > 0xffff { sum = sum >> 16 + sum & 0xffff }
    return short(~sum)
  }

  /// "Destination unreachable", told by a router about `packet`.
  static func unreachable(_ packet: [UInt8], code: UInt8, to endpoint: Endpoint) -> [UInt8] {
    let isV6 = endpoint.address.family == .v6
    return ip(isV6 ? 58 : 1, from: endpoint, to: endpoint, [isV6 ? 1 : 3, code, 0, 0, 0, 0, 0, 0] + packet)
  }

  static func short(_ n: Int) -> [UInt8] { [UInt8(n >> 8 & 255), UInt8(n & 255)] }
  static func word(_ n: UInt32) -> [UInt8] { (0..<4).map { UInt8(truncatingIfNeeded: n >> (24 - 8 * $0)) } }
}

/// A pcap file, little-endian, in microseconds or nanoseconds.
struct PcapFile {
  var bytes: [UInt8]

  init(link: UInt32, snapLength: UInt32 = 262_144, nanoseconds: Bool = false) {
    bytes =
      Self.word(nanoseconds ? 0xa1b2_3c4d : 0xa1b2_c3d4) + [2, 0, 4, 0] + [UInt8](repeating: 0, count: 8) + Self.word(snapLength)
      + Self.word(link)
  }

  mutating func add(_ frame: [UInt8], seconds: UInt32 = 0, fraction: UInt32 = 0, length: Int? = nil) {
    bytes += Self.word(seconds) + Self.word(fraction) + Self.word(UInt32(frame.count)) + Self.word(UInt32(length ?? frame.count)) + frame
  }

  static func word(_ n: UInt32) -> [UInt8] { (0..<4).map { UInt8(truncatingIfNeeded: n >> (8 * $0)) } }
}
