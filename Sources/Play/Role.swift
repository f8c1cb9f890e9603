package import Results
package import Transcript
package import Wire

/// A side of one conversation in progress, acted by us. No I/O, no clock: events and instants in, actions out, in order.
package protocol Role: Sendable {
  mutating func happened(_ event: Event, at now: Instant, _ actions: inout [Action])
  mutating func received(_ bytes: Span<UInt8>, on line: LineName, at now: Instant, _ actions: inout [Action])
  /// Complete once `finish` was among the actions.
  var outcome: Outcome { get }
}

/// The connections of a conversation.
package enum LineName: Sendable, Hashable {
  case main
  /// A secondary connection, numbered in the order in which they become known: announced by a message, or made to ask again over.
  case data(Int)
}

package enum Event: Sendable, Hashable {
  /// A connection is up. Where it is one of IP, with its two ends.
  case connected(on: LineName = .main, own: Endpoint? = nil, peer: Endpoint? = nil)
  /// The peer's connection is waited for there.
  case listening(Endpoint, on: LineName)
  /// No connection could be made, or waited for.
  case failed(Step.NoConnection, String, on: LineName = .main)
  /// The peer has ended its direction.
  case ended(Ending, on: LineName = .main)
  /// The instant that was asked for with `wake` has come.
  case reached
  /// What `confirm` asked about is on its way.
  case sent(on: LineName = .main)
  /// The run is being given up.
  case interrupted
}

package enum Action: Sendable, Hashable {
  /// Connect to the main line's peer, and never to anybody else: to that port of its address.
  case dial(port: UInt16, on: LineName)
  /// Leave the main line as it is, and make it again, to where it was.
  case redial
  /// Wait for one connection of the main line's peer, and of nobody else, at the main line's own address: at that port, or at any.
  case listen(on: LineName, at: UInt16? = nil)
  case send([UInt8], on: LineName = .main)
  /// Say `sent` once the transport has taken everything sent so far: who has much to send lets the peer set the pace.
  case confirm(on: LineName = .main)
  /// Say `reached` at that instant; an earlier wish is forgotten.
  case wake(at: Instant)
  /// Our direction ends, after everything sent.
  case finishSending(on: LineName = .main)
  /// After everything sent. A line that is not up yet never will be.
  case close(on: LineName = .main)
  case reset(on: LineName = .main)
  /// Nothing more will be asked for. Secondary connections that are left are closed.
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
