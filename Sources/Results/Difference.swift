package import Transcript

/// One way in which what was seen is not what the transcript has, or what the protocol allows.
package struct Difference: Sendable, Codable, Hashable {
  package enum Fault: String, Sendable, Codable, Hashable { case server, client, transcript, network, us }

  package var grade: Grade
  /// `reply-code`, `missing-keyword`, `late`, …: one of `DifferenceKind.all`.
  package var kind: String
  package var place: Place
  /// The transcript's line at `place`, so that a report needs no transcript.
  package var line: String?
  package var expected: Said?
  package var observed: Said?
  /// What it breaks: `RFC 5321 §4.2.1`.
  package var rule: String?
  package var hint: String?
  package var fault: Fault
  /// Only follows from an earlier difference: shown, not counted.
  package var follows = false

  package init(
    _ grade: Grade, _ kind: String, at place: Place, expected: Said? = nil, observed: Said? = nil, rule: String? = nil, hint: String? = nil,
    fault: Fault = .server
  ) {
    self.grade = grade
    self.kind = kind
    self.place = place
    self.expected = expected
    self.observed = observed
    self.rule = rule
    self.hint = hint
    self.fault = fault
  }

  package func fails(_ gate: Grade) -> Bool { !follows && grade >= gate }
}
