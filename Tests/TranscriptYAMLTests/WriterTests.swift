import Testing
import Transcript
import TranscriptYAML
import Wire

@Suite struct WriterTests {
  private func written(_ transcript: Transcript) -> String { String(decoding: TranscriptWriter.write(transcript), as: UTF8.self) }

  private func smtp(_ steps: [Step]) -> Transcript { Transcript(conversations: [Conversation(dialect: "smtp", steps: steps)]) }
  private func ftp(_ steps: [Step]) -> Transcript {
    Transcript(conversations: [Conversation(dialect: "ftp", steps: [Step(.say(Message(.client, ["LIST"])))] + steps)])
  }

  /// Reads what was written; it must say the same, and be written the same way again.
  private func checkRoundTrip(_ transcript: Transcript, files: [String: [UInt8]] = [:], sourceLocation: SourceLocation = #_sourceLocation)
    throws
  {
    let bytes = TranscriptWriter.write(transcript)
    let (read, found) = TranscriptReader { (path) throws(LoadError) in
      guard let bytes = files[path] else { throw LoadError(description: path) }
      return bytes
    }.read(bytes, file: "t")
    let told = found.filter { $0.severity == .error }.map { $0.rendered(in: [SourceText(file: "t", bytes: bytes)]) }
    #expect(told == [], "\(String(decoding: bytes, as: UTF8.self))", sourceLocation: sourceLocation)
    guard let read else { return }
    try expectSame(read, transcript, sourceLocation: sourceLocation)
    #expect(TranscriptWriter.write(read) == bytes, sourceLocation: sourceLocation)
  }

  @Test func `a transcript is written as a person would`() {
    var greeting = Step(.say(Message(.server, ["220 mail.local.demo ESMTP #1"])))
    greeting.has = ["SIZE", "AUTH PLAIN LOGIN", "a, b"]
    greeting.within = .milliseconds(500)
    greeting.name = "greeting"
    let mail: [Text] = [
      "Received: from a (b [1.2.3.4])", "\tby c; Mon, 23 Nov 2026 08:04:07 +0000", "Subject: =?utf-8?q?x?= 😀", "", "Bonjour: # \"é\"",
      "-- ", "Prof",
    ]
    var transcript = smtp([
      greeting, Step(.say(Message(.client, ["EHLO ${client}"]))),
      Step(.say(Message(.server, ["250-mail.local.demo", "250-SIZE 10240000", "250 CHUNKING"]))),
      Step(.say(Message(.client, [], [Part("message", .payload(Payload(.lines(mail))))]))),
      Step(
        .say(
          Message(
            .server,
            [Text(pieces: [.literal(Array("250 2.0.0 Ok: queued as ".utf8)), .hole(Hole(nil, .type(.token), example: Array("11".utf8)))])]))
      ),
      Step(.say(Message(.client, [], [Part(Part.raw, .payload(Payload(.bytes(Array("caf".utf8) + [0xe9, 13, 10]))))]))),
      Step(.close(.server)),
    ])
    transcript.conversations[0].steps[1].action = .say(
      Message(.client, [Text(pieces: [.literal(Array("EHLO ".utf8)), .hole(Hole("client"))])]))
    transcript.title = "A mail: to etu1"
    transcript.about = "The first line\nand the second.\n"
    transcript.vars = [Variable("client", "client.local.demo"), Variable("to", "etu1@local.demo")]
    transcript.grades = ["unlisted-code": .note]
    #expect(
      written(transcript) == #"""
        replique: 1
        title: "A mail: to etu1"
        about: |
          The first line
          and the second.
        protocol: smtp
        vars: {client: client.local.demo, to: etu1@local.demo}
        grades: {unlisted-code: note}
        exchange:
          - S: "220 mail.local.demo ESMTP #1"
            has: [SIZE, AUTH PLAIN LOGIN, "a, b"]
            within: 500ms
            name: greeting
          - C: EHLO ${client}
          - S: |
              250-mail.local.demo
              250-SIZE 10240000
              250 CHUNKING
          - C:
              message: |
                Received: from a (b [1.2.3.4])
                	by c; Mon, 23 Nov 2026 08:04:07 +0000
                Subject: =?utf-8?q?x?= 😀

                Bonjour: # "é"
                --${%x20}
                Prof
          - S: "250 2.0.0 Ok: queued as ${:token=11}"
          - C:
              bytes: "caf\xe9\r\n"
          - close: S

        """#)
  }

  @Test func `several conversations are items of a list`() throws {
    var first = Conversation(dialect: "smtp", steps: [Step(.say(Message(.server, ["220"])))])
    first.name = "one"
    first.target = "localhost:25"
    var second = Conversation(dialect: "pop3", steps: [Step(.say(Message(.server, ["+OK"], [Part("lines", .lines([]))])))])
    second.vars = [Variable("user", nil), Variable("x", "y")]
    second.gate = .drift
    second.steps.append(
      Step(.say(Message(.client, [Text(pieces: [.literal(Array("USER ".utf8)), .hole(Hole("user")), .hole(Hole("x"))])]))))
    let transcript = Transcript(conversations: [first, second])
    #expect(
      written(transcript) == """
        replique: 1
        conversations:
          - name: one
            protocol: smtp
            target: localhost:25
            exchange:
              - S: 220
          - protocol: pop3
            vars:
              user:
              x: y
            gate: drift
            exchange:
              - S: +OK
                lines: []
              - C: USER ${user}${x}

        """)
    try checkRoundTrip(transcript)
  }

  @Test func `whatever the text, it reads back`() throws {
    var nasty = Nasty(7)
    for _ in 0..<40 {
      // Many texts for each reading.
      let steps = (0..<40).map { _ in
        var step = Step(.say(Message(.server, [nasty.text()])))
        step.has = nasty.random.some(0...3) { _ in Text("x") }.map { _ in nasty.text() }
        return step
      }
      try checkRoundTrip(smtp(steps))
    }
  }

  @Test func `whatever the lines, they read back`() throws {
    var nasty = Nasty(8)
    for _ in 0..<40 {
      let steps = (0..<30).flatMap { _ -> [Step] in
        let lines = Payload(.lines(nasty.lines()))
        let text = Payload(.text(Text(nasty.bytes() + Array("\n".utf8) + nasty.bytes())))
        return [
          Step(.say(Message(.server, nasty.lines(2...4)))), Step(.say(Message(.client, ["BDAT"], [Part("message", .payload(lines))]))),
          Step(.say(Message(.client, [], [Part("message", .payload(text))]))),
        ]
      }
      try checkRoundTrip(smtp(steps))
    }
  }

  @Test(arguments: [
    [""], ["", ""], ["", "", ""], [" "], ["", " a"], ["\ta", "b"], ["a", ""], ["", "a", "", ""], ["  a", "b", ""], ["a", " "], ["#"],
    ["- a", "? b"], ["a", "...", "---"],
  ])
  func `blocks keep empty lines and blanks wherever they stand`(lines: [String]) throws {
    let texts = lines.map { Text($0) }
    try checkRoundTrip(
      smtp([
        Step(.say(Message(.server, texts))), Step(.say(Message(.client, [], [Part("message", .payload(Payload(.lines(texts))))]))),
        Step(.say(Message(.client, ["QUIT"]))),
      ]))
    try checkRoundTrip(
      ftp([
        Step(.data(.client, Payload(.lines(texts)))), Step(.data(.client, Payload(.text(Text(lines.joined(separator: "\n")))))),
        Step(.data(.client, Payload(.json(Text("[\n" + lines.map { _ in "\n" }.joined() + "]\n"))))),
        Step(.say(Message(.client, ["QUIT"]))),
      ]))
  }

  @Test func `words for people read back as they are`() throws {
    var nasty = Nasty(9)
    for _ in 0..<300 {
      var step = Step(.close(.server))
      step.name = nasty.words()
      step.cite = nasty.words()
      step.about = nasty.words() + "\n" + nasty.words()
      var transcript = smtp([step])
      transcript.title = nasty.words()
      transcript.about = nasty.words() + "\n" + nasty.words() + "\n" + nasty.words()
      transcript.cite = nasty.words()
      transcript.tags = (0..<3).map { _ in nasty.words() }
      transcript.locks = (0..<3).map { _ in nasty.words() }
      transcript.conversations[0].needs = (0..<2).map { _ in nasty.words() }
      var source = Source()
      source.capture = nasty.words()
      source.by = nasty.words()
      transcript.conversations[0].source = source
      try checkRoundTrip(transcript)
    }
  }

  @Test func `whole transcripts read back`() throws {
    for seed in 0..<150 {
      var nasty = Nasty(UInt64(1000 + seed))
      let transcript = nasty.transcript()
      try checkRoundTrip(transcript, files: ["a/b c.bin": [1, 2, 3]])
    }
  }

  @Test func `many bytes are written as lines of base 64`() throws {
    let bytes = (0..<1000).map { UInt8(truncatingIfNeeded: $0 &* 7) }
    let transcript = ftp([Step(.data(.client, Payload(.bytes(bytes)))), Step(.data(.client, Payload(.bytes([]))))])
    #expect(written(transcript).split(separator: "\n").allSatisfy { $0.utf8.count < 90 })
    try checkRoundTrip(transcript)
  }

  @Test func `lists and variables too long for a line stand below each other`() throws {
    var step = Step(.say(Message(.server, ["250"])))
    step.has = (0..<30).map { Text("KEYWORD\($0)") }
    var transcript = smtp([step, Step(.say(Message(.client, [Text(pieces: (0..<30).map { .hole(Hole("v\($0)")) })])))])
    transcript.vars = (0..<30).map { Variable("v\($0)", Text("value: \($0)")) }
    #expect(written(transcript).split(separator: "\n").dropLast().allSatisfy { $0.utf8.count <= 130 })
    try checkRoundTrip(transcript)
  }

  @Test func `a long transcript is written in time that grows with it`() {
    let steps = (0..<20_000).map { Step(.say(Message(.client, [Text("NOOP \($0) é")]))) }
    var conversations = (0..<3).map { _ in Conversation(dialect: "smtp", steps: steps) }
    for i in conversations.indices { conversations[i].name = "c\(i)" }
    #expect(TranscriptWriter.write(Transcript(conversations: conversations)).count > 1_000_000)
  }
}

extension Nasty {
  mutating func transcript() -> Transcript {
    var transcript = Transcript(conversations: (0..<random.number(1...3)).map { number in conversation(number) })
    if transcript.conversations.count == 1 {
      transcript.conversations[0].name = nil
    } else {
      for i in transcript.conversations.indices { transcript.conversations[i].name = "c\(i)" }
    }
    if transcript.conversations.count == 1 {
      transcript.vars = transcript.conversations[0].vars
      transcript.conversations[0].vars = []
      transcript.gate = transcript.conversations[0].gate
      transcript.conversations[0].gate = nil
      transcript.grades = transcript.conversations[0].grades
      transcript.conversations[0].grades = [:]
    }
    transcript.title = random.maybe { _ in 0 }.map { _ in words() }
    return transcript
  }

  private mutating func conversation(_ number: Int) -> Conversation {
    let isFTP = random.number(0...2) == 0
    var steps = random.some(1...8) { _ in 0 }.map { _ in step(isFTP) }
    if isFTP { steps.insert(Step(.say(Message(.client, ["LIST"]))), at: 0) }
    var conversation = Conversation(dialect: isFTP ? "ftp" : random.one(of: ["smtp", "lmtp"]), steps: steps)
    conversation.target = random.maybe { $0.one(of: ["localhost:25", "[fd00::1]:25", "unix:/a b: #c"]) }
    conversation.transport = random.maybe { _ in .stream }
    conversation.within = random.maybe { .milliseconds($0.number(0...200_000)) }
    conversation.retry = random.maybe { .seconds($0.number(0...200)) }
    conversation.gate = random.maybe { $0.one(of: Grade.allCases) }
    conversation.grades = random.maybe { ["late": $0.one(of: Grade.allCases), "wording": .drift] } ?? [:]
    conversation.vars = (0..<random.number(0...3)).map { at in Variable("v\(number)\(at)", at == 2 ? nil : Text(bytes())) }
    return conversation
  }

  private mutating func step(_ isFTP: Bool) -> Step {
    var step = Step(isFTP ? transfer() : action())
    if case .say(let message) = step.action, message.side == .server {
      step.alternatives = random.maybe { _ in [Text("250 x"), "5yz"] } ?? []
      step.has = random.maybe { _ in 0 }.map { _ in [text(1...3)] } ?? []
      step.lacks = random.maybe { _ in 0 }.map { _ in [text(1...3), text(1...3)] } ?? []
      step.unordered = random.isHeads()
      step.exact = random.isHeads()
      step.within = random.maybe { .milliseconds($0.number(1...200_000)) }
    }
    step.grades = random.maybe { ["reply-code": $0.one(of: Grade.allCases)] } ?? [:]
    step.about = random.maybe { _ in 0 }.map { _ in words() }
    return step
  }

  private mutating func transfer() -> Step.Action {
    switch random.number(0...5) {
    case 0: return .data(.server, facts())
    case 1, 2: return .data(.server, content())
    case 3: return .data(.client, content())
    case 4: return .say(Message(.client, [text()]))
    default: return .say(Message(.server, random.isHeads() ? [text()] : lines(2...3)))
    }
  }

  /// A payload whose keys stand beside the step's.
  private mutating func content() -> Payload {
    var payload = payload(hasHead: false)
    if case .fields? = payload.content { payload.content = .lines(lines()) }
    payload.unordered = random.isHeads()
    payload.exact = random.isHeads()
    return payload
  }

  private mutating func action() -> Step.Action {
    switch random.number(0...8) {
    case 0...3: return .say(Message(.server, random.isHeads() ? [text()] : lines(2...3)))
    case 4, 5: return .say(Message(.client, [text()], random.isHeads() ? [] : [Part("message", .payload(payload(hasHead: true)))]))
    case 6: return .say(Message(.client, [], [Part("message", .payload(payload(hasHead: false)))]))
    case 7: return .silence(.milliseconds(random.number(1...5000)))
    default: return .pause(.seconds(random.number(1...200)))
    }
  }

  private static let json = ["{\n\n  \"#: \\u00e9\": [1, \"- x\"]\n}\n", "[]", " \n [1,\n\n2]", "\"${%x\""]

  private mutating func payload(hasHead: Bool) -> Payload {
    var payload = random.isHeads() ? Payload() : facts()
    switch random.number(0...5) {
    case 0: payload.content = .bytes(bytes(0...40))
    case 1: payload.content = .text(Text(bytes()))
    case 2: payload.content = .file("a/b c.bin", [1, 2, 3])
    case 3: payload.content = .json(Text(Self.json[random.number(0...3)]))
    case 4:
      payload.content = .fields(
        headers: [Part.Field("Subject", [text()]), Part.Field("X-#1", [text(), text()])], body: Payload.Box(Payload(.lines(lines()))))
    default: payload.content = .lines(lines())
    }
    return payload
  }

  private mutating func facts() -> Payload {
    var payload = Payload()
    payload.size = random.number(0...1000)
    payload.sha256 = random.maybe { _ in String(repeating: "0f", count: 32) }
    payload.has = random.maybe { _ in 0 }.map { _ in [text(1...3)] } ?? []
    payload.lacks = random.maybe { _ in 0 }.map { _ in [text(1...3)] } ?? []
    payload.endsEarly = random.isHeads()
    return payload
  }
}
