import Play
import Replay
import Results
import Synchronization
import Testing
import Transcript
import Wire

@Suite struct ReplayerTests {
  @Test(arguments: [Peer.Family.v4, .v6, .unix]) func `a mail goes over every kind of socket`(family: Peer.Family) async throws {
    let peer = try Peer(family, serve: takeMail)
    let outcome = try await script(mail).play(at: peer.destination)
    #expect(outcome.reason == nil)
    #expect(outcome.differences == [])
    #expect(outcome.steps.allSatisfy { $0.state == .done })
  }

  @Test func `a name is looked up`() async throws {
    let peer = try Peer(serve: takeMail)
    let outcome = try await script(mail).play(at: Destination(.name("localhost", port: peer.port)))
    #expect(outcome.differences == [] && outcome.reason == nil)
  }

  @Test func `a port where nobody listens refuses`() async throws {
    let port = try Peer(serve: nil).port
    let destination = Destination(.name("127.0.0.1", port: port))
    let refused = try await script(mail).play(at: destination)
    #expect(refused.reason?.kind == .unreachable)
    #expect(refused.reason?.message == "127.0.0.1:\(port): connection refused")
    #expect(try await script("connect: refused").play(at: destination).differences == [])
    #expect(try await script("connect: timeout").play(at: destination).differences == ["1: divergence connect"])
    let socket = try await script(mail).play(at: Destination(.socket(path: "/tmp/replique-no-such-socket")))
    #expect(socket.reason?.message == "unix:/tmp/replique-no-such-socket: there is no such socket")
  }

  @Test func `a connection where there was to be none diverges`() async throws {
    let peer = try Peer { call in _ = call.hear() }
    #expect(try await script("connect: refused").play(at: peer.destination).differences == ["1: divergence connected"])
  }

  @Test func `a host that does not answer times out`() async throws {
    // The kernel takes one connection more than the backlog and leaves later ones without an answer.
    let peer = try Peer(.v4, backlog: 0, serve: nil)
    let full = try script("S: 220")
    async let first = full.play(at: peer.destination, timeout: .seconds(3))
    async let second = full.play(at: peer.destination, timeout: .seconds(3), connectTimeout: .seconds(3))
    async let third = full.play(at: peer.destination, timeout: .seconds(3), connectTimeout: .seconds(3))
    let reasons = await [first, second, third].compactMap(\.reason)
    #expect(reasons.contains { $0.kind == .unreachable && $0.message.hasSuffix("no connection within 3.0 s") }, "\(reasons)")
  }

  @Test func `a name that nobody has is unreachable`() async throws {
    let outcome = try await script(mail).play(
      at: Destination(.name("no-such-host.invalid", port: 25)), connectTimeout: .seconds(5))
    #expect(outcome.reason?.kind == .unreachable)
    #expect(outcome.reason?.message.hasPrefix("no-such-host.invalid:25: ") == true)
  }

  @Test func `after our end the server can still answer`() async throws {
    let peer = try Peer { call in
      call.say("220 x\r\n")
      _ = call.hear()
      // Not before our end has come.
      guard call.hear() == .end else { return }
      call.say("250 late\r\n")
    }
    let outcome = try await script("S: 220\nC: NOOP\nclose: C\nS: 250\nclose: S").play(at: peer.destination)
    #expect(outcome.differences == [])
  }

  @Test(arguments: [
    "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n", "HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nhi",
    "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nhi",
  ])
  func `a server that leaves between two requests is dialled again`(last: String) async throws {
    let calls = Mutex(0)
    let peer = try Peer { call in
      let number = calls.withLock { count in
        count += 1
        return count
      }
      call.hear(until: "")
      call.say(number == 1 ? last : "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")
      // The first one ends here; the second waits for the client's end.
      if number == 2 { _ = call.hear() }
    }
    let outcome = try await script("C: GET /a HTTP/1.0\nS: HTTP/1.1 200\nC: GET /b HTTP/1.0\nS: HTTP/1.1 404\nclose: C", "http")
      .play(at: peer.destination)
    #expect(outcome.reason == nil)
    #expect(outcome.differences.filter { !$0.hasSuffix("version") } == ["3: drift closed-early"])
    #expect(outcome.steps.allSatisfy { $0.state == .done })
    #expect(calls.withLock(\.self) == 2)
  }

