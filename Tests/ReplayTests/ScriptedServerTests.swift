import Glibc
import Play
import Replay
import Results
import Testing
import Transcript
import Wire

@Suite struct ScriptedServerTests {
  /// Serves while `visit` is under way; what the server found.
  static func serve(
    _ text: String = mail, _ dialect: String = "smtp", faults: [String] = [], at listen: String = "127.0.0.1:0", once: Bool = false,
    _ visit: @escaping @Sendable (Destination) async throws -> Void
  ) async throws -> [Outcome] {
    let script = try script(text, dialect, acting: .server)
    let faults = try faults.map { try Fault.parse($0).get() }
    let destination = try #require(Destination(listening: listen))
    let outcomes = Shared<[Outcome]>([])
    let (addresses, found) = AsyncStream.makeStream(of: String.self)
    let interruption = Interruption()
    try await withThrowingTaskGroup { group in
      group.addTask {
        defer { found.finish() }
        try await ScriptedServer.run(
          script, bindings: Bindings(), defaults: [:], options: PlayOptions(), faults: faults, at: destination, once: once,
          interruption: interruption, onListening: { found.yield($0) }, ended: { outcome in outcomes.with { $0.append(outcome) } })
      }
      group.addTask {
        for await address in addresses {
          if let destination = Destination(address) { try await visit(destination) }
          if !once { interruption.come() }
        }
      }
      try await group.waitForAll()
    }
    return outcomes.with { $0 }
  }

  @Test(arguments: ["127.0.0.1:0", "[::1]:0", "unix:/tmp/replique-serve-\(getpid()).sock"]) func `a served mail is taken`(listen: String)
    async throws
  {
    let client = Shared<Outcome?>(nil)
    let outcomes = try await Self.serve(at: listen) { destination in
      let outcome = try await script(mail).play(at: destination)
      client.with { $0 = outcome }
    }
    #expect(client.with { $0?.differences } == [])
    #expect(outcomes.map(\.differences) == [[]])
  }

  @Test func `many clients at once each have their own conversation`() async throws {
    let found = Shared<[String]>([])
    let outcomes = try await Self.serve { destination in
      let script = try script(mail)
      await withTaskGroup { group in
        for _ in 0..<100 { group.addTask { await script.play(at: destination) } }
        for await outcome in group { found.with { $0 += outcome.differences } }
      }
    }
    #expect(found.with { $0 } == [])
    #expect(outcomes.count == 100)
    #expect(outcomes.flatMap(\.differences) == [])
  }

  @Test func `once ends with the first conversation`() async throws {
    let outcomes = try await Self.serve(once: true) { destination in _ = try await script(mail).play(at: destination) }
    #expect(outcomes.count == 1)
  }

  @Test func `an interruption is told to every client's conversation`() async throws {
    let outcomes = try await Self.serve { destination in
      _ = try await script("S: 220\nC: EHLO me\nS: 250\nS: 250").play(at: destination, timeout: .milliseconds(50))
    }
    #expect(outcomes.count == 1)
  }

  @Test(arguments: [
    ("code=451@RCPT", "7: divergence reply-code"), ("close@MAIL", "5: divergence closed-early"),
    ("reset@RCPT", "7: divergence closed-early"),
    ("bare-lf@EHLO", "3: violation bare-lf"), ("garbage@EHLO", "3: violation reply-syntax"), ("stall@MAIL", "5: divergence late"),
    ("flood@EHLO", "5: violation unsolicited"), ("delay=100ms@EHLO", nil), ("drip=1ms@EHLO", nil),
  ])
  func `each fault is found over a socket`(fault: String, expected: String?) async throws {
    let client = Shared<Outcome?>(nil)
    _ = try await Self.serve(faults: [fault]) { destination in
      // Long enough for every other step, however busy the machine is.
      let patience: Duration = fault.hasPrefix("stall") ? .seconds(5) : .seconds(60)
      let outcome = try await script(mail).play(at: destination, timeout: patience)
      client.with { $0 = outcome }
    }
    let differences = client.with { $0?.differences ?? ["none"] }
    if let expected {
      // What floods may come in front of the command that it answers.
      #expect(differences.contains(expected) || fault.hasPrefix("flood") && !differences.isEmpty, "\(differences)")
    } else {
      #expect(differences == [])
    }
  }

  @Test func `a port that is taken cannot be listened on`() async throws {
    let peer = try Peer(serve: nil)
    await #expect(throws: ListenError.self) { _ = try await Self.serve(at: "127.0.0.1:\(peer.port)") { _ in } }
  }
}
