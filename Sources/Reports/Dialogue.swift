import Results
import Transcript
import Wire

/// A conversation as it went, `>` from the client and `<` from the server, each difference under the step that shows it.
///
///     > RCPT TO:<etu1@local.demo>
///     < 550 5.1.1 User unknown
///         mail.yaml:12:8: divergence: reply-code (fault: server)
///         12 |   - S: 250 2.1.5 Ok
///            |        ^^^^^^^^^^^^
///         expected  250 2.1.5 Ok
///         observed  550 5.1.1 User unknown
///                   ^^^
///     > DATA  (unreached)
struct Dialogue {
  enum Scope { case failing, everything }

  private let steps: [StepResult]
  private let gate: Grade
  private let scope: Scope
  private let width: Int
  private let ink: Ink

  /// - Parameter width: the columns that a line may take.
  init(_ conversation: ConversationResult, _ scope: Scope, width: Int, _ ink: Ink) {
    steps = conversation.steps
    gate = conversation.gate
    self.scope = scope
    self.width = width
    self.ink = ink
  }

  /// Empty where there is nothing to show.
  var lines: [String] {
    var out: [String] = []
    var next = 0
    var seen: Set<String> = []
    for index in steps.indices where isShown(index) {
      if index > next { out.append(ink(.faint, "…")) }
      next = index + 1
      let told = told(steps[index])
      out += said(steps[index], isTold: !told.isEmpty)
      var lines: [String] = []
      var repeated: [(text: DifferenceText, times: Int)] = []
      for difference in told {
        let text = DifferenceText(difference, at: steps[index], width: width - 4, ink)
        // A server that breaks a rule breaks it in every line.
        let isNew = difference.rule == nil || difference.expected != nil || seen.insert(difference.kind).inserted
        if isNew, !difference.follows {
          lines += text.full
        } else if let known = repeated.firstIndex(where: { $0.text.headline == text.headline }) {
          repeated[known].times += 1
        } else {
          repeated.append((text, 1))
        }
      }
      lines += repeated.map { $0.text.short(times: $0.times) }
      if !told.isEmpty {
        lines += steps[index].cite.map { [Label.cite + printable($0)] } ?? []
        lines += steps[index].about.map { [Label.about + printable($0)] } ?? []
      }
      out += lines.map { "    " + $0 }
    }
    let left = steps.count - next
    guard !out.isEmpty, left > 0 else { return out }
    let unreached = steps.suffix(left).count { $0.state == .unreached }
    return out + [ink(.faint, "… " + Wording.count(unreached > 0 ? unreached : left, "more step") + (unreached > 0 ? " unreached" : ""))]
  }

  /// The differences of a step that are told: those that fail, and what only follows from them; or all.
  private func told(_ step: StepResult) -> [Difference] {
    scope == .everything ? step.differences : step.differences.filter { $0.grade >= gate }
  }

  /// A step with something told about it, those before it, and the first of those that were never reached.
  private func isShown(_ index: Int) -> Bool {
    if scope == .everything { return true }
    if steps[index...].prefix(Self.before + 1).contains(where: { !told($0).isEmpty }) { return true }
    guard steps[index].state == .unreached else { return false }
    return steps[..<index].suffix(Self.after).contains { !told($0).isEmpty }
  }

  private func said(_ step: StepResult, isTold: Bool) -> [String] {
    switch step.state {
    case .unreached: return [ink(.faint, planned(step, "(unreached)"))]
    case .absent: return [ink(.faint, planned(step, "(optional, did not come)"))]
    case .done: break
    }
    guard step.isSpoken else { return [clipped("\(step.arrow) " + shown(step.expected), to: width)] }
    let arrow = ink(step.action.hasSuffix("C") ? .client : .server, step.arrow)
    guard !step.actual.isEmpty else { return [isTold ? arrow + " (nothing)" : ink(.faint, planned(step, "(nothing)"))] }
    let limit = scope == .everything || isTold ? Self.linesOfStep : Self.linesOfContext
    let lines = window(step, limit)
    var out = step.actual[lines].map { $0.bytes.isEmpty ? arrow : "\(arrow) " + clipped($0.bytes, to: width - step.arrow.utf8.count - 1) }
    if lines.lowerBound > 0 { out.insert(arrow + ink(.faint, " …"), at: 0) }
    if lines.upperBound < step.actual.count { out.append(arrow + ink(.faint, " …")) }
    return out
  }

  /// Of many lines, those around the one that is told about.
  private func window(_ step: StepResult, _ limit: Int) -> Range<Int> {
    let observed = told(step).lazy.compactMap(\.observed).first
    let line = observed.flatMap { step.actual.firstIndex(of: $0) } ?? 0
    let start = max(0, min(line - limit / 2, step.actual.count - limit))
    return start..<min(step.actual.count, start + limit)
  }

  private func planned(_ step: StepResult, _ why: String) -> String {
    clipped("\(step.arrow) " + shown(step.expected), to: width - why.count - 2) + "  " + why
  }

  private func shown(_ lines: [String]) -> String { printable(lines.first ?? "") + (lines.count > 1 ? " …" : "") }

  /// Steps shown around one that fails.
  private static let before = 3
  private static let after = 2
  /// Lines shown of a step, and of one that is there only for those around it.
  private static let linesOfStep = 12
  private static let linesOfContext = 2
}

extension StepResult {
  /// Whether it stands for something that one side says.
  fileprivate var isSpoken: Bool { ["C", "S", "data C", "data S"].contains(action) }

  /// Who speaks, or what else happens.
  fileprivate var arrow: String {
    switch action {
    case "C": ">"
    case "S": "<"
    case "data C": "> data:"
    case "data S": "< data:"
    default: "\(action):"
    }
  }
}
