import Dialects
import Testing
import Transcript
import Wire

/// How requests are addressed on their way, and what comes of a request for a tunnel.
@Suite struct HTTPRouteTests {
  private func request(_ line: String, _ fields: [(String, String)] = []) -> Message {
    let fields = fields.map { Part.Field($0.0, [Text($0.1)]) }
    return Message(.client, [Text(line)], fields.isEmpty ? [] : [Part("headers", .fields(fields))])
  }

  /// Line and fields, as a report shows them.
  private func routed(_ message: Message, _ route: Route) -> [String] {
    let out = HTTP().routed(message, over: route)
    var lines = out.head.map { String(decoding: $0.recorded, as: UTF8.self) }
    if case .fields(let fields)? = out[part: "headers"] {
      lines += fields.flatMap { field in field.values.map { "\(field.name): \(String(decoding: $0.recorded, as: UTF8.self))" } }
    }
    return lines
  }

  private let server = Authority("www.local.demo", 8080)

  @Test(arguments: [
    ("GET /a?b HTTP/1.1", "GET http://www.local.demo:8080/a?b HTTP/1.1"),
    ("OPTIONS * HTTP/1.1", "OPTIONS http://www.local.demo:8080 HTTP/1.1"),
    ("GET http://other/ HTTP/1.1", "GET http://other/ HTTP/1.1"), ("CONNECT x:25 HTTP/1.1", "CONNECT x:25 HTTP/1.1"),
    ("nonsense", "nonsense"),
  ]) func `a proxy is told where a request goes to, unless it says so itself`(line: String, expected: String) {
    #expect(routed(request(line), .proxied(to: server, credentials: nil)) == [expected])
  }

  @Test(arguments: [
    (Authority("h", 80), "h"), (Authority("h", 81), "h:81"), (Authority("fd00::1", 80), "[fd00::1]"),
    (Authority("fd00::1", 81), "[fd00::1]:81"),
  ]) func `a server is written as in an URI, its usual port left out`(server: Authority, expected: String) {
    #expect(routed(request("GET / HTTP/1.1"), .proxied(to: server, credentials: nil)) == ["GET http://\(expected)/ HTTP/1.1"])
  }

  @Test func `where nobody names the server, the Host field does`() {
    let message = request("GET / HTTP/1.1", [("Host", "a.b")])
    #expect(routed(message, .proxied(to: nil, credentials: nil)) == ["GET http://a.b/ HTTP/1.1", "Host: a.b"])
    #expect(routed(request("GET / HTTP/1.0"), .proxied(to: nil, credentials: nil)) == ["GET / HTTP/1.0"])
  }

  @Test func `credentials are for the proxy, and the transcript's own win`() {
    let route = Route.proxied(to: nil, credentials: Array("u:p".utf8))
    #expect(routed(request("GET http://a/ HTTP/1.1"), route) == ["GET http://a/ HTTP/1.1", "Proxy-Authorization: Basic dTpw"])
    let own = request("GET http://a/ HTTP/1.1", [("proxy-authorization", "Basic eA==")])
    #expect(routed(own, route) == ["GET http://a/ HTTP/1.1", "proxy-authorization: Basic eA=="])
  }

  @Test(arguments: [
    ("GET http://a.b:81/c?d HTTP/1.1", "GET /c?d HTTP/1.1", "a.b:81"), ("GET HTTP://a.b HTTP/1.1", "GET / HTTP/1.1", "a.b"),
    ("GET http://a.b?d HTTP/1.1", "GET /?d HTTP/1.1", "a.b"), ("OPTIONS http://a.b HTTP/1.1", "OPTIONS * HTTP/1.1", "a.b"),
    ("GET http://u:p@a.b/ HTTP/1.1", "GET / HTTP/1.1", "a.b"),
  ]) func `what was recorded through a proxy goes to the server in origin form`(line: String, expected: String, host: String) {
    let fields = [("Proxy-Connection", "keep-alive"), ("Proxy-Authorization", "Basic eA==")]
    #expect(routed(request(line, fields), .direct) == [expected, "Host: \(host)"])
    #expect(routed(request(line, [("Host", "own")] + fields), .direct) == [expected, "Host: own"])
  }

