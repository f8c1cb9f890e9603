import Wire

/// A packet taken apart: its ends, and where in the captured bytes its payload stands.
struct Packet {
  enum Content {
    case tcp(TCPHeader)
    case udp
    /// What was captured of the piece is the payload; there are no ports.
    indirect case fragment(Fragment)
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
enum Ignored: Int, Error, CaseIterable, CustomStringConvertible {
  case notIP, notTCPOrUDP, cut, malformed, wrongChecksum, contradictoryFragment, lonelyFragment

  var description: String {
    switch self {
    case .notIP: "not IP"
    case .notTCPOrUDP: "neither TCP nor UDP"
    case .cut: "headers cut off"
    case .malformed: "malformed headers"
    case .wrongChecksum: "wrong checksums"
    case .contradictoryFragment: "IP fragments that contradict one another"
    case .lonelyFragment: "IP fragments whose others were not captured"
    }
  }
}

/// What becomes of checksums. Offloading leaves them wrong on what is captured where it is sent, so nobody looks at them unasked.
package enum Checksums: Sendable, Hashable {
  case ignored
  /// Packets whose checksums are wrong are not read. Where a packet was not captured whole, there is nothing to check.
  case verified
}

extension Packet {
  /// From the link layer to the payload. Every length is checked against what was captured.
  ///
  /// - Parameter length: of the packet as it was sent, where `bytes` is what was captured of it.
  init(_ bytes: Span<UInt8>, length: Int, link: LinkType, _ checksums: Checksums) throws(Ignored) {
    let (network, start) = try link.network(bytes)
    try self.init(bytes, network, at: start, frameEnd: max(length, bytes.count), checksums, tunnels: 0)
  }

  /// On from what fragments had in them.
  ///
  /// - Parameter bytes: those of `whole`.
  init(_ bytes: Span<UInt8>, of whole: WholePacket, _ checksums: Checksums) throws(Ignored) {
    var (kind, start) = (whole.kind, 0)
    if whole.source.family == .v6 {
      guard try IPv6Header.skipExtensions(bytes, &kind, &start, end: bytes.count) == nil else { throw .malformed }
    }
    try self.init(bytes, kind, start..<bytes.count, whole.source, whole.destination, checksums, tunnels: 0)
  }

  private init(
    _ bytes: Span<UInt8>, _ network: LinkType.Network, at start: Int, frameEnd: Int, _ checksums: Checksums, tunnels: Int
  ) throws(Ignored) {
    switch network {
    case .ipv4:
      let header = try IPv4Header(bytes, at: start, frameEnd: frameEnd, checksums)
      if header.isFragment {
        self.init(try header.fragment(bytes), header.payload, of: bytes)
      } else {
        try self.init(bytes, header.kind, header.payload, header.source, header.destination, checksums, tunnels: tunnels)
      }
    case .ipv6:
      let header = try IPv6Header(bytes, at: start, frameEnd: frameEnd)
      if header.isFragment {
        self.init(try header.fragment(bytes), header.payload, of: bytes)
      } else {
        try self.init(bytes, header.kind, header.payload, header.source, header.destination, checksums, tunnels: tunnels)
      }
    }
  }

  private init(
    _ bytes: Span<UInt8>, _ kind: UInt8, _ body: Range<Int>, _ source: Address, _ destination: Address, _ checksums: Checksums, tunnels: Int
  ) throws(Ignored) {
    let start = body.lowerBound
    switch kind {
    case 6:
      let header = try TCPHeader(bytes, at: start, end: body.upperBound)
      if checksums == .verified { try Checksum.verify(bytes, body, kind, source, destination) }
      self.init(.tcp(header), bytes, start, start + header.length..<body.upperBound, source, destination)
    case 17:
      let header = try UDPHeader(bytes, at: start, end: body.upperBound)
      if checksums == .verified, bytes.short(start + 6) != 0 {
        try Checksum.verify(bytes, start..<header.payload.upperBound, kind, source, destination)
      }
      if tunnels < Self.tunnelsAtMost, let (network, inner) = try Tunnel.extended(bytes, header.payload, to: bytes.short(start + 2)) {
        try self.init(bytes, network, at: inner, frameEnd: header.payload.upperBound, checksums, tunnels: tunnels + 1)
      } else {
        self.init(.udp, bytes, start, header.payload, source, destination)
      }
    case 1, 58:
      let quoted = try Unreachable(bytes, at: start, isV6: kind == 58)
      self.init(content: .undeliverable, source: quoted.source, destination: quoted.destination, payload: 0..<0, cut: 0)
    case 4, 41, 47:
      guard tunnels < Self.tunnelsAtMost else { throw .malformed }
      let (network, inner): (LinkType.Network, Int) =
        kind == 4 ? (.ipv4, start) : kind == 41 ? (.ipv6, start) : try Tunnel.routed(bytes, at: start)
      try self.init(bytes, network, at: inner, frameEnd: body.upperBound, checksums, tunnels: tunnels + 1)
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

  private init(_ fragment: Fragment, _ payload: Range<Int>, of bytes: Span<UInt8>) {
    let captured = payload.clamped(to: 0..<bytes.count)
    self.init(
      content: .fragment(fragment), source: Endpoint(fragment.key.source, 0), destination: Endpoint(fragment.key.destination, 0),
      payload: captured, cut: payload.count - captured.count)
  }

  /// One within the other.
  private static let tunnelsAtMost = 4
}

extension Span<UInt8> {
  /// In network byte order; the caller has checked that they are there.
  func short(_ at: Int) -> UInt16 { UInt16(bigEndian: unsafe bytes.unsafeLoadUnaligned(fromByteOffset: at, as: UInt16.self)) }
  func word(_ at: Int) -> UInt32 { UInt32(bigEndian: unsafe bytes.unsafeLoadUnaligned(fromByteOffset: at, as: UInt32.self)) }
  func long(_ at: Int) -> UInt64 { UInt64(bigEndian: unsafe bytes.unsafeLoadUnaligned(fromByteOffset: at, as: UInt64.self)) }

  /// The bytes, to be kept.
  var copy: [UInt8] { unsafe withUnsafeBufferPointer { unsafe Array($0) } }
}
