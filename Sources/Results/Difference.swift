package import Transcript

/// One way in which what was seen is not what the transcript has, or what the protocol allows.
package struct Difference: Sendable, Codable, Hashable {
  package enum Fault: String, Sendable, Codable, Hashable { case server, client, transcript, network, us }

  package var grade: Grade
  /// `reply-code`, `missing-keyword`, `late`, …; `Documentation/differences.md` has a paragraph on each.
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
}

/// How many differences of each grade, and how far the steps came.
package struct Counts: Sendable, Codable, Hashable {
  package var note = 0
  package var drift = 0
  package var divergence = 0
  package var violation = 0
  /// Those that only follow from others.
  package var following = 0
  package var steps = 0
  package var unreached = 0

  package init() {}

  package subscript(grade: Grade) -> Int {
    switch grade {
    case .note: note
    case .drift: drift
    case .divergence: divergence
    case .violation: violation
    }
  }

  package mutating func add(_ other: Counts) {
    note += other.note
    drift += other.drift
    divergence += other.divergence
    violation += other.violation
    following += other.following
    steps += other.steps
    unreached += other.unreached
  }

  package mutating func add(_ step: StepResult) {
    steps += 1
    if step.state == .unreached { unreached += 1 }
    for difference in step.differences {
      if difference.follows {
        following += 1
        continue
      }
      switch difference.grade {
      case .note: note += 1
      case .drift: drift += 1
      case .divergence: divergence += 1
      case .violation: violation += 1
      }
    }
  }
}
