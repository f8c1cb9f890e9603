package import Capture
package import Dialects
package import Wire

/// One conversation of a capture, understood as far as it goes.
package struct Recorded: Sendable {
  package enum Entry: Sendable {
    case message(Heard)
    /// A side ended its direction, at its place among the messages.
    case ended(Side, Ending)
  }

  /// What a capture does not show, or we cannot use.
  package enum Missing: Sendable, Hashable {
    case beginning
    /// The capture ends, or falls silent, before the connection does.
    case end
    case bytes(Int, from: Side)
    /// Bytes of a message whose end never came.
    case unfinished(Side, Int)
    /// Something that is no message of the protocol, and which rule says so.
    case broken(Side, Violation)
    /// It goes on, but no dialect can follow it any more.
    case notFollowed
    /// `ExtractionLimits` was reached.
    case limit
    /// From here on it is TLS's.
    case tls
  }

  /// Why no transcript can be made of it.
  package enum Skip: Sendable, Hashable {
    case unknownProtocol
    case tls
    /// A connection over which nothing was said.
    case silent
    /// No connection came about, on a port of which no protocol is known.
    case neverOpened
  }

  package var origin: Origin
  /// Nil where the conversation is skipped.
  package var dialect: (any Dialect)?
  package var skip: Skip?
  /// In the order in which they were complete.
  package var entries: [Entry] = []
  package var missing: [Missing] = []
  /// Set where no connection came about.
  package var refusal: Refusal?
  package var closing: Closing?
  /// Bytes that each side sent, as far as they were captured.
  package var volume = Sides(client: 0, server: 0)

  package var messages: [Heard] {
    entries.compactMap { if case .message(let heard) = $0 { heard } else { nil } }
  }

  /// Whether it shows everything that was said, up to where TLS begins if it does.
  package var isComplete: Bool {
    missing.allSatisfy { missing in
      switch missing {
      case .tls: true
      // What is no message was said all the same.
      case .broken: true
      default: false
      }
    }
  }
}

/// What is kept of a capture's conversations while they go on.
package struct ExtractionLimits: Sendable {
  /// Bytes of one conversation; what comes behind is left out, and its transcript says so.
  package var conversation = 64 << 20
  /// The same of all that go on at once.
  package var total = 512 << 20
  /// Bytes that are kept until the first words of both sides tell the protocol.
  package var opening = 64 << 10

  package init() {}
}
