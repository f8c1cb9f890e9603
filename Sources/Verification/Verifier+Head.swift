import Dialects
import Results
import Transcript
import Wire

extension Verifier {
  /// What comparing the heads told that comparing the rest needs.
  struct HeadVerdict {
    /// The outcome of the step or of an alternative.
    var hasOutcome = true
    /// The outcome of the step itself: then what must be there must.
    var keepsOutcome = true
    /// Not where the reply is another one altogether, though that may decide nothing.
    var comparesParts = true
    /// Parts whose lines were compared as facets.
    var coveredParts: Set<String> = []
  }

  mutating func compareHeads(
    _ step: Step, _ expected: Message, _ observed: Message, answering command: Message?, later: Int, _ found: inout Findings
  ) -> HeadVerdict {
    var verdict = HeadVerdict()
    if expected.head.isEmpty { return verdict }
    if expected.head.count == 1, expected.head[0].isAnything {
      _ = match(expected.head[0], Array(observed.head.map(\.recorded).joined(separator: [UInt8(ascii: "\n")])), &found)
      return verdict
    }
    var isWhole = isBareCode(step, expected, observed) || wholeHeadMatches(step, expected.head, observed.head, &found)
    // Lines of a part may be compared by what each is about, not by where it stands.
    let hasLines = !step.exact && expected.parts.contains { $0.content.isCompared }
    if isWhole, !hasLines { return verdict }
    var wanted = facets(of: expected, command)
    let seen = facets(of: observed, command)
    let covered = Set((wanted + seen).compactMap(\.part))
    if hasLines { verdict.coveredParts = covered }
    wanted.removeAll { $0.part.map { expected[part: $0] == nil || !hasLines } ?? false }
    // A part may decide, too: that a reply has nothing in it.
    if isWhole, !keepsOutcome(wanted, seen) { isWhole = false }
    if isWhole {
      pair(wanted.filter { $0.part != nil }, with: seen.filter { $0.part != nil }, expected, later, &found)
      return verdict
    }
    let claim = claim(step, wanted, observed, seen, command)
    let same = keepsOutcome(wanted, seen)
    verdict.keepsOutcome = same
    verdict.comparesParts = same
    switch claim {
    case .head:
      verdict.comparesParts = compareCode(step, wanted, seen, expected, observed, &found)
      if step.exact {
        compareExactly(expected.head, observed.head, &found)
      } else if verdict.comparesParts {
        pair(wanted.filter { $0.kind != Self.codeKind }, with: seen.filter { $0.kind != Self.codeKind }, expected, later, &found)
      }
    case .alternative(let head):
      let alternative = Message(.server, [head])
      let facets = facets(of: alternative, command).filter { $0.kind != Self.codeKind }
      pair(facets, with: seen.filter { $0.kind != Self.codeKind && $0.part == nil }, alternative, later, &found)
    case .anyOfClass: break
    case .none:
      verdict.hasOutcome = false
      _ = compareCode(step, wanted, seen, expected, observed, &found)
    }
    return verdict
  }

  // MARK: Which of a step's heads it is

  enum Claim: Equatable {
    case head
    case alternative(Text)
    case anyOfClass
    case none
  }

  /// Which of a step's heads a message is held against: the one with its very code, else the step's own where the outcome is the same.
  func claim(_ step: Step, _ wanted: [Facet], _ observed: Message, _ seen: [Facet], _ command: Message?) -> Claim {
    if holds(wanted.filter(\.isOfCode), in: seen) { return .head }
    for head in step.alternatives {
      // `5yz`: any code of its class.
      if let code = head.literal, code.count == 3, code[1...] == [UInt8(ascii: "y"), UInt8(ascii: "z")] {
        if observed.head.last?.literal?.first == code[0] { return .anyOfClass }
        continue
      }
      let facets = dialect.facets(of: Message(.server, [head]), in: Context(answering: command)).filter(\.isOfCode)
      if holds(facets, in: seen) { return .alternative(head) }
    }
    return keepsOutcome(wanted, seen) ? .head : .none
  }

  private func keepsOutcome(_ wanted: [Facet], _ seen: [Facet]) -> Bool { holds(wanted.filter { $0.weight == .outcome }, in: seen) }

