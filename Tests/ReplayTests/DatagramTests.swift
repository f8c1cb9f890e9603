import Play
import Replay
import Results
import Testing
import Transcript
import Wire

/// DNS over real sockets, on the loopback.
@Suite struct DatagramTests {
  static func steps(_ transport: Transport, large: Bool = false) throws -> Conversation {
    func say(_ line: Int, _ side: Side, _ head: String, _ answer: [String]? = nil) -> Step {
      let place = Place(file: "t", line: line, column: 1)
      let parts = answer.map { [Part("answer", .set($0.map { Text($0, place: place) }))] } ?? []
      return Step(.say(Message(side, [Text(head, place: place)], parts)), at: place)
    }
    let texts = (0..<(large ? 100 : 2)).map { "a.x. 60 IN TXT \"\(String(repeating: "t", count: 30))\($0)\"" }
    var conversation = Conversation(
      dialect: "dns",
      steps: [
        say(1, .client, "a.x. IN TXT"), say(2, .client, "b.x. IN A"), say(3, .server, "NOERROR", texts), say(4, .server, "NXDOMAIN"),
        say(5, .client, "a.x. IN MX"), say(6, .server, "NOERROR", []),
      ])
    conversation.transport = transport
    return conversation
  }

  /// Plays one conversation's client against another one's server.
  func play(_ client: Conversation, against server: Conversation) async throws -> (client: Outcome, server: [String]) {
    let address = Shared<String?>(nil)
    let found = Shared<[String]>([])
    let interruption = Interruption()
    let script = try Script(server, of: Transcript(conversations: [server]), acting: .server)
    let serving = Task {
      try await ScriptedServer.run(
        script, bindings: Bindings(), defaults: [:], options: PlayOptions(), faults: [],
        at: try #require(Destination(listening: "127.0.0.1:0")), once: false, interruption: interruption,
        onListening: { text in address.with { $0 = text } },
        ended: { outcome in found.with { $0 += outcome.differences } })
    }
    while address.with({ $0 }) == nil { await Task.yield() }
    let destination = try #require(Destination(address.with { $0 } ?? ""))
    let outcome = await (try Script(client, of: Transcript(conversations: [client]))).play(at: destination)
    interruption.come()
    try await serving.value
    return (outcome, found.with { $0 })
  }

  @Test(arguments: [Transport.datagrams, .stream]) func `what is served is what is played`(transport: Transport) async throws {
    let (client, server) = try await play(Self.steps(transport), against: Self.steps(transport))
    #expect(client.differences == [])
    #expect(client.reason == nil)
    #expect(client.steps.allSatisfy { $0.state == .done })
    #expect(server == [])
  }

  @Test func `another answer is a divergence`() async throws {
    var other = try Self.steps(.datagrams)
    other.steps[3].action = .say(Message(.server, ["SERVFAIL"]))
    let (client, _) = try await play(Self.steps(.datagrams), against: other)
    #expect(client.differences == ["4: divergence reply-code"])
  }

  @Test func `a message of many thousand bytes comes over a stream`() async throws {
    let (client, _) = try await play(Self.steps(.stream, large: true), against: Self.steps(.stream, large: true))
    #expect(client.differences == [])
  }

  @Test func `where nobody listens, it cannot be reached`() async throws {
    let script = try Script(try Self.steps(.datagrams), of: Transcript(conversations: [try Self.steps(.datagrams)]))
    // Free for TCP a moment ago, and so for datagrams but by chance.
    let port = try Peer(serve: nil).port
    let outcome = await script.play(at: try #require(Destination("127.0.0.1:\(port)")))
    #expect(outcome.reason?.kind == .unreachable)
  }
}
