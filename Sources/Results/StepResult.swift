package import Transcript

package struct StepResult: Sendable, Codable, Hashable {
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
  /// What it tests, and what else the transcript says of it, for people.
  package var cite: String?
  package var about: String?
  /// Its key in the transcript: `C`, `S`, `close`, …
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
    place: Place, name: String? = nil, cite: String? = nil, about: String? = nil, action: String, state: State, expected: [String],
    actual: [Said] = [], milliseconds: Double? = nil, differences: [Difference] = []
  ) {
    self.place = place
    self.name = name
    self.cite = cite
    self.about = about
    self.action = action
    self.state = state
    self.expected = expected
    self.actual = actual
    self.milliseconds = milliseconds?.toMicroseconds
    self.differences = differences
  }

  package func fails(_ gate: Grade) -> Bool { differences.contains { $0.fails(gate) } }
}