  private func holds(_ wanted: [Facet], in seen: [Facet]) -> Bool {
    wanted.allSatisfy { facet in
      seen.contains { $0.kind == facet.kind && $0.key == facet.key && facet.value.matches($0.value, bindings) }
    }
  }

  /// Tells another code, once, at the step: each line of a reply has it. False where nothing of it is as expected, so that all the rest of the reply is another, too.
  private func compareCode(
    _ step: Step, _ wanted: [Facet], _ seen: [Facet], _ expected: Message, _ observed: Message, _ found: inout Findings
  ) -> Bool {
    let codes = wanted.filter(\.isOfCode)
    let others = codes.filter { !holds([$0], in: seen) }
    guard let first = others.first else { return true }
    let isCode = first.kind == Self.codeKind
    let instead = seen.first { $0.kind == first.kind && $0.key == first.key }
    found.add(
      first.weight == .outcome || step.exact ? .divergence : .drift, first.kind, at: isCode ? nil : place(of: first, in: expected),
      expected: (isCode ? expected.head.last : first.value).map { Array($0.template.utf8) },
      observed: isCode ? observed.head.last?.recorded : instead?.value.recorded)
    return others.count < codes.count
  }

  // MARK: Line by line

  /// A code alone, which leaves the text and the number of lines open, and that very code in front of the last line.
  private func isBareCode(_ step: Step, _ expected: Message, _ observed: Message) -> Bool {
    guard !step.exact, expected.head.count == 1, let code = expected.head[0].literal, let last = observed.head.last?.literal,
      last.starts(with: code), last.count == code.count || last[code.count] == 32
    else { return false }
    return !code.contains(32)
  }

  /// The usual case: every line as expected. A line with a pattern may be any of the lines, with `unordered` each may.
  private mutating func wholeHeadMatches(_ step: Step, _ expected: [Text], _ observed: [Text], _ found: inout Findings) -> Bool {
    guard expected.count == observed.count else { return false }
    if expected.count == 1, let want = expected[0].literal { return want == observed[0].literal }
    var trial = self
    var notes = found
    var free = Array(observed.indices)
    // What is literal first: it has one place.
    let literal = expected.indices.filter { expected[$0].isLiteral }
    for index in literal + expected.indices.filter({ !expected[$0].isLiteral }) {
      let text = expected[index]
      let own = free.filter { $0 == index }
      let places = text.isLiteral && !step.unordered || step.exact && !step.unordered ? own : own + free.filter { $0 != index }
      guard let hit = places.first(where: { trial.match(text, observed[$0].recorded, &notes) == .fits }) else { return false }
      free.removeAll { $0 == hit }
    }
    self = trial
    found = notes
    return true
  }

  /// The first line that is not as written, where each has to be.
  private mutating func compareExactly(_ expected: [Text], _ observed: [Text], _ found: inout Findings) {
    guard found.differences.allSatisfy({ $0.kind != Self.codeKind }) else { return }
    for i in 0..<max(expected.count, observed.count) {
      let want = i < expected.count ? expected[i] : nil
      let got = i < observed.count ? observed[i].recorded : nil
      if let want, let got, match(want, got, &found) != .differs { continue }
      found.add(.divergence, "text", at: want?.place, expected: want.map { Array($0.template.utf8) }, observed: got)
      return
    }
  }

  /// What the RFC lists for the command.
  func checkReply(_ heard: Heard, answering command: Message?, recorded: Message?, _ found: inout Findings) {
    guard let rule = dialect.replies(to: command), let finding = rule.finding(heard.label) else { return }
    let observed = Self.firstLine(heard.message)
    switch finding {
    case .wrongClass:
      found.add(
        .violation, finding.kind, observed: observed, rule: rule.rule, hint: "the command may get \(rule.allowed)")
    case .unlisted:
      let wasRecorded = recorded?.head.last?.recorded.starts(with: heard.label.utf8) ?? false
      found.add(wasRecorded ? .note : .drift, finding.kind, observed: observed, rule: rule.rule)
    }
  }
}

extension Facet {
  /// Whether it tells one reply from another: its code, or whatever else decides.
  fileprivate var isOfCode: Bool { weight == .outcome || kind == Verifier.codeKind }
}

extension Part.Content {
  /// Whether a dialect may take it apart.
  fileprivate var isCompared: Bool {
    switch self {
    case .lines, .set, .fields: true
    case .payload: false
    }
  }
}
