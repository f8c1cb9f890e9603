import Wire

/// A piece of an IP packet that was too long for a link.
struct Fragment {
  /// What pieces of one packet have in common (RFC 791 §2.3, RFC 8200 §4.5).
  struct Key: Hashable {
    var source: Address
    var destination: Address
    var identification: UInt32
    /// The number of the protocol that is carried; of IPv6, where pieces need not agree on it, 0.
    var kind: UInt8
  }

  var key: Key
  /// The number of the protocol that is carried; of IPv6, where it is the first piece.
  var kind: UInt8
  /// Where in the packet its bytes stand.
  var range: Range<Int>
  var isLast: Bool

  /// - Parameter range: what cannot be a piece's is refused: all but the last count their bytes in eights, and no packet is longer than its length
  ///   can say.
  init(_ key: Key, kind: UInt8, _ range: Range<Int>, isLast: Bool) throws(Ignored) {
    guard range.upperBound <= 0xffff, isLast || range.count % 8 == 0 else { throw .malformed }
    self.key = key
    self.kind = kind
    self.range = range
    self.isLast = isLast
  }
}

/// A packet that was put together: what its IP header carried.
struct WholePacket {
  var source: Address
  var destination: Address
  /// The number of the protocol that is carried.
  var kind: UInt8
  var bytes: [UInt8]
}
