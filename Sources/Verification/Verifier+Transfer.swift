import Dialects
package import Results
package import Transcript
package import Wire

extension Verifier {
  /// Every difference between what a `data` step expects and what came over its secondary connection, the gravest first. Listings are
  /// compared as their dialect takes them apart, all else as payloads are; what is to be cut, as far as both go.
  ///
  /// - Parameters:
  ///   - isText: whether line ends are the sender's to write (`Transfer.isText`): then how they are written makes no difference, but for
  ///     a digest or a size, which are taken as on the wire.
  ///   - command: the command that asked for it, as it was sent.
  package mutating func compareTransfer(
    _ step: Step, _ payload: Payload, _ received: Intake, isText: Bool, answering command: Message
  ) -> [Difference] {
    var found = Findings(step)
    let place = payload.place == .nowhere ? step.place : payload.place
    var want = payload
    want.unordered = payload.unordered || step.unordered
    want.exact = payload.exact || step.exact
    if isText { compareLineEnds(want, received.bytes, at: place, &found) }
    if want.endsEarly {
      compareBeginning(want, received.bytes, isText: isText, at: place, &found)
    } else if !compareListing(want, received, command, &found) {
      if isText, received.digest == nil {
        compareFacts(want, Content(received), at: place, &found)
        want.sha256 = nil
        want.size = nil
        comparePayload(want.networkText, Content(networkText(received.bytes)), at: place, &found)
      } else {
        comparePayload(isText ? want.networkText : want, Content(received), at: place, &found)
      }
    }
    return found.differences.enumerated().sorted { ($1.element.grade, $0.offset) < ($0.element.grade, $1.offset) }.map(\.element)
  }

  /// A sender makes each line's end CR LF, whatever it is in its files. One that leaves LF alone was maybe recorded so.
  private func compareLineEnds(_ want: Payload, _ got: [UInt8], at place: Place, _ found: inout Findings) {
    guard want.hasNetworkLineEnds, !isNetworkText(got) else { return }
    found.add(
      .drift, "line-ends", at: place, expected: Array("lines that end in CR LF".utf8), observed: Array("LF alone".utf8),
      rule: "RFC 959 §3.1.1.1")
  }

  /// What was cut here and there is the same as far as both go.
  private mutating func compareBeginning(_ want: Payload, _ got: [UInt8], isText: Bool, at place: Place, _ found: inout Findings) {
    switch want.content {
    case .lines(let texts)?:
      // The last line may be half of one.
      let whole = lines(Array(got.prefix((got.lastIndex(of: 10) ?? -1) + 1)))
      let count = min(max(0, texts.count - 1), whole.count)
      compareLines(Array(texts.prefix(count)), Array(whole.prefix(count)), .inOrder, at: place, &found)
    case .text(let text)? where text.isLiteral, .json(let text)? where text.isLiteral:
      compareFront(want, got, isText: isText, at: place, &found)
    case .bytes?, .file?: compareFront(want, got, isText: isText, at: place, &found)
    case .text?, .json?, .chunks?, .fields?, nil: break
    }
  }

  private mutating func compareFront(_ want: Payload, _ got: [UInt8], isText: Bool, at place: Place, _ found: inout Findings) {
    let (want, got) = isText ? (want.networkText, networkText(got)) : (want, got)
    let differs = zip(want.bytes, got).contains { $0 != $1 }
    if differs { tellFirstByte(want, got, size: got.count, at: place, &found) }
  }
}

// MARK: Listings

extension Verifier {
  /// Compares a listing entry by entry. False where it is none, or was too much to keep.
  private mutating func compareListing(_ want: Payload, _ received: Intake, _ command: Message, _ found: inout Findings) -> Bool {
    guard !want.exact, received.digest == nil, let texts = want.lines,
      let wanted = dialect.facets(ofTransfer: texts, answering: command),
      let seen = dialect.facets(ofTransfer: lines(received.bytes), answering: command)
    else { return false }
    compareFacts(want, Content(received), at: want.place, &found)
    pair(Entry.entries(wanted), with: Entry.entries(seen), texts, isOrdered: !want.unordered, &found)
    requireTexts(want, in: lines(received.bytes), &found)
    return true
  }

  /// One line of a listing. Its first facet stands for it: where it has no partner, that alone is told.
  private struct Entry {
    var facets: [Facet]

    var first: Facet { facets[0] }

    static func entries(_ facets: [Facet]) -> [Entry] {
      var out: [Entry] = []
      for facet in facets {
        if let last = out.last, last.first.line == facet.line {
          out[out.count - 1].facets.append(facet)
        } else {
          out.append(Entry(facets: [facet]))
        }
      }
      return out
    }
  }

  private struct Name: Hashable {
    var kind: String
    var key: String
    init(_ facet: Facet) { (kind, key) = (facet.kind, facet.key) }
  }

