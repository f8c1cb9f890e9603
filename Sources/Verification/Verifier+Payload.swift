import Dialects
import Results
import Transcript
import Wire

extension Verifier {
  mutating func compareParts(_ step: Step, _ expected: Message, _ heard: Heard, _ head: HeadOutcome, _ found: inout Findings) {
    for part in expected.parts {
      let place = Self.place(of: part.content) ?? step.place
      if part.name == Part.raw {
        if case .payload(let payload) = part.content { compareRaw(payload, heard.message, place, &found) }
        continue
      }
      guard let observed = heard.message[part: part.name] else {
        found.add(.divergence, "missing-\(part.name)", at: place, expected: Self.shown(part.content))
        continue
      }
      if heard.isCutShort { found.add(.divergence, "cut-short", at: place, observed: Self.shown(observed)) }
      switch (part.content, observed) {
      case (.lines(let want), .lines(let got)):
        if !head.coveredParts.contains(part.name) { compareLines(want, got, unordered: step.unordered, at: place, &found) }
      case (.payload(let want), .payload(let got)): comparePayload(want, got, heard, at: place, &found)
      case (.lines(let want), .payload(let got)): compareLines(want, lines(got.bytes), unordered: step.unordered, at: place, &found)
      case (.payload(let want), .lines(let got)):
        comparePayload(want, Payload(.bytes(joined(got))), heard, at: place, &found)
      case (.set(let want), .set(let got)): compareLines(want, got, unordered: true, at: place, &found)
      default: found.add(.divergence, part.name, at: place, expected: Self.shown(part.content), observed: Self.shown(observed))
      }
    }
  }

  private mutating func compareRaw(_ payload: Payload, _ observed: Message, _ place: Place, _ found: inout Findings) {
    let got = joined(observed.head)
    if payload.bytes != got { found.add(.divergence, "content", at: place, expected: payload.bytes, observed: got) }
  }

  /// One difference for all lines: the first that differs.
  private mutating func compareLines(_ want: [Text], _ got: [Text], unordered: Bool, at place: Place, _ found: inout Findings) {
    if unordered {
      var left = got
      for text in want {
        var hit: Int?
        for (i, line) in left.enumerated() {
          guard case .matched(let match) = text.match(line.recorded, bindings) else { continue }
          bindings.bind(match)
          hit = i
          break
        }
        guard let hit else { return found.add(.divergence, "content", at: text.place, expected: Array(text.template.utf8)) }
        left.remove(at: hit)
      }
      if let more = left.first { found.add(.divergence, "content", at: place, observed: more.recorded) }
      return
    }
    for i in 0..<max(want.count, got.count) {
      guard i < want.count else {
        return found.add(
          .divergence, "content", at: want.last?.place ?? place, observed: got[i].recorded, hint: "it goes on where it was to end")
      }
      guard i < got.count else {
        return found.add(
          .divergence, "content", at: want[i].place, expected: Array(want[i].template.utf8), hint: "it ends where it was to go on")
      }
      switch want[i].match(got[i].recorded, bindings) {
      case .matched(let match):
        bindings.bind(match)
        if !match.notes.isEmpty { found.add(.note, Self.notationKind, at: want[i].place, observed: got[i].recorded) }
      case .limit:
        return found.add(.divergence, "match-limit", at: want[i].place, observed: got[i].recorded, fault: .us)
      default:
        return found.add(.divergence, "content", at: want[i].place, expected: Array(want[i].template.utf8), observed: got[i].recorded)
      }
    }
  }

