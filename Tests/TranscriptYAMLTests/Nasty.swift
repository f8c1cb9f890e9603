import Support
import Transcript
import Wire

/// Makes transcripts that a writer might stumble over: whatever YAML, editors and our own patterns find special.
struct Nasty {
  var random: Seeded

  init(_ seed: UInt64) { random = Seeded(seed) }

  private static let pieces: [[UInt8]] =
    [
      " ", "  ", "\t", "#", " #", "# ", ":", ": ", "::", "\"", "'", "''", "\\", "\\n", "é", "😀", "e\u{301}", "\u{301}", "\"\u{301}",
      "\u{85}", "\u{2028}",
      "\u{2029}", "\u{feff}", "\u{202e}", "\u{a0}", "-", "- ", "?", "? ", "---", "...", "<<", "~", "${", "$${", "$", "$$", "}", "{", "[",
      "]", ",", "|", ">",
      "%", "@", "`", "!", "&", "*", "=", "a", "b c", "220", "220-", "true", "null", "${%x", "\r", "\u{1b}[31m", "\u{0}", "\u{7f}",
      "\u{fffd}", "\u{e000}",
      "\u{10ffff}", "<<<<<<< ", "=======", "x: y",
    ].map { Array($0.utf8) } + [[0xff], [0xc3], [0xe2, 0x82], [0xed, 0xa0, 0x80], [0xe9]]

  mutating func bytes(_ count: ClosedRange<Int> = 0...6) -> [UInt8] { random.some(count) { $0.one(of: Self.pieces) }.flatMap(\.self) }

  /// Characters that YAML can write one way or another.
  mutating func words() -> String { String(decoding: bytes(), as: UTF8.self) }

  mutating func text(_ count: ClosedRange<Int> = 0...6) -> Text {
    switch random.number(0...5) {
    case 0: Text(pieces: [.literal(bytes(0...2)), .hole(hole()), .literal(bytes(0...2)), .hole(hole()), .literal(bytes(0...2))])
    case 1: Text(pieces: [.hole(hole())])
    default: Text(bytes(count))
    }
  }

  /// Lines as a `message` has them, sometimes none.
  mutating func lines(_ count: ClosedRange<Int> = 0...5) -> [Text] {
    (0..<random.number(count)).map { _ in random.number(0...3) == 0 ? "" : text() }
  }

  private mutating func hole() -> Hole {
    switch random.number(0...4) {
    case 0: Hole(nil, .type(.word), example: Array("a#b:\"é}{'".utf8))
    case 1: Hole(nil, .expression(#"[^"'{}]+: #\d/"#), example: Array("x: #1/".utf8))
    case 2: Hole("secret.p", .bound)
    case 3: Hole(nil, .call(.basic, [.text(Array(#"a "b" \ : #"#.utf8)), .name("secret.p")]))
    default: Hole(nil, .type(.token), example: Array("x=".utf8))
    }
  }
}
