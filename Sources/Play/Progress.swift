import Dialects
import Results
import Transcript
import Wire

/// How far one conversation has come: what both roles keep account of.
struct Progress: Sendable {
  let script: Script
  let options: PlayOptions
  var line: Line
  var ledger: Ledger
  /// The step that is played now; behind the last one where the script is over.
  private(set) var cursor = 0
  var now: Instant
  /// When the connection was up.
  var began: Instant
  var reason: Reason?
  private(set) var isFinished = false
  private var alarm = Alarm()
  /// When the present step began to wait.
  private var waitingSince: Instant?
  private let created: Instant
  private let wallAtCreation: Instant

  /// - Parameter wall: `now` on the clock on the wall, from the Unix epoch.
  init(_ script: Script, own side: Side, _ options: PlayOptions, at now: Instant, wall: Instant) {
    self.script = script
    self.options = options
    self.now = now
    began = now
    created = now
    wallAtCreation = wall
    line = Line(script, own: side, payloadLimit: options.payloadLimit)
    ledger = Ledger(script)
  }

  /// The clock on the wall.
  var wall: Instant { wallAtCreation + (now - created) }
  /// Since the connection was up.
  var elapsed: Duration { now - began }
  var isOver: Bool { cursor >= script.steps.count }
  /// The present step; the last one where the script is over.
  var nearest: Int { min(cursor, script.steps.count - 1) }

  func outcome(_ bindings: Bindings) -> Outcome {
    Outcome(steps: ledger.results(redacting: bindings), heard: ledger.heard, reason: reason, bindings: bindings)
  }

  /// What the connection speaks at the present step.
  var dialect: any Dialect { script.dialects.isEmpty ? script.dialect : script.dialects[nearest] }

  // MARK: Steps

  /// From the present step on, the connection speaks its dialect.
  mutating func speak() {
    line.speak(dialect, script.transport)
    settle()
  }

  mutating func advance(to index: Int) {
    cursor = index
    waitingSince = nil
  }

  mutating func settle(_ difference: Difference? = nil, follows: Bool = false) {
    ledger.done(cursor, at: elapsed)
    if let difference { ledger.add(difference, to: cursor, follows: follows) }
    advance(to: cursor + 1)
  }

  mutating func absent() {
    ledger.absent(cursor)
    advance(to: cursor + 1)
  }

  /// A difference at a step, graded as the protocol grades it.
  func difference(
    _ index: Int, _ grade: Grade, _ kind: String, expected: String? = nil, observed: String? = nil, hint: String? = nil,
    fault: Difference.Fault
  ) -> Difference {
    Difference(
      grade, kind, at: script.steps[index].place, expected: expected.map(Said.text), observed: observed.map(Said.text), hint: hint,
      fault: fault)
  }

  /// Tells what was no message, at the step that is played when it is its turn.
  mutating func tellNoise(fault: Difference.Fault) {
    for noise in line.takeNoise() where !script.steps.isEmpty {
      ledger.add(
        Difference(
          .violation, noise.violation.kind, at: script.steps[nearest].place, observed: Said(noise.bytes), rule: noise.violation.rule,
          fault: fault), to: nearest)
    }
  }

  // MARK: Time

  /// How long the present step has waited.
  var waited: Duration { waitingSince.map { now - $0 } ?? .zero }

  /// Waits for that long; true once it is over. What arrives meanwhile buys no time.
  mutating func waits(_ duration: Duration, _ actions: inout [Action]) -> Bool {
    let since = waitingSince ?? now
    waitingSince = since
    if now >= since + duration { return true }
    wake(at: since + duration, &actions)
    return false
  }

  mutating func wake(at instant: Instant, _ actions: inout [Action]) { alarm.set(for: instant, &actions) }
  mutating func rang() { alarm.rang() }

  mutating func finish(_ last: [Action], _ actions: inout [Action]) {
    guard !isFinished else { return }
    isFinished = true
    actions += last
    actions.append(.finish)
  }
}
