import Testing
import Transcript
import TranscriptYAML

/// Errors point at the character that is meant, whatever stands before it.
@Suite struct PlacesTests {
  @Test func `a pattern is found behind characters of any width`() {
    expect(smtp("- S: 220 é€😀e\u{301} 1️⃣${x:tokn}"), "did you mean 'token'?")
    expect(smtp("- S: \"220 1️⃣${x:tokn}\""), "did you mean 'token'?")
    expect(smtp(#"- S: "\t\"\xe9\u00e9\U000000e9\\1️⃣${x:tokn}""#), "did you mean 'token'?")
    expect(smtp("- S: 'it''s 1️⃣${x:tokn}'"), "did you mean 'token'?")
    expect(smtp("- S: \"250\"  # é\n  has: [é, \"\\t1️⃣${x:tokn}\"]"), "did you mean 'token'?")
  }

  @Test func `what stands behind a text is found however many characters stand before it`() {
    for count in [1, 63, 64, 65, 127, 128, 1000] {
      let text = String(repeating: "é😀", count: count)
      expect(smtp("# \(text)\n- S: \(text) x 1️⃣#y"), "comment")
      expect(smtp("- S: \"\(text)\"\n- S: \(text)x1️⃣ "), "blanks")
    }
  }

  @Test func `a line of a block is found where it stands`() {
    expect(smtp("- S: |\n    220-a\n\n    220 é1️⃣${x:tokn}"), "no type 'tokn'")
    expect(smtp("- S: |2\n      220-a\n      1️⃣${x:tokn}").replacing("        1️⃣", with: "        1️⃣"), "no type 'tokn'")
    expect(smtp("- C:\n    message: |+\n\n\n      a\n        1️⃣${x:tokn}\n\n"), "no type 'tokn'")
    expect(smtp("- C:\n    message: |1\n      a\n     \t1️⃣${x:tokn}\n"), "no type 'tokn'")
    expect(smtp("- S: 250\n  has:\n    - |\n      1️⃣${x:tokn}\n"), "no type 'tokn'")
    expect(ftp("- C: STOR x\n- data: C\n  text: |\n    a\n    b 1️⃣${x:tokn} ${y}\n"), "no type 'tokn'")
    expect(smtp("- C: {message: \"a\\nb 1️⃣${x:tokn}\"}"), "no type 'tokn'")
  }

  @Test func `line ends of any kind make lines`() throws {
    for end in ["\r\n", "\r", "\n"] {
      let text = "replique: 1\nprotocol: smtp\nexchange:\n  - S: |\n      220-é\n      220 b ${x:tokn}\n  - C: a #b\n".replacing(
        "\n", with: end)
      let found = read(text).1
      #expect(found.map { "\($0.place.line):\($0.place.column)" } == ["6:13", "7:10"], "\(end.debugDescription)")
      #expect(try head(steps(text.replacing("tokn", with: "token").replacing(" #b", with: "")).first) == ["220-é", "220 b ${x:token}"])
      #expect(found[0].rendered(in: [SourceText(file: "t.yaml", bytes: Array(text.utf8))]).contains("6 |       220 b ${x:tokn}\n"))
    }
  }

  @Test func `an error is shown with its line and a caret under the place`() {
    let text = "replique: 1\nprotocol: smtp\nexchange:\n  - S: 220 日本 é ${x:tokn} y\n"
    let rendered = read(text).1.map { $0.rendered(in: [SourceText(file: "t.yaml", bytes: Array(text.utf8))]) }
    #expect(
      rendered == [
        """
        t.yaml:4:17: error: there is no type 'tokn'
        4 |   - S: 220 日本 é ${x:tokn} y
          |                   ^^^^^^^^
        hint: did you mean 'token'?
        """
      ])
  }

  @Test func `of a long line, what stands around the place is shown`() {
    let place = Place(file: "t", line: 3, column: 301, length: 2)
    let shown = place.excerpt(String(repeating: "a", count: 300) + "XY" + String(repeating: "b", count: 300)).split(separator: "\n")
    #expect(shown[0].hasPrefix("3 | …aaa") && shown[0].hasSuffix("bbb…") && shown[0].contains("aXYb"))
    #expect(shown[1].dropFirst(4).prefix { $0 == " " }.count == shown[0].dropFirst(4).prefix { $0 != "X" }.count)
    #expect(shown[1].hasSuffix("^^") && shown[0].count < 180)
  }

  @Test func `a caret stands behind the line where something is missing, and never steers a terminal`() {
    #expect(Place(file: "t", line: 1, column: 4).excerpt("abc") == "1 | abc\n  |    ^")
    #expect(Place(file: "t", line: 1, column: 9, length: 5).excerpt("abc") == "1 | abc\n  |    ^")
    #expect(Place(file: "t", line: 1, column: 3).excerpt("a\u{1b}b") == "1 | a\\x1bb\n  |      ^")
    #expect(Place(file: "t", line: 1, column: 3).excerpt("e\u{301}x") == "1 | e\u{301}x\n  |  ^")
    #expect(Place(file: "a\u{1b}b", line: 1, column: 3).description == "a\\x1bb:1:3")
  }

  @Test func `all errors of a file are told, in its order`() {
    expect(
      """
      replique: 1
      1️⃣titel: x
      protocol: smtp
      within: 1️⃣10
      exchange:
        - S: 1️⃣220 a
            b
        - C: a 1️⃣#b
          1️⃣has: [x]
        - 1️⃣s: 250
        - S: 250 1️⃣${nobody}
        - S: ${x:token=1️⃣}
      """.replacing("${x:token=1️⃣}", with: "1️⃣${x:token=a b} ${x}"), "did you mean 'title'?", "is a time", "folded", "comment",
      "belongs to 'S'",
      "did you mean 'S' for 's'?", "nothing has bound 'nobody'", "is not of type 'token'")
  }

  @Test func `a hundred errors are enough`() {
    let (transcript, found) = read(smtp(String(repeating: "- S: a #b\n", count: 1000)))
    #expect(transcript == nil && found.count == 100)
  }

  @Test func `warnings do not hide an error`() {
    let warnings = (0..<200).map { "- S: 250 ${secret.a\($0):token=x}" }.joined(separator: "\n")
    let (transcript, found) = read(smtp(warnings + "\n- S: 250 ${x:any}${y:any} ${x} ${y}"))
    #expect(transcript == nil && found.contains { $0.severity == .error })
  }
}
