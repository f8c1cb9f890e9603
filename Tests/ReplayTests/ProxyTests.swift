import Play
import Replay
import Results
import Testing
import Transcript
import Wire

/// Conversations through a proxy, over real sockets.
@Suite struct ProxyTests {
  private let nobody = Destination(.name("server.invalid", port: 25))

  private func play(_ script: Script, at destination: Destination, through proxy: Proxy, timeout: Duration = .seconds(20)) async -> Outcome
  {
    await Replayer.play(
      script, bindings: Bindings(), options: PlayOptions(), at: destination, through: proxy, connectTimeout: timeout,
      interruption: Interruption())
  }

  /// Everything of a request, up to its empty line.
  @Sendable private static func head(_ call: Call) -> [String] {
    var lines: [String] = []
    while case .text(let line) = call.hear(), !line.isEmpty { lines.append(line) }
    return lines
  }

  private func peer(_ heard: Shared<[String]>, _ answer: String, then go: @escaping @Sendable (Call) -> Void = { _ in }) throws -> Peer {
    try Peer { call in
      let lines = Self.head(call)
      heard.with { $0 += lines }
      call.say(answer)
      go(call)
    }
  }

  // MARK: Requests that the proxy passes on

  @Test func `a request says where it goes to, and only the proxy is connected to`() async throws {
    let heard = Shared<[String]>([])
    let peer = try peer(heard, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nVia: 1.1 p\r\n\r\n")
    let outcome = await play(
      try script("C: GET /a HTTP/1.1\nS: HTTP/1.1 200 OK", "http"), at: Destination(.name("www.invalid", port: 81)),
      through: Proxy(peer.destination, credentials: Array("etu1:sesame".utf8)))
    #expect(outcome.reason == nil)
    #expect(outcome.differences == [])
    #expect(heard.with { $0 } == ["GET http://www.invalid:81/a HTTP/1.1", "Proxy-Authorization: Basic ZXR1MTpzZXNhbWU="])
    #expect(outcome.steps[0].actual.contains { "\($0)".contains("GET http://www.invalid:81/a") })
    #expect(!"\(outcome.steps)".contains("ZXR1MTpzZXNhbWU"))
  }

  @Test func `what the proxy says itself is told as its own`() async throws {
    let peer = try peer(Shared([]), "HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n")
    let outcome = await play(try script("C: GET / HTTP/1.1\nS: HTTP/1.1 200 OK", "http"), at: nobody, through: Proxy(peer.destination))
    #expect(outcome.differences == ["2: divergence reply-code"])
    #expect(outcome.steps[1].differences.first?.hint?.contains("proxy") == true)
    #expect(outcome.steps[1].differences.first?.fault == .network)
  }

  // MARK: Tunnels

  @Test func `another protocol goes through a tunnel`() async throws {
    let heard = Shared<[String]>([])
    let peer = try peer(heard, "HTTP/1.1 200 Connection established\r\n\r\n", then: takeMail)
    let outcome = await play(try script(mail), at: nobody, through: Proxy(peer.destination))
    #expect(outcome.reason == nil)
    #expect(outcome.differences == [])
    #expect(heard.with { $0 } == ["CONNECT server.invalid:25 HTTP/1.1", "Host: server.invalid:25"])
  }

  @Test(arguments: [
    "407 Proxy Authentication Required", "403 Forbidden", "502 Bad Gateway", "503 Service Unavailable", "504 Gateway Timeout",
  ])
  func `a tunnel that is refused is no answer of the server's`(status: String) async throws {
    let peer = try peer(Shared([]), "HTTP/1.1 \(status)\r\nContent-Length: 0\r\n\r\n")
    let outcome = await play(try script(mail), at: nobody, through: Proxy(peer.destination))
    #expect(outcome.reason == Reason(.unreachable, "server.invalid:25: the proxy answers 'HTTP/1.1 \(status)'"))
    #expect(outcome.differences == [])
  }

  @Test func `a proxy that leaves, or says nothing, makes no tunnel`() async throws {
    let leaving = try Peer { call in call.hangUp() }
    let left = await play(try script(mail), at: nobody, through: Proxy(leaving.destination))
    #expect(left.reason?.kind == .unreachable)
    #expect(left.reason?.message.contains("the proxy") == true)
    let silent = try Peer { call in _ = call.hearAll() }
    let waited = await play(try script(mail), at: nobody, through: Proxy(silent.destination), timeout: .milliseconds(200))
    #expect(waited.reason?.kind == .unreachable)
  }

  @Test func `a proxy that is not there is not the server`() async throws {
    var peer: Peer? = try Peer(serve: nil)
    let destination = try #require(peer?.destination)
    peer = nil
    let outcome = await play(try script(mail), at: nobody, through: Proxy(destination))
    #expect(outcome.reason == Reason(.unreachable, "the proxy \(destination): connection refused"))
  }

  // MARK: Data connections

  @Test func `a passive data connection goes through a tunnel of its own`() async throws {
    let asked = Shared<[String]>([])
    let peer = try Peer { call in
      let line = Self.head(call).first ?? ""
      asked.with { $0.append(line) }
      call.say("HTTP/1.1 200 OK\r\n\r\n")
      if line.hasPrefix("CONNECT server.invalid:4711 ") {
        call.say("hello")
        return
      }
      call.say("220 ready\r\n")
      while case .text(let command) = call.hear() {
        switch command {
        case "EPSV": call.say("229 (|||4711|)\r\n")
        case "RETR x": call.say("150 go\r\n226 done\r\n")
        default: call.say("200 ok\r\n")
        }
      }
    }
    let outcome = await play(
      try script(DataConnectionTests.passive + DataConnectionTests.download, "ftp"), at: nobody, through: Proxy(peer.destination))
    #expect(outcome.reason == nil)
    #expect(outcome.differences == [])
    #expect(asked.with { $0 } == ["CONNECT server.invalid:25 HTTP/1.1", "CONNECT server.invalid:4711 HTTP/1.1"])
  }

  @Test func `nobody can connect to us through a proxy`() async throws {
    let peer = try peer(Shared([]), "HTTP/1.1 200 OK\r\n\r\n") { call in
      call.say("220 ready\r\n")
      while case .text = call.hear() { call.say("200 ok\r\n") }
    }
    let outcome = await play(try script(DataConnectionTests.active, "ftp"), at: nobody, through: Proxy(peer.destination))
    #expect(outcome.reason?.message.contains("through a proxy") == true)
  }
}