  private mutating func comparePayload(_ want: Payload, _ got: Payload, _ heard: Heard, at place: Place, _ found: inout Findings) {
    let size = heard.payloadSize
    let isWhole = heard.payloadDigest == nil
    if let wanted = want.size, wanted != size {
      found.add(.divergence, "size", at: place, expected: Array("\(wanted) bytes".utf8), observed: Array("\(size) bytes".utf8))
    }
    if let wanted = want.sha256?.lowercased() {
      let seen = heard.payloadDigest ?? Digest.sha256(got.bytes)
      if wanted != seen { found.add(.divergence, "sha256", at: place, expected: Array(wanted.utf8), observed: Array(seen.utf8)) }
    }
    switch want.content {
    case nil: break
    case .lines(let texts)?: compareLines(texts, lines(got.bytes), unordered: want.unordered, at: place, &found)
    case .fields(let headers, let body)?: compareMail(headers, body?.payload, got, heard, at: place, &found)
    case .text(let text)?:
      if case .matched(let match) = text.match(got.bytes, bindings), isWhole {
        bindings.bind(match)
      } else {
        found.add(
          .divergence, "content", at: place, expected: Array(text.template.utf8.prefix(Self.shownBytes)),
          observed: Array(got.bytes.prefix(Self.shownBytes)))
      }
    case .bytes, .file, .json:
      if want.bytes != got.bytes || !isWhole {
        let at =
          zip(want.bytes, got.bytes).enumerated().first { $0.element.0 != $0.element.1 }?.offset ?? min(want.bytes.count, got.bytes.count)
        found.add(
          .divergence, "content", at: place, expected: Array(want.bytes.dropFirst(at).prefix(Self.shownBytes)),
          observed: Array(got.bytes.dropFirst(at).prefix(Self.shownBytes)),
          hint: "from byte \(at) on, of \(want.bytes.count) expected and \(size) observed")
      }
    }
    let got = lines(got.bytes)
    for text in want.has where !got.contains(where: { text.isFound(in: $0.recorded, bindings) }) {
      found.add(.divergence, "missing-text", at: text.place, expected: Array(text.template.utf8))
    }
    for text in want.lacks {
      guard let line = got.first(where: { text.isFound(in: $0.recorded, bindings) }) else { continue }
      found.add(.divergence, "forbidden-text", at: text.place, observed: line.recorded)
    }
  }

  /// Only the headers that are named, unfolded (RFC 5322 §2.2.3), and the body if it is.
  private mutating func compareMail(
    _ headers: [Part.Field], _ body: Payload?, _ got: Payload, _ heard: Heard, at place: Place, _ found: inout Findings
  ) {
    let mail = Mail(got.bytes)
    for header in headers {
      for value in header.values {
        let candidates = mail.headers.filter { $0.name.lowercased() == header.name.lowercased() }
        var isThere = false
        for candidate in candidates {
          guard case .matched(let match) = value.match(candidate.value, bindings) else { continue }
          bindings.bind(match)
          isThere = true
          break
        }
        if !isThere {
          found.add(
            .divergence, candidates.isEmpty ? "missing-header" : "header", at: value.place,
            expected: Array("\(header.name): \(value.template)".utf8),
            observed: candidates.first.map { Array("\(header.name): ".utf8) + $0.value })
        }
      }
    }
    guard let body else { return }
    var part = heard
    part.payloadSize = mail.body.count
    comparePayload(body, Payload(.bytes(mail.body)), part, at: body.place, &found)
  }

  private static func place(of content: Part.Content) -> Place? {
    switch content {
    case .lines(let texts), .set(let texts): texts.first?.place
    case .fields(let fields): fields.first?.values.first?.place
    case .payload(let payload): payload.place == .nowhere ? nil : payload.place
    }
  }

  private static func shown(_ content: Part.Content) -> [UInt8] {
    switch content {
    case .lines(let texts), .set(let texts): Array((texts.first?.template ?? "").utf8)
    case .fields(let fields): Array((fields.first.map { "\($0.name): \($0.values.first?.template ?? "")" } ?? "").utf8)
    case .payload(let payload): Array(payload.bytes.prefix(shownBytes))
    }
  }

  /// Of a payload that differs, that many bytes are shown.
  private static let shownBytes = 200
}

/// Lines as on the wire.
private func joined(_ lines: [Text]) -> [UInt8] { lines.reduce(into: []) { $0 += $1.recorded + [13, 10] } }

/// A mail's header fields, unfolded, and its body.
struct Mail {
  var headers: [(name: String, value: [UInt8])] = []
  var body: [UInt8] = []

  init(_ bytes: [UInt8]) {
    var start = 0
    while start < bytes.count {
      let end = bytes[start...].firstIndex(of: 10) ?? bytes.count
      let next = min(end + 1, bytes.count)
      let line = bytes[start..<(end > start && bytes[end - 1] == 13 ? end - 1 : end)]
      start = next
      if line.isEmpty { break }
      if line.first == 32 || line.first == 9, !headers.isEmpty {
        headers[headers.count - 1].value += line
      } else if let colon = line.firstIndex(of: UInt8(ascii: ":")) {
        headers.append((String(decoding: line[..<colon], as: UTF8.self), Array(line[(colon + 1)...].drop { $0 == 32 || $0 == 9 })))
      }
    }
    body = Array(bytes[start...])
  }
}
