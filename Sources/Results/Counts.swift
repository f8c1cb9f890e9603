package import Transcript

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
    get { self[keyPath: Self.path(grade)] }
    set { self[keyPath: Self.path(grade)] = newValue }
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
      self[difference.grade] += 1
    }
  }

  private static func path(_ grade: Grade) -> WritableKeyPath<Counts, Int> {
    switch grade {
    case .note: \.note
    case .drift: \.drift
    case .divergence: \.divergence
    case .violation: \.violation
    }
  }
}
