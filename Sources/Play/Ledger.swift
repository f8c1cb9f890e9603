import Dialects
import Results
import Transcript
import Verification
import Wire

/// What became of each step.
struct Ledger: Sendable {
  private struct Entry: Sendable {
    var state: StepResult.State?
    var actual: Message?
    var wasHeard = false
    var at: Duration?
    var differences: [Difference] = []
  }

  private let script: Script
  private let grading: Grading
  private var entries: [Entry]
  /// The gravest of the differences that count.
  private(set) var gravest: Grade?

  init(_ script: Script) {
    self.script = script
    grading = Grading(script.grades)
    entries = Array(repeating: Entry(), count: script.steps.count)
  }

  /// Whether it was decided what became of a step.
  func isSettled(_ index: Int) -> Bool { entries[index].state != nil }

  mutating func said(_ index: Int, _ message: Message, at time: Duration) {
    entries[index].state = .done
    entries[index].actual = message
    entries[index].at = time
  }

  mutating func heard(_ index: Int, _ heard: Heard, at time: Duration) {
    entries[index].wasHeard = true
    entries[index].actual = heard.message
    entries[index].at = time
  }

  /// What went over a secondary connection, as far as it was kept.
  mutating func transferred(_ index: Int, _ content: Message, wasHeard: Bool) {
    entries[index].wasHeard = wasHeard
    entries[index].actual = content
  }

  mutating func done(_ index: Int, at time: Duration) {
    entries[index].state = .done
    entries[index].at = time
  }

  mutating func absent(_ index: Int) { entries[index].state = .absent }
  mutating func unreached(_ index: Int) { entries[index].state = .unreached }

  /// Enters a difference with the grade that the transcript gives it.
  ///
  /// - Parameter follows: it has its cause in an earlier one. It is marked so only where one as grave counts: marking never hides anything.
  mutating func add(_ difference: Difference, to index: Int, follows: Bool = false) {
    guard entries.indices.contains(index), entries[index].differences.count < Self.differenceLimit else { return }
    var difference = grading.graded(difference, at: script.steps[index])
    if follows, let gravest, difference.grade <= gravest {
      difference.follows = true
    } else {
      gravest = max(gravest ?? difference.grade, difference.grade)
    }
    entries[index].differences.append(difference)
  }

  /// Whether something that counts was told at a step.
  func isFaulty(_ index: Int) -> Bool { entries[index].differences.contains { $0.grade >= .divergence && !$0.follows } }

  /// What the peer said, step by step.
  var heard: [Message?] { entries.map { $0.wasHeard ? $0.actual : nil } }

  func results(redacting bindings: Bindings) -> [StepResult] {
    let redactor = bindings.redactor
    return entries.indices.map { index in
      let (step, entry) = (script.steps[index], entries[index])
      // What broke the protocol while a step was waited for is a result of that step.
      let state = entry.state ?? (entry.differences.isEmpty ? .unreached : .done)
      return StepResult(
        place: step.place, name: step.name, cite: step.cite, about: step.about, action: step.action.label, state: state,
        expected: script.shown[index], actual: entry.actual.map { said($0, index) } ?? [],
        milliseconds: entry.at.map { Double($0.nanoseconds) / 1_000_000 }, differences: entry.differences
      ).redacted(by: redactor)
    }
  }

  /// What is said in every run as it is written was made ready once.
  private func said(_ message: Message, _ index: Int) -> [Said] {
    if let said = script.said[index], message == script.steps[index].message { return said }
    return message.said.map(Said.init)
  }

  /// Of one step; a server can give endless reasons.
  private static let differenceLimit = 50
}
