import Wire

/// Text that ends with a dot on a line of its own, lines with a dot in front having one more (RFC 5321 §4.5.2, RFC 1939 §3).
///
/// Follows it piece by piece. Only CR LF ends a line here: a dot behind a bare LF ends nothing.
struct StuffedText: Sendable {
  /// At the start of a line that follows CR LF, where a dot counts.
  private var isAtStart = true
  private var endedInCR = false
  private var lineLength = 0
  private var told: Set<String> = []
  private let rules: (bareLF: String, length: String, limit: Int)

  init(bareLF: String, length: String, limit: Int) { rules = (bareLF, length, limit) }

  /// The next stretch; nil where more bytes are needed.
  mutating func cut(_ bytes: Span<UInt8>) -> Piece? {
    guard bytes.count > 0 else { return nil }
    var skipping = 0
    if isAtStart, bytes[0] == UInt8(ascii: ".") {
      if bytes.count == 1 || bytes.count == 2 && bytes[1] == 13 { return nil }
      if bytes[1] == 13, bytes[2] == 10 { return Piece(content: 0, taking: 3, isLast: true) }
      skipping = 1
    }
    var violations: [Violation] = []
    var at = skipping
    var end = bytes.count
    isAtStart = false
    while true {
      guard let lf = firstLF(bytes, from: at) else {
        lineLength += end - at
        endedInCR = bytes[end - 1] == 13
        break
      }
      let isClean = lf > at ? bytes[lf - 1] == 13 : endedInCR
      endedInCR = false
      lineLength += lf - at + 1
      if !isClean { tell(Violation("bare-lf", rules.bareLF), &violations) }
      if lineLength > rules.limit { tell(Violation("line-too-long", rules.length), &violations) }
      lineLength = 0
      at = lf + 1
      guard isClean else { if at < end { continue } else { break } }
      if at == end || bytes[at] == UInt8(ascii: ".") {
        isAtStart = true
        end = at
        break
      }
    }
    var piece = Piece(skipping: skipping, content: end - skipping, taking: end, isLast: false)
    piece.violations = violations
    return piece
  }

  /// Bytes are missing: where the next line starts has to be seen.
  mutating func lost() {
    isAtStart = false
    endedInCR = false
  }

  private mutating func tell(_ violation: Violation, _ violations: inout [Violation]) {
    if told.insert(violation.kind).inserted { violations.append(violation) }
  }
}

/// Doubles the dots in front of lines and puts the last one behind; a last line without an end gets one.
func stuffed(_ bytes: [UInt8]) -> [UInt8] {
  var out: [UInt8] = []
  out.reserveCapacity(bytes.count + 16)
  var isAtStart = true
  for byte in bytes {
    if isAtStart, byte == UInt8(ascii: ".") { out.append(byte) }
    out.append(byte)
    isAtStart = byte == 10
  }
  if !isAtStart { out += [13, 10] }
  return out + [UInt8(ascii: "."), 13, 10]
}
