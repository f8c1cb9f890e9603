import Dialects
import Play
import Results
import Testing
import Transcript
import Wire

/// A client's role, and a server of the test's that reads what it asks.
struct Lookup {
  private(set) var role: ClientRole
  private(set) var now = Instant(nanoseconds: 0)
  private(set) var isFinished = false
  private(set) var alarm: Instant?
  private(set) var sent: [(bytes: [UInt8], line: LineName)] = []
  private(set) var dialled: [(port: UInt16, line: LineName)] = []
  private(set) var server = Follower(DNS().begin(.datagrams), over: .datagrams)
  private var ear = Ear(DNS(), payloadLimit: 1 << 16)

  init(_ steps: [Step], timeout: Duration = .seconds(30)) throws {
    var options = PlayOptions()
    options.timeout = timeout
    let conversation = Conversation(dialect: "dns", steps: steps)
    let script = try Script(conversation, of: Transcript(conversations: [conversation]))
    role = ClientRole(script, bindings: Bindings(), options: options, at: now, wall: now)
    happens(.connected(own: Endpoint("127.0.0.1:40000"), peer: Endpoint("127.0.0.1:5300")))
  }

  mutating func happens(_ event: Event) {
    var actions: [Action] = []
    role.happened(event, at: now, &actions)
    perform(actions)
  }

  mutating func hears(_ bytes: [UInt8], on line: LineName = .main) {
    var actions: [Action] = []
    role.received(bytes.span, on: line, at: now, &actions)
    perform(actions)
  }

  mutating func waits(_ duration: Duration) {
    now = now + duration
    happens(.reached)
  }

  /// The server's answer to the oldest question that it has, or to the one that the records name.
  mutating func answers(_ message: Message) -> [UInt8] {
    let bytes = server.write(message)
    server.receive(bytes.span, from: .server, into: &ear)
    return bytes
  }

  var differences: [String] {
    role.outcome.steps.flatMap { step in step.differences.map { "\($0.place.line): \($0.grade) \($0.kind)" } }
  }

  private mutating func perform(_ actions: [Action]) {
    for action in actions {
      switch action {
      case .send(let bytes, let line):
        sent.append((bytes, line))
        if line == .main { server.receive(bytes.span, from: .client, into: &ear) }
      case .wake(let instant): alarm = instant
      case .dial(let port, let line): dialled.append((port, line))
      case .finish: isFinished = true
      default: break
      }
    }
  }
}

@Suite struct DNSPlayTests {
  static func say(_ line: Int, _ side: Side, _ head: String, _ answer: [String]? = nil, flags: [String]? = nil) throws -> Step {
    let place = Place(file: "t", line: line, column: 1)
    var parts = try answer.map { [Part("answer", .set(try $0.map { try Text(template: $0, at: place) }))] } ?? []
    if let flags { parts.append(Part("flags", .set(flags.map { Text($0) }))) }
    return Step(.say(Message(side, [try Text(template: head, at: place)], parts)), at: place)
  }

  static func reply(_ code: String = "NOERROR", _ records: String..., flags: [String]? = nil) -> Message {
    var parts = [Part("answer", .set(records.map { Text($0) }))]
    if let flags { parts.append(Part("flags", .set(flags.map { Text($0) }))) }
    return Message(.server, [Text(code)], parts)
  }

  static func two() throws -> [Step] {
    try [
      say(1, .client, "a.x. IN A"), say(2, .client, "b.x. IN A"), say(3, .server, "NOERROR", ["a.x. IN A 192.0.2.1"]),
      say(4, .server, "NXDOMAIN"),
    ]
  }

  @Test func `each question is a datagram of its own, and answers come in any order`() throws {
    var lookup = try Lookup(Self.two())
    #expect(lookup.sent.count == 2)
    let first = lookup.answers(Self.reply("NOERROR", "a.x. 5 IN A 192.0.2.1"))
    let second = lookup.answers(Self.reply("NXDOMAIN"))
    lookup.hears(second)
    #expect(!lookup.isFinished)
    lookup.hears(first)
    #expect(lookup.isFinished)
    #expect(lookup.differences == [])
  }

