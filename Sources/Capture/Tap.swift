import Wire

/// Where packets are tapped off a wire: takes them one by one, in the order of capture, and tells a listener the conversations they belong to.
struct Tap {
  private let checksums: Checksums
  private var connections: Connections
  private var fragments: Fragments
  private var packets = 0
  /// By `Ignored`'s number.
  private var ignored = [Int](repeating: 0, count: Ignored.allCases.count)

  /// - Parameter captures: how many captures the packets come from.
  init(_ limits: CaptureLimits = CaptureLimits(), _ checksums: Checksums = .ignored, captures: Int = 1) {
    self.checksums = checksums
    connections = Connections(limits, captures: captures)
    fragments = Fragments(limits)
  }

  /// - Parameters:
  ///   - bytes: what was captured of the packet.
  ///   - length: of the packet as it was sent.
  ///   - capture: which of the captures it comes from.
  mutating func take(
    _ bytes: Span<UInt8>, length: Int, _ link: LinkType, at now: Instant, of capture: Int = 0, _ listener: inout some CaptureListener
  ) {
    packets += 1
    do throws(Ignored) {
      let packet = try Packet(bytes, length: length, link: link, checksums)
      if case .fragment(let fragment) = packet.content {
        try take(fragment, bytes.extracting(packet.payload), at: now, of: capture, &listener)
      } else {
        connections.take(packet, bytes, at: now, of: capture, &listener)
      }
    } catch { ignored[error.rawValue] += 1 }
  }

  private mutating func take(
    _ fragment: Fragment, _ bytes: Span<UInt8>, at now: Instant, of capture: Int, _ listener: inout some CaptureListener
  ) throws(Ignored) {
    guard let whole = try fragments.take(fragment, bytes, at: now) else { return }
    let packet = try Packet(whole.bytes.span, of: whole, checksums)
    if case .fragment(let inner) = packet.content {
      // A tunnel's packet was cut up, and what it carried before; each time fewer bytes are left.
      try take(inner, whole.bytes.span.extracting(packet.payload), at: now, of: capture, &listener)
    } else {
      connections.take(packet, whole.bytes.span, at: now, of: capture, &listener)
    }
  }

  /// Time has passed without a packet. None may come any more that is older.
  mutating func pass(to now: Instant, _ listener: inout some CaptureListener) {
    connections.pass(to: now, &listener)
    listener.passed(to: now)
  }

  /// No packet comes any more: everything that is open is told to its end.
  mutating func finish(_ listener: inout some CaptureListener) -> CaptureSummary {
    connections.finish(&listener)
    ignored[Ignored.lonelyFragment.rawValue] += fragments.finish()
    var summary = CaptureSummary()
    summary.packets = packets
    summary.conversations = connections.conversations
    for reason in Ignored.allCases where ignored[reason.rawValue] > 0 { summary.ignored[reason.description] = ignored[reason.rawValue] }
    if connections.strayResets > 0 { summary.ignored["resets that fit no conversation"] = connections.strayResets }
    summary.limits = connections.reached.merging(fragments.reached, uniquingKeysWith: +)
    summary.conflictingBytes = connections.conflicts
    summary.conflicting = connections.conflicting
    return summary
  }
}
