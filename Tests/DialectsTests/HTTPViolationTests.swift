import Dialects
import Inflate
import Testing
import Transcript
import Wire

@Suite struct HTTPViolationTests {
  typealias Case = ViolationTests.Case

  static let get = "GET / HTTP/1.1\r\nHost: x\r\n\r\n"
  static let post = "POST / HTTP/1.1\r\nHost: x\r\n"
  static let ok = "HTTP/1.1 200 OK\r\n"

  static let requests: [Case] = [
    Case("a field without a colon", [.c("GET / HTTP/1.1\r\nHost: x\r\nAccept\r\n\r\n")], "C field-syntax RFC 9112 §5"),
    Case("a blank before the colon", [.c("GET / HTTP/1.1\r\nHost : x\r\n\r\n")], "C field-syntax RFC 9112 §5.1"),
    Case("a name that is no token", [.c("GET / HTTP/1.1\r\nHost: x\r\nA[]: b\r\n\r\n")], "C field-syntax RFC 9110 §5.1"),
    Case("a NUL in a field", [.c("GET / HTTP/1.1\r\nHost: x\0y\r\n\r\n")], "C field-syntax RFC 9110 §5.5"),
    Case("a folded field", [.c("GET / HTTP/1.1\r\nHost: x\r\nA: b\r\n c\r\n\r\n")], "C obs-fold RFC 9112 §5.2"),
    Case("bare LF", [.c("GET / HTTP/1.1\nHost: x\n\n")], "C bare-lf RFC 9112 §2.2"),
    Case("bare CR", [.c("GET / HTTP/1.1\r\nHost: x\ry\r\n\r\n")], "C bare-cr RFC 9112 §2.2"),
    Case("no Host", [.c("GET / HTTP/1.1\r\n\r\n")], "C host RFC 9112 §3.2"),
    Case("two of them", [.c("GET / HTTP/1.1\r\nHost: x\r\nHost: x\r\n\r\n")], "C host RFC 9112 §3.2"),
    Case("none in HTTP/1.0", [.c("GET / HTTP/1.0\r\n\r\n")]),
    Case("no version", [.c("GET /\r\nHost: x\r\n\r\n")], "C request-syntax RFC 9112 §3"),
    Case("two blanks", [.c("GET  / HTTP/1.1\r\nHost: x\r\n\r\n")], "C request-syntax RFC 9112 §3"),
    Case("an empty line before a request", [.c("\r\n" + get)], "C empty-line RFC 9112 §2.2"),
    Case("several lengths", [.c(post + "Content-Length: 1\r\nContent-Length: 2\r\n\r\nab")], "C content-length RFC 9110 §8.6"),
    Case("the same length twice", [.c(post + "Content-Length: 2, 2\r\n\r\nab")], "C content-length RFC 9110 §8.6"),
    Case("no number", [.c(post + "Content-Length: +2\r\n\r\nab")], "C content-length RFC 9110 §8.6"),
    Case("no length at all", [.c(post + "Content-Length:\r\n\r\nab")], "C content-length RFC 9110 §8.6"),
    Case(
      "nobody can count to it", [.c(post + "Content-Length: \(String(repeating: "9", count: 40))\r\n\r\n")],
      "C content-length RFC 9110 §8.6"),
    Case(
      "both length and coding", [.c(post + "Content-Length: 9\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n")],
      "C length-and-coding RFC 9112 §6.3"),
    Case(
      "not chunked in the end", [.c(post + "Transfer-Encoding: chunked, gzip\r\n\r\nx")], "C transfer-encoding RFC 9112 §7.1",
      "C transfer-encoding RFC 9112 §6.3"),
    Case(
      "a body that ends too early", [.c(post + "Content-Length: 9\r\n\r\nab"), .end(.client, .finished)], "C content-length RFC 9112 §8"),
  ]

