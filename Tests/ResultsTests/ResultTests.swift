import Results
import Testing
import Transcript

@Suite struct ResultTests {
  private let place = Place(file: "mail.yaml", line: 7, column: 8)

  private func step(_ grades: Grade..., state: StepResult.State = .done) -> StepResult {
    StepResult(
      place: place, action: "S", state: state, expected: ["250"], differences: grades.map { Difference($0, "wording", at: place) })
  }

  private func conversation(_ steps: [StepResult], gate: Grade = .divergence, reason: Reason? = nil) -> ConversationResult {
    ConversationResult(name: nil, protocol: "smtp", target: nil, gate: gate, reason: reason, place: place, milliseconds: 1, steps: steps)
  }

  private func transcript(_ conversations: ConversationResult...) -> TranscriptResult {
    TranscriptResult(file: "mail.yaml", title: nil, milliseconds: 1, conversations: conversations)
  }

  @Test func `what is at or above the gate fails`() {
    for gate in Grade.allCases {
      for grade in Grade.allCases {
        #expect(conversation([step(grade)], gate: gate).verdict == (grade >= gate ? .failed : .passed))
      }
    }
  }

  @Test func `a difference that only follows does not fail and is counted apart`() {
    var follower = step(.violation)
    follower.differences[0].follows = true
    let result = conversation([follower])
    #expect(result.verdict == .passed)
    #expect(result.counts.following == 1)
    #expect(result.counts.violation == 0)
  }

  @Test func `a step that was not reached is no failure`() {
    let result = conversation([step(), step(state: .unreached)])
    #expect(result.verdict == .passed)
    #expect(result.counts.steps == 2)
    #expect(result.counts.unreached == 1)
  }

  @Test func `a reason outweighs what was found before`() {
    #expect(conversation([step(.violation)], reason: Reason(.interrupted, "")).verdict == .error)
    #expect(conversation([], reason: Reason(.needs, "")).verdict == .skipped)
  }

  @Test func `a transcript is as bad as its worst conversation, and skipped only if all were`() {
    let passed = conversation([step(.note)])
    let failed = conversation([step(.divergence)])
    let skipped = conversation([], reason: Reason(.needs, ""))
    let error = conversation([], reason: Reason(.unreachable, ""))
    #expect(transcript(passed, skipped).verdict == .passed)
    #expect(transcript(skipped, skipped).verdict == .skipped)
    #expect(transcript(failed, passed, skipped).verdict == .failed)
    #expect(transcript(failed, error).verdict == .error)
    #expect(transcript(skipped).failures == 0)
    #expect(transcript(failed).failures == 1)
  }

  @Test func `counts add up`() {
    let result = RunResult(
      tool: "", started: "", milliseconds: 0, options: [:],
      transcripts: [
        transcript(conversation([step(.note, .drift), step(.note)])), transcript(conversation([step(.divergence, .violation)])),
      ])
    #expect(Grade.allCases.map { result.counts[$0] } == [2, 1, 1, 1])
    #expect(result.counts.steps == 3)
  }

  @Test func `times are kept to the microsecond`() {
    let step = StepResult(place: place, action: "S", state: .done, expected: [], milliseconds: 6.993375000001)
    #expect(step.milliseconds == 6.993)
    let sum = TranscriptResult(file: "", title: nil, milliseconds: 0.1 + 0.2, conversations: [])
    #expect("\(sum.milliseconds)" == "0.3")
  }

  @Test func `what is not UTF-8 stays bytes`() {
    #expect(Said(Array("é\0".utf8)) == .text("é\0"))
    #expect(Said([0x63, 0xe9]) == .bytes([0x63, 0xe9]))
    #expect(Said([0xef, 0xbb, 0xbf, 0x61]).bytes == [0xef, 0xbb, 0xbf, 0x61])
  }
}

@Suite struct RedactionTests {
  @Test func `a secret is taken out wherever a step or a reason can show it`() {
    let redactor = Redactor([Array("correcthorse".utf8)])
    let place = Place(file: "a.yaml", line: 1, column: 1)
    let shown = "it is correcthorse, y29ycmVjdGhvcnNl, Y29ycmVjdGhvcnNl"
    var difference = Difference(.note, "text", at: place, expected: .text(shown), observed: Said(Array(shown.utf8) + [0xff]), hint: shown)
    difference.line = shown
    let step = StepResult(
      place: place, name: shown, cite: shown, about: shown, action: "C", state: .done, expected: [shown], actual: [.text(shown)],
      differences: [difference])
    var texts: [String] = []
    let clean = step.redacted(by: redactor)
    texts += [clean.name, clean.cite, clean.about].compactMap { $0 } + clean.expected
    texts += clean.actual.map { String(decoding: $0.bytes, as: UTF8.self) }
    for difference in clean.differences {
      texts += [difference.line, difference.hint].compactMap { $0 }
      texts += [difference.expected, difference.observed].compactMap { $0 }.map { String(decoding: $0.bytes, as: UTF8.self) }
    }
    texts.append(Reason(.fault, shown).redacted(by: redactor).message)
    #expect(texts.count == 10)
    for text in texts {
      #expect(text.hasPrefix("it is ***"))
      #expect(!text.contains("correcthorse"))
      #expect(!text.contains("Y29ycmVjdGhvcnNl"))
    }
  }
}
