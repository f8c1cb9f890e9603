/// What captures held, beside their conversations.
package struct CaptureSummary: Sendable, Hashable {
  package struct CutShort: Sendable, Hashable {
    /// The capture's name, for people.
    package var capture: String
    /// How many were read before.
    package var packets: Int
    package var reason: String
  }

  package var packets = 0
  package var conversations = 0
  /// Packets that were not read, or were not believed, by reason.
  package var ignored: [String: Int] = [:]
  /// Limits that were reached, and how often.
  package var limits: [String: Int] = [:]
  /// Bytes that came twice with different content while the first ones were still known: kept because they came early, or among the last that
  /// were told (`CaptureLimits.recent`). The first ones count.
  package var conflictingBytes = 0
  /// Conversations that have such, the first eight of them.
  package var conflicting: [Origin] = []
  /// Of a live capture, packets that came faster than they were read: the kernel, or the interface, dropped them.
  package var dropped = 0
  /// Captures of several that could not be read at all.
  package var refused: [CaptureError] = []
  /// Captures of which reading stopped before the end; everything before was read.
  package var cutShort: [CutShort] = []

  package init() {}
}

/// A capture that cannot be read, or several; of each, a line.
package struct CaptureError: Error, Sendable, Hashable, CustomStringConvertible {
  package var description: String
  package var lines: [Substring] { description.split(separator: "\n") }

  package init(_ description: String) { self.description = description }
}
