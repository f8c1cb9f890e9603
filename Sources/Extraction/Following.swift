import Dialects
import Wire

/// A conversation whose protocol is known: what is received comes out as messages.
struct Following {
  private var follower: Follower
  private var ear: Ear

  init(_ dialect: any Dialect, _ transport: Transport, payloadLimit: Int) {
    follower = Follower(dialect.begin(transport), over: transport)
    ear = Ear(dialect, payloadLimit: payloadLimit)
  }

  mutating func receive(_ bytes: Span<UInt8>, from side: Side, at now: Instant) -> [Sound] {
    ear.now = now
    follower.receive(bytes, from: side, into: &ear)
    return ear.takeSounds()
  }

  /// See `Follower.lost`.
  mutating func lost(_ count: Int, from side: Side, at now: Instant) -> [Sound] {
    ear.now = now
    follower.lost(count, from: side, into: &ear)
    return ear.takeSounds()
  }

  mutating func end(_ side: Side, _ ending: Ending, at now: Instant) -> [Sound] {
    ear.now = now
    follower.end(side, ending, into: &ear)
    ear.abandon(side)
    return ear.takeSounds()
  }

  /// What a side has said without finishing it comes out now.
  mutating func abandon() -> [Sound] {
    follower.abandon(into: &ear)
    for side in Side.allCases { ear.abandon(side) }
    return ear.takeSounds()
  }
}
