import Wire

/// Text that ends with a dot on a line of its own, lines with a dot in front having one more (RFC 5321 §4.5.2, RFC 1939 §3).
///
/// Follows it piece by piece. Only CR LF ends a line here: a dot behind a bare LF ends nothing, unless the sender knows no CR LF at all.
struct StuffedText: Sendable {
  /// At the start of a line, where a dot counts.
  private var isAtStart = true
  private var check: TextCheck
  private let ending: Violation
  private let takesBareLF: Bool
  private var hasEnded = false

  /// - Parameters:
  ///   - ending: the section that asks for the final dot.
  ///   - takesBareLF: the sender ended its head in a bare LF, and so will its dot.
  init(_ rules: LineRules, ending: String, takesBareLF: Bool = false) {
    check = TextCheck(rules)
    self.ending = Violation("missing-dot", ending)
    self.takesBareLF = takesBareLF
  }

  /// The next stretch; nil where more bytes are needed.
  mutating func cut(_ bytes: Span<UInt8>) -> Piece? {
    guard bytes.count > 0 else { return nil }
    var skipping = 0
    if isAtStart, bytes[0] == UInt8(ascii: ".") {
      if bytes.count == 1 || bytes.count == 2 && bytes[1] == 13 { return nil }
      if bytes[1] == 13, bytes[2] == 10 { return Piece(content: 0, taking: 3, isLast: true) }
      if takesBareLF, bytes[1] == 10 { return Piece(content: 0, taking: 2, isLast: true) }
      skipping = 1
    }
    isAtStart = false
    var end = bytes.count
    var at = skipping
    while let lf = firstLF(bytes, from: at) {
      let isClean = lf > 0 ? bytes[lf - 1] == 13 : check.endedInCR
      at = lf + 1
      guard isClean || takesBareLF else { continue }
      if at == bytes.count || bytes[at] == UInt8(ascii: ".") {
        isAtStart = true
        end = at
        break
      }
    }
    var piece = Piece(skipping: skipping, content: end - skipping, taking: end, isLast: false)
    piece.violations = check.violations(in: bytes, from: skipping, to: end)
    return piece
  }

  /// Told once, where the sender has ended inside.
  mutating func ended() -> Piece? {
    guard !hasEnded else { return nil }
    hasEnded = true
    var piece = Piece(content: 0, taking: 0, isLast: false)
    piece.violations = [ending]
    return piece
  }

  /// Bytes are missing: where the next line starts has to be seen.
  mutating func lost() {
    isAtStart = false
    check.lost()
  }
}

/// Looks for what no line of a text may have, each told once. The text comes in pieces.
struct TextCheck: Sendable {
  private let rules: LineRules
  private(set) var endedInCR = false
  private var lineLength = 0
  private var told: Set<String> = []

  init(_ rules: LineRules) { self.rules = rules }

  mutating func violations(in bytes: Span<UInt8>, from start: Int, to end: Int) -> [Violation] {
    var out: [Violation] = []
    var at = start
    while at < end {
      let lf = first(10, in: bytes, from: at, to: end)
      let stop = lf ?? end
      let hasCR = stop > at && bytes[stop - 1] == 13
      if endedInCR, stop > at { tell("bare-cr", rules.ends, &out) }
      if first(13, in: bytes, from: at, to: hasCR ? stop - 1 : stop) != nil { tell("bare-cr", rules.ends, &out) }
      lineLength += stop - at
      if lf != nil {
        if !hasCR, !(stop == at && endedInCR) { tell("bare-lf", rules.ends, &out) }
        lineLength += 1
      }
      if lineLength > rules.limit { tell("line-too-long", rules.length, &out) }
      if lf != nil { lineLength = 0 }
      endedInCR = lf == nil && hasCR
      at = stop + 1
    }
    return out
  }

  mutating func lost() {
    endedInCR = false
    lineLength = 0
  }

  private mutating func tell(_ kind: String, _ rule: String, _ out: inout [Violation]) {
    if told.insert(kind).inserted { out.append(Violation(kind, rule)) }
  }
}

/// Doubles the dots in front of lines and puts the last one behind; a last line without an end gets one.
func stuffed(_ bytes: [UInt8]) -> [UInt8] {
  var out: [UInt8] = []
  out.reserveCapacity(bytes.count + 16)
  var copied = 0
  var line = 0
  while line < bytes.count {
    if bytes[line] == UInt8(ascii: ".") {
      out += bytes[copied...line]
      copied = line
    }
    line = firstLF(bytes.span, from: line).map { $0 + 1 } ?? bytes.count
  }
  out += bytes[copied...]
  if let last = bytes.last, last != 10 { out += [13, 10] }
  out += [UInt8(ascii: "."), 13, 10]
  return out
}
