package import Results
package import Transcript
package import Wire

/// A side of one conversation in progress, acted by us. No I/O, no clock: events and instants in, actions out, in order.
package protocol Role: Sendable {
  mutating func happened(_ event: Event, at now: Instant, _ actions: inout [Action])
  mutating func received(_ bytes: Span<UInt8>, at now: Instant, _ actions: inout [Action])
  /// Complete once `finish` was among the actions.
  var outcome: Outcome { get }
}

package enum Event: Sendable, Hashable {
  /// The connection is up.
  case connected
  /// No connection could be made.
  case failed(Step.NoConnection, String)
  /// The peer has ended its direction.
  case ended(Ending)
  /// The instant that was asked for with `wake` has come.
  case reached
  /// The run is being given up.
  case interrupted
}

package enum Action: Sendable, Hashable {
  case send([UInt8])
  /// Say `reached` at that instant; an earlier wish is forgotten.
  case wake(at: Instant)
  /// Our direction ends, after everything sent.
  case finishSending
  /// After everything sent.
  case close
  case reset
  /// Nothing more will be asked for.
  case finish
}

/// What became of a conversation.
package struct Outcome: Sendable {
  package var steps: [StepResult]
  /// What was heard, step by step; nil for what we said, and for what did not come. Not redacted.
  package var heard: [Message?]
  package var reason: Reason?
  package var bindings: Bindings
}

/// How long to wait, and how much to take.
package struct PlayOptions: Sendable {
  /// For each reply, counted from when it is due.
  package var timeout: Duration = .seconds(30)
  /// Payloads that are larger are digested, not kept: 16 MiB.
  package var payloadLimit = 16 << 20
  /// Lines that a report shows of a payload.
  package var shownLines = 40
  /// Messages that break the protocol beyond recognition, until a conversation is given up.
  package var brokenLimit = 10
  /// Replies that nobody asked for and that wait to be looked at, until a conversation is given up.
  package var backlogLimit = 10_000

  package init() {}
}
