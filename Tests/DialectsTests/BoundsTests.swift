import Dialects
import Synchronization
import Testing
import Transcript
import Wire

/// Counts how often it is asked, and about how many bytes that it has not searched yet.
struct CountingSession: Session {
  final class Count: Sendable {
    let cuts = Atomic<Int>(0)
    let unsearched = Atomic<Int>(0)
  }

  private var session: any Session
  private let count: Count

  init(_ session: any Session, _ count: Count) {
    self.session = session
    self.count = count
  }

  mutating func cut(_ side: Side, _ bytes: Span<UInt8>, searched: Int, ending: Ending, quiet: Bool) -> Cut {
    count.cuts.add(1, ordering: .relaxed)
    count.unsearched.add(bytes.count - searched, ordering: .relaxed)
    return session.cut(side, bytes, searched: searched, ending: ending, quiet: quiet)
  }

  mutating func lost(_ count: Int, from side: Side) -> Bool { session.lost(count, from: side) }
  func write(_ message: Message) -> [UInt8] { session.write(message) }
  func admits(_ message: Message) -> Admission { session.admits(message) }
}

/// Counts what it hears, and keeps nothing.
struct Tally: Listener {
  var heads = 0
  var content = 0
  var broken: [String: Int] = [:]
  var opaque = 0
  var largest = 0

  mutating func heard(_ head: Head, from side: Side, _ raw: Span<UInt8>) {
    heads += 1
    largest = max(largest, raw.count)
  }
  mutating func heard(_ piece: Piece, from side: Side, _ content: Span<UInt8>) { self.content += content.count }
  mutating func broken(_ violation: Violation, from side: Side, _ raw: Span<UInt8>) {
    broken[violation.kind, default: 0] += 1
    largest = max(largest, raw.count)
  }
  mutating func cutShort(from side: Side, _ raw: Span<UInt8>) {}
  mutating func opaque(from side: Side, _ raw: Span<UInt8>) { opaque += raw.count }
}

@Suite struct BoundsTests {
  struct Flood {
    let count = CountingSession.Count()
    var follower: Follower
    var tally = Tally()
    var mostPending = 0

    init(_ dialect: any Dialect) { follower = Follower(CountingSession(dialect.begin(.stream), count)) }

    mutating func receive(_ text: String, from side: Side, times: Int = 1) {
      let bytes = Array(text.utf8)
      for _ in 0..<times {
        follower.receive(bytes.span, from: side, into: &tally)
        mostPending = max(mostPending, follower.pending(side))
      }
    }

    var cuts: Int { count.cuts.load(ordering: .relaxed) }
    var unsearched: Int { count.unsearched.load(ordering: .relaxed) }
  }

  @Test(arguments: [SMTP.smtp as any Dialect, POP3(), FTP()], [Side.client, .server]) func `an endless line needs no memory`(
    dialect: any Dialect, side: Side
  ) {
    var flood = Flood(dialect)
    flood.receive(String(repeating: "x", count: 50_000), from: side, times: 100)
    #expect(flood.mostPending <= 1 << 17)
    #expect(flood.tally.broken == ["line-too-long": 76])
    #expect(flood.tally.largest == 1 << 16)
    #expect(flood.cuts < 400)
  }

  @Test func `a drip costs no more than a flood`() {
    var flood = Flood(SMTP.smtp)
    flood.receive("220 x\r\n", from: .server)
    flood.receive("EHLO x\r\n", from: .client)
    let before = flood.cuts
    for byte in "250-x\r\n" + String(repeating: "250-PIPELINING\r\n", count: 5_000) + "250 x\r\n" {
      flood.receive(String(byte), from: .server)
    }
    #expect(flood.tally.heads == 3)
    // Each byte is asked about once, each line's end once more, and the client once for what was cut.
    #expect(flood.cuts - before < 100_000)
    #expect(flood.unsearched < 100_000)
  }

  @Test(arguments: [SMTP.smtp as any Dialect, POP3(), FTP()], [Side.client, .server]) func `a line that drips is searched once`(
    dialect: any Dialect, side: Side
  ) {
    var flood = Flood(dialect)
    flood.receive("x", from: side, times: 60_000)
    #expect(flood.unsearched == 60_000)
    #expect(flood.follower.pending(side) == 60_000)
  }

  @Test func `a reply without an end is given up, again and again`() {
    var flood = Flood(SMTP.smtp)
    flood.receive("220 x\r\n", from: .server)
    flood.receive("EHLO x\r\n", from: .client)
    flood.receive(String(repeating: "250-PIPELINING\r\n", count: 1_000), from: .server, times: 200)
    #expect(flood.tally.broken == ["reply-too-long": 20])
    #expect(flood.mostPending < 1 << 18)
    flood.receive(String(repeating: "250-\(String(repeating: "x", count: 60_000))\r\n", count: 10), from: .server, times: 10)
    #expect(flood.mostPending < 3 << 20)
  }

