import Wire

/// The two ends of a conversation, in an order that is the same for both directions, packed for a table.
struct FlowKey: Equatable {
  private var lowAddress: (UInt64, UInt64)
  private var highAddress: (UInt64, UInt64)
  /// Ports, transport, address family.
  private var rest: UInt64

  /// - Returns: the key, and whether `source` is its lower end.
  static func of(_ source: Endpoint, _ destination: Endpoint, _ transport: Transport) -> (FlowKey, isFromLow: Bool) {
    let isFromLow =
      source.port != destination.port ? source.port < destination.port : source.address.words <= destination.address.words
    let (low, high) = isFromLow ? (source, destination) : (destination, source)
    let kind: UInt64 = (transport == .stream ? 0 : 1) | (source.address.family == .v4 ? 0 : 2)
    let rest = UInt64(low.port) << 48 | UInt64(high.port) << 32 | kind
    return (FlowKey(lowAddress: low.address.words, highAddress: high.address.words, rest: rest), isFromLow)
  }

  static func == (a: Self, b: Self) -> Bool {
    a.rest == b.rest && a.lowAddress == b.lowAddress && a.highAddress == b.highAddress
  }

  /// Folded multiplications; whoever made the capture does not know the seed, and so cannot make keys collide.
  func hash(seed: UInt64) -> UInt64 {
    var hash = fold(seed ^ rest, 0x9e37_79b9_7f4a_7c15)
    hash = fold(hash ^ lowAddress.1, seed | 1)
    hash = fold(hash ^ highAddress.1, 0xc2b2_ae3d_27d4_eb4f)
    if lowAddress.0 | highAddress.0 != 0 {
      hash = fold(hash ^ lowAddress.0, 0x1656_67b1_9e37_79f9)
      hash = fold(hash ^ highAddress.0, seed | 1)
    }
    return hash
  }

  private func fold(_ a: UInt64, _ b: UInt64) -> UInt64 {
    let (high, low) = a.multipliedFullWidth(by: b)
    return high ^ low
  }
}