  /// Pairs entries by what they are called; one that is a pattern with any that it fits of those left.
  private mutating func pair(
    _ wanted: [Entry], with seen: [Entry], _ texts: [Text], isOrdered: Bool, _ found: inout Findings
  ) {
    // The last first, so that each is taken off the end.
    var free: [Name: [Int]] = [:]
    for index in seen.indices.reversed() { free[Name(seen[index].first), default: []].append(index) }
    var partners: [Int?] = wanted.map { free[Name($0.first)]?.popLast() }
    let unnamed = free.values.joined().sorted()
    var left = Set(unnamed)
    for index in wanted.indices where partners[index] == nil && !wanted[index].first.value.isLiteral {
      let first = wanted[index].first
      let hit = unnamed.first {
        left.contains($0) && seen[$0].first.kind == first.kind && match(first.value, seen[$0].first.value.recorded, &found) != .differs
      }
      partners[index] = hit.flatMap { left.remove($0) }
    }
    var tally = Tally()
    for (entry, partner) in zip(wanted, partners) {
      if let partner {
        compare(entry, seen[partner], texts, &tally, &found)
      } else if tally.admits("missing-\(entry.first.kind)") {
        tell(entry.first, instead: nil, at: place(entry.first, texts), 0, &found)
      }
    }
    for index in unnamed where left.contains(index) && tally.admits("new-\(seen[index].first.kind)") {
      let first = seen[index].first
      found.add(newGrade(first), "new-\(first.kind)", at: texts.last?.place, observed: first.value.recorded)
    }
    let order = partners.compactMap(\.self)
    if isOrdered, let at = zip(order, order.dropFirst()).first(where: { $0 > $1 }) {
      found.add(.note, "order", at: texts.first?.place, observed: seen[at.1].first.value.recorded, hint: "entries stand in another order")
    }
  }

  private mutating func compare(_ entry: Entry, _ other: Entry, _ texts: [Text], _ tally: inout Tally, _ found: inout Findings) {
    // Where the name is a pattern, the others are called after another one.
    let isNamed = Name(entry.first) == Name(other.first)
    var left = other.facets
    var missing: [Facet] = []
    // A directory for a file has no size: that is told with the other type.
    var isAnother = false
    for facet in entry.facets {
      guard let index = left.firstIndex(where: { $0.kind == facet.kind && (!isNamed || $0.key == facet.key) }) else {
        missing.append(facet)
        continue
      }
      let partner = left.remove(at: index)
      guard match(facet.value, partner.value.recorded, &found) == .differs else { continue }
      if facet.weight == .value { isAnother = true }
      if tally.admits(facet.kind) { tell(facet, instead: partner, at: place(facet, texts), 0, &found) }
    }
    if isAnother { return }
    for facet in missing where tally.admits("missing-\(facet.kind)") { tell(facet, instead: nil, at: place(facet, texts), 0, &found) }
    for facet in left where tally.admits("new-\(facet.kind)") {
      found.add(newGrade(facet), "new-\(facet.kind)", at: place(entry.first, texts), observed: facet.value.recorded)
    }
  }

  private func place(_ facet: Facet, _ texts: [Text]) -> Place? { texts.indices.contains(facet.line) ? texts[facet.line].place : nil }

  /// A listing can differ in every entry: of each kind a few are told.
  private struct Tally {
    private var counts: [String: Int] = [:]

    mutating func admits(_ kind: String) -> Bool {
      counts[kind, default: 0] += 1
      return counts[kind, default: 0] <= Self.most
    }

    private static let most = 10
  }
}

extension Payload {
  /// Its lines, where it has any.
  fileprivate var lines: [Text]? {
    switch content {
    case .lines(let texts)?: texts
    case .text(let text)?: text.endedLines
    case .bytes(let bytes)?, .file(_, let bytes)?: Dialects.lines(bytes)
    case .json?, .chunks?, .fields?, nil: nil
    }
  }

  /// Whether its lines, if it has any, are known to end as they are to on the wire: what is written with LF may have been either.
  fileprivate var hasNetworkLineEnds: Bool {
    switch content {
    case .lines?: true
    case .text?, .bytes?, .file?: isNetworkText(bytes) && bytes.contains(UInt8(ascii: "\n"))
    case .json?, .chunks?, .fields?, nil: false
    }
  }

  /// The same with line ends as they are on the wire.
  fileprivate var networkText: Payload {
    var out = self
    switch content {
    case .text(let text)?: out.content = .text(text.networkText)
    case .json(let text)?: out.content = .json(text.networkText)
    case .bytes(let bytes)?: out.content = .bytes(Wire.networkText(bytes))
    case .file(let name, let bytes)?: out.content = .file(name, Wire.networkText(bytes))
    case .lines?, .chunks?, .fields?, nil: break
    }
    return out
  }
}

extension Text {
  fileprivate var networkText: Text {
    var out = Text(
      pieces: pieces.map { if case .literal(let bytes) = $0 { .literal(Wire.networkText(bytes)) } else { $0 } }, place: place)
    out.isBlock = isBlock
    return out
  }
}
