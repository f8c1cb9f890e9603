package import Dialects
package import Results
package import Transcript
import Wire

/// Compares what was expected with what was heard, and grades every difference. Knows no protocol: it asks the dialect for facets,
/// weights and tables.
package struct Verifier: Sendable {
  package let dialect: any Dialect
  /// Everything bound so far; grows as messages match.
  package var bindings: Bindings
  /// Names that something sent later needs: a pattern that should bind one and does not match is more than a note.
  package let needed: Set<String>
  /// What a kind of difference counts in this conversation.
  package let grades: [String: Grade]
  /// Keywords that commands of this conversation make use of.
  package let commands: [Message]
  /// Keywords announced so far.
  private var offered: Set<String> = []

  package init(_ dialect: any Dialect, bindings: Bindings, needed: Set<String>, grades: [String: Grade], commands: [Message]) {
    self.dialect = dialect
    self.bindings = bindings
    self.needed = needed
    self.grades = grades
    self.commands = commands
  }

  /// Whether a message has the outcome that a step expects, alternatives included: an optional step is passed over where it has not.
  package func fits(_ step: Step, _ heard: Heard, answering command: Message?) -> Bool {
    guard let expected = step.message else { return false }
    return choose(step, expected, heard.message, answering: command) != .none
  }

  /// Every difference between a step that expects a message and the message that came.
  ///
  /// - Parameters:
  ///   - command: the command that it answers, as it was sent; nil for a greeting.
  ///   - later: the index in `commands` from which they are still to come.
  package mutating func compare(_ step: Step, _ heard: Heard, answering command: Message?, later: Int) -> [Difference] {
    guard let expected = step.message else { return [] }
    var found = Findings(step)
    let choice = choose(step, expected, heard.message, answering: command)
    switch choice {
    case .expected, .none:
      let head = compareHeads(step, expected, heard.message, answering: command, later: later, &found)
      if choice == .expected {
        compareParts(step, expected, heard, head, &found)
        requireKeywords(step, heard.message, answering: command, &found)
      }
    case .alternative: break
    }
    checkReply(heard, answering: command, recorded: choice == .expected ? expected : nil, &found)
    for violation in heard.violations {
      found.add(.violation, violation.kind, observed: Self.firstLine(heard.message), rule: violation.rule)
    }
    let keywords = dialect.facets(of: heard.message, in: context(command)).filter { $0.kind == Self.keywordKind }
    if !keywords.isEmpty { offered = Set(keywords.map(\.key)) }
    return found.graded(by: step.grades, else: grades)
  }

  func context(_ command: Message?) -> Context { Context(answering: command, offered: offered) }

  enum Choice: Equatable { case expected, alternative, none }

  private func choose(_ step: Step, _ expected: Message, _ observed: Message, answering command: Message?) -> Choice {
    if expected.head.count == 1, expected.head[0].isAnything { return .expected }
    if expected.head.isEmpty { return .expected }
    let outcomes = outcomes(of: observed, answering: command)
    if sameOutcome(expected, outcomes, answering: command) { return .expected }
    for head in step.alternatives where accepts(head, observed, outcomes, answering: command) { return .alternative }
    return .none
  }

  private func sameOutcome(_ expected: Message, _ outcomes: [Facet], answering command: Message?) -> Bool {
    self.outcomes(of: expected, answering: command).allSatisfy { facet in
      outcomes.contains { $0.key == facet.key && facet.value.matches($0.value, bindings) }
    }
  }

  private func accepts(_ head: Text, _ observed: Message, _ outcomes: [Facet], answering command: Message?) -> Bool {
    // `5yz`: any code of its class.
    if let code = head.literal, code.count == 3, code[1...] == [UInt8(ascii: "y"), UInt8(ascii: "z")] {
      return observed.head.first?.literal?.first == code[0]
    }
    let alternative = Message(observed.side, [head])
    let codes = dialect.facets(of: alternative, in: context(command)).filter {
      $0.weight == .outcome || $0.weight == .detail && $0.kind == Self.codeKind
    }
    let seen = dialect.facets(of: observed, in: context(command))
    return codes.allSatisfy { facet in
      seen.contains { $0.kind == facet.kind && $0.key == facet.key && facet.value.matches($0.value, bindings) }
    }
  }

  private func outcomes(of message: Message, answering command: Message?) -> [Facet] {
    dialect.facets(of: message, in: context(command)).filter { $0.weight == .outcome }
  }

  static func firstLine(_ message: Message) -> [UInt8] { message.head.first?.recorded ?? [] }
  static let codeKind = "reply-code"
  static let keywordKind = "keyword"
  static let notationKind = "date-notation"
}

/// The differences of one step, before what the transcript says of their grades.
struct Findings {
  private let step: Step
  private(set) var differences: [Difference] = []

  init(_ step: Step) { self.step = step }

  mutating func add(
    _ grade: Grade, _ kind: String, at place: Place? = nil, expected: [UInt8]? = nil, observed: [UInt8]? = nil, rule: String? = nil,
    hint: String? = nil, fault: Difference.Fault = .server
  ) {
    let place = place.flatMap { $0 == .nowhere ? nil : $0 } ?? step.place
    let difference = Difference(
      grade, kind, at: place, expected: expected.map(Said.init), observed: observed.map(Said.init), rule: rule, hint: hint, fault: fault)
    if !differences.contains(difference) { differences.append(difference) }
  }

  func graded(by nearest: [String: Grade], else others: [String: Grade]) -> [Difference] {
    differences.map { difference in
      var difference = difference
      if let grade = nearest[difference.kind] ?? others[difference.kind] { difference.grade = grade }
      return difference
    }
  }
}