  @Test func `a reset is told from an end`() async throws {
    let script = try script("S: 220\nC: NOOP\nS: 250\nclose: S")
    for (reset, expected) in [(true, ["4: note closed-otherwise"]), (false, [])] {
      let peer = try Peer { call in
        call.say("220 x\r\n")
        _ = call.hear()
        call.say("250 x\r\n")
        // What was said must be on its way: the client's own silence says that it waits for the end.
        if reset { call.reset() }
      }
      let outcome = await script.play(at: peer.destination)
      // A reset may overtake the reply.
      if !outcome.differences.contains("3: divergence closed-early") { #expect(outcome.differences == expected) }
    }
    let early = try Peer { call in
      call.say("220 x\r\n")
      _ = call.hear()
      call.reset()
    }
    let outcome = await script.play(at: early.destination)
    #expect(outcome.differences == ["3: divergence closed-early"])
    #expect(outcome.steps[2].differences.first?.observed == .text("the connection was reset"))
  }

  @Test func `a reset of ours arrives as one`() async throws {
    let heard = Shared<[Call.Heard]>([])
    let resetting = try Peer { call in
      call.say("220 x\r\n")
      let first = call.hear()
      call.say("250 x\r\n")
      let second = call.hear()
      heard.with { $0 = [first, second] }
    }
    _ = try await script("S: 220\nC: NOOP\nS: 250\nreset: C").play(at: resetting.destination)
    while heard.with({ $0.count }) < 2 { await Task.yield() }
    #expect(heard.with { $0 } == [.text("NOOP"), .reset])
  }

  @Test func `a server that reads nothing is left in time`() async throws {
    let stop = Shared(false)
    let peer = try Peer { call in
      call.say("220 x\r\n")
      _ = call.hear()
      call.say("354 go\r\n")
      while !stop.with({ $0 }) { call.rest() }
    }
    let lines = Array(repeating: Text(String(repeating: "x", count: 998)), count: 20_000)
    var steps = try script("S: 220\nC: DATA\nS: 354").steps
    steps.append(Step(.say(Message(.client, [], [Part("message", .payload(Payload(.lines(lines))))]))))
    steps.append(Step(.say(Message(.server, ["250"]))))
    let outcome = try await Script(steps, "smtp").play(at: peer.destination, timeout: .seconds(5))
    #expect(outcome.differences == ["0: divergence late"])
    #expect(peer.openSockets == 0)
    stop.with { $0 = true }
  }

  @Test func `a flood behind the goodbye is cut off`() async throws {
    let sent = Shared(0)
    let isOver = Shared(false)
    let peer = try Peer { call in
      call.say("220 x\r\n")
      _ = call.hear()
      let flood = Array(String(repeating: "250 more and more of it\r\n", count: 4000).utf8)
      while call.say(flood), sent.with({ $0 }) < 100 << 20 { sent.with { $0 += flood.count } }
      isOver.with { $0 = true }
    }
    let outcome = try await script("S: 220\nC: QUIT\nS: 221\nclose: S").play(at: peer.destination)
    #expect(outcome.differences.contains("3: divergence reply-code") || outcome.differences.contains("3: drift reply-code"))
    #expect(outcome.differences.contains("4: violation unsolicited"))
    while !isOver.with({ $0 }) { await Task.yield() }
    #expect(sent.with { $0 } < 20 << 20)
  }

  @Test func `a mail that is too large to be kept is compared by its digest`() async throws {
    let line = Array((String(repeating: "x", count: 70) + "\r\n").utf8)
    let content = Array(repeating: line, count: 20_000).flatMap { $0 }
    let peer = try Peer { call in
      call.say("+OK\r\n")
      _ = call.hear()
      call.say("+OK\r\n")
      call.say(content + Array(".\r\n".utf8))
      _ = call.hear()
    }
    var payload = Payload()
    payload.sha256 = Digest.sha256(content)
    payload.size = content.count
    let steps = [
      Step(.say(Message(.server, ["+OK"]))), Step(.say(Message(.client, ["RETR 1"]))),
      Step(.say(Message(.server, ["+OK"], [Part("message", .payload(payload))]))),
    ]
    let outcome = try await Script(steps, "pop3").play(at: peer.destination, payloadLimit: 1000)
    #expect(outcome.differences == [])
  }

  @Test func `two hundred at once leave no socket behind`() async throws {
    let peer = try Peer(serve: takeMail)
    let script = try script(mail)
    let outcomes = await withTaskGroup { group in
      for _ in 0..<200 { group.addTask { await script.play(at: peer.destination) } }
      return await group.reduce(into: [Outcome]()) { $0.append($1) }
    }
    #expect(outcomes.count == 200)
    #expect(outcomes.allSatisfy { $0.reason == nil && $0.differences == [] })
    #expect(peer.openSockets == 0)
  }

  @Test func `an interruption ends all`() async throws {
    let waiting = Shared(0)
    let peer = try Peer { call in
      call.say("220 x\r\n")
      _ = call.hear()
      waiting.with { $0 += 1 }
      _ = call.hear()
    }
    let interruption = Interruption()
    let script = try script(mail)
    let outcomes = await withTaskGroup { group in
      for _ in 0..<20 { group.addTask { await script.play(at: peer.destination, interruption: interruption) } }
      group.addTask {
        while waiting.with({ $0 }) < 20 { await Task.yield() }
        interruption.come()
        return await script.play(at: peer.destination, interruption: interruption)
      }
      return await group.reduce(into: [Outcome]()) { $0.append($1) }
    }
    #expect(outcomes.count == 21)
    #expect(outcomes.allSatisfy { $0.reason?.kind == .interrupted })
    // A connection that was being made when all was over is closed as it comes.
    var looks = 0
    while peer.openSockets > 0, looks < 10_000 {
      looks += 1
      await Task.yield()
    }
    #expect(peer.openSockets == 0)
  }

  @Test(arguments: [
    ("mail.example:25", "mail.example:25"), ("[fd00::1]:25", "[fd00::1]:25"), ("unix:/run/x", "unix:/run/x"), ("1.2.3.4:1", "1.2.3.4:1"),
    ("mail.example", nil), ("x:0", nil), ("x:70000", nil), ("a/b:25", nil), (":25", nil), ("unix:", nil),
  ])
  func `destinations are read`(text: String, expected: String?) { #expect(Destination(text).map { "\($0)" } == expected) }
}
