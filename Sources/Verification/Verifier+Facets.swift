import Dialects
import Results
import Transcript
import Wire

extension Verifier {
  /// Pairs facets by kind and key; free text, and what has patterns, may also be any that is left of its kind.
  mutating func pair(_ wanted: [Facet], with seen: [Facet], _ expected: Message, _ later: Int, _ found: inout Findings) {
    var left = Unpaired(seen, named: openParts)
    var unmatched: [Facet] = []
    // What is literal first: a pattern could take its place.
    for facet in wanted where facet.value.isLiteral && !left.takeSame(as: facet) { unmatched.append(facet) }
    for facet in wanted where !facet.value.isLiteral {
      guard left.takeFirst(for: facet, where: { match(facet.value, $0.value.recorded, &found) != .differs }) == nil else { continue }
      unmatched.append(facet)
    }
    for facet in unmatched {
      tell(facet, instead: left.takePartner(of: facet), at: place(of: facet, in: expected), later, &found)
    }
    // A bare code leaves the text open, and a part that is not named is not compared.
    let isBare = wanted.allSatisfy { $0.part != nil || $0.kind == Self.versionKind }
    for facet in left.rest where facet.part.map({ !openParts.contains($0) }) ?? true {
      guard facet.weight != .outcome, facet.part.map({ expected[part: $0] != nil }) ?? !isBare else { continue }
      found.add(newGrade(facet), "new-\(facet.kind)", at: expected.head.last?.place, observed: facet.value.recorded)
    }
  }

  func newGrade(_ facet: Facet) -> Grade {
    switch facet.weight {
    case .outcome, .value: .divergence
    case .detail: facet.kind == Self.keywordKind ? .note : .drift
    case .wording: .note
    }
  }

  func tell(_ facet: Facet, instead partner: Facet?, at place: Place?, _ later: Int, _ found: inout Findings) {
    let want = Array(facet.value.template.utf8)
    let got = partner?.value.recorded
    var grade: Grade =
      switch facet.weight {
      case .outcome, .value: .divergence
      case .detail: .drift
      case .wording: .note
      }
    var hint: String?
    if partner == nil, facet.weight == .detail, commands.dropFirst(later).contains(where: { dialect.uses(facet.key, in: $0) }) {
      grade = .divergence
      hint = "a later command uses \(facet.key)"
    }
    let unbound = facet.value.holes.compactMap(\.name).first { needed.contains($0) && bindings[$0] == nil }
    if let unbound, grade < .divergence {
      return found.add(
        .divergence, "unbound", at: place, expected: want, observed: got, hint: "a later step needs '\(unbound)', which this was to bind")
    }
    found.add(grade, partner == nil ? "missing-\(facet.kind)" : facet.kind, at: place, expected: want, observed: got, hint: hint)
  }

  func place(of facet: Facet, in message: Message) -> Place? {
    guard let part = facet.part else {
      return message.head.indices.contains(facet.line) ? message.head[facet.line].place : nil
    }
    switch message[part: part] {
    case .lines(let texts)?, .set(let texts)?: return texts.indices.contains(facet.line) ? texts[facet.line].place : nil
    case .fields(let fields)?:
      let values = fields.flatMap(\.values)
      return values.indices.contains(facet.line) ? values[facet.line].place : nil
    case .payload?, nil: return nil
    }
  }
}
