import Dialects
import Results
import Transcript
import Wire

/// A payload as it was seen: all of it, or, where that was too much to keep, its front, its size and its digest.
struct Content {
  let bytes: [UInt8]
  let size: Int
  /// SHA-256, where `bytes` are not all.
  let digest: String?

  init(_ intake: Intake) { self.init(intake.bytes, size: intake.size, digest: intake.digest) }

  init(_ bytes: [UInt8]) { self.init(bytes, size: bytes.count, digest: nil) }

  init(_ bytes: [UInt8], size: Int, digest: String?) {
    self.bytes = bytes
    self.size = size
    self.digest = digest
  }
}

extension Verifier {
  /// - Parameter grade: what another content counts; what `has` and `lacks` ask for is always more than a note.
  mutating func comparePayload(
    _ want: Payload, _ got: Content, at place: Place, asContent grade: Grade = .divergence, _ found: inout Findings
  ) {
    if grade < .divergence {
      // Told once, whatever differs.
      var trial = Findings(found.step)
      var content = want
      (content.has, content.lacks) = ([], [])
      comparePayload(content, got, at: place, &trial)
      if let first = trial.differences.first { found.add(min(first.grade, grade), like: first) }
      var texts = Payload(place: want.place)
      (texts.has, texts.lacks) = (want.has, want.lacks)
      return comparePayload(texts, got, at: place, &found)
    }
    compareFacts(want, got, at: place, &found)
    guard let digest = got.digest else {
      compareContent(want, got.bytes, at: place, &found)
      if !want.has.isEmpty || !want.lacks.isEmpty { requireTexts(want, in: lines(got.bytes), &found) }
      return
    }
    if want.content != nil, want.isLiteral {
      if got.size != want.bytes.count || digest != Digest.sha256(want.bytes) {
        tellFirstByte(want, got.bytes, size: got.size, at: place, &found)
      }
    } else if want.content != nil || !want.has.isEmpty || !want.lacks.isEmpty {
      giveUp(at: place, observed: got, &found)
    }
  }

  /// What is said about a payload as a whole.
  func compareFacts(_ want: Payload, _ got: Content, at place: Place, _ found: inout Findings) {
    if let size = want.size, size != got.size {
      found.add(.divergence, "size", at: place, expected: Array("\(size) bytes".utf8), observed: Array("\(got.size) bytes".utf8))
    }
    if let wanted = want.sha256?.lowercased() {
      let seen = got.digest ?? Digest.sha256(got.bytes)
      if wanted != seen { found.add(.divergence, "sha256", at: place, expected: Array(wanted.utf8), observed: Array(seen.utf8)) }
    }
  }

  private mutating func compareContent(_ want: Payload, _ got: [UInt8], at place: Place, _ found: inout Findings) {
    switch want.content {
    case nil: break
    case .lines(let texts)?: compareLines(texts, lines(got), want.unordered ? .any : .inOrder, at: place, &found)
    case .fields(let headers, let body)?: compareMail(headers, body?.payload, got, at: place, &found)
    case .chunks(let texts)?:
      compareContent(Payload(.text(Text(pieces: texts.flatMap(\.pieces), place: texts.first?.place ?? place))), got, at: place, &found)
    case .text(let text)? where !text.isLiteral:
      if match(text, got, &found) == .differs {
        found.add(
          .divergence, "content", at: place, expected: Array(text.template.utf8.prefix(Self.shownBytes)),
          observed: Array(got.prefix(Self.shownBytes)))
      }
    case .json(let text)?: compareJSON(text, got, at: text.place == .nowhere ? place : text.place, &found)
    case .text?, .bytes?, .file?:
      if want.bytes != got { tellFirstByte(want, got, size: got.count, at: place, &found) }
    }
  }

  /// Only the headers that are named, and the body if it is.
  private mutating func compareMail(
    _ headers: [Part.Field], _ body: Payload?, _ got: [UInt8], at place: Place, _ found: inout Findings
  ) {
    let mail = Mail(got)
    for header in headers {
      let candidates = mail.headers.filter { $0.name.lowercased() == header.name.lowercased() }.map(\.value)
      for value in header.values where !candidates.contains(where: { match(value, $0, &found) != .differs }) {
        found.add(
          .divergence, candidates.isEmpty ? "missing-header" : "header", at: value.place,
          expected: Array("\(header.name): \(value.template)".utf8), observed: candidates.first.map { Array("\(header.name): ".utf8) + $0 })
      }
    }
    if let body { comparePayload(body, Content(mail.body), at: body.place == .nowhere ? place : body.place, &found) }
  }

  /// That they differ, at the line of a block in which they do.
  func tellFirstByte(_ want: Payload, _ got: [UInt8], size: Int, at place: Place, _ found: inout Findings) {
    let bytes = want.bytes
    let at = zip(bytes, got).enumerated().first { $0.element.0 != $0.element.1 }?.offset ?? min(bytes.count, got.count)
    found.add(
      .divergence, "content", at: want.place(of: at) ?? place, expected: Array(bytes.dropFirst(at).prefix(Self.shownBytes)),
      observed: Array(got.dropFirst(at).prefix(Self.shownBytes)),
      hint: "from byte \(at) on, of \(bytes.count) expected and \(size) observed")
  }

  private mutating func giveUp(at place: Place, observed: Content, _ found: inout Findings) {
    exhausted = exhausted ?? place
    found.add(
      .note, Self.limitKind, at: place, observed: Array("\(observed.size) bytes".utf8),
      hint: "too large to be compared with patterns: name its sha256 instead", fault: .us)
  }
}

extension Payload {
  /// The line of the transcript in which a byte of it stands, or behind which it would; nil where that is not known.
  fileprivate func place(of offset: Int) -> Place? {
    guard case .text(let text)? = content, text.place != .nowhere else { return nil }
    guard text.isBlock else { return text.place }
    let number = bytes.prefix(offset).count { $0 == UInt8(ascii: "\n") }
    // A line's end at the end begins no other.
    return text.lines.dropLast(bytes.last == UInt8(ascii: "\n") ? 1 : 0).prefix(number + 1).last?.place
  }

  fileprivate var isLiteral: Bool {
    switch content {
    case .lines(let texts)?: !unordered && texts.allSatisfy(\.isLiteral)
    case .text(let text)?: text.isLiteral
    case .chunks(let texts)?: texts.allSatisfy(\.isLiteral)
    case .bytes?, .file?, nil: true
    case .fields?, .json?: false
    }
  }
}
