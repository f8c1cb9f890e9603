extension Text {
  /// Compares observed bytes with this text, all of them.
  ///
  /// All of the text is matched together: `any` takes as little, the other holes as much as lets it match. A hole whose name is bound
  /// must be the same value, as its type (or, without one, that of the binding) understands it; a name twice in one text is one value. No
  /// hole takes a line's end, unless the text is `${:any}` alone. An expression sees only what it takes, not what stands around it.
  package func match(_ observed: [UInt8], _ bindings: Bindings) -> MatchResult {
    if let literal { return literal == observed ? .matched(Match()) : .differs }
    return matched(observed, bindings) { $0 }
  }

  /// Looks for this text anywhere in a line, leftmost first; what holes mean is as for `match`.
  package func occurs(in line: [UInt8], _ bindings: Bindings) -> MatchResult {
    let around = Element.any(name: nil, crossesLines: true)
    return matched(line, bindings) { [around] + $0 + [around] }
  }

  private func matched(_ observed: [UInt8], _ bindings: Bindings, _ placed: ([Element]) -> [Element]) -> MatchResult {
    let own: [Element]
    do throws(Unmatchable) {
      own = try elements(bindings)
    } catch {
      switch error {
      case .unbound(let name): return .unbound(name)
      case .impossible: return .differs
      case .unusable: return .limit
      }
    }
    let elements = placed(own)
    var matcher = Matcher(elements, observed, bindings)
    do throws(Matcher.Exhausted) {
      guard try matcher.matches() else { return .differs }
    } catch {
      return .limit
    }
    let before = (elements.count - own.count) / 2
    let ranges = own.indices.map { matcher.starts[$0 + before]..<matcher.ends[$0 + before] }
    return .matched(found(own, ranges, observed, bindings))
  }

  /// `ranges`: where each piece stands in `observed`.
  private func found(_ elements: [Element], _ ranges: [Range<Int>], _ observed: [UInt8], _ bindings: Bindings) -> Match {
    var match = Match()
    for (at, piece) in pieces.enumerated() {
      guard case .hole(let hole) = piece else { continue }
      let value = observed[ranges[at]]
      if let name = elements[at].name { match.bindings.append(Binding(name, Array(value), elements[at].type)) }
      if case .call = hole.content, bindings.isSecret(hole) { match.secrets.append(Array(value)) }
      if case .typed(.date, _) = elements[at], let example = hole.example, let expected = DateNotation(of: example),
        let notation = DateNotation(of: value), notation != expected
      {
        match.notes.append(Match.OtherNotation(hole: match.holes.count, expected: expected, observed: notation))
      }
      match.holes.append(ranges[at])
    }
    return match
  }
}
