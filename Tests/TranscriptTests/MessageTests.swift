import Testing
import Transcript
import Wire

@Suite struct MessageTests {
  private let text = Text(pieces: [.literal(Array("a ".utf8)), .hole(Hole(nil, .type(.token), example: [98])), .hole(Hole("x"))])

  @Test func `a payload's bytes are what is sent`() {
    #expect(Payload().bytes == [])
    #expect(Payload(.lines([text, "", "c"])).bytes == Array("a b\r\n\r\nc\r\n".utf8))
    #expect(Payload(.lines([])).bytes == [])
    #expect(Payload(.text(text)).bytes == Array("a b".utf8) && Payload(.json(text)).bytes == Array("a b".utf8))
    #expect(Payload(.bytes([0, 255])).bytes == [0, 255] && Payload(.file("x", [1])).bytes == [1])
  }

  @Test func `a mail of fields is its header, an empty line and its body`() {
    let headers = [Part.Field("Subject", [text]), Part.Field("Received", ["1", "2"]), Part.Field("None", [])]
    #expect(Payload(.fields(headers: headers, body: nil)).bytes == Array("Subject: a b\r\nReceived: 1\r\nReceived: 2\r\n\r\n".utf8))
    let body = Payload.Box(Payload(.lines(["Bonjour"])))
    #expect(Payload(.fields(headers: [], body: body)).bytes == Array("\r\nBonjour\r\n".utf8))
  }

  @Test func `a step's texts are all that a pattern can stand in`() {
    var payload = Payload(.fields(headers: [Part.Field("A", ["1"])], body: Payload.Box(Payload(.lines(["2"])))))
    payload.has = ["3"]
    payload.lacks = ["4"]
    var step = Step(
      .say(
        Message(
          .server, ["0"], [Part("message", .payload(payload)), Part("set", .set(["5"])), Part("f", .fields([Part.Field("B", ["6"])]))])))
    step.alternatives = ["7"]
    step.has = ["8"]
    step.lacks = ["9"]
    #expect(step.texts == (0...9).map { Text(String($0)) })
    #expect(Step(.data(.client, payload)).texts == ["1", "2", "3", "4"])
    #expect(Step(.close(.client)).texts == [])
  }

  @Test func `the lines of a text are written each by itself`() throws {
    let text = Text(pieces: [.literal(Array("a \nb$ \n\n".utf8)), .hole(Hole("x")), .literal(Array("\t\n".utf8))])
    #expect(text.lineTemplates == ["a${%x20}", "b${%x24.20}", "", "${x}${%x09}", ""])
    #expect(Text("a ").template == "a " && Text("a ").lineTemplate == "a${%x20}" && Text("$ ").lineTemplate == "${%x24.20}")
    #expect(Text(pieces: []).lineTemplates == [""])
  }

  /// A square would show.
  @Test func `a text of many pieces is put together, written and read in time that grows with it`() throws {
    var text = Text(pieces: [])
    for _ in 0..<200_000 { text.append(.literal([0x24])) }
    #expect(try Text(template: text.template, at: .nowhere) == text)
    let odd = Text([UInt8](repeating: 0xff, count: 100_000) + [UInt8](repeating: 0x0a, count: 100_000))
    #expect(try Text(template: odd.template, at: .nowhere) == odd)
    #expect(odd.lineTemplates.count == 100_001)
  }
}
