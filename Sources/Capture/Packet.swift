import Wire

/// Where in a packet's bytes its headers and its payload stand. Every length is checked against what was captured.
struct Packet {
  enum Content {
    case tcp(TCPHeader)
    case udp
    /// ICMP told that a packet of ours could not be delivered: that packet's endpoints.
    case undeliverable
  }

  var content: Content
  var source: Endpoint
  var destination: Endpoint
  /// What was captured of the payload.
  var payload: Range<Int>
  /// Bytes of the payload that the snap length cut off.
  var cut: Int
}

/// RFC 9293 §3.1.
struct TCPHeader {
  var sequence: UInt32
  var acknowledgement: UInt32
  var flags: UInt8

  var isSYN: Bool { flags & 0x02 != 0 }
  var isFIN: Bool { flags & 0x01 != 0 }
  var isRST: Bool { flags & 0x04 != 0 }
  var isACK: Bool { flags & 0x10 != 0 }
}

/// Why a packet was not read.
enum Ignored: String, Error {
  case notIP = "not IP"
  case notTCPOrUDP = "neither TCP nor UDP"
  case cut = "headers cut off"
  case malformed = "malformed headers"
  case fragment = "IP fragments"
}

/// Takes packets apart, from the link layer to the payload.
struct PacketDecoder {
  private let link: LinkType

  init(_ link: LinkType) { self.link = link }

  /// - Parameter length: of the packet as it was sent, where `bytes` is what was captured of it.
  func decode(_ bytes: Span<UInt8>, length: Int) throws(Ignored) -> Packet {
    let (type, start) = try link.network(bytes)
    switch type {
    case 0x0800: return try ipv4(bytes, start, length)
    case 0x86dd: return try ipv6(bytes, start, length)
    default: throw .notIP
    }
  }

  /// RFC 791 §3.1.
  private func ipv4(_ bytes: Span<UInt8>, _ start: Int, _ length: Int) throws(Ignored) -> Packet {
    guard start + 20 <= bytes.count else { throw .cut }
    let headerLength = Int(bytes[start] & 15) * 4
    guard bytes[start] >> 4 == 4, headerLength >= 20 else { throw .malformed }
    guard start + headerLength <= bytes.count else { throw .cut }
    // Segmentation offload leaves the length empty: then the frame's counts.
    let total = Int(bytes.short(start + 2))
    let end = total == 0 ? length : start + total
    guard total == 0 || total >= headerLength else { throw .malformed }
    guard bytes.short(start + 6) & 0x3fff == 0 else { throw .fragment }
    return try transport(
      bytes, bytes[start + 9], start + headerLength, min(end, max(length, bytes.count)),
      Address(v4: bytes.word(start + 12)), Address(v4: bytes.word(start + 16)))
  }

  /// RFC 8200 §3, §4.
  private func ipv6(_ bytes: Span<UInt8>, _ start: Int, _ length: Int) throws(Ignored) -> Packet {
    guard start + 40 <= bytes.count else { throw .cut }
    guard bytes[start] >> 4 == 6 else { throw .malformed }
    let payloadLength = Int(bytes.short(start + 4))
    let end = payloadLength == 0 ? length : start + 40 + payloadLength
    var next = bytes[start + 6]
    var at = start + 40
    var headers = 0
    while true {
      switch next {
      case 0, 43, 60, 135, 139, 140:
        guard at + 8 <= bytes.count else { throw .cut }
        next = bytes[at]
        at += 8 + Int(bytes[at + 1]) * 8
      case 51:
        guard at + 8 <= bytes.count else { throw .cut }
        next = bytes[at]
        at += 8 + Int(bytes[at + 1]) * 4
      case 44:
        guard at + 8 <= bytes.count else { throw .cut }
        guard bytes.short(at + 2) & 0xfff9 == 0 else { throw .fragment }
        next = bytes[at]
        at += 8
      default:
        return try transport(
          bytes, next, at, min(end, max(length, bytes.count)), Address(v6: bytes.long(start + 8), bytes.long(start + 16)),
          Address(v6: bytes.long(start + 24), bytes.long(start + 32)))
      }
      headers += 1
      guard headers < 16 else { throw .malformed }
    }
  }