  static let responses: [Case] = [
    Case("no chunk's length", [.c(get), .s(ok + "Transfer-Encoding: chunked\r\n\r\nxyz\r\n")], "S bad-chunk RFC 9112 §7.1"),
    Case(
      "a chunk's length of 40 digits", [.c(get), .s(ok + "Transfer-Encoding: chunked\r\n\r\n\(String(repeating: "f", count: 40))\r\n")],
      "S bad-chunk RFC 9112 §7.1"),
    Case(
      "zeros in front of it",
      [.c(get), .s(ok + "Transfer-Encoding: chunked\r\n\r\n\(String(repeating: "0", count: 40))1\r\na\r\n0\r\n\r\n")]),
    Case(
      "a chunk that goes on", [.c(get), .s(ok + "Transfer-Encoding: chunked\r\n\r\n1\r\nab\r\n0\r\n\r\n")], "S bad-chunk RFC 9112 §7.1"),
    Case("bare LF behind a chunk", [.c(get), .s(ok + "Transfer-Encoding: chunked\r\n\r\n1\r\na\n0\r\n\r\n")], "S bare-lf RFC 9112 §7.1"),
    Case(
      "no last chunk", [.c(get), .s(ok + "Transfer-Encoding: chunked\r\n\r\n1\r\na\r\n"), .end(.server, .finished)],
      "S bad-chunk RFC 9112 §8"),
    Case(
      "a length among the trailers", [.c(get), .s(ok + "Transfer-Encoding: chunked\r\n\r\n0\r\nContent-Length: 1\r\n\r\n")],
      "S field-syntax RFC 9110 §6.5.1"),
    Case(
      "a body that ends too early", [.c(get), .s(ok + "Content-Length: 9\r\n\r\nab"), .end(.server, .finished)],
      "S content-length RFC 9112 §8"),
    Case("a reset inside is the network's", [.c(get), .s(ok + "Content-Length: 9\r\n\r\nab"), .end(.server, .reset)]),
    Case("more than the length says", [.c(get), .s(ok + "Content-Length: 1\r\n\r\nabc\r\n")], "S excess-bytes RFC 9112 §6.3"),
    Case(
      "more, without a line's end", [.c(get), .s(ok + "Content-Length: 1\r\n\r\nabc"), .end(.server, .finished)],
      "S excess-bytes RFC 9112 §6.3"),
    Case(
      "a response that was split off", [.c(get), .s(ok + "Content-Length: 0\r\n\r\n"), .s(ok + "Content-Length: 2\r\n\r\nhi")],
      "S unsolicited RFC 9112 §9.2"),
    Case(
      "a server that waits no longer may say so",
      [.c(get), .s("HTTP/1.1 204 N\r\n\r\n"), .s("HTTP/1.1 408 Request Timeout\r\nConnection: close\r\nContent-Length: 0\r\n\r\n")]),
    Case(
      "a body to HEAD", [.c("HEAD / HTTP/1.1\r\nHost: x\r\n\r\n"), .s(ok + "Content-Length: 3\r\n\r\nab\n")],
      "S body-not-allowed RFC 9112 §6.3"),
    Case("a length of 204", [.c(get), .s("HTTP/1.1 204 No Content\r\nContent-Length: 3\r\n\r\n")], "S body-not-allowed RFC 9110 §8.6"),
    Case(
      "a length of a tunnel", [.c("CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n\r\n"), .s(ok + "Content-Length: 3\r\n\r\n")],
      "S body-not-allowed RFC 9110 §9.3.6"),
    Case("no status line", [.c(get), .s("ICY 200 OK\r\n\r\n")], "S reply-syntax RFC 9112 §4", "S reply-syntax RFC 9112 §4"),
    Case("no blank behind the status", [.c(get), .s("HTTP/1.1 204\r\n\r\n")], "S reply-syntax RFC 9112 §4"),
    Case("an interim response to HTTP/1.0", [.c("GET / HTTP/1.0\r\n\r\n"), .s("HTTP/1.1 100 Go\r\n\r\n")], "S reply-class RFC 9110 §15.2"),
    Case("an upgrade that nobody asked for", [.c(get), .s("HTTP/1.1 101 Go\r\n\r\n")], "S reply-class RFC 9110 §7.8"),
    Case(
      "chunks for HTTP/1.0", [.c("GET / HTTP/1.0\r\n\r\n"), .s(ok + "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n")],
      "S transfer-encoding RFC 9112 §6.1"),
    Case("no gzip", [.c(get), .s(ok + "Content-Encoding: gzip\r\nContent-Length: 2\r\n\r\nab")], "S content-encoding RFC 9110 §8.4"),
  ]

  @Test(arguments: requests + responses) func `what breaks the protocol is told with its rule`(broken: Case) {
    #expect(violations(HTTP(), broken.happenings) == broken.expected)
  }

