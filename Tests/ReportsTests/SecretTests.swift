import Dialects
import Play
import Reports
import Results
import Testing
import Transcript
import Wire

/// A server that repeats the password in every way it knows.
@Suite struct SecretTests {
  @Test func `no report shows a secret, whatever the server does with it`() throws {
    let secret = "correct horse"
    func step(_ side: Side, _ text: String, _ line: Int) throws -> Step {
      let place = Place(file: "login.yaml", line: line, column: 6)
      var step = Step(.say(Message(side, [try Text(template: text, at: place)])), at: place)
      // Somebody wrote it where it does not belong.
      step.about = "the password is \(secret)"
      return step
    }
    var conversation = Conversation(
      dialect: "pop3",
      steps: [
        try step(.server, "+OK", 1), try step(.client, "USER etu1", 2), try step(.server, "+OK", 3),
        try step(.client, "PASS ${secret.etu1}", 4), try step(.server, "+OK Welcome, correct horse", 5),
      ])
    conversation.name = "login"
    var bindings = Bindings()
    bindings.bind("secret.etu1", Array(secret.utf8))
    let now = Instant(nanoseconds: 0)
    var role = ClientRole(
      try Script(conversation, of: Transcript(conversations: [conversation])), bindings: bindings, options: PlayOptions(), at: now,
      wall: now)
    var actions: [Action] = []
    role.happened(.connected(), at: now, &actions)
    let encoded = String(decoding: Base64.encode(Array("etu1:\(secret)".utf8)), as: UTF8.self)
    for reply in ["+OK hello \(encoded)", "+OK", "-ERR \(secret) is no password: \(encoded)"] {
      role.received(Array("\(reply)\r\n".utf8).span, on: .main, at: now, &actions)
    }
    let sent = actions.reduce(into: [UInt8]()) { if case .send(let bytes, _) = $1 { $0 += bytes } }
    #expect(String(decoding: sent, as: UTF8.self).contains("PASS \(secret)\r\n"), "it was really sent")

    let outcome = role.outcome
    let reason = Reason(.fault, "no way to say \(secret)").redacted(by: outcome.bindings.redactor)
    for reason in [nil, reason] {
      let result = Samples.run([
        TranscriptResult(
          file: "login.yaml", title: nil, milliseconds: 1,
          conversations: [
            ConversationResult(
              name: "login", protocol: "pop3", target: nil, gate: .note, reason: reason, place: conversation.place, milliseconds: 1,
              steps: outcome.steps)
          ])
      ])
      #expect(result.counts.divergence == 1)
      for bytes in [
        Array(TerminalReport(isVerbose: true, usesColor: false).render(result).utf8), Report.json.render(result),
        Report.junit.render(result),
      ] {
        let text = String(decoding: bytes, as: UTF8.self)
        #expect(text.contains("***"))
        #expect(!text.contains("correct"))
        #expect(!text.contains("horse"))
        #expect(!text.contains(encoded.dropFirst(8).dropLast(4)))
      }
    }
  }
}
