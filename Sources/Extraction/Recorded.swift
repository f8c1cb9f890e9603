package import Capture
package import Dialects
package import Wire

/// One conversation of a capture, understood as far as it goes.
package struct Recorded: Sendable {
  package enum Entry: Sendable {
    case message(Heard)
    /// A transfer, behind the reply that says it runs; behind its command where that reply is its last.
    case transfer(Transferred)
    /// A side ended its direction, at its place among the messages.
    case ended(Side, Ending)
    /// From here on the connection speaks another dialect: a tunnel, or an upgrade.
    case speaks(any Dialect)
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
    /// A side goes on, but the dialect cannot follow it any more.
    case notFollowed(Side)
    /// `ExtractionLimits` was reached.
    case limit
    /// From here on it is TLS's.
    case tls
    /// Something of the transfer that a command asked for.
    case transfer(command: [UInt8], Lack)
    /// A data connection, by its number in its capture, that was announced and that no command asked for.
    case stray(Int)
    /// Questions to which no answer came.
    case unanswered(Int)
  }

  /// Why no transcript can be made of it.
  package enum Skip: Sendable, Hashable {
    case unknownProtocol
    case tls
    /// A connection over which nothing was said.
    case silent
    /// No connection came about, on a port of which no protocol is known.
    case neverOpened
    /// A data connection of a protocol, which stands in the conversation with that number in its capture.
    case data(String, of: Int)
    /// A data connection that belongs to no command, and who announced it, if anybody did.
    case strayData(String, of: Int?)
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
      case .broken, .unanswered: true
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
  /// Bytes of connections over which one side alone speaks, and which no control conversation has announced so far, all together; beyond,
  /// their content is digested and not kept, or, where no control conversation goes on, they are taken for no data connections.
  package var unclaimed = 64 << 20
  /// Connections that are over and wait for a control conversation to claim them; beyond, the oldest waits no longer.
  package var waiting = 4096
  /// For that long, by the capture's clock, a connection that is over waits where no control conversation goes on that could claim it, and a
  /// control conversation that is over for data connections that it announced.
  package var patience = Duration.seconds(60)

  package init() {}
}