  private func transport(
    _ bytes: Span<UInt8>, _ kind: UInt8, _ start: Int, _ end: Int, _ source: Address, _ destination: Address
  ) throws(Ignored) -> Packet {
    switch kind {
    case 6:
      guard start + 20 <= bytes.count else { throw .cut }
      let headerLength = Int(bytes[start + 12] >> 4) * 4
      guard headerLength >= 20, start + headerLength <= max(end, start) else { throw .malformed }
      let header = TCPHeader(sequence: bytes.word(start + 4), acknowledgement: bytes.word(start + 8), flags: bytes[start + 13])
      return packet(.tcp(header), bytes, start, start + headerLength, end, source, destination)
    case 17:
      guard start + 8 <= bytes.count else { throw .cut }
      let length = Int(bytes.short(start + 4))
      guard length == 0 || length >= 8 else { throw .malformed }
      return packet(.udp, bytes, start, start + 8, length == 0 ? end : min(end, start + length), source, destination)
    case 1, 58: return try icmp(bytes, start, isV6: kind == 58)
    default: throw .notTCPOrUDP
    }
  }

  private func packet(
    _ content: Packet.Content, _ bytes: Span<UInt8>, _ start: Int, _ payload: Int, _ end: Int, _ source: Address, _ destination: Address
  ) -> Packet {
    let from = min(payload, bytes.count)
    let to = max(from, min(end, bytes.count))
    return Packet(
      content: content, source: Endpoint(source, bytes.short(start)), destination: Endpoint(destination, bytes.short(start + 2)),
      payload: from..<to, cut: max(0, end - max(to, payload)))
  }

  /// "Destination unreachable" holds the beginning of the packet that could not be delivered (RFC 792, RFC 4443 §3.1).
  private func icmp(_ bytes: Span<UInt8>, _ start: Int, isV6: Bool) throws(Ignored) -> Packet {
    guard start + 8 <= bytes.count else { throw .cut }
    guard bytes[start] == (isV6 ? 1 : 3) else { throw .notTCPOrUDP }
    let inner = start + 8
    let source: Address
    let destination: Address
    let ports: Int
    if isV6 {
      guard inner + 44 <= bytes.count else { throw .cut }
      guard bytes[inner + 6] == 6 || bytes[inner + 6] == 17 else { throw .notTCPOrUDP }
      source = Address(v6: bytes.long(inner + 8), bytes.long(inner + 16))
      destination = Address(v6: bytes.long(inner + 24), bytes.long(inner + 32))
      ports = inner + 40
    } else {
      guard inner + 20 <= bytes.count else { throw .cut }
      guard bytes[inner + 9] == 6 || bytes[inner + 9] == 17 else { throw .notTCPOrUDP }
      source = Address(v4: bytes.word(inner + 12))
      destination = Address(v4: bytes.word(inner + 16))
      ports = inner + Int(bytes[inner] & 15) * 4
      guard ports + 4 <= bytes.count else { throw .cut }
    }
    return Packet(
      content: .undeliverable, source: Endpoint(source, bytes.short(ports)), destination: Endpoint(destination, bytes.short(ports + 2)),
      payload: 0..<0,
      cut: 0)
  }
}

extension Span<UInt8> {
  /// In network byte order; the caller has checked that they are there.
  func short(_ at: Int) -> UInt16 { UInt16(self[at]) << 8 | UInt16(self[at + 1]) }
  func word(_ at: Int) -> UInt32 { UInt32(short(at)) << 16 | UInt32(short(at + 2)) }
  func long(_ at: Int) -> UInt64 { UInt64(word(at)) << 32 | UInt64(word(at + 4)) }
}
