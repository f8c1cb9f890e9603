import Wire

/// The one alarm of a role. It serves many waits: it is set anew only where it would come too late, and one that comes too early is set
/// again by who still waits.
struct Alarm: Sendable {
  private var instant: Instant?

  /// Asks to be woken by then at the latest.
  mutating func set(for wish: Instant, _ actions: inout [Action]) {
    if let instant, instant <= wish { return }
    instant = wish
    actions.append(.wake(at: wish))
  }

  mutating func rang() { instant = nil }
}
