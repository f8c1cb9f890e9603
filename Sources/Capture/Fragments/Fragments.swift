import Wire

/// Packets that come in pieces, until they are whole (RFC 791 §3.2, RFC 8200 §4.5).
///
/// Pieces may come in any order, repeat and overlap, as long as they agree. Where two say different things of the same byte, nothing of the
/// packet is believed, as RFC 8200 §4.5 asks: whoever received it dropped it, or chose, and nobody knows what.
struct Fragments {
  /// Limits that were reached, and how often.
  private(set) var reached: [String: Int] = [:]

  private let limits: CaptureLimits
  /// Oldest first. They are few.
  private var pending: [PendingPacket] = []
  private var cost = 0
  private var lonely = 0

  init(_ limits: CaptureLimits) { self.limits = limits }

  /// - Returns: the packet that this piece makes whole.
  mutating func take(_ fragment: Fragment, _ bytes: Span<UInt8>, at now: Instant) throws(Ignored) -> WholePacket? {
    while let oldest = pending.first, now.nanoseconds(since: oldest.since) > Self.patience { drop(0) }
    var place = pending.lastIndex { $0.key == fragment.key }
    if let found = place, pending[found].state == .whole {
      if pending[found].contains(fragment, bytes) { return nil }
      // The number is used again.
      drop(found)
      place = nil
    }
    let index = place ?? begin(fragment.key, now)
    guard pending[index].state == .open else { throw .contradictoryFragment }
    let before = pending[index].cost
    let whole = pending[index].take(fragment, bytes)
    cost += pending[index].cost - before
    if pending[index].state == .contradictory { throw .contradictoryFragment }
    bound()
    return whole
  }

  /// No more pieces come.
  ///
  /// - Returns: how many came of packets that never were whole.
  mutating func finish() -> Int {
    while !pending.isEmpty { drop(pending.count - 1) }
    return lonely
  }

  private mutating func begin(_ key: Fragment.Key, _ now: Instant) -> Int {
    let packet = PendingPacket(key, now)
    pending.append(packet)
    cost += packet.cost
    return pending.count - 1
  }

  private mutating func bound() {
    while pending.count > limits.fragmentedPackets || cost > limits.fragmentBytes {
      if pending[0].state == .open { reached["IP fragments at once", default: 0] += 1 }
      drop(0)
    }
  }

  private mutating func drop(_ index: Int) {
    let packet = pending.remove(at: index)
    cost -= packet.cost
    if packet.state == .open { lonely += packet.arrivals }
  }

  /// Nanoseconds, from the first piece on (RFC 8200 §4.5, RFC 1122 §3.3.2).
  private static let patience: Int64 = 60_000_000_000
}
