import Dialects
import Play
import Results
import Testing
import Transcript
import TranscriptYAML
import Wire

/// HTTP in the client's role and in the server's, without a socket.
@Suite struct HTTPRoleTests {
  private func script(_ exchange: String, acting side: Side = .client) throws -> Script {
    let yaml = "replique: 1\nprotocol: http\nexchange:\n\(exchange)"
    let (transcript, found) = TranscriptReader { (path) throws(LoadError) in throw LoadError(description: path) }
      .read(Array(yaml.utf8), file: "t")
    #expect(found == [])
    let read = try #require(transcript)
    return try Script(read.conversations[0], of: read, acting: side)
  }

  private func client(_ exchange: String) throws -> Dialogue { Dialogue(try script(exchange)) }

  @Test func `a body gets its length, chunks and trailers are written`() throws {
    var dialogue = try client(
      """
        - C: POST / HTTP/1.1
          headers: {Host: x}
          body: a=1&b=2
        - S: HTTP/1.1 200
        - C: POST / HTTP/1.1
          headers: {Host: x}
          body: {chunks: [ab, "cde"]}
          trailers: {X-Sum: "1"}
        - S: HTTP/1.1 200
      """)
    #expect(dialogue.happens(.connected()) == "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 7\r\n\r\na=1&b=2")
    #expect(
      dialogue.hears("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
        == "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n3\r\ncde\r\n0\r\nX-Sum: 1\r\n\r\n")
    _ = dialogue.hears("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
    #expect(dialogue.isFinished && dialogue.differences == [])
  }

  static let twice = """
      - C: GET /a HTTP/1.1
        headers: {Host: x}
      - S: HTTP/1.1 200
      - C: GET /b HTTP/1.1
        headers: {Host: x}
      - S: HTTP/1.1 200
    """

  @Test func `a server that leaves between two requests is met on a new connection`() throws {
    var dialogue = try client(Self.twice)
    _ = dialogue.happens(.connected())
    #expect(dialogue.hears("HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n") == "<redial>")
    #expect(dialogue.happens(.connected()) == "GET /b HTTP/1.1\r\nHost: x\r\n\r\n")
    _ = dialogue.hears("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
    #expect(dialogue.isFinished)
    #expect(dialogue.differences == ["6: drift version", "7: drift closed-early"])
  }

  @Test func `one that ends its body with the connection likewise`() throws {
    var dialogue = try client(Self.twice)
    _ = dialogue.happens(.connected())
    #expect(dialogue.hears("HTTP/1.1 200 OK\r\n\r\nhello") == "")
    #expect(dialogue.happens(.ended(.finished)) == "<redial>")
    #expect(dialogue.happens(.connected()) == "GET /b HTTP/1.1\r\nHost: x\r\n\r\n")
  }

  @Test func `one that leaves instead of answering has not answered`() throws {
    var dialogue = try client(Self.twice)
    _ = dialogue.happens(.connected())
    _ = dialogue.happens(.ended(.finished))
    #expect(dialogue.isFinished)
    #expect(dialogue.differences == ["6: divergence closed-early"])
  }

  @Test func `an interim response that nobody expected is a note`() throws {
    var dialogue = try client(Self.twice)
    _ = dialogue.happens(.connected())
    #expect(
      dialogue.hears("HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n") == "GET /b HTTP/1.1\r\nHost: x\r\n\r\n"
    )
    #expect(dialogue.differences == ["6: note extra-reply"])
  }

  @Test func `behind a chunk that is none nothing is waited for`() throws {
    var dialogue = try client(Self.twice)
    _ = dialogue.happens(.connected())
    _ = dialogue.hears("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n")
    #expect(dialogue.isFinished)
    #expect(dialogue.differences == ["6: violation bad-chunk"])
  }

  // MARK: Tunnels

  static let tunnel = """
      - C: CONNECT mail.x:25 HTTP/1.1
        headers: {Host: "mail.x:25"}
      - S: HTTP/1.1 200 Connection established
      - protocol: smtp
      - S: 220 mail.x
      - C: QUIT
      - S: 221
    """

  @Test func `what goes through a tunnel is spoken in its own dialect`() throws {
    var dialogue = try client(Self.tunnel)
    #expect(dialogue.happens(.connected()) == "CONNECT mail.x:25 HTTP/1.1\r\nHost: mail.x:25\r\n\r\n")
    #expect(dialogue.hears("HTTP/1.1 200 Connection established\r\n\r\n220 mail.x\r\n") == "QUIT\r\n")
    _ = dialogue.hears("250 Bye\r\n")
    #expect(dialogue.differences.first == "10: drift reply-code")
    let both = Theatre(try script(Self.tunnel), server: try script(Self.tunnel, acting: .server), pieces: 1)
    #expect(Theatre.differences(both.client) == [] && Theatre.differences(both.server) == [])
  }

  @Test func `refused, nothing goes through it`() throws {
    var dialogue = try client(Self.tunnel)
    _ = dialogue.happens(.connected())
    #expect(dialogue.hears("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n") == "")
    #expect(dialogue.isFinished)
    #expect(dialogue.differences == ["6: divergence reply-code"])
    #expect(dialogue.unreached == [7, 8, 9, 10])
  }

  @Test func `a tunnel of which nobody says what it speaks is refused before it is played`() throws {
    #expect(throws: Diagnostic.self) { try script(Self.tunnel.replacing("  - protocol: smtp\n", with: "")) }
  }

  // MARK: The server

  @Test func `the scripted server sends what is needed, gives secrets, and refuses what it does not know`() throws {
    let exchange = """
        - C: GET / HTTP/1.1
          headers: {Host: x}
        - S: HTTP/1.1 200
          headers: {Set-Cookie: "sid=${secret.sid:token}", Content-Encoding: gzip}
          body: hello
        - C: GET /a HTTP/1.1
          headers: {Host: x, Cookie: "sid=${secret.sid}"}
        - S: HTTP/1.1 404
      """
    let both = Theatre(try script(exchange), server: try script(exchange, acting: .server))
    #expect(Theatre.differences(both.client) == [])
    #expect(Theatre.differences(both.server) == [])
    let other = Theatre(
      try script("  - C: DELETE /a HTTP/1.1\n    headers: {Host: x}\n  - S: HTTP/1.1 501\n"), server: try script(exchange, acting: .server))
    #expect(Theatre.differences(other.client) == [])
    #expect(Theatre.differences(other.server).first?.hasSuffix("divergence unknown-command") == true)
  }
}
