import Dialects
import Results
import Transcript
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

  private let steps: [Step]
  private let shownLines: Int
  private var entries: [Entry]

  init(_ steps: [Step], shownLines: Int) {
    self.steps = steps
    self.shownLines = shownLines
    entries = Array(repeating: Entry(), count: steps.count)
  }

  /// Whether it was decided what became of a step.
  func isSettled(_ index: Int) -> Bool { entries[index].state != nil }

  mutating func said(_ index: Int, _ message: Message, at time: Duration) {
    entries[index].state = .done
    entries[index].actual = message
    entries[index].at = time
  }

  /// What the peer said, step by step.
  var heard: [Message?] { entries.map { $0.wasHeard ? $0.actual : nil } }

  mutating func heard(_ index: Int, _ heard: Heard, at time: Duration) {
    entries[index].wasHeard = true
    entries[index].actual = heard.message
    entries[index].at = time
  }

  mutating func done(_ index: Int, at time: Duration, _ differences: [Difference]) {
    entries[index].state = .done
    entries[index].at = time
    for difference in differences { add(difference, to: index) }
  }

  mutating func absent(_ index: Int) { entries[index].state = .absent }
  mutating func unreached(_ index: Int) { entries[index].state = .unreached }

  mutating func add(_ difference: Difference, to index: Int) {
    guard entries.indices.contains(index), entries[index].differences.count < Self.differenceLimit else { return }
    entries[index].differences.append(difference)
  }

  func results(redacting bindings: Bindings) -> [StepResult] {
    let redactor = bindings.redactor
    return zip(steps, entries).map { step, entry in
      // What broke the protocol while a step was waited for is a result of that step.
      let state = entry.state ?? (entry.differences.isEmpty ? .unreached : .done)
      return StepResult(
        place: step.place, name: step.name, cite: step.cite, about: step.about, action: step.action.label, state: state,
        expected: Verbatim.lines(step, limit: shownLines), actual: entry.actual.map { $0.shown(limit: shownLines).map(Said.init) } ?? [],
        milliseconds: entry.at.map { Double($0.nanoseconds) / 1_000_000 }, differences: entry.differences
      ).redacted(by: redactor)
    }
  }

  /// Of one step; a server can give endless reasons.
  private static let differenceLimit = 50
}

/// Steps as a report shows them.
enum Verbatim {
  static func lines(_ step: Step, limit: Int) -> [String] {
    switch step.action {
    case .say(let message): message.shown(limit: limit).map { String(decoding: $0, as: UTF8.self) }
    case .close(let side), .reset(let side), .data(let side, _): [side.letter]
    case .connect(let how): [how.rawValue]
    case .silence(let duration), .pause(let duration): ["\(duration)"]
    case .speak(let dialect): [dialect]
    case .tls: ["start"]
    }
  }

  static func text(_ step: Step) -> String { lines(step, limit: 1).first ?? "" }
  static func first(_ heard: Heard) -> String { printable(heard.message.head.first?.recorded ?? []) }
}

extension Step.Action {
  /// Its key in a transcript.
  var label: String {
    switch self {
    case .say(let message): message.side.letter
    case .data: "data"
    case .connect: "connect"
    case .tls: "tls"
    case .speak: "protocol"
    case .close: "close"
    case .reset: "reset"
    case .silence: "silence"
    case .pause: "pause"
    }
  }
}
