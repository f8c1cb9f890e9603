import Testing
import Transcript
import TranscriptYAML

@Suite struct IncludeTests {
  private let login = "replique: 1\nprotocol: smtp\nvars: {user: a, word: b}\nexchange:\n  - C: HELP ${user} ${word}\n  - S: 214\n"
  private func including(_ step: String, vars: String = "") -> String {
    "replique: 1\nprotocol: smtp\n" + vars + "exchange:\n  - S: 220\n  - include: \(step)\n  - C: QUIT\n"
  }

  private func values(_ transcript: Transcript?) throws -> [String] {
    let transcript = try #require(transcript)
    return (transcript.vars + transcript.conversations.flatMap(\.vars)).map { "\($0.name)=\($0.value?.template ?? "")" }.sorted()
  }

  @Test func `steps stand as if they were written there`() throws {
    let (transcript, found) = read(including("login.yaml"), files: ["login.yaml": login])
    #expect(found == [])
    #expect(try #require(transcript).conversations[0].steps.map { head($0)[0] } == ["220", "HELP ${user} ${word}", "214", "QUIT"])
    #expect(try values(transcript) == ["user=a", "word=b"])
    #expect(transcript?.sources.map(\.file) == ["t.yaml", "login.yaml"])
    #expect(transcript?.conversations[0].steps[1].place == Place(file: "login.yaml", line: 5, column: 8, length: 20))
  }

  @Test func `what stands beside the include wins, and this file over an included one`() throws {
    let files = ["login.yaml": login]
    #expect(try values(read(including("login.yaml\n    vars: {user: x}"), files: files).0) == ["user=x", "word=b"])
    #expect(try values(read(including("login.yaml", vars: "vars: {word: y}\n"), files: files).0) == ["user=a", "word=y"])
    #expect(read(including("login.yaml\n    vars: {user: x}", vars: "vars: {user: x}\n"), files: files).1 == [])
    expect(including("login.yaml\n    vars: {1️⃣user: x}", vars: "vars: {user: y}\n"), "has another value already", files: files)
    expect(
      including("login.yaml\n    vars: {user: x}\n  - include: login.yaml\n" + "    vars: {1️⃣user: y}"), "has another value already",
      files: files
    )
  }

  @Test func `an included file may include another, and its own variables win over that one's`() throws {
    let outer = "replique: 1\nprotocol: smtp\nvars: {user: outer}\nexchange:\n  - include: inner.yaml\n"
    let (transcript, found) = read(including("sub/outer.yaml"), files: ["sub/outer.yaml": outer, "sub/inner.yaml": login])
    #expect(found == [])
    #expect(try values(transcript) == ["user=outer", "word=b"])
    #expect(transcript?.sources.map(\.file) == ["t.yaml", "sub/outer.yaml", "sub/inner.yaml"])
  }

  @Test func `what is wrong in an included file is told there`() {
    let (transcript, found) = read(
      including("login.yaml"), files: ["login.yaml": login.replacing("214", with: "${x:tokn}").replacing("vars", with: "varz")])
    #expect(transcript == nil)
    #expect(found.map { "\($0.place)" } == ["login.yaml:3:1", "login.yaml:6:8"])
    let other = read(including("login.yaml"), files: ["login.yaml": "replique: 1\nprotocol: [\n"]).1
    #expect(other.map { "\($0.place)" } == ["login.yaml:3:1"])
  }

  @Test func `a file that cannot be included is told at the include`() {
    expect(including("1️⃣nowhere.yaml"), "nowhere.yaml: no such file")
    expect(including("1️⃣/login.yaml"), "never absolute")
    expect(including("1️⃣../login.yaml"), "leads out of the folder")
    expect(including("1️⃣a/../../login.yaml"), "leads out of the folder")
    expect(including("1️⃣t.yaml"), "the file includes itself")
    expect(including("1️⃣./x/../t.yaml"), "the file includes itself")
    expect(including("1️⃣[a]"), "is a text, not a list")
    expect(including("login.yaml\n    1️⃣name: x"), "no key 'name'", files: ["login.yaml": login])
    expect(including("1️⃣p.yaml"), "it speaks pop3, this conversation smtp", files: ["p.yaml": login.replacing("smtp", with: "pop3")])
    expect(including("1️⃣p.yaml"), "has no 'exchange'", files: ["p.yaml": "replique: 1\nprotocol: smtp\n"])
  }

