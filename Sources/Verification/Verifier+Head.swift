import Dialects
import Results
import Transcript
import Wire

extension Verifier {
  /// What comparing the heads told that comparing the rest needs.
  struct HeadOutcome {
    /// Parts whose lines were compared as facets.
    var coveredParts: Set<String> = []
  }

  mutating func compareHeads(
    _ step: Step, _ expected: Message, _ observed: Message, answering command: Message?, later: Int, _ found: inout Findings
  ) -> HeadOutcome {
    var outcome = HeadOutcome()
    if expected.head.isEmpty || expected.head.count == 1 && expected.head[0].isAnything { return outcome }
    let wanted = dialect.facets(of: expected, in: context(command))
    outcome.coveredParts = Set(wanted.compactMap(\.part))
    if step.exact {
      compareExactly(expected.head, observed.head, &found)
      if !found.differences.isEmpty { return outcome }
    }
    if wholeHeadMatches(expected.head, observed.head, unordered: step.unordered, &found) {
      let parts = wanted.filter { $0.part != nil }
      if !parts.isEmpty {
        compare(
          parts, with: dialect.facets(of: observed, in: context(command)).filter { $0.part != nil }, expected, observed, later, &found)
      }
    } else {
      compare(wanted, with: dialect.facets(of: observed, in: context(command)), expected, observed, later, &found)
    }
    return outcome
  }

  /// The usual case: every line as expected. A line with a pattern may be any of the lines.
  private mutating func wholeHeadMatches(_ expected: [Text], _ observed: [Text], unordered: Bool, _ found: inout Findings) -> Bool {
    guard expected.count == observed.count else { return false }
    var trial = bindings
    var notes: [(Place, [UInt8])] = []
    var free = Array(observed.indices)
    for (i, text) in expected.enumerated() {
      let order = (free.contains(i) ? [i] : []) + (text.isLiteral && !unordered ? [] : free.filter { $0 != i })
      var hit: Int?
      for j in order {
        guard let bytes = observed[j].literal, case .matched(let match) = text.match(bytes, trial) else { continue }
        trial.bind(match)
        if !match.notes.isEmpty { notes.append((text.place, bytes)) }
        hit = j
        break
      }
      guard let hit else { return false }
      free.removeAll { $0 == hit }
    }
    bindings = trial
    for (place, bytes) in notes { found.add(.note, Self.notationKind, at: place, observed: bytes) }
    return true
  }

  private mutating func compareExactly(_ expected: [Text], _ observed: [Text], _ found: inout Findings) {
    for i in 0..<max(expected.count, observed.count) {
      let want = i < expected.count ? expected[i] : nil
      let got = i < observed.count ? observed[i].recorded : nil
      if let want, let got, case .matched(let match) = want.match(got, bindings) {
        bindings.bind(match)
        continue
      }
      found.add(.divergence, "text", at: want?.place, expected: want.map { Array($0.template.utf8) }, observed: got)
      return
    }
  }

  /// Pairs facets by kind and key; what has patterns may also be any that is left of its kind.
  private mutating func compare(
    _ wanted: [Facet], with seen: [Facet], _ expected: Message, _ observed: Message, _ later: Int, _ found: inout Findings
  ) {
    let isBare = wanted.allSatisfy { $0.kind == Self.codeKind || $0.part != nil }
    var left = seen
    var unmatched: [Facet] = []
    for facet in wanted {
      if let i = left.firstIndex(where: { $0.kind == facet.kind && $0.key == facet.key }), bind(facet.value, left[i].value) {
        left.remove(at: i)
      } else if !facet.value.isLiteral || facet.weight == .wording,
        let i = left.firstIndex(where: { $0.kind == facet.kind && $0.part == facet.part && bind(facet.value, $0.value) })
      {
        left.remove(at: i)
      } else {
        unmatched.append(facet)
      }
    }
    // Another code explains whatever else is different: it is told alone.
    let codeDiffers = unmatched.contains { $0.kind == Self.codeKind }
    if codeDiffers { unmatched = [unmatched.first { $0.kind == Self.codeKind }].compactMap { $0 } }
    for facet in unmatched {
      let partner = left.firstIndex { $0.kind == facet.kind && $0.key == facet.key }.map { left.remove(at: $0) }
      add(facet, partner, expected, observed, later, &found)
    }
    guard !codeDiffers else { return }
    for facet in left
    where facet.weight != .outcome && !(isBare && facet.part == nil) && (facet.part == nil || expected[part: facet.part ?? ""] != nil) {
      found.add(.note, "new-\(facet.kind)", at: expected.head.last?.place, observed: facet.value.recorded)
    }
  }

