import Dialects
import Testing
import Transcript
import Wire

/// A head of these lines.
private func head(_ lines: String...) -> String { lines.map { $0 + "\r\n" }.joined() + "\r\n" }

@Suite struct HTTPSessionTests {
  static let get = head("GET / HTTP/1.1", "Host: x")

  private func heard(_ happenings: Happening..., sourceLocation: SourceLocation = #_sourceLocation) -> [String] {
    rehearse(HTTP(), happenings, sourceLocation: sourceLocation)
  }

  // MARK: Where a body ends (RFC 9112 §6.3)

  @Test func `a length says where the body ends`() {
    #expect(
      heard(
        .c(head("POST /a HTTP/1.1", "Host: x", "Content-Length: 5") + "hello"),
        .s(head("HTTP/1.1 201 Created", "content-length: 2") + "ok"),
        .c(Self.get), .s(head("HTTP/1.1 200 OK", "Content-Length: 0")))
        == ["C0 POST /a HTTP/1.1 {hello}", "S0=0 HTTP/1.1 201 Created {ok}", "C1 GET / HTTP/1.1", "S1=1 HTTP/1.1 200 OK"])
  }

  @Test func `chunks are undone, extensions passed over, trailers kept`() {
    #expect(
      heard(
        .c(Self.get),
        .s(
          head("HTTP/1.1 200 OK", "Transfer-Encoding: Chunked")
            + "5;a=\"b\"\r\nhello\r\n00A ; x\r\n, old boy!\r\n0\r\nX-Sum: 00ff\r\nX-B: 1\r\n\r\n"),
        .c(Self.get), .s(head("HTTP/1.1 204 No Content")))
        == [
          "C0 GET / HTTP/1.1", "S0=0 HTTP/1.1 200 OK {hello, old boy!} [X-Sum: 00ff, X-B: 1]", "C1 GET / HTTP/1.1",
          "S1=1 HTTP/1.1 204 No Content",
        ])
  }

  @Test func `a chunked request, and nothing in it`() {
    #expect(
      heard(
        .c(head("PUT /a HTTP/1.1", "Host: x", "Transfer-Encoding: gzip, chunked") + "0\r\n\r\n"),
        .s(head("HTTP/1.1 200 OK", "Content-Length: 0")))
        == ["C0 PUT /a HTTP/1.1 {}", "S0=0 HTTP/1.1 200 OK"])
  }

  @Test func `without a length the connection's end is the body's`() {
    #expect(
      heard(.c(head("GET / HTTP/1.0")), .s(head("HTTP/1.1 200 OK") + "one\n"), .s("two"), .end(.server, .finished))
        == ["C0 GET / HTTP/1.0", "S0=0 HTTP/1.1 200 OK {one\\x0atwo} ends"])
    #expect(
      heard(.c(Self.get), .s(head("HTTP/1.1 200 OK", "Transfer-Encoding: chunked, gzip") + "x"), .end(.server, .finished))
        == ["C0 GET / HTTP/1.1", "S0=0 HTTP/1.1 200 OK {x} !transfer-encoding ends"])
  }

  @Test func `HEAD, 204, 304 and interim responses have no body, whatever they say`() {
    #expect(
      heard(
        .c(head("HEAD / HTTP/1.1", "Host: x")), .s(head("HTTP/1.1 200 OK", "Content-Length: 138")),
        .c(Self.get), .s(head("HTTP/1.1 304 Not Modified", "Content-Length: 138")),
        .c(Self.get), .s(head("HTTP/1.1 103 Early Hints", "Link: </a>")), .s(head("HTTP/1.1 204 No Content")))
        == [
          "C0 HEAD / HTTP/1.1", "S0=0 HTTP/1.1 200 OK", "C1 GET / HTTP/1.1", "S1=1 HTTP/1.1 304 Not Modified", "C2 GET / HTTP/1.1",
          "S2~2 HTTP/1.1 103 Early Hints", "S3=2 HTTP/1.1 204 No Content",
        ])
  }

  @Test func `requests are answered in their order`() {
    #expect(
      heard(
        .c(Self.get + head("HEAD /b HTTP/1.1", "Host: x") + Self.get),
        .s(
          head("HTTP/1.1 200 OK", "Content-Length: 1") + "a" + head("HTTP/1.1 200 OK", "Content-Length: 9")
            + head("HTTP/1.1 404 No", "Content-Length: 1") + "c"))
        == [
          "C0 GET / HTTP/1.1", "C1 HEAD /b HTTP/1.1", "C2 GET / HTTP/1.1", "S0=0 HTTP/1.1 200 OK {a}", "S1=1 HTTP/1.1 200 OK",
          "S2=2 HTTP/1.1 404 No {c}",
        ])
  }

  @Test func `100 Continue comes before the request is whole`() {
    let heard = heard(
      .c(head("POST / HTTP/1.1", "Host: x", "Expect: 100-continue", "Content-Length: 4")), .s(head("HTTP/1.1 100 Continue")), .c("body"),
      .s(head("HTTP/1.1 200 OK", "Content-Length: 0")))
    #expect(heard == ["S0~0 HTTP/1.1 100 Continue", "C0 POST / HTTP/1.1 {body}", "S1=0 HTTP/1.1 200 OK"])
  }

  @Test(arguments: [
    ("HTTP/1.1", "Connection: close", true), ("HTTP/1.1", "Connection: foo, CLOSE", true), ("HTTP/1.1", "X: y", false),
    ("HTTP/1.0", "X: y", true),
    ("HTTP/1.0", "Connection: keep-alive", false),
  ]) func `a server says whether it leaves`(version: String, field: String, leaves: Bool) {
    let heard = heard(.c(Self.get), .s(head("\(version) 200 OK", field, "Content-Length: 0")))
    #expect(heard[1].hasSuffix(" ends") == leaves)
  }

  // MARK: Tunnels

  @Test func `a tunnel begins behind CONNECT's answer`() {
    #expect(
      heard(
        .c(head("CONNECT a.b:25 HTTP/1.1", "Host: a.b:25")), .s(head("HTTP/1.1 200 Connection established")))
        == ["C0 CONNECT a.b:25 HTTP/1.1", "S0=0 HTTP/1.1 200 Connection established tunnels(to: Optional(25))"])
  }

  @Test func `what came before it was known has gone through it, too`() {
    var rehearsal = Rehearsal(HTTP())
    rehearsal.happens(.c(head("CONNECT a.b:25 HTTP/1.1", "Host: a.b:25") + "EHLO x\r\n"))
    rehearsal.happens(.s(head("HTTP/1.1 200 Connection established") + "220 hi\r\n"))
    rehearsal.happens(.c("QUIT\r\n"))
    #expect(
      rehearsal.sounds.map(describe).suffix(3)
        == ["C tunnelled EHLO x\\x0d\\x0a", "S tunnelled 220 hi\\x0d\\x0a", "C tunnelled QUIT\\x0d\\x0a"])
  }

  @Test func `refused, CONNECT is a request like others`() {
    #expect(
      heard(
        .c(head("CONNECT a.b:22 HTTP/1.1", "Host: a.b:22")), .s(head("HTTP/1.1 403 Forbidden", "Content-Length: 2") + "no"), .c(Self.get),
        .s(head("HTTP/1.1 200 OK", "Content-Length: 0")))
        == ["C0 CONNECT a.b:22 HTTP/1.1", "S0=0 HTTP/1.1 403 Forbidden {no}", "C1 GET / HTTP/1.1", "S1=1 HTTP/1.1 200 OK"])
  }

  @Test func `an upgrade that is taken is a tunnel, one that is not is nothing`() {
    let ask = head("GET /chat HTTP/1.1", "Host: x", "Connection: Upgrade", "Upgrade: websocket")
    #expect(heard(.c(ask), .s(head("HTTP/1.1 101 Switching Protocols", "Upgrade: websocket"))).last?.hasSuffix(" tunnels(to: nil)") == true)
    #expect(
      heard(.c(ask), .s(head("HTTP/1.1 200 OK", "Content-Length: 1") + "a"), .c(Self.get), .s(head("HTTP/1.1 204 No Content")))
        == ["C0 GET /chat HTTP/1.1", "S0=0 HTTP/1.1 200 OK {a}", "C1 GET / HTTP/1.1", "S1=1 HTTP/1.1 204 No Content"])
  }

  // MARK: Heads

  @Test func `fields of one name stand together, folded lines are one`() throws {
    let message = HTTP().message(
      Array(head("HTTP/1.1 200 OK", "A: 1", "Set-Cookie: a=b", "set-cookie:  c=d \t", "B : x", "No colon", "A: 2,", "\t3").utf8),
      from: .server)
    guard case .fields(let fields)? = message[part: "headers"] else { return #expect(Bool(false)) }
    #expect(
      fields.map { "\($0.name)=\($0.values.map { String(decoding: $0.recorded, as: UTF8.self) })" } == [
        #"A=["1", "2, 3"]"#, #"Set-Cookie=["a=b", "c=d"]"#, #"B=["x"]"#,
      ])
  }

  // MARK: Gaps

  @Test func `in a conversation that began before the capture, the first whole head is found`() {
    #expect(
      heard(
        .gap(.client, 0), .gap(.server, 0), .s("ome body\r\nwith lines\r\n"), .c("ent: x\r\n\r\n" + Self.get),
        .s(head("HTTP/1.1 204 No Content"))
      )
      .suffix(2) == ["C0 GET / HTTP/1.1", "S0=0 HTTP/1.1 204 No Content"])
  }

  @Test func `bytes missing from a body of known length are no reason to lose what follows`() {
    #expect(
      heard(
        .c(Self.get), .s(head("HTTP/1.1 200 OK", "Content-Length: 10") + "abc"), .gap(.server, 4), .s("xyz" + ""), .c(Self.get),
        .s(head("HTTP/1.1 204 No Content"))
      ).suffix(2) == ["C1 GET / HTTP/1.1", "S1=1 HTTP/1.1 204 No Content"])
  }

  @Test func `whether a tunnel begins in a gap cannot be known`() {
    #expect(heard(.c(head("CONNECT a:1 HTTP/1.1", "Host: a:1")), .gap(.server, 9), .s("x")).last == "S opaque")
  }
}