  @Test func `what a name that a reply bound stands for is asked for, though another name was not there`() throws {
    var lookup = try Lookup([
      Self.say(1, .client, "x. IN CNAME"), Self.say(2, .server, "NOERROR", ["x. 5 IN CNAME ${other:host=y.}"]),
      Self.say(3, .client, "z. IN A"), Self.say(4, .server, "NOERROR"),
      Self.say(5, .client, "www.${other} IN A"), Self.say(6, .server, "NOERROR"),
    ])
    lookup.hears(lookup.answers(Self.reply("NOERROR", "x. 5 IN CNAME w.")))
    lookup.hears(lookup.answers(Self.reply("NXDOMAIN")))
    #expect(lookup.sent.count == 3)
    lookup.hears(lookup.answers(Self.reply("NOERROR", "www.w. 5 IN A 192.0.2.1")))
    #expect(lookup.isFinished)
    #expect(lookup.differences == ["4: divergence reply-code"])
  }

  @Test func `a question is put again while its answer is waited for, and answered once`() throws {
    var lookup = try Lookup(Self.two())
    lookup.waits(.seconds(1))
    #expect(lookup.sent.count == 2)
    lookup.waits(.seconds(1))
    #expect(lookup.sent.count == 3)
    #expect(lookup.sent[2].bytes == lookup.sent[0].bytes)
    let first = lookup.answers(Self.reply("NOERROR", "a.x. 5 IN A 192.0.2.1"))
    lookup.hears(first)
    lookup.hears(first)
    // Now the second one is waited for.
    lookup.waits(.seconds(2))
    #expect(lookup.sent.count == 4)
    #expect(lookup.sent[3].bytes == lookup.sent[1].bytes)
    lookup.hears(lookup.answers(Self.reply("NXDOMAIN")))
    #expect(lookup.isFinished)
    #expect(lookup.differences == [])
  }

  @Test func `an answer that never comes is late, and asked for three times`() throws {
    var lookup = try Lookup(Self.two(), timeout: .seconds(10))
    for _ in 0..<10 { lookup.waits(.seconds(1)) }
    #expect(lookup.isFinished)
    #expect(lookup.sent.count == 4)
    #expect(lookup.differences == ["3: divergence late"])
  }

  @Test func `an answer to nobody's question is told, and the right one still taken`() throws {
    var lookup = try Lookup(Self.two())
    let first = lookup.answers(Self.reply("NOERROR", "a.x. 5 IN A 192.0.2.1"))
    var wrong = first
    wrong[1] ^= 0x55
    lookup.hears(wrong)
    lookup.hears(first)
    lookup.hears(lookup.answers(Self.reply("NXDOMAIN")))
    #expect(lookup.isFinished)
    #expect(lookup.differences == ["3: violation wrong-id"])
  }

  static func one(_ flags: [String]? = nil) throws -> [Step] {
    try [say(1, .client, "a.x. IN A"), say(2, .server, "NOERROR", flags == nil ? ["a.x. IN A 192.0.2.1"] : [], flags: flags)]
  }

  @Test func `an answer that did not fit is asked for over a stream`() throws {
    var lookup = try Lookup(Self.one())
    lookup.hears(lookup.answers(Self.reply(flags: ["tc"])))
    #expect(lookup.dialled.map(\.port) == [5300])
    let line = try #require(lookup.dialled.first?.line)
    lookup.happens(.connected(on: line))
    let question = try #require(lookup.sent.last)
    #expect(question.line == line)
    var server = Follower(DNS().begin(.stream))
    var ear = Ear(DNS(), payloadLimit: 1 << 16)
    server.receive(question.bytes.span, from: .client, into: &ear)
    let reply = server.write(Self.reply("NOERROR", "a.x. 5 IN A 192.0.2.1"))
    lookup.hears(Array(reply[..<9]), on: line)
    #expect(!lookup.isFinished)
    lookup.hears(Array(reply[9...]), on: line)
    #expect(lookup.isFinished)
    #expect(lookup.differences == [])
  }