  private func add(
    _ facet: Facet, _ partner: Facet?, _ expected: Message, _ observed: Message, _ later: Int, _ found: inout Findings
  ) {
    let place = self.place(of: facet, in: expected)
    let isCode = facet.kind == Self.codeKind
    let want = isCode ? expected.head.last.map { Array($0.template.utf8) } : Array(facet.value.template.utf8)
    let got = isCode ? observed.head.last?.recorded : partner?.value.recorded
    var grade: Grade =
      switch facet.weight {
      case .outcome, .value: .divergence
      case .detail: .drift
      case .wording: .note
      }
    if partner == nil, facet.weight == .detail, commands.dropFirst(later).contains(where: { dialect.uses(facet.key, in: $0) }) {
      grade = .divergence
    }
    let unbound = facet.value.holes.compactMap(\.name).first { needed.contains($0) && bindings[$0] == nil }
    if let unbound, grade < .divergence {
      found.add(
        .divergence, "unbound", at: place, expected: want, observed: got, hint: "a later step needs '\(unbound)', which this was to bind")
      return
    }
    found.add(grade, partner == nil && !isCode ? "missing-\(facet.kind)" : facet.kind, at: place, expected: want, observed: got)
  }

  private func place(of facet: Facet, in message: Message) -> Place? {
    guard let part = facet.part else {
      return message.head.indices.contains(facet.line) ? message.head[facet.line].place : nil
    }
    if case .lines(let lines)? = message[part: part], lines.indices.contains(facet.line) { return lines[facet.line].place }
    return nil
  }

  private mutating func bind(_ want: Text, _ got: Text) -> Bool {
    guard let bytes = got.literal, case .matched(let match) = want.match(bytes, bindings) else { return false }
    bindings.bind(match)
    return true
  }

  /// `has` and `lacks`: a keyword in a keyword set, with its parameter if given; elsewhere text within one line.
  func requireKeywords(_ step: Step, _ observed: Message, answering command: Message?, _ found: inout Findings) {
    guard !step.has.isEmpty || !step.lacks.isEmpty else { return }
    let facets = dialect.facets(of: observed, in: context(command))
    let keywords = facets.filter { $0.kind == "keyword" }
    func isThere(_ text: Text) -> Bool {
      if !keywords.isEmpty {
        return keywords.contains { facet in
          text.matches(facet.value, bindings) || text.literal.map { String(decoding: $0, as: UTF8.self).uppercased() == facet.key } ?? false
            || Self.hasParameters(facet.value, text)
        }
      }
      var lines = observed.head
      for case .lines(let more) in observed.parts.map(\.content) { lines += more }
      return lines.contains { text.isFound(in: $0.recorded, bindings) }
    }
    for text in step.has where !isThere(text) {
      found.add(.divergence, keywords.isEmpty ? "missing-text" : "missing-keyword", at: text.place, expected: Array(text.template.utf8))
    }
    for text in step.lacks where isThere(text) {
      found.add(.divergence, keywords.isEmpty ? "forbidden-text" : "forbidden-keyword", at: text.place, observed: Array(text.template.utf8))
    }
  }

  /// `AUTH PLAIN` is there in `AUTH LOGIN PLAIN`.
  private static func hasParameters(_ keyword: Text, _ wanted: Text) -> Bool {
    guard let have = keyword.literal, let want = wanted.literal else { return false }
    func words(_ bytes: [UInt8]) -> [String] { bytes.split(separator: 32).map { String(decoding: $0, as: UTF8.self).uppercased() } }
    let (haves, wants) = (words(have), words(want))
    return wants.count > 1 && haves.first == wants.first && Set(wants).isSubset(of: haves)
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

extension Text {
  /// Whether it matches another text, which has no holes; binds nothing.
  func matches(_ other: Text, _ bindings: Bindings) -> Bool {
    guard let bytes = other.literal, case .matched = match(bytes, bindings) else { return false }
    return true
  }

  func isFound(in line: [UInt8], _ bindings: Bindings) -> Bool {
    if case .matched = occurs(in: line, bindings) { true } else { false }
  }
}
