package import Results
package import Transcript

/// What a transcript says a kind of difference counts: the nearest wins, a step's `grades` before the conversation's before the file's.
package struct Grading: Sendable {
  private let grades: [String: Grade]

  /// - Parameter grades: the conversation's, over the file's.
  package init(_ grades: [String: Grade]) { self.grades = grades }

  package func graded(_ difference: Difference, at step: Step) -> Difference {
    guard let grade = step.grades[difference.kind] ?? grades[difference.kind] else { return difference }
    var difference = difference
    difference.grade = grade
    return difference
  }
}
