/// A place in one direction of a TCP connection, modulo 2³²: only differences mean anything (RFC 9293 §3.4).
struct SequenceNumber: Hashable {
  var value: UInt32

  init(_ value: UInt32) { self.value = value }

  static func + (place: Self, count: Int) -> Self { Self(place.value &+ UInt32(truncatingIfNeeded: count)) }

  /// How far `a` is ahead of `b`, across the wrap-around; negative where it is behind.
  static func - (a: Self, b: Self) -> Int { Int(Int32(bitPattern: a.value &- b.value)) }

  /// The earlier of two places.
  static func min(_ a: Self, _ b: Self) -> Self { a - b < 0 ? a : b }
  static func max(_ a: Self, _ b: Self) -> Self { a - b < 0 ? b : a }
}
