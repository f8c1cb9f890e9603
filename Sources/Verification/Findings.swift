import Results
import Transcript

/// The differences of one step, graded as the protocol grades them; what the transcript says of grades is `Grading`'s.
struct Findings {
  let step: Step
  private(set) var differences: [Difference] = []

  init(_ step: Step) { self.step = step }

  /// The same difference, with another grade.
  mutating func add(_ grade: Grade, like difference: Difference) {
    var difference = difference
    difference.grade = grade
    if !differences.contains(difference) { differences.append(difference) }
  }

  /// What is found twice is told once.
  mutating func add(
    _ grade: Grade, _ kind: String, at place: Place? = nil, expected: [UInt8]? = nil, observed: [UInt8]? = nil, rule: String? = nil,
    hint: String? = nil, fault: Difference.Fault = .server
  ) {
    let place = place.flatMap { $0 == .nowhere ? nil : $0 } ?? step.place
    let difference = Difference(
      grade, kind, at: place, expected: expected.map(Said.init), observed: observed.map(Said.init), rule: rule, hint: hint, fault: fault)
    if !differences.contains(difference) { differences.append(difference) }
  }
}
