import Testing
import Transcript
import TranscriptYAML

/// Files that are no text of ours: told before YAML sees them, with the place.
@Suite struct ScreeningTests {
  private func errors(_ bytes: [UInt8]) -> [String] {
    TranscriptReader { (_) throws(LoadError) in throw LoadError(description: "") }.read(bytes, file: "t").1.map {
      "\($0.place.line):\($0.place.column) \($0.message)"
    }
  }

  @Test func `bytes that are not UTF-8 are told each, with what to write for them`() {
    let text = Array("replique: 1\n# caf".utf8) + [0xe9] + Array("\n# é".utf8) + [0xc3, 0x28] + Array("\n# ".utf8) + [0xed, 0xa0, 0x80]
    #expect(errors(text) == [#"2:6 not UTF-8: the byte \xe9"#, #"3:4 not UTF-8: the byte \xc3"#, #"4:3 not UTF-8: the byte \xed"#])
    let hint = TranscriptReader { (_) throws(LoadError) in throw LoadError(description: "") }.read(text, file: "t").1[0].hint
    #expect(hint == "write '${%xE9}' for it")
  }

  @Test(arguments: [
    ("a 1️⃣\0b", "a NUL byte"), ("é 1️⃣\u{1}", "a control character"),
    ("1️⃣\u{7f}", "a control character"), ("a1️⃣\u{85}b", "a line's end"),
    ("a1️⃣\u{2028}b", "a line's end"), ("1️⃣\u{ffff}", "or not at all"), ("1️⃣<<<<<<< HEAD", "merge conflict"),
    ("x\n1️⃣=======", "merge conflict"),
    ("1️⃣>>>>>>> branch", "merge conflict"), ("1️⃣||||||| base", "merge conflict"),
  ])
  func `characters that YAML does not take, and what a merge left, are told`(text: String, message: String) {
    expect(text, message)
  }

  @Test func `a merge conflict is told with all its marks`() {
    expect("1️⃣<<<<<<< a\nx\n1️⃣=======\ny\n1️⃣>>>>>>> b\n", "merge", "merge", "merge")
  }

  @Test func `what Git leaves is text where it is indented`() throws {
    #expect(read(smtp("- C:\n    message: |\n      =======\n      <<<<<<< a")).1 == [])
  }

  @Test func `UTF-16 is told`() {
    #expect(errors([0xff, 0xfe, 0x72, 0]) == ["1:1 the file is UTF-16; a transcript is UTF-8"])
    #expect(errors([0xfe, 0xff, 0, 0x72]) == ["1:1 the file is UTF-16; a transcript is UTF-8"])
    #expect(errors([0x72, 0, 0x65, 0]).first == "1:2 a NUL byte")
  }

  @Test(arguments: ["", "\n", "# nothing\n", "\u{feff}", "---\n...\n"])
  func `a file with nothing in it is told`(text: String) {
    #expect(!read(text).1.isEmpty && read(text).0 == nil)
  }

  @Test func `a file of another kind is not told line by line`() {
    #expect(errors([UInt8](repeating: 0xff, count: 3) + Array(String(repeating: "\n\0", count: 10_000).utf8)).count <= 20)
  }

  @Test func `too large a file, too long a line and too many lines are told`() {
    #expect(errors([UInt8](repeating: 0x61, count: 100 << 20)) == ["1:1 the file is larger than 64 MiB"])
    #expect(errors(Array("a: ".utf8) + [UInt8](repeating: 0x61, count: 10 << 20)) == ["1:1 the line is longer than 8 MiB"])
    #expect(errors([UInt8](repeating: 0x0a, count: 2_000_000)) == ["1:1 the file has more than 1000000 lines"])
  }

  @Test func `a byte order mark is no character of the first line`() {
    expect("1️⃣repliqe: 1", "begins with 'replique: 1'")
    #expect(errors(Array("\u{feff}repliqe: 1".utf8)) == ["1:1 a transcript begins with 'replique: 1'"])
    let marked = Marked("\u{feff}replique: 1")
    #expect(SourceText(file: "t", bytes: Array(marked.text.utf8)).line(1).map { Array($0) } == Array("replique: 1".utf8))
  }
}