  @Test func `where nobody answers over a stream, what came is compared, and that is told`() throws {
    var lookup = try Lookup(Self.one())
    lookup.hears(lookup.answers(Self.reply(flags: ["tc"])))
    lookup.happens(.failed(.refused, "refused", on: try #require(lookup.dialled.first?.line)))
    #expect(lookup.isFinished)
    #expect(lookup.differences == ["2: violation no-stream", "2: divergence nodata"])
  }

  @Test func `what is no answer over a stream is not waited for any longer`() throws {
    var lookup = try Lookup(Self.one())
    lookup.hears(lookup.answers(Self.reply(flags: ["tc"])))
    let line = try #require(lookup.dialled.first?.line)
    lookup.happens(.connected(on: line))
    lookup.hears([0, 3, 1, 2, 3], on: line)
    #expect(lookup.isFinished)
    #expect(lookup.differences == ["2: violation no-stream", "2: divergence nodata"])
  }

  @Test func `an answer that did not fit in the recording either is the one that is wanted`() throws {
    var lookup = try Lookup(Self.one(["qr", "tc"]))
    lookup.hears(lookup.answers(Self.reply(flags: ["tc"])))
    #expect(lookup.dialled.isEmpty)
    #expect(lookup.isFinished)
    #expect(lookup.differences == [])
  }

  @Test(arguments: [
    (Step.NoConnection.refused, Event.failed(.refused, "refused"), [String]()), (.timeout, .reached, []),
    (.refused, .reached, ["1: divergence connect"]), (.timeout, .failed(.refused, "refused"), ["1: divergence connect"]),
  ])
  func `that nobody is there is seen by what comes back of an empty datagram`(
    expected: Step.NoConnection, event: Event, differences: [String]
  ) throws {
    var lookup = try Lookup([Step(.connect(expected), at: Place(file: "t", line: 1, column: 1))])
    #expect(lookup.sent.map(\.bytes) == [[]])
    if event == .reached { lookup.waits(.seconds(2)) } else { lookup.happens(event) }
    #expect(lookup.isFinished)
    #expect(lookup.differences == differences)
    var answered = try Lookup([Step(.connect(expected), at: Place(file: "t", line: 1, column: 1))])
    answered.hears([1, 2, 3])
    #expect(answered.isFinished)
    #expect(answered.differences == ["1: divergence connected"])
  }

  // MARK: The server

  struct Answering {
    var role: ServerRole
    var now = Instant(nanoseconds: 0)
    var isFinished = false

    init(_ steps: [Step], open: Set<String> = [], over transport: Transport = .datagrams) throws {
      var conversation = Conversation(dialect: "dns", steps: steps)
      conversation.transport = transport
      var bindings = Bindings()
      bindings.open = open
      role = ServerRole(
        try Script(conversation, of: Transcript(conversations: [conversation]), acting: .server), bindings: bindings, defaults: [:],
        options: PlayOptions(), faults: [], at: now, wall: now)
      _ = happens(.connected())
    }

    mutating func happens(_ event: Event) -> [[UInt8]] {
      var actions: [Action] = []
      role.happened(event, at: now, &actions)
      return sent(actions)
    }

    mutating func hears(_ bytes: [UInt8]) -> [[UInt8]] {
      var actions: [Action] = []
      role.received(bytes.span, on: .main, at: now, &actions)
      return sent(actions)
    }

    mutating func waits(_ duration: Duration) -> [[UInt8]] {
      now = now + duration
      return happens(.reached)
    }

    private mutating func sent(_ actions: [Action]) -> [[UInt8]] {
      isFinished = isFinished || actions.contains(.finish)
      return actions.compactMap { if case .send(let bytes, .main) = $0 { bytes } else { nil } }
    }

    var differences: [String] {
      role.outcome.steps.flatMap { step in step.differences.map { "\($0.place.line): \($0.grade) \($0.kind)" } }
    }
  }

  /// A client of the test's: what it asks, and what it makes of an answer.
  struct Client {
    var follower: Follower
    var ear = Ear(DNS(), payloadLimit: 1 << 16)

    init(over transport: Transport = .datagrams) { follower = Follower(DNS().begin(transport), over: transport) }

    mutating func asks(_ question: String) -> [UInt8] {
      let bytes = follower.write(Message(.client, [Text(question)]))
      follower.receive(bytes.span, from: .client, into: &ear)
      _ = ear.takeSounds()
      return bytes
    }

    mutating func understands(_ bytes: [UInt8]?) -> String {
      let bytes = bytes ?? []
      follower.receive(bytes.span, from: .server, into: &ear)
      guard case .message(let heard)? = ear.takeSounds().first, heard.violations.isEmpty else { return "nothing" }
      guard case .set(let records)? = heard.message[part: "answer"] else { return heard.label }
      return ([heard.label] + records.map { String(decoding: $0.recorded, as: UTF8.self) }).joined(separator: " ")
    }
  }

  @Test func `the server answers each question as it comes, whatever the order and the letters`() throws {
    var server = try Answering(
      [
        Self.say(1, .client, "a.x. IN A"), Self.say(2, .server, "NOERROR", ["a.x. ${:number=7} IN A 192.0.2.1"]),
        Self.say(3, .client, "b.x. IN A"), Self.say(4, .server, "NXDOMAIN"),
      ])
    var client = Client()
    let second = client.asks("B.x. IN A")
    #expect(client.understands(server.hears(second).first) == "NXDOMAIN")
    #expect(client.understands(server.hears(client.asks("A.X. IN A")).first) == "NOERROR a.x. 7 IN A 192.0.2.1")
    #expect(server.differences == [])
    #expect(!server.isFinished)
    // Somebody did not get his answer.
    #expect(server.hears(second).count == 1)
    #expect(client.understands(server.hears(client.asks("c.x. IN A")).first) == "REFUSED")
    #expect(client.understands(server.hears(client.asks("NOTIFY c.x. IN SOA")).first) == "NOTIMP")
    #expect(server.differences == ["4: divergence unknown-command", "4: divergence unknown-command"])
    _ = server.waits(.seconds(3))
    #expect(server.isFinished)
  }

  @Test func `an answer is given though that to a later question was given before`() throws {
    var server = try Answering(
      [
        Self.say(1, .client, "a.x. IN A"), Self.say(2, .client, "b.x. IN A"), Self.say(3, .server, "NOERROR", ["b.x. 1 IN A 192.0.2.2"]),
        Self.say(4, .server, "NOERROR", ["a.x. 1 IN A 192.0.2.1"]),
      ], over: .stream)
    var client = Client(over: .stream)
    let answers = server.hears(client.asks("a.x. IN A") + client.asks("b.x. IN A"))
    #expect(client.understands(answers.flatMap(\.self)) == "NOERROR b.x. 1 IN A 192.0.2.2")
    #expect(server.role.outcome.steps.allSatisfy { $0.state == .done })
    #expect(server.differences == [])
  }

  @Test func `a name from vars takes what is asked for`() throws {
    var server = try Answering(
      [Self.say(1, .client, "${host}.x. IN A"), Self.say(2, .server, "NOERROR", ["${host}.x. 1 IN A 192.0.2.1"])], open: ["host"])
    var client = Client()
    #expect(client.understands(server.hears(client.asks("mail.x. IN A")).first) == "NOERROR mail.x. 1 IN A 192.0.2.1")
    #expect(server.differences == [])
  }

  @Test func `a client that goes away after some of it has done nothing wrong`() throws {
    var server = try Answering(try Self.two())
    _ = server.hears(Client().asksOnce("a.x. IN A"))
    _ = server.waits(.seconds(31))
    #expect(server.isFinished)
    #expect(server.differences == [])
  }
}

extension DNSPlayTests.Client {
  func asksOnce(_ question: String) -> [UInt8] { follower.write(Message(.client, [Text(question)])) }
}
