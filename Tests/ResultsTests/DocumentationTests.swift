import FoundationEssentials
import Results
import Testing
import Transcript

/// `Documentation/results.md` against the result as it is written.
@Suite struct DocumentationTests {
  @Test func `the example is a result`() throws {
    let page = try Project.text("Documentation/results.md")
    let example = try #require(page.firstMatch(of: /(?s)```json\n(.*?)```/)).1
    let result = try JSONDecoder().decode(RunResult.self, from: Data(example.utf8))
    #expect(result.transcripts[0].conversations[0].steps[0].differences[0].kind == "reply-code")
    #expect(result.transcripts[0].verdict == .failed)
  }

  @Test func `every key that is written is documented`() throws {
    let page = try Project.text("Documentation/results.md")
    let documented = Set(
      page.split(separator: "\n").filter { $0.hasPrefix("| `") }.flatMap { row in
        row.dropFirst().prefix { $0 != "|" }.matches(of: /`([a-z0-9]+)`/).map { String($0.1) }
      })
    let written = String(decoding: try JSONEncoder().encode(full), as: UTF8.self).matches(of: /"([a-zA-Z0-9]+)":/).map { String($0.1) }
    #expect(Set(written).subtracting(documented).subtracting(["text", "base64"]).sorted() == [])
  }

  /// Every optional key is there.
  private var full: RunResult {
    let place = Place(file: "f", line: 1, column: 1)
    var difference = Difference(
      .note, "text", at: place, expected: .text(""), observed: .bytes([0xff]), rule: "r", hint: "h", fault: .us)
    difference.line = "l"
    let step = StepResult(
      place: place, name: "n", cite: "c", about: "a", action: "S", state: .done, expected: [""], actual: [.text("")], milliseconds: 1,
      differences: [difference])
    let conversation = ConversationResult(
      name: "n", protocol: "smtp", target: "t", gate: .note, reason: Reason(.fault, "m"), place: place, milliseconds: 1, steps: [step])
    return RunResult(
      tool: "t", started: "s", milliseconds: 1, options: [:],
      transcripts: [TranscriptResult(file: "f", title: "t", milliseconds: 1, conversations: [conversation])])
  }
}
