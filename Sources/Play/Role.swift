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
  /// What `confirm` asked about is on its way.
  case sent
  /// The run is being given up.
  case interrupted
}

package enum Action: Sendable, Hashable {
  case send([UInt8])
  /// Say `sent` once the transport has taken everything sent so far: who has much to send lets the peer set the pace.
  case confirm
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
