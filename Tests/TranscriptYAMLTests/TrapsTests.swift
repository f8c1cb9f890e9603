import Testing
import Transcript
import TranscriptYAML

/// What YAML makes of texts without a word, and what it refuses: each is told, and how to write it.
@Suite struct TrapsTests {
  @Test func `what stands behind a comment's sign would be lost`() {
    expect(smtp("- C: JOIN 1️⃣#lab"), #"write - C: "JOIN #lab"; comments stand on lines of their own"#)
    expect(smtp("- S: 220 é ESMTP\t1️⃣#1 ready"), #"write - S: "220 é ESMTP\t#1 ready""#)
    expect(smtp("- C: 1️⃣#lab"), ##"write - C: "#lab""##)
    expect(smtp("- S: 250\n  has:\n    - a 1️⃣#b"), ##"write - "a #b""##)
    expect(smtp("- S: 250\n  has: [a 1️⃣#b\n    , c]"), "begins a comment")
    expect("replique: 1\ntags: [a]\nneeds:\n  - x 1️⃣#y\nprotocol: smtp\nexchange: [{S: 220}]", "begins a comment")
  }

  @Test func `a comment on a line of its own is one, and a sign without a blank is none`() throws {
    #expect(try steps(smtp("# hello\n- S: 220 #1\n").replacing(" #1", with: "#1")).map { head($0) } == [["220#1"]])
    #expect(try head(steps(smtp("- S: \"220\" # quoted: nothing is lost")).first) == ["220"])
  }

  @Test func `blanks at a plain text's end would be lost`() {
    expect(smtp("- S: 220 x1️⃣  "), #"write - S: "220 x  ", or remove them"#)
    expect(smtp("- S: é1️⃣\t"), "blanks at the end")
    expect(smtp("- S: 250\n  or:\n  - 2511️⃣ "), "blanks at the end")
    #expect(read(smtp("- S: 220\n- C: QUIT\n").replacing("\n", with: "\r\n")).1 == [])
  }

  @Test func `blanks in quotes and in a block are kept`() throws {
    #expect(try head(steps(smtp("- S: \"220 x  \"")).first) == ["220 x  "])
    #expect(try head(steps(smtp("- S: '220 x\t'  ")).first) == ["220 x\t"])
    #expect(try head(steps(smtp("- S: |\n    220-x \n    220 y${%x20}\n")).first) == ["220-x ", "220 y "])
  }

  @Test func `lines that YAML folds into one are told`() {
    expect(smtp("- S: 1️⃣220 x\n    y"), "folded into one")
    expect(smtp("- S: \"1️⃣220 x\n    y\""), "use a '|' block")
    expect(smtp("- S: '1️⃣220 x\n    y'"), "folded into one")
    expect(smtp("- S: 1️⃣>\n    220 x\n    y"), "'>' folds")
    expect(smtp("- C:\n    message: 1️⃣a\n      b"), "folded into one")
  }

  @Test func `nothing is no empty line`() throws {
    expect(smtp("- S:1️⃣"), "write \"\" for an empty line")
    expect(smtp("- S: 250\n  has: [a]\n  lacks:1️⃣"), "nothing stands here")
    expect(smtp("- S: 250\n  has:\n  - a\n  -1️⃣"), "nothing stands here")
    #expect(try head(steps(smtp("- S: \"\"")).first) == [""])
    #expect(try head(steps(smtp("- S: ~")).first) == ["~"])
  }

  @Test func `a text that YAML takes for a mapping or list is told with its quoted form`() {
    expect(smtp("- S: 1️⃣{3}"), #"write - S: "{3}""#)
    expect(smtp("- S: 1️⃣[x]"), #"write - S: "[x]""#)
    expect(smtp("- C: 1️⃣[a, b]"), "is a text, not a list")
    expect(smtp("- C:\n    1️⃣- a\n    - b"), "not a list")
    expect(smtp("- S: 250\n  has: [1️⃣a: b]"), "is a text, not a mapping")
  }

  @Test(arguments: [
    ("1️⃣!ok x", "tags ('!name') are not allowed"), ("1️⃣&a x", "anchors ('&name') are not allowed"),
    ("1️⃣*OK", "aliases ('*name') are not allowed"),
    ("1️⃣* 3 EXISTS", #"write - S: "* 3 EXISTS""#), ("1️⃣& x", #"write - S: "& x""#), ("1️⃣? x", #"write - S: "? x""#),
    ("[ALERT] 1️⃣x", #"write - S: "[ALERT] x""#), ("1️⃣|x", #"write - S: "|x""#), ("1️⃣>x", #"write - S: ">x""#),
    ("1️⃣%done", #"write - S: "%done""#), ("1️⃣@x", #"write - S: "@x""#), ("1️⃣`x`", #"write - S: "`x`""#),
    (#""a" 1️⃣b"#, #"write - S: '"a" b'"#), ("'a' 1️⃣b", #"write - S: "'a' b""#), (#""é" 1️⃣b"#, #"write - S: '"é" b'"#),
    ("1️⃣- x", #"write - S: "- x""#),
    ("250 Ok1️⃣: queued", #"write - S: "250 Ok: queued""#), ("2501️⃣:", #"write - S: "250:""#), ("é😀1️⃣: x", #"write - S: "é😀: x""#),
    ("1️⃣,x", #"write - S: ",x""#), ("1️⃣]x", #"write - S: "]x""#), ("1️⃣\"never", "the quote is never closed"),
    ("1️⃣'never", "the quote is never closed"),
    (#""1️⃣\d""#, "this escape is not known"), ("|1️⃣0", "the number behind '|'"),
  ])
  func `what does not parse unquoted is told with its quoted form`(text: String, message: String) {
    expect(smtp("- S: \(text)"), message)
  }

  @Test func `what looks like another type is its characters`() throws {
    for text in [
      "220", "NO", "yes", "1e3", "0123", "~", "null", "1:30", "2024-03-05", "0x1F", ".5", "-ERR no", "+OK", "-x", "?x", ":x", "a:b", "=",
      "<<", "a#b",
    ] {
      #expect(try head(steps(smtp("- S: \(text)")).first) == [text])
    }
  }

  @Test func `a backslash that YAML has taken from an expression is told`() throws {
    expect(smtp(#"- S: "220 1️⃣${:/\bx/}""#), "in single quotes")
    #expect(try head(steps(smtp(#"- S: '220 ${:/\bx/}'"#)).first) == [#"220 ${:/\bx/}"#])
    #expect(try head(steps(smtp(#"- S: "220 ${:/\\bx/}""#)).first) == [#"220 ${:/\bx/}"#])
  }

  @Test func `one document, and nothing that names or merges`() {
    expect("1️⃣%YAML 1.1\n---\nreplique: 1", "directives")
    expect("replique: 1\n1️⃣---\nreplique: 1", "a second document")
    expect("replique: 1\n...\n1️⃣replique: 1", "behind the end of the transcript")
    expect("replique: 1\nvars:\n  1️⃣<<: x", "merge keys")
    expect("replique: 1\nvars: 1️⃣&v {a: b}", "anchors")
    expect("replique: 1\n1️⃣[a]: b", "a key must be a text")
    #expect(read("---\n" + smtp("- S: 220") + "\n...\n").1 == [])
  }

  @Test func `brackets and commas need quotes in brackets`() {
    expect(smtp("- S: 250\n  has: [$1️⃣{x}]"), "quote a text that holds")
    expect("replique: 1\nvars: {a: $1️⃣{x}}", "quote a text that holds")
    expect(smtp("- S: 250\n  has: 1️⃣[a, b"), "'[' is never closed")
    expect("replique: 1\nvars: {a1️⃣:, b: c}", "commas between its items")
  }

  @Test func `a tab cannot indent`() {
    expect("replique: 1\nprotocol: smtp\nexchange:\n1️⃣\t- S: 220", "a tab cannot indent")
    expect(smtp("- S: |\n1️⃣\tx").replacing("  1️⃣\t", with: "1️⃣\t"), "a tab cannot indent")
  }

  @Test func `what does not stand where it should is told`() {
    expect(smtp("- S: 220\n 1️⃣- C: QUIT").replacing("   1️⃣", with: " 1️⃣"), "the indentation does not fit")
    expect(smtp("- S: 220\n1️⃣C: QUIT").replacing("  1️⃣", with: "   1️⃣"), "the indentation does not fit")
    expect("replique: 1\n1️⃣- x", "the indentation does not fit")
    expect(smtp("- S: 220\n    C1️⃣: QUIT"), "the indentation does not fit what stands above")
  }
}
