/// What a capture held, beside its conversations.
package struct CaptureSummary: Sendable, Hashable {
  package var packets = 0
  package var conversations = 0
  /// Packets that were not read, or were not believed, by reason.
  package var ignored: [String: Int] = [:]
  /// Limits that were reached, and how often.
  package var limits: [String: Int] = [:]
  /// Bytes that came twice with different content while the first ones were still kept because they came early; the first ones count.
  /// What was told is not remembered: where it comes again, it is not compared.
  package var conflictingBytes = 0
  /// Why reading stopped before the capture's end; everything before it was read.
  package var cutShort: String?

  package init() {}
}

/// A capture that cannot be read.
package struct CaptureError: Error, Sendable, Hashable, CustomStringConvertible {
  package var description: String

  package init(_ description: String) { self.description = description }
}
