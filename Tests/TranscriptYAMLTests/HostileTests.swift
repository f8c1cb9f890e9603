import Testing
import Transcript
import TranscriptYAML

/// Files made to take all memory or all time: a clear error instead, or an answer in time that grows with the file. A square would show.
@Suite struct HostileTests {
  private func only(_ text: String, _ message: String, sourceLocation: SourceLocation = #_sourceLocation) {
    let (transcript, found) = read(text)
    #expect(
      transcript == nil && found.count == 1 && found[0].message.contains(message), "\(found.prefix(3))", sourceLocation: sourceLocation)
    for diagnostic in found {
      #expect(diagnostic.message.utf8.count < 400 && (diagnostic.hint?.utf8.count ?? 0) < 600, sourceLocation: sourceLocation)
      #expect(
        diagnostic.rendered(in: [SourceText(file: "t.yaml", bytes: Array(text.utf8))]).utf8.count < 3000, sourceLocation: sourceLocation)
    }
  }

  private func many(_ text: String, _ count: Int = 200_000) -> String { String(repeating: text, count: count) }

  @Test func `nesting in every form ends`() {
    for opening in ["[", "{a: ", "[{", "- ", "? ", "[[", "{{", "- - "] { only("a: " + many(opening), "") }
    only("a:\n" + (0..<300).map { String(repeating: " ", count: $0) + "a:" }.joined(separator: "\n"), "nested more than 32 deep")
    only("a:\n" + (0..<300).map { String(repeating: " ", count: $0) + "-" }.joined(separator: "\n"), "nested more than 32 deep")
    only(many("- "), "nested more than 32 deep")
    only(many("[") + many("]"), "nested more than 32 deep")
  }

  @Test func `a bomb of aliases does not go off`() {
    only("a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n", "anchors")
    only("a: [*a, *a]\n", "aliases")
  }

  @Test func `many wrong things are told a hundred times, whatever they are`() {
    let step = "replique: 1\nprotocol: smtp\nexchange:\n"
    for text in [
      step + many("- X: y\n", 8000), step + many("- S: a #b\n", 8000), step + many("- S: ${x}\n", 8000),
      step + many("- S: ${\n", 8000),
      step + "- S: 220\n" + (0..<8000).map { "  k\($0): x\n" }.joined(), "replique: 1\n" + (0..<8000).map { "k\($0): x\n" }.joined(),
      "replique: 1\nprotocol: smtp\nvars: {\((0..<8000).map { "\"a b\($0)\": x" }.joined(separator: ", "))}\nexchange: [{S: 220}]\n",
      "replique: 1\nprotocol: smtp\ngrades: {\((0..<8000).map { "k\($0): x" }.joined(separator: ", "))}\nexchange: [{S: 220}]\n",
      step + "- S: 220\n  has: [" + many("{a}, ", 8000) + "x]\n", step + "- S: |\n" + many("    ${\n", 8000),
      step + many("- S: 220\n  name: a\n", 8000), step + many("- S: 220\n  S: 221\n", 8000), step + many("- include: x\n", 8000),
    ] {
      let found = read(text).1
      #expect((1...101).contains(found.count), "\(text.prefix(80))")
    }
  }

  @Test func `a name as long as the file is not told whole`() {
    let long = many("x", 100_000)
    only("\(long): 1", "makes a key")
    only("\(long.prefix(1000)): 1", "begins with 'replique: 1'")
    only("replique: \(long)", "version 'xxx")
    only("replique: 1\nprotocol: \(long)\nexchange: [{S: 220}]", "does not speak")
    only(smtp("- S: ${\(long)}"), "nothing has bound")
    only(smtp("- S: ${x:\(long)}"), "there is no type")
    only(smtp("- S: ${\(long)(a)}"), "there is no function")
    only(smtp("- S: ${\(long).\(long)}"), "is no name")
    only(smtp("- S: ${\(long)"), "never closed")
    only(smtp("- S: ${:token=\(long) }"), "is not of type")
    only(smtp("- S: \(long) #x"), "comment")
    only(smtp("- S: \(long): x"), "makes a key")
    only(smtp("- S: '\(long)"), "never closed")
    only(smtp("- include: \(long)"), "is no path")
    only(smtp("- connect: \(long)"), "is 'refused'")
  }

  @Test func `a line of many patterns is read in time that grows with it`() {
    only(smtp("- S: " + many(" é${:token}", 20_000)), "more than 1000 patterns")
    only(smtp("- S: '" + many("''${:token} ", 20_000) + "'"), "more than 1000 patterns")
    #expect(read(smtp("- S: " + many("$", 100_000))).1 == [])
    #expect(read(smtp("- S: \"" + many("\\t\\u00e9", 30_000) + "\"")).1 == [])
    #expect(read(smtp("- S: 250\n  has: [" + many("é, ", 30_000) + "x]")).1 == [])
    #expect(read(smtp("- S: 250\n  has: [" + many("\"\\t\", ", 20_000) + "x]")).1 == [])
  }

  @Test func `many lines and many steps are read in time that grows with them`() throws {
    #expect(try head(steps(smtp("- S: |\n" + many("    250-é\n", 30_000))).first).count == 30_000)
    #expect(try steps(smtp(many("- S: 220\n", 8000))).count == 8000)
    #expect(try steps(smtp("- C:\n    message: |+\n" + many("\n", 30_000))).count == 1)
    #expect(read(smtp((0..<8000).map { "- S: 220 ${n\($0):token}\n- C: HELP ${n\($0)}\n" }.joined())).1 == [])
    let vars = (0..<8000).map { "  v\($0): x\n" }.joined()
    #expect(try #require(read("replique: 1\nprotocol: smtp\nvars:\n\(vars)exchange: [{S: 220}]\n").0).vars.count == 8000)
    let included = "replique: 1\nprotocol: smtp\nvars:\n\(vars)exchange: [{S: 220}]\n"
    #expect(read("replique: 1\nprotocol: smtp\nvars:\n\(vars)exchange: [{include: a, vars: {y: z}}]\n", files: ["a": included]).0 != nil)
  }
}
