import Dialects
import Results
import Transcript
import Wire

extension Verifier {
  /// - Parameter covered: parts that were compared line by line as facets.
  mutating func compareParts(
    _ step: Step, _ expected: Message, _ heard: Heard, _ command: Message?, covered: Set<String>, _ found: inout Findings
  ) {
    for part in expected.parts {
      let place = part.content.place ?? step.place
      if part.name == Part.raw {
        // Line ends that are not as they should be are told by the session.
        if case .payload(let raw) = part.content { compareRaw(raw, heard.message, at: place, &found) }
        continue
      }
      if covered.contains(part.name), !part.content.isPayload { continue }
      let grade = grade(of: part, in: expected, answering: command)
      guard let observed = heard.message[part: part.name] else {
        guard let asked = part.content.leastGrade else { continue }
        found.add(max(grade, asked), "missing-\(part.name)", at: place, expected: part.content.shown)
        continue
      }
      let order: Order = step.unordered ? .any : .inOrder
      switch (part.content, observed) {
      case (.lines(let want), .lines(let got)): compareLines(want, got, order, at: place, &found)
      case (.lines(let want), .payload(let got)): compareLines(want, lines(got.bytes), order, at: place, &found)
      case (.set(let want), .set(let got)): compareLines(want, got, .any, at: place, &found)
      case (.fields(let want), .fields(let got)): compareLines(want.asLines, got.asLines, order, at: place, &found)
      case (.payload(let want), .payload(let got)):
        let content = Content(got.bytes, size: heard.payloadSize, digest: heard.payloadDigest)
        comparePayload(want, content, at: place, asContent: grade, &found)
      case (.payload(let want), .lines(let got)): comparePayload(want, Content(Payload(.lines(got)).bytes), at: place, &found)
      default: found.add(.divergence, part.name, at: place, expected: part.content.shown, observed: observed.shown)
      }
    }
  }

  private mutating func compareRaw(_ want: Payload, _ observed: Message, at place: Place, _ found: inout Findings) {
    if case .payload(let got)? = observed[part: Part.raw] {
      comparePayload(want, Content(got.bytes), at: place, &found)
    } else {
      compareLines(lines(want.bytes), observed.head, .inOrder, at: place, &found)
    }
  }

  /// What it counts that a payload is another one.
  private func grade(of part: Part, in message: Message, answering command: Message?) -> Grade {
    guard case .payload = part.content else { return .divergence }
    switch dialect.weight(ofPayload: part.name, of: message, in: Context(answering: command)) {
    case .outcome, .value: return .divergence
    case .detail: return .drift
    case .wording: return .note
    }
  }

  enum Order { case inOrder, any }

  /// One difference for all lines: the first that differs.
  mutating func compareLines(_ want: [Text], _ got: [Text], _ order: Order, at place: Place, _ found: inout Findings) {
    if order == .any { return compareSets(want, got, at: place, &found) }
    for i in 0..<max(want.count, got.count) {
      guard i < want.count else {
        return found.add(
          .divergence, "content", at: want.last?.place ?? place, observed: got[i].recorded, hint: "it goes on where it was to end")
      }
      guard i < got.count else {
        return found.add(
          .divergence, "content", at: want[i].place, expected: Array(want[i].template.utf8), hint: "it ends where it was to go on")
      }
      if match(want[i], got[i].recorded, &found) == .differs {
        return found.add(.divergence, "content", at: want[i].place, expected: Array(want[i].template.utf8), observed: got[i].recorded)
      }
    }
  }

  /// Literal lines by counting, so that long listings are no work; patterns take what is left.
  private mutating func compareSets(_ want: [Text], _ got: [Text], at place: Place, _ found: inout Findings) {
    var wanted: [[UInt8]: Int] = [:]
    for text in want { if let literal = text.literal { wanted[literal, default: 0] += 1 } }
    var left: [[UInt8]] = []
    for line in got.map(\.recorded) {
      if let count = wanted[line], count > 0 { wanted[line] = count - 1 } else { left.append(line) }
    }
    for text in want {
      if let literal = text.literal {
        guard let count = wanted[literal], count > 0 else { continue }
        return found.add(.divergence, "content", at: text.place, expected: literal, observed: left.first)
      }
      guard let hit = left.firstIndex(where: { match(text, $0, &found) != .differs }) else {
        return found.add(.divergence, "content", at: text.place, expected: Array(text.template.utf8), observed: left.first)
      }
      left.remove(at: hit)
    }
    if let more = left.first { found.add(.divergence, "content", at: place, observed: more) }
  }
}

extension [Part.Field] {
  /// One line for each value; names have no case.
  fileprivate var asLines: [Text] {
    flatMap { field in
      field.values.map { value in
        Text(pieces: [.literal("\(field.name.lowercased()): ".utf8.map(\.self))] + value.pieces, place: value.place)
      }
    }
  }
}

extension Part.Content {
  /// What it counts at least that the part is not there; nil where nothing is as expected.
  fileprivate var leastGrade: Grade? {
    switch self {
    case .lines: return .note
    case .set(let texts): return texts.isEmpty ? nil : .note
    case .fields(let fields): return fields.isEmpty ? nil : .note
    case .payload(let payload):
      if !payload.has.isEmpty { return .divergence }
      if payload.content == nil { return payload.size == 0 || payload.size == nil && payload.sha256 == nil ? nil : .note }
      return payload.bytes.isEmpty ? nil : .note
    }
  }

  fileprivate var place: Place? {
    switch self {
    case .lines(let texts), .set(let texts): texts.first?.place
    case .fields(let fields): fields.first?.values.first?.place
    case .payload(let payload): payload.place == .nowhere ? nil : payload.place
    }
  }

  /// As much of it as shows which it is.
  fileprivate var shown: [UInt8] {
    switch self {
    case .lines(let texts), .set(let texts): Array((texts.first?.template ?? "").utf8)
    case .fields(let fields): Array((fields.first.map { "\($0.name): \($0.values.first?.template ?? "")" } ?? "").utf8)
    case .payload(let payload): Array(payload.bytes.prefix(Verifier.shownBytes))
    }
  }
}
