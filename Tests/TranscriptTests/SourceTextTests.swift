import Testing
import Transcript

@Suite struct SourceTextTests {
  private func lines(_ text: String) -> [String] {
    let source = SourceText(file: "t", bytes: Array(text.utf8))
    return (1...source.lineCount).compactMap { source.line($0) }.map { String(decoding: $0, as: UTF8.self) }
  }

  @Test(arguments: [
    ("", [""]), ("a", ["a"]), ("a\n", ["a", ""]), ("a\nb", ["a", "b"]), ("a\r\nb\r\n", ["a", "b", ""]), ("a\rb\r", ["a", "b", ""]),
    ("\r\r\n\n", ["", "", "", ""]),
    ("\u{feff}a\nb", ["a", "b"]), ("a\u{feff}", ["a\u{feff}"]),
  ])
  func `lines end with LF, CRLF or CR`(text: String, lines: [String]) { #expect(self.lines(text) == lines) }

  @Test func `there is no line before the first and behind the last`() {
    let source = SourceText(file: "t", bytes: Array("a\nb".utf8))
    #expect(source.line(0) == nil && source.line(3) == nil && source.line(-1) == nil)
    #expect(source.line(at: Place(file: "u", line: 1, column: 1)) == nil)
    #expect(source.line(at: Place(file: "t", line: 2, column: 9)) == "b")
    #expect(source.excerpt(.nowhere) == "")
  }

  @Test(
    arguments: [
      ("hass", ["has", "lacks"], "has"), ("SC", ["S", "C"], "C"), ("s", ["S", "C"], "S"), ("titel", ["title", "tags"], "title"),
      ("zzz", ["has", "or"], nil),
      ("", ["a"], "a"), ("protocl", ["protocol", "proxy"], "protocol"),
      (String(repeating: "x", count: 65), [String(repeating: "x", count: 65)], nil),
    ] as [(String, [String], String?)])
  func `a misspelt word has a neighbour, or none`(word: String, candidates: [String], near: String?) {
    #expect(nearest(to: word, among: candidates) == near)
  }

  @Test func `what a message quotes is short and fit for a terminal`() {
    #expect("a\u{1b}[31m".shown == "a\\x1b[31m")
    #expect(String(repeating: "é", count: 61).shown == String(repeating: "é", count: 60) + "…")
  }
}
