/// What became of a transcript, of all its conversations together.
package struct TranscriptResult: Sendable, Codable, Hashable {
  package var file: String
  package var title: String?
  /// The worst of its conversations'; skipped only if all of them were.
  package var verdict: Verdict
  package var milliseconds: Double
  /// How often it was played; of many times the worst is kept.
  package var repetitions = 1
  /// How many of these times did not pass.
  package var failures: Int
  package var conversations: [ConversationResult]
  package var counts: Counts

  package init(file: String, title: String?, milliseconds: Double, conversations: [ConversationResult]) {
    self.file = file
    self.title = title
    self.milliseconds = milliseconds.toMicroseconds
    self.conversations = conversations
    verdict = conversations.map(\.verdict).filter { $0 != .skipped }.max() ?? (conversations.isEmpty ? .passed : .skipped)
    failures = verdict > .skipped ? 1 : 0
    counts = conversations.reduce(into: Counts()) { $0.add($1.counts) }
  }
}

/// What became of a transcript or a conversation. Ordered by how bad it is.
package enum Verdict: String, Sendable, Codable, Hashable, Comparable, CaseIterable {
  /// Nothing at or above the gate.
  case passed
  /// What it needs was not offered.
  case skipped
  /// A difference at or above the gate.
  case failed
  /// It could not be found out: no connection, a transcript that cannot be played, a fault of ours.
  case error

  package static func < (a: Verdict, b: Verdict) -> Bool {
    (allCases.firstIndex(of: a) ?? 0) < (allCases.firstIndex(of: b) ?? 0)
  }
}