  @Test func `a cycle through other files is told`() {
    let files = ["a.yaml": including("b.yaml"), "b.yaml": including("a.yaml")]
    let found = read(including("a.yaml"), files: files).1
    #expect(found.map(\.message) == ["the file includes itself"])
    #expect(found.map(\.hint) == ["t.yaml includes a.yaml includes b.yaml includes a.yaml"])
  }

  @Test func `including is bounded in depth and in number`() {
    var files: [String: String] = [:]
    for i in 0..<20 { files["\(i).yaml"] = including("\(i + 1).yaml") }
    #expect(read(including("0.yaml"), files: files).1.map(\.message) == ["files are included more than 16 deep"])
    // Each twice, fifteen deep: 32,768 files.
    for i in 0..<14 { files["\(i).yaml"] = including("\(i + 1).yaml\n  - include: \(i + 1).yaml") }
    files["14.yaml"] = login
    let found = read(including("0.yaml"), files: files).1
    #expect(!found.isEmpty && found.allSatisfy { $0.message.contains("more is included than 1000 files") })
  }

  @Test func `a path is followed under the folder that the run was started on`() {
    let text = including("../common/login.yaml")
    let files = ["all/common/login.yaml": login]
    #expect(read(text, file: "all/smtp/a.yaml", files: files, under: "all").1 == [])
    #expect(read(text, file: "all/smtp/a.yaml", files: files, under: "all/").1 == [])
    #expect(
      read(text, file: "all/smtp/a.yaml", files: files).1.map(\.message) == ["the path leads out of the folder that the run was started on"]
    )
    #expect(read(text, file: "all/smtp/a.yaml", files: files, under: "all/smtp").1.count == 1)
    #expect(read(including("login.yaml"), file: "/x/y.yaml", files: ["/x/login.yaml": login]).1 == [])
    #expect(read(including("../x/login.yaml"), file: "../x/y.yaml", files: ["../x/login.yaml": login], under: "..").1 == [])
    #expect(read(including("../../x/login.yaml"), file: "../x/y.yaml", under: "..").1.count == 1)
  }

  @Test func `a conversation may be another file`() throws {
    let other =
      "replique: 1\nprotocol: smtp\nvars: {user: a, word: b}\n"
      + "gate: drift\ngrades: {late: note}\nexchange:\n  - C: HELP ${user} ${word} ${x}\n"
    let text = """
      replique: 1
      vars: {word: w}
      within: 5s
      conversations:
        - {name: one, protocol: smtp, exchange: [{S: "220 ${x:token}"}]}
        - {name: two, include: other.yaml, vars: {user: z}}
      """
    let (transcript, found) = read(text, files: ["other.yaml": other])
    #expect(found == [])
    let second = try #require(transcript?.conversations.last)
    #expect(second.name == "two" && second.within == .seconds(5) && second.gate == .drift && second.grades == ["late": .note])
    #expect(try values(transcript) == ["user=z", "word=w"])
    expect(
      text.replacing("include: other.yaml", with: "include: 1️⃣other.yaml"), "has one",
      files: [
        "other.yaml": text.replacing(
          "conversations:\n  - ", with: "conversations:\n  - {name: a, protocol: smtp, exchange: [{S: 220}]}\n  - "
        ).replacing("  - {name: two, include: other.yaml, vars: {user: z}}", with: "")
      ])
    expect(text.replacing("vars: {user", with: "1️⃣within: 5s, vars: {user"), "no key 'within'", files: ["other.yaml": other])
  }
}
