package import Transcript
import Wire

/// What a run found: plain data, versioned, without a secret. Every report reads only this, now or later, here or elsewhere.
///
/// Written as JSON it is the result format, version 1, which `Documentation/results.md` describes.
package struct RunResult: Sendable, Codable {
  /// Of the format.
  package var version = 1
  /// `replique 0.1.0`
  package var tool: String
  /// RFC 3339, UTC.
  package var started: String
  package var milliseconds: Double
  /// The options in effect, by their names without dashes; secrets left out.
  package var options: [String: String]
  package var transcripts: [TranscriptResult]
  package var counts: Counts

  package init(tool: String, started: String, milliseconds: Double, options: [String: String], transcripts: [TranscriptResult]) {
    self.tool = tool
    self.started = started
    self.milliseconds = milliseconds
    self.options = options
    self.transcripts = transcripts
    counts = transcripts.reduce(into: Counts()) { $0.add($1.counts) }
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

package struct TranscriptResult: Sendable, Codable {
  package var file: String
  package var title: String?
  package var verdict: Verdict
  package var gate: Grade
  package var milliseconds: Double
  /// How often it was played; of many times the worst is kept.
  package var repetitions = 1
  package var failures: Int
  package var conversations: [ConversationResult]
  package var counts: Counts

  package init(file: String, title: String?, gate: Grade, milliseconds: Double, conversations: [ConversationResult]) {
    self.file = file
    self.title = title
    self.gate = gate
    self.milliseconds = milliseconds
    self.conversations = conversations
    verdict = conversations.map(\.verdict).filter { $0 != .skipped }.max() ?? (conversations.isEmpty ? .passed : .skipped)
    failures = verdict > .skipped ? 1 : 0
    counts = conversations.reduce(into: Counts()) { $0.add($1.counts) }
  }
}

package struct ConversationResult: Sendable, Codable {
  package var name: String?
  package var `protocol`: String
  /// The endpoint that was talked to.
  package var target: String?
  package var verdict: Verdict
  /// Why it could not be found out, or was skipped.
  package var reason: Reason?
  package var place: Place
  package var milliseconds: Double
  /// How often it was tried, with `retry`.
  package var tries = 1
  package var steps: [StepResult]
  package var counts: Counts

  package init(
    name: String?, protocol: String, target: String?, gate: Grade, reason: Reason? = nil, place: Place, milliseconds: Double,
    steps: [StepResult]
  ) {
    self.name = name
    self.protocol = `protocol`
    self.target = target
    self.reason = reason
    self.place = place
    self.milliseconds = milliseconds
    self.steps = steps
    counts = steps.reduce(into: Counts()) { $0.add($1) }
    verdict =
      switch reason?.kind {
      case .needs: .skipped
      case .some: .error
      case nil: steps.contains { $0.fails(gate) } ? .failed : .passed
      }
  }
}

/// Why a conversation has no verdict of its own.
package struct Reason: Sendable, Codable, Hashable {
  package enum Kind: String, Sendable, Codable, Hashable {
    /// The target offers not what the transcript needs.
    case needs
    /// The target could not be reached.
    case unreachable
    /// A value is missing: a secret, a variable without one, a target.
    case unbound
    /// The transcript has a step that this version cannot play.
    case unplayable
    /// A fault of ours, a limit of ours that was reached.
    case fault
    /// The run was interrupted, or ended at the first failure.
    case interrupted
  }

  package var kind: Kind
  package var message: String

  package init(_ kind: Kind, _ message: String) {
    self.kind = kind
    self.message = message
  }
}

package struct StepResult: Sendable, Codable {
  package enum State: String, Sendable, Codable, Hashable {
    /// Played, with or without differences.
    case done
    /// Optional, and not there.
    case absent
    /// The conversation had ended, or an earlier failure made it pointless.
    case unreached
  }

  package var place: Place
  package var name: String?
  /// `C`, `S`, `close`, …
  package var action: String
  package var state: State
  /// The transcript's text, patterns as written.
  package var expected: [String]
  /// What was really sent, or received, line by line; of a payload the first lines.
  package var actual: [Said]
  /// Since the conversation began, when the step was complete.
  package var milliseconds: Double?
  package var differences: [Difference]

  package init(
    place: Place, name: String? = nil, action: String, state: State, expected: [String], actual: [Said] = [], milliseconds: Double? = nil,
    differences: [Difference] = []
  ) {
    self.place = place
    self.name = name
    self.action = action
    self.state = state
    self.expected = expected
    self.actual = actual
    self.milliseconds = milliseconds
    self.differences = differences
  }

  package func fails(_ gate: Grade) -> Bool { differences.contains { !$0.follows && $0.grade >= gate } }
}

/// What a peer said, or was told. In JSON `{"text": …}` where it is UTF-8, else `{"base64": …}`.
package enum Said: Sendable, Hashable, Codable {
  case text(String)
  case bytes([UInt8])

  package init(_ bytes: [UInt8]) {
    let text = String(decoding: bytes, as: UTF8.self)
    self = text.utf8.elementsEqual(bytes) ? .text(text) : .bytes(bytes)
  }

  package var bytes: [UInt8] {
    switch self {
    case .text(let text): Array(text.utf8)
    case .bytes(let bytes): bytes
    }
  }

  private enum Key: String, CodingKey { case text, base64 }

  package init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Key.self)
    if let text = try container.decodeIfPresent(String.self, forKey: .text) {
      self = .text(text)
      return
    }
    guard let bytes = Base64.decode(try container.decode(String.self, forKey: .base64).utf8) else {
      throw DecodingError.dataCorruptedError(forKey: .base64, in: container, debugDescription: "not base 64")
    }
    self = .bytes(bytes)
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    switch self {
    case .text(let text): try container.encode(text, forKey: .text)
    case .bytes(let bytes): try container.encode(String(decoding: Base64.encode(bytes), as: UTF8.self), forKey: .base64)
    }
  }
}
