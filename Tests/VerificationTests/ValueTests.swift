import Dialects
import Results
import Testing
import Transcript
import Verification
import Wire

@Suite struct ValueTests {
  @Test func `a pattern in free text that does not match is a note, and unbound where somebody needs it`() throws {
    var trial = Trial(expected: ["250 queued as ${id:hex=AB}"])
    #expect(try trial("250 queued as !!\r\n") == ["1: note wording"])
    trial.needed = ["id"]
    #expect(try trial("250 queued as !!\r\n") == ["1: divergence unbound"])
    #expect(try trial("250 queued as CD\r\n") == [])
    #expect(try trial.run("250 queued as CD\r\n").verifier.bindings["id"]?.value == Array("CD".utf8))
  }

  @Test func `what nothing is bound to cannot be compared`() throws {
    #expect(try Trial(expected: ["250 ${id} again"])("250 x again\r\n") == ["1: note unbound"])
    // Yet what can be compared is.
    #expect(try Trial(expected: ["250 ${id} again"])("502 x again\r\n") == ["1: divergence reply-code"])
  }

  @Test func `a bound value must come again`() throws {
    var trial = Trial(dialect: "pop3", command: "STAT", expected: ["+OK ${count} 320"])
    trial.bindings.bind("count", Array("2".utf8), as: .number)
    #expect(try trial("+OK 2 320\r\n") == [])
    #expect(try trial("+OK 3 320\r\n") == ["1: divergence value"])
  }

  @Test func `a date in another notation is a note`() throws {
    let trial = Trial(command: nil, expected: ["220 mx ready at ${:date=Mon, 23 Nov 2026 07:34:41 +0000}"])
    #expect(try trial("220 mx ready at Tue, 24 Nov 2026 10:00:00 +0100\r\n") == [])
    #expect(try trial("220 mx ready at 2026-11-24T10:00:00Z\r\n") == ["1: note date-notation"])
    #expect(try trial("220 mx prompt at 2026-11-24T10:00:00Z\r\n") == ["1: note wording"])
  }

  @Test func `a limit of the matcher is our failure, and hides no other`() throws {
    let evil = "250 x ${:/(a+)+$/} y"
    let text = "x " + String(repeating: "a", count: 5000) + "! y"
    let found = try Trial(expected: [evil]).run("250 \(text)\r\n")
    let ours = found.differences.filter { $0.kind != "line-too-long" }
    #expect(ours.map(\.kind) == ["match-limit"])
    #expect(ours.allSatisfy { $0.fault == .us && $0.grade == .note })
    #expect(found.verifier.exhausted?.line == 1)
    #expect(try Trial(expected: [evil])("502 \(text)\r\n").contains("1: divergence reply-code"))
  }

  static func retr(_ payload: Payload, limit: Int = 1 << 20) -> Trial {
    Trial(dialect: "pop3", command: "RETR 1", expected: ["+OK"], part: Part("message", .payload(payload)), payloadLimit: limit)
  }

  static let mail = "+OK\r\nReceived: by mx\r\n\twith SMTP\r\nSubject: Bonjour\r\n\r\nhello\r\n..dot\r\n.\r\n"

  @Test func `of a mail only what is named is compared`() throws {
    func fields(_ name: String, _ value: String, body: Payload? = nil) throws -> Payload {
      Payload(.fields(headers: [Part.Field(name, try texts(value, from: 3))], body: body.map(Payload.Box.init)))
    }
    #expect(try Self.retr(fields("subject", "Bonjour"))(Self.mail) == [])
    #expect(try Self.retr(fields("Received", "by ${:host}\twith SMTP"))(Self.mail) == [])
    #expect(try Self.retr(fields("Subject", "Salut"))(Self.mail) == ["3: divergence header"])
    #expect(try Self.retr(fields("To", "me"))(Self.mail) == ["3: divergence missing-header"])
    #expect(try Self.retr(fields("Subject", "Bonjour", body: Payload(.lines(texts("hello", ".dot")))))(Self.mail) == [])
    #expect(
      try Self.retr(fields("Subject", "Bonjour", body: Payload(.lines(texts("bye", ".dot", from: 8)))))(Self.mail)
        == ["8: divergence content"])
  }

  @Test func `digest and size are taken after stuffing is undone`() throws {
    let content = Array("Received: by mx\r\n\twith SMTP\r\nSubject: Bonjour\r\n\r\nhello\r\n.dot\r\n".utf8)
    var payload = Payload()
    payload.sha256 = Digest.sha256(content)
    payload.size = content.count
    // Too large to be kept, and yet the same.
    for limit in [1 << 20, 10] {
      #expect(try Self.retr(payload, limit: limit)(Self.mail) == [])
      #expect(try Self.retr(Payload(.bytes(content)), limit: limit)(Self.mail) == [])
    }
    payload.size = 3
    payload.sha256 = Digest.sha256([1])
    for limit in [1 << 20, 10] {
      #expect(try Self.retr(payload, limit: limit)(Self.mail) == ["1: divergence size", "1: divergence sha256"])
      #expect(try Self.retr(Payload(.bytes([1, 2])), limit: limit)(Self.mail) == ["1: divergence content"])
    }
  }

  @Test func `what is too large for a pattern is our failure`() throws {
    let found = try Self.retr(Payload(.lines(texts("${:any}"))), limit: 10).run(Self.mail)
    #expect(found.differences.map(\.kind) == ["match-limit"])
    #expect(found.verifier.exhausted != nil)
  }

  @Test func `a payload has and lacks texts`() throws {
    var payload = Payload()
    payload.has = try texts("Bonjour", "adieu", from: 4)
    payload.lacks = try texts("hello", "nothing", from: 6)
    #expect(try Self.retr(payload)(Self.mail) == ["5: divergence missing-text", "6: divergence forbidden-text"])
  }

  @Test func `the nearest grades win`() {
    var step = Step(.close(.server))
    let grading = Grading(["late": .note, "reply-code": .drift])
    func graded(_ kind: String) -> Grade { grading.graded(Difference(.divergence, kind, at: .nowhere), at: step).grade }
    #expect(graded("late") == .note)
    #expect(graded("content") == .divergence)
    step.grades = ["late": .violation]
    #expect(graded("late") == .violation)
    #expect(graded("reply-code") == .drift)
  }
}
