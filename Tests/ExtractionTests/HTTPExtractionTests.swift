import Dialects
import Extraction
import Testing
import Transcript

@Suite struct HTTPExtractionTests {
  private func play(port: UInt16 = 80, _ script: String) -> Recorder {
    var recorder = Recorder(port: port)
    return recorder.plays(script)
  }

  @Test func `a page is written as it was, what varies with a pattern`() {
    let page = play(
      """
      C: GET / HTTP/1.1\\nHost: www.x.org\\nUser-Agent: curl/8\\n
      S: HTTP/1.1 200 OK\\nDate: Mon, 23 Nov 2026 08:04:28 GMT\\nETag: "6b03e8ba-8a"\\nContent-Length: 10\\n\\n<p>\\lhallo\\l\\
      C: GET / HTTP/1.1\\nHost: www.x.org\\nIf-None-Match: "6b03e8ba-8a"\\n
      S: HTTP/1.1 304 Not Modified\\n
      C.
      S.
      """)
    #expect(page.yaml().contains("title: HTTP, host www.x.org\nprotocol: http\nvars: {host: www.x.org}\n"))
    #expect(
      page.exchange() == """
          - C: GET / HTTP/1.1
            headers:
              Host: ${host}
              User-Agent: curl/8
          - S: HTTP/1.1 200 OK
            headers:
              Date: ${:date=Mon, 23 Nov 2026 08:04:28 GMT}
              ETag: '"${etag:token=6b03e8ba-8a}"'
              Content-Length: ${size}
            body: |
              <p>
              hallo
          - C: GET / HTTP/1.1
            headers:
              Host: ${host}
              If-None-Match: '"${etag}"'
          - S: HTTP/1.1 304 Not Modified
          - close: C
          - close: S

        """)
  }

  @Test func `what a server gives as a secret is bound, and given back`() {
    let yaml = play(
      """
      C: GET / HTTP/1.1\\nHost: x\\nAuthorization: Basic YW5uYTpzZXNhbWU=\\n
      S: HTTP/1.1 204 No Content\\nSet-Cookie: sid=0815abc; Path=/\\n
      C: GET /a HTTP/1.1\\nHost: x\\nCookie: sid=0815abc\\n
      S: HTTP/1.1 204 No Content\\n
      """
    ).yaml()
    #expect(yaml.contains("Authorization: Basic ${basic(user, secret.anna)}"))
    #expect(yaml.contains("Set-Cookie: sid=${secret.sid:token}; Path=/"))
    #expect(yaml.contains("Cookie: sid=${secret.sid}\n"))
    for leak in ["0815abc", "sesame", "YW5uYT"] { #expect(!yaml.contains(leak)) }
  }

  @Test func `chunks are undone, trailers stand behind the body`() {
    let exchange = play(
      """
      C: GET / HTTP/1.1\\nHost: x\\n
      S: HTTP/1.1 200 OK\\nTransfer-Encoding: chunked\\n\\n2\\nab\\n1\\nc\\n0\\nX-Sum: 1\\n
      """
    ).exchange()
    #expect(exchange.hasSuffix("    headers: {Transfer-Encoding: chunked}\n    body: abc\n    trailers: {X-Sum: 1}\n"))
  }

  @Test func `100 Continue stands behind its request, and may be absent`() {
    let exchange = play(
      """
      C: POST / HTTP/1.1\\nHost: x\\nExpect: 100-continue\\nContent-Length: 2\\n
      S: HTTP/1.1 100 Continue\\n
      C: ab\\
      S: HTTP/1.1 204 No Content\\n
      """
    ).exchange()
    #expect(
      exchange.hasSuffix(
        "      Content-Length: ${size}\n    body: ab\n  - S: HTTP/1.1 100 Continue\n    optional: true\n  - S: HTTP/1.1 204 No Content\n"))
  }

  @Test func `what goes through a tunnel is followed by its own dialect`() {
    let mail = play(
      port: 3128,
      """
      C: CONNECT mail.x:25 HTTP/1.1\\nHost: mail.x:25\\n
      S: HTTP/1.1 200 Connection established\\n
      S: 220 mail.x ESMTP
      C: QUIT
      S: 221 2.0.0 Bye
      S.
      """)
    #expect(mail.exchange().hasSuffix("  - protocol: smtp\n  - S: 220 ${host} ESMTP\n  - C: QUIT\n  - S: 221 2.0.0 Bye\n  - close: S\n"))
    #expect(mail.recorded?.isComplete == true)
  }

  @Test func `the same in one segment with the answer`() {
    let page = play(
      port: 3128,
      """
      C: CONNECT www.x:80 HTTP/1.1\\nHost: www.x:80\\n
      S: HTTP/1.1 200 Connection established\\n
      C: GET / HTTP/1.1\\nHost: www.x\\n
      S: HTTP/1.1 204 No Content\\n
      """)
    #expect(page.exchange().contains("  - protocol: http\n  - C: GET / HTTP/1.1\n"))
  }

  @Test func `TLS in a tunnel ends the transcript, and so does what nobody knows`() {
    let tls = play(
      port: 3128, "C: CONNECT x:443 HTTP/1.1\\nHost: x:443\\n\nS: HTTP/1.1 200 OK\\n\nC: \u{16}\u{3}\u{1}\nS: \u{16}\u{3}\u{3}\nC.\nS.")
    #expect(tls.exchange().hasSuffix("  - S: HTTP/1.1 200 OK\n"))
    #expect(tls.recorded?.missing == [.tls])
    let chat = play("C: GET / HTTP/1.1\\nHost: x\\nUpgrade: websocket\\n\nS: HTTP/1.1 101 Go\\n\nC: \u{1}abc\nS: \u{2}abc\nC.")
    #expect(chat.yaml().contains("about: \"From somewhere on, what the client said could not be understood"))
  }

  @Test func `a large body goes beside, decoded, with its size and digest`() {
    var kept: [UInt8] = []
    let exchange = play(
      "C: GET / HTTP/1.1\\nHost: x\\n\nS: HTTP/1.1 200 OK\\nContent-Length: 200\\n\\n\(String(repeating: "x", count: 200))\\"
    )
    .exchange(inlineLimit: 100) { content in
      kept = content
      return "x.bin"
    }
    #expect(kept.count == 200)
    #expect(exchange.contains("    body:\n      file: x.bin\n      sha256: "))
    #expect(exchange.contains("      size: 200\n"))
  }
}