  @Test func `what was recorded directly stays as it is`() {
    #expect(routed(request("GET /a HTTP/1.1", [("Host", "h")]), .direct) == ["GET /a HTTP/1.1", "Host: h"])
  }

  // MARK: Whose reply it is

  @Test(
    arguments: [
      ("407", [], true), ("502", [], true), ("502", [("Via", "1.1 p")], false), ("503", [], false),
      ("503", [("Via", "1.1 p"), ("X-Squid-Error", "ERR_CONNECT_FAIL 111")], true),
      ("403", [("X-Squid-Error", "ERR_ACCESS_DENIED 0")], true),
      ("504", [("Via", "1.1 p"), ("Proxy-Status", "p; error=connection_timeout")], true),
      ("504", [("Via", "1.1 p"), ("Proxy-Status", "p; received-status=504")], false), ("200", [], false), ("404", [], false),
    ] as [(String, [(String, String)], Bool)])
  func `a proxy's own replies are told from those that it passes on`(code: String, fields: [(String, String)], isOfProxy: Bool) {
    let fields = fields.map { Part.Field($0.0, [Text($0.1)]) }
    let reply = Message(.server, [Text("HTTP/1.1 \(code) x")], fields.isEmpty ? [] : [Part("headers", .fields(fields))])
    #expect(HTTP().isOfProxy(reply, answering: request("GET http://a/ HTTP/1.1")) == isOfProxy)
    // To the server itself, only what no server may say.
    #expect(HTTP().isOfProxy(reply, answering: request("GET / HTTP/1.1")) == (code == "407"))
    // A tunnel is the proxy's business.
    #expect(HTTP().isOfProxy(reply, answering: request("CONNECT a:25 HTTP/1.1")) == (code != "200"))
  }

  // MARK: Tunnels

  @Test func `a tunnel is asked for by name and port`() {
    let tunnel = Tunnel(to: Authority("mx.local.demo", 25), credentials: Array("u:p".utf8))
    #expect(
      String(decoding: tunnel.request, as: UTF8.self)
        == "CONNECT mx.local.demo:25 HTTP/1.1\r\nHost: mx.local.demo:25\r\nProxy-Authorization: Basic dTpw\r\n\r\n")
  }

  @Test(
    arguments: [
      ("HTTP/1.1 200 OK\r\n\r\n220 hi\r\n", .open(Array("220 hi\r\n".utf8))), ("HTTP/1.0 200 \r\nContent-Length: 5\r\n\r\n", .open([])),
      ("HTTP/1.1 103 Early\r\nX: y\r\n\r\nHTTP/1.1 204 No\n\n", .open([])),
      ("HTTP/1.1 407 Auth\r\nContent-Length: 3\r\n\r\nabc", .refused(Array("HTTP/1.1 407 Auth".utf8))),
      ("220 no proxy\r\n\r\n", .refused(Array("220 no proxy".utf8))), ("HTTP/1.1 200 OK\r\n", .awaited),
    ] as [(String, Tunnel.State)])
  func `a proxy's answer is read whole or byte by byte`(text: String, expected: Tunnel.State) {
    var tunnel = Tunnel(to: server)
    #expect(tunnel.receive(Array(text.utf8)) == expected)
    var dripped = Tunnel(to: server)
    for (index, byte) in text.utf8.enumerated() {
      let state = dripped.receive([byte])
      guard state != .awaited else { continue }
      let rest = Array(text.utf8.dropFirst(index + 1))
      if case .open(let early) = state { #expect(.open(early + rest) == expected) } else { #expect(state == expected) }
      return
    }
    #expect(expected == .awaited)
  }

  @Test func `an answer without an end is given up`() {
    var tunnel = Tunnel(to: server)
    let line = Array("X: \(String(repeating: "y", count: 997))\r\n".utf8)
    _ = tunnel.receive(Array("HTTP/1.1 200 OK\r\n".utf8))
    var state = Tunnel.State.awaited
    for _ in 0..<100 where state == .awaited { state = tunnel.receive(line) }
    #expect(state == .refused(Array("HTTP/1.1 200 OK".utf8)))
  }
}