  // MARK: Hostile

  @Test(arguments: [Side.client, .server]) func `a head of 1 MB is given up, and needs no memory`(side: Side) {
    var flood = BoundsTests.Flood(HTTP())
    flood.receive(side == .client ? "GET / HTTP/1.1\r\n" : Self.get, from: .client)
    if side == .server { flood.receive(Self.ok, from: .server) }
    flood.receive("X-Filler: \(String(repeating: "x", count: 1000))\r\n", from: side, times: 1000)
    #expect(flood.tally.broken == ["head-too-long": 1])
    #expect(flood.mostPending < 1 << 20)
  }

  @Test func `a million lines of a head are given up likewise, however they come`() {
    var flood = BoundsTests.Flood(HTTP())
    flood.receive(Self.get, from: .client)
    flood.receive(Self.ok, from: .server)
    flood.receive("a:b\r\n", from: .server, times: 1_000_000)
    #expect(flood.tally.broken == ["head-too-long": 1])
    #expect(flood.unsearched < 1 << 20)
    #expect(flood.tally.opaque > 4 << 20)
  }

  @Test func `chunks of one byte each cost what they are`() {
    var flood = BoundsTests.Flood(HTTP())
    flood.receive(Self.get, from: .client)
    flood.receive(Self.ok + "Transfer-Encoding: chunked\r\n\r\n", from: .server)
    flood.receive(String(repeating: "1\r\na\r\n", count: 1000), from: .server, times: 100)
    #expect(flood.tally.content == 100_000)
    #expect(flood.cuts < 500_000)
  }

  @Test func `an endless chunk extension is given up`() {
    var flood = BoundsTests.Flood(HTTP())
    flood.receive(Self.get, from: .client)
    flood.receive(Self.ok + "Transfer-Encoding: chunked\r\n\r\n1;", from: .server)
    flood.receive(String(repeating: "x", count: 1000), from: .server, times: 100)
    #expect(flood.follower.isOpaque)
    #expect(flood.mostPending < 1 << 15)
  }

  @Test func `a bomb is named, and kept as it was sent`() throws {
    let bomb = Deflater.deflate([UInt8](repeating: 0, count: (1 << 28) + 1), .gzip)
    var rehearsal = Rehearsal(HTTP())
    rehearsal.happens(.c(Self.get))
    rehearsal.happens(.s(Self.ok + "Content-Encoding: gzip\r\nContent-Length: \(bomb.count)\r\n\r\n"))
    rehearsal.feed(bomb[...], from: .server)
    guard case .message(let heard)? = rehearsal.sounds.last else { return #expect(Bool(false)) }
    #expect(heard.violations.map(\.kind) == ["content-too-large"])
    #expect(heard.payloadSize == bomb.count)
  }

  @Test(arguments: [Coding.zlib, .deflate]) func `bare deflate data is taken for zlib's`(coding: Coding) throws {
    let content = Array("Bonjour, monde. Bonjour, monde.".utf8)
    let sent = Deflater.deflate(content, coding)
    var rehearsal = Rehearsal(HTTP())
    rehearsal.happens(.c(Self.get))
    rehearsal.happens(.s(Self.ok + "Content-Encoding: deflate\r\nContent-Length: \(sent.count)\r\n\r\n"))
    rehearsal.feed(sent[...], from: .server)
    guard case .message(let heard)? = rehearsal.sounds.last else { return #expect(Bool(false)) }
    #expect(heard.violations == [])
    #expect(heard.message[part: "body"] == .payload(Payload(.bytes(content))))
  }

  @Test func `what is decoded and too large to keep is counted and digested`() throws {
    let content = [UInt8](repeating: 65, count: 100_000)
    let gzip = Deflater.deflate(content, .gzip)
    var rehearsal = Rehearsal(HTTP(), payloadLimit: 1000)
    rehearsal.happens(.c(Self.get))
    rehearsal.happens(.s(Self.ok + "Content-Encoding: gzip\r\nContent-Length: \(gzip.count)\r\n\r\n"))
    rehearsal.feed(gzip[...], from: .server)
    guard case .message(let heard)? = rehearsal.sounds.last else { return #expect(Bool(false)) }
    #expect(heard.payloadSize == 100_000)
    #expect(heard.sentSize == gzip.count)
    #expect(heard.payloadDigest == Digest.sha256(content))
  }
}