  @Test(arguments: [9_998, 9_999, 30_000]) func `a reply of FTP may have many lines, and its end is found where it has too many`(lines: Int)
  {
    var flood = Flood(FTP())
    flood.receive("220 x\r\n", from: .server)
    flood.receive("STAT\r\nNOOP\r\n", from: .client)
    flood.receive("211-Status\r\n", from: .server)
    flood.receive("250 no end\r\n", from: .server, times: lines)
    flood.receive("211 End\r\n200 ok\r\n", from: .server)
    #expect(flood.tally.heads == 5)
    #expect(flood.tally.broken == (lines < 9_999 ? [:] : ["reply-too-long": (lines + 1) / 10_000]))
    #expect(flood.mostPending < 1 << 18)
    #expect(flood.cuts < 3 * lines + 1_000)
  }

  @Test func `Telnet's commands without an end need no memory, and garbage is told`() {
    var rehearsal = Rehearsal(FTP())
    let flood = [UInt8](repeating: 255, count: 1000) + [244, 255, 250]
    rehearsal.happens(.s("220 x\r\n"))
    for _ in 0..<1000 { rehearsal.feed(flood[...], from: .client) }
    #expect(rehearsal.follower.pending(.client) < 1 << 17)
    rehearsal.happens(.c("\r\nNOOP\r\n"))
    for _ in 0..<1000 { rehearsal.feed(flood[...], from: .server) }
    #expect(rehearsal.follower.pending(.server) < 1 << 17)
    rehearsal.happens(.s("\r\n\u{0}\u{1}\u{2}\r\n200 ok\r\n"))
    #expect(rehearsal.sounds.suffix(2).map(describe) == ["S !reply-syntax \\x00\\x01\\x02\\x0d\\x0a", "S1=0 200 ok"])
    #expect(rehearsal.sounds.map(describe).contains("C0 NOOP"))
  }

  @Test func `a command after another during a transfer is answered in constant time`() {
    var flood = Flood(FTP())
    flood.receive("220 x\r\n", from: .server)
    flood.receive("RETR a\r\n", from: .client)
    flood.receive("150 go\r\n", from: .server)
    flood.receive("NOOP\r\n", from: .client, times: 50_000)
    flood.receive("200 ok\r\n", from: .server, times: 50_000)
    flood.receive("226 done\r\n", from: .server)
    #expect(flood.tally.heads == 100_004)
    #expect(flood.tally.broken.isEmpty)
  }

  @Test func `a listing of many entries has so many facets`() {
    let lines = (0..<20_000).map { Text("-rw-r--r--    1 0        0        \($0) Mar 05  2024 file\($0)") }
    let facets = FTP().facets(ofTransfer: lines, answering: Message(.client, ["LIST"]))
    #expect(facets?.count == 100_000)
  }

  @Test func `commands without replies wait, and are answered in the end`() {
    var flood = Flood(SMTP.smtp)
    flood.receive("220 x\r\n", from: .server)
    flood.receive("NOOP\r\n", from: .client, times: 100_000)
    #expect(flood.tally.heads == 1 + 1 << 16)
    flood.receive("250 ok\r\n", from: .server, times: 100_000)
    #expect(flood.tally.heads == 200_001)
    #expect(flood.follower.pending(.client) == 0)
    #expect(flood.tally.broken.isEmpty)
    #expect(flood.cuts < 1_000_000)
  }

  @Test func `what waits for one reply each is moved only so often`() {
    var flood = Flood(SMTP.smtp)
    flood.receive("220 x\r\n", from: .server)
    flood.receive(String(repeating: "DATA\r\n", count: 200_000), from: .client)
    flood.receive("503 no\r\n", from: .server, times: 200_000)
    #expect(flood.tally.heads == 400_001)
  }

  @Test(arguments: [SMTP.smtp as any Dialect, POP3(), FTP()]) func `replies to nothing are not kept`(dialect: any Dialect) {
    var flood = Flood(dialect)
    flood.receive("220 x\r\n+OK x\r\n", from: .server, times: 20_000)
    #expect(flood.mostPending == 0)
    #expect(flood.tally.heads == 1)
    #expect(flood.tally.broken.values.reduce(0, +) == 39_999)
  }

  @Test func `who says too much while it has to wait is not understood any more`() {
    var flood = Flood(SMTP.smtp)
    flood.receive("220 x\r\n", from: .server)
    flood.receive("DATA\r\n", from: .client)
    flood.receive(String(repeating: "x", count: 1 << 16), from: .client, times: 100)
    #expect(flood.follower.isOpaque)
    #expect(flood.mostPending <= Follower.limit)
    #expect(flood.tally.opaque == 100 << 16)
  }

  @Test func `an endless message is counted and digested, not kept`() throws {
    var rehearsal = Rehearsal(SMTP.smtp, payloadLimit: 1000)
    for happening in [Happening.s("220 x\r\n"), .c("DATA\r\n"), .s("354 go\r\n")] { rehearsal.happens(happening) }
    let block = Array(String(repeating: "0123456789abcdef\r\n", count: 1000).utf8)
    var digest = Digest()
    for _ in 0..<100 {
      rehearsal.feed(block[...], from: .client)
      digest.update(block)
    }
    #expect(rehearsal.follower.pending(.client) == 0)
    rehearsal.happens(.c(".\r\n"))
    guard case .message(let heard)? = rehearsal.sounds.last, case .payload(let payload)? = heard.message[part: "message"] else {
      Issue.record("no message")
      return
    }
    #expect(heard.payloadSize == 1_800_000)
    #expect(payload.bytes.count == 1000)
    #expect(heard.payloadDigest == digest.hex)
  }
}
