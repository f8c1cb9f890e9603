import Wire

/// When something was captured: as the how manyth packet of its conversation, and by the capture's clock.
struct Moment {
  var packet: Int
  var at: Instant

  /// Cards with several queues hand up a reply before its command, or an acknowledgement before what it acknowledges. What has not come
  /// after that many packets of its conversation, or after that long, was not captured.
  func isPatienceOver(at now: Moment) -> Bool {
    now.packet - packet > Self.patiencePackets || now.at.nanoseconds(since: at) > Self.patience
  }

  static let patiencePackets = 32
  /// Nanoseconds.
  static let patience: Int64 = 500_000_000
}

extension Instant {
  /// Cheaper than a `Duration`, which counts attoseconds in 128 bits.
  func nanoseconds(since earlier: Instant) -> Int64 { nanoseconds &- earlier.nanoseconds }
}
