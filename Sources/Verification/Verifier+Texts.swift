import Dialects
import Results
import Transcript
import Wire

extension Verifier {
  /// `has` and `lacks`: a keyword in a keyword set, with its parameters if given; elsewhere text within one line.
  mutating func requireTexts(_ step: Step, _ observed: Message, answering command: Message?, _ found: inout Findings) {
    guard !step.has.isEmpty || !step.lacks.isEmpty else { return }
    let keywords = facets(of: observed, command).filter { $0.kind == Self.keywordKind }
    if !keywords.isEmpty || isKeywordSet(observed, command) {
      require(step.has, step.lacks, kind: Self.keywordKind, in: keywords.map(\.value.recorded), &found, isThere)
    } else {
      let lines = observed.head + observed.parts.flatMap(\.content.linesOfText)
      require(step.has, step.lacks, kind: "text", in: lines.map(\.recorded), &found) { verifier, text, line, found in
        verifier.take(text.occurs(in: line, verifier.bindings), of: text, line, &found)
      }
    }
  }

  /// What a payload must hold, and must not, within one line.
  mutating func requireTexts(_ payload: Payload, in lines: [Text], _ found: inout Findings) {
    require(payload.has, payload.lacks, kind: "text", in: lines.map(\.recorded), &found) { verifier, text, line, found in
      verifier.take(text.occurs(in: line, verifier.bindings), of: text, line, &found)
    }
  }

  private mutating func require(
    _ has: [Text], _ lacks: [Text], kind: String, in lines: [[UInt8]], _ found: inout Findings,
    _ isThere: (inout Verifier, Text, [UInt8], inout Findings) -> Fit
  ) {
    for text in has where !lines.contains(where: { isThere(&self, text, $0, &found) != .differs }) {
      found.add(.divergence, "missing-\(kind)", at: text.place, expected: Array(text.template.utf8))
    }
    for text in lacks {
      // What must not be there binds nothing.
      var trial = self
      var ignored = found
      guard let line = lines.first(where: { isThere(&trial, text, $0, &ignored) == .fits }) else { continue }
      found.add(.divergence, "forbidden-\(kind)", at: text.place, expected: Array(text.template.utf8), observed: line)
    }
  }

  /// `AUTH`, `AUTH PLAIN` and `AUTH ${:any}` are all there in `AUTH LOGIN PLAIN`.
  private func isThere(_ verifier: inout Verifier, _ text: Text, _ keyword: [UInt8], _ found: inout Findings) -> Fit {
    let fit = verifier.match(text, keyword, &found)
    guard fit == .differs, let wanted = text.literal else { return fit }
    let (have, want) = (Self.words(keyword), Self.words(wanted))
    return have.first == want.first && Set(want).isSubset(of: have) ? .fits : .differs
  }

  /// `AUTH=LOGIN` is an old spelling of `AUTH LOGIN`.
  private static func words(_ keyword: [UInt8]) -> [String] {
    keyword.split { $0 == 32 || $0 == UInt8(ascii: "=") }.map { String(decoding: $0, as: UTF8.self).uppercased() }
  }

  /// Whether a reply that names no keyword is one that could.
  private mutating func isKeywordSet(_ observed: Message, _ command: Message?) -> Bool {
    let code = (observed.head.last?.recorded ?? []).prefix { $0 != 32 }
    let probe = dialect.usualReply(String(decoding: code, as: UTF8.self), to: command, with: ["X-PROBE"])
    return facets(of: probe, command).contains { $0.kind == Self.keywordKind }
  }
}

extension Part.Content {
  var linesOfText: [Text] {
    switch self {
    case .lines(let texts), .set(let texts): texts
    case .fields(let fields): fields.flatMap(\.values)
    case .payload(let payload): Dialects.lines(payload.bytes)
    }
  }
}
