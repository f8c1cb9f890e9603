import Wire

/// A packet taken apart: its ends, and where in the captured bytes its payload stands.
struct Packet {
  enum Content {
    case tcp(TCPHeader)
    case udp
    /// ICMP told that the packet could not be delivered: the ends are that packet's.
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

/// Why a packet was not read.
enum Ignored: String, Error {
  case notIP = "not IP"
  case notTCPOrUDP = "neither TCP nor UDP"
  case cut = "headers cut off"
  case malformed = "malformed headers"
  case fragment = "IP fragments"
}

extension Packet {
  /// From the link layer to the payload. Every length is checked against what was captured.
  ///
  /// - Parameter length: of the packet as it was sent, where `bytes` is what was captured of it.
  init(_ bytes: Span<UInt8>, length: Int, link: LinkType) throws(Ignored) {
    let (network, start) = try link.network(bytes)
    let frameEnd = max(length, bytes.count)
    switch network {
    case .ipv4:
      let header = try IPv4Header(bytes, at: start, frameEnd: frameEnd)
      try self.init(bytes, header.kind, header.payload, header.source, header.destination)
    case .ipv6:
      let header = try IPv6Header(bytes, at: start, frameEnd: frameEnd)
      try self.init(bytes, header.kind, header.payload, header.source, header.destination)
    }
  }

  private init(
    _ bytes: Span<UInt8>, _ kind: UInt8, _ body: Range<Int>, _ source: Address, _ destination: Address
  ) throws(Ignored) {
    let start = body.lowerBound
    switch kind {
    case 6:
      let header = try TCPHeader(bytes, at: start, end: body.upperBound)
      self.init(.tcp(header), bytes, start, start + header.length..<body.upperBound, source, destination)
    case 17:
      let header = try UDPHeader(bytes, at: start, end: body.upperBound)
      self.init(.udp, bytes, start, header.payload, source, destination)
    case 1, 58:
      let quoted = try Unreachable(bytes, at: start, isV6: kind == 58)
      self.init(content: .undeliverable, source: quoted.source, destination: quoted.destination, payload: 0..<0, cut: 0)
    default: throw .notTCPOrUDP
    }
  }

  /// TCP and UDP begin alike: with both ports.
  private init(
    _ content: Content, _ bytes: Span<UInt8>, _ start: Int, _ payload: Range<Int>, _ source: Address, _ destination: Address
  ) {
    let captured = payload.clamped(to: 0..<bytes.count)
    self.init(
      content: content, source: Endpoint(source, bytes.short(start)), destination: Endpoint(destination, bytes.short(start + 2)),
      payload: captured, cut: payload.count - captured.count)
  }
}

extension Span<UInt8> {
  /// In network byte order; the caller has checked that they are there.
  func short(_ at: Int) -> UInt16 { UInt16(self[at]) << 8 | UInt16(self[at + 1]) }
  func word(_ at: Int) -> UInt32 { UInt32(short(at)) << 16 | UInt32(short(at + 2)) }
  func long(_ at: Int) -> UInt64 { UInt64(word(at)) << 32 | UInt64(word(at + 4)) }
}
