import Play
import Results
import Testing
import Transcript
import Wire

/// What cannot be played is refused before a byte is sent.
@Suite struct ScriptTests {
  func refusal(_ step: Step, acting side: Side = .client) -> Diagnostic? {
    do {
      _ = try Script(Conversation(dialect: "smtp", steps: [Step(.say(Message(.server, ["220"]))), step]), acting: side)
      return nil
    } catch let error as Diagnostic { return error } catch { return nil }
  }

  @Test func `steps of later versions are refused`() {
    let place = Place(file: "t", line: 7, column: 3)
    for action in [Step.Action.tls(Step.TLSOptions()), .data(.server, Payload()), .speak("nonsense")] {
      #expect(refusal(Step(action, at: place))?.place == place)
    }
  }

  @Test func `what comes behind the start of TLS is refused`() throws {
    #expect(throws: Diagnostic.self) {
      try Script(try conversation("smtp", "S: 220\nC: STARTTLS\nS: 220 go\nC: EHLO me\nS: 250"))
    }
    _ = try Script(try conversation("smtp", "S: 220\nC: STARTTLS\nS: 220 go\nclose: C"))
    _ = try Script(try conversation("smtp", "S: 220\nC: STARTTLS\nS: 454 no\nC: EHLO me\nS: 250"))
  }

  @Test func `content that the transcript does not have cannot be sent by the side that is acted`() {
    var payload = Payload()
    payload.sha256 = String(repeating: "0", count: 64)
    let step = Step(.say(Message(.client, [], [Part("message", .payload(payload))])))
    #expect(refusal(step)?.message.contains("cannot be sent") == true)
    #expect(refusal(step, acting: .server) == nil)
  }

  @Test func `headers and texts that must be there make a message`() throws {
    var server = try Service("pop3", "S: +OK\nC: RETR 1\nS: +OK\nC: QUIT\nS: +OK")
    _ = server.hears("RETR 1\r\n")
    let fields = Payload(.fields(headers: [Part.Field("Subject", ["x"])], body: Payload.Box(Payload(.lines(["hello"])))))
    var has = Payload()
    has.has = ["first", "second"]
    for (payload, expected) in [(fields, "Subject: x\r\n\r\nhello\r\n.\r\n"), (has, "first\r\nsecond\r\n.\r\n")] {
      let steps = [
        Step(.say(Message(.server, ["+OK"]))), Step(.say(Message(.client, ["RETR 1"]))),
        Step(.say(Message(.server, ["+OK"], [Part("message", .payload(payload))]))),
      ]
      let script = try Script(Conversation(dialect: "pop3", steps: steps), acting: .server)
      var role = ServerRole(
        script, bindings: Bindings(), defaults: [:], options: PlayOptions(), faults: [], at: Instant(nanoseconds: 0),
        wall: Instant(nanoseconds: 0))
      var actions: [Action] = []
      role.happened(.connected(), at: Instant(nanoseconds: 0), &actions)
      actions = []
      role.received(Array("RETR 1\r\n".utf8).span, on: .main, at: Instant(nanoseconds: 0), &actions)
      #expect(actions.first == .send(Array("+OK\r\n\(expected)".utf8)))
    }
  }
}
