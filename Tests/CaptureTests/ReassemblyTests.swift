import Support
import Testing
import Wire

@testable import Capture

@Suite struct ReassemblyTests {
  @Test func `bytes in order go through, and the end stands behind them`() {
    var talk = Talk.open()
    talk.s(0, 0, "220 hello\n")
    talk.c(0, 10, "QUIT\n")
    talk.s(10, 5, "221 bye\n")
    talk.s(18, 5, [.fin, .ack])
    talk.c(5, 19, [.fin, .ack])
    talk.s(19, 6)
    #expect(talk.over() == [["opened", "S 220 hello\n", "C QUIT\n", "S 221 bye\n", "S end", "C end", "closed finished"]])
  }

  @Test func `every order of a small conversation's packets tells the same`() {
    // Two commands and two replies, each behind the other, and both ends.
    let segments: [Talk.Segment] = [
      .init(side: .client, place: 0, answers: 0, flags: .ack, text: "one"),
      .init(side: .server, place: 0, answers: 3, flags: .ack, text: "ONE"),
      .init(side: .client, place: 3, answers: 3, flags: .ack, text: "two"),
      .init(side: .server, place: 3, answers: 6, flags: .ack, text: "TW"),
      .init(side: .server, place: 5, answers: 6, flags: .ack, text: "O"),
      .init(side: .server, place: 6, answers: 6, flags: [.fin, .ack], text: ""),
      .init(side: .client, place: 6, answers: 7, flags: [.fin, .ack], text: ""),
    ]
    var orders = 0
    forEachPermutation(of: segments) { order in
      var talk = Talk.open()
      for segment in order { talk.send(segment) }
      orders += 1
      let lines = talk.over()
      guard lines == [["opened", "C one", "S ONE", "C two", "S TWO", "S end", "C end", "closed finished"]], talk.told.broken.isEmpty else {
        Issue.record("\(order.map { "\($0.side.letter)\($0.place)" }): \(lines) \(talk.told.broken)")
        return false
      }
      return true
    }
    #expect(orders == 5040)
  }

  @Test func `cut anew, doubled and shuffled, a long conversation is the same`() {
    for seed in 0..<200 { checkShuffled(seed: UInt64(seed)) }
  }

  @Test func `with packets lost, doubled and out of order, what is told stands in its place, and answers behind what they answer`() {
    for seed in 0..<300 {
      var random = Seeded(UInt64(seed))
      let loss = [0, 3, 10, 50].randomElement(using: &random) ?? 0
      let disorder = Int.random(in: 1...6, using: &random)
      var packets: [Talk.Segment] = []
      let turns = 60
      for turn in 0..<turns {
        let (asked, said) = (turn * 5, turn * 7)
        packets.append(.init(side: .client, place: asked, answers: said, flags: .ack, text: line("ask", turn, 5)))
        if turn % 3 == 0 { packets.append(.init(side: .server, place: said, answers: asked + 5, flags: .ack, text: "")) }
        let reply = line("answer", turn, 7)
        packets.append(.init(side: .server, place: said, answers: asked + 5, flags: .ack, text: String(reply.prefix(3))))
        packets.append(.init(side: .server, place: said + 3, answers: asked + 5, flags: .ack, text: String(reply.dropFirst(3))))
      }
      packets.append(.init(side: .client, place: turns * 5, answers: turns * 7, flags: [.fin, .ack], text: ""))
      packets.append(.init(side: .server, place: turns * 7, answers: turns * 5 + 1, flags: [.fin, .ack], text: ""))
      var captured: [(order: Int, Talk.Segment)] = []
      for (order, packet) in packets.enumerated() {
        if Int.random(in: 0..<100, using: &random) < loss { continue }
        for _ in 0..<Int.random(in: 1...2, using: &random) {
          captured.append((order + Int.random(in: 0..<disorder, using: &random), packet))
        }
      }
      captured.sort { $0.order < $1.order }
      var talk = Talk.open()
      for (_, packet) in captured {
        talk.clock += Int.random(in: 0...100, using: &random)
        talk.send(packet)
      }
      _ = talk.over()
      let (asked, answered) = (0..<turns).reduce(into: ("", "")) { all, turn in
        all.0 += line("ask", turn, 5)
        all.1 += line("answer", turn, 7)
      }
      check(talk.told, against: Sides(client: asked, server: answered), isWhole: loss == 0, seed: seed)
    }
  }

  private func check(_ told: Transcriber, against said: Sides<String>, isWhole: Bool, seed: Int) {
    #expect(told.broken == [], "seed \(seed)")
    #expect(told.conversations.count == 1, "seed \(seed)")
    let expected = Sides(client: Array(said.client), server: Array(said.server))
    var heard = Sides(client: 0, server: 0)
    for line in told.conversations[0].lines {
      guard let side = line.hasPrefix("C ") ? Side.client : line.hasPrefix("S ") ? .server : nil else { continue }
      let text = line.dropFirst(2)
      if text == "end" { continue }
      if text.hasPrefix("gap "), let count = Int(text.dropFirst(4)) {
        #expect(!isWhole, "seed \(seed)")
        heard[side] += count
        continue
      }
      for character in text {
        guard heard[side] < expected[side].count, expected[side][heard[side]] == character else {
          Issue.record("seed \(seed): \(line) at \(heard[side])")
          return
        }
        heard[side] += 1
      }
      // No answer, and no part of one, before all of what it answers; and no question before the answer to the last one. A gap may be wider.
      if side == .server {
        #expect(heard.server <= (heard.client / 5) * 7, "seed \(seed): \(line)")
      } else {
        #expect(heard.client <= (heard.server / 7 + 1) * 5, "seed \(seed): \(line)")
      }
    }
    if isWhole { #expect(told.conversations[0].lines.suffix(3) == ["C end", "S end", "closed finished"], "seed \(seed)") }
  }

  private func line(_ word: String, _ turn: Int, _ count: Int) -> String {
    let digits = String(100 + turn)
    return (word.prefix(count - 4) + digits + "\n").prefix(count).description
  }

  private func checkShuffled(seed: UInt64) {
    var random = Seeded(seed)
    let spoken = Sides(client: text("abcdefghij", 300, &random), server: text("0123456789", 300, &random))
    var segments: [Talk.Segment] = []
    for side in [Side.client, .server] {
      let bytes = Array(spoken[side].utf8)
      var at = 0
      while at < bytes.count {
        let count = Int.random(in: 1...40, using: &random)
        for _ in 0..<Int.random(in: 1...2, using: &random) {
          let from = max(0, at - Int.random(in: 0...20, using: &random))
          let until = min(bytes.count, at + count)
          // Nothing is acknowledged beyond the handshake: what is missing is never given up.
          segments.append(
            .init(side: side, place: from, answers: 0, flags: .ack, text: String(decoding: bytes[from..<until], as: UTF8.self)))
        }
        at += count
      }
      segments.append(.init(side: side, place: bytes.count, answers: 0, flags: [.fin, .ack], text: ""))
    }
    segments.shuffle(using: &random)
    var talk = Talk.open()
    talk.first = Sides(client: 1_001, server: 900_001)
    for segment in segments { talk.send(segment) }
    let lines = talk.over()
    #expect(lines.count == 1, "seed \(seed)")
    #expect(String(decoding: talk.told.conversations[0].streams.client, as: UTF8.self) == spoken.client)
    #expect(String(decoding: talk.told.conversations[0].streams.server, as: UTF8.self) == spoken.server)
    #expect(talk.told.conversations[0].gaps == Sides(client: 0, server: 0))
    #expect(lines[0].last == "closed finished")
    #expect(talk.told.broken == [])
    #expect(talk.connections.conflicts == 0)
  }

  @Test func `sequence numbers wrap around, in order and out of it`() {
    for begin in (UInt32.max - 8)...UInt32.max {
      var talk = Talk()
      talk.first = Sides(client: begin, server: begin)
      talk.shakeHands()
      talk.c(3, 0, "def")
      talk.c(0, 0, "abc")
      talk.c(6, 0, "ghijkl")
      talk.s(0, 12, "ok")
      talk.c(12, 2, [.fin, .ack])
      talk.s(2, 13, [.fin, .ack])
      #expect(talk.over() == [["opened", "C abcdefghijkl", "S ok", "C end", "S end", "closed finished"]])
    }
  }

  @Test func `of bytes that come twice and differ, the first ones count and the others are counted`() {
    var talk = Talk.open()
    talk.c(2, 0, "cdef")
    talk.c(0, 0, "abCDefgh")
    #expect(talk.over() == [["opened", "C abcdefgh", "closed captureEnded"]])
    #expect(talk.connections.conflicts == 2)
  }

  @Test func `bytes that come again after they were told are compared, too`() {
    var talk = Talk.open()
    talk.c(0, 0, "abcdef")
    talk.s(0, 6, "ok")
    talk.c(0, 0, "abcdef")
    talk.c(2, 0, "cd")
    talk.c(1, 0, "bXdYfg")
    talk.s(0, 7, "OK")
    talk.s(2, 7, "!")
    talk.c(5, 3, "fg")
    #expect(talk.over() == [["opened", "C abcdef", "S ok", "C g", "S !", "closed captureEnded"]])
    #expect(talk.connections.conflicts == 4)
    #expect(talk.connections.conflicting.map(\.number) == [0])
  }

  @Test func `what is remembered of what was told is bounded`() {
    var limits = CaptureLimits()
    limits.recent = 20
    for (between, expected) in [(0, 5), (10, 5), (11, 0), (20, 0)] {
      var talk = Talk.open(limits)
      talk.c(0, 0, "0123456789")
      let text = String(repeating: "x", count: between)
      if between > 0 { talk.s(0, 10, text) }
      talk.c(0, between, "01234?????")
      #expect(talk.connections.conflicts == 0)
      _ = talk.over()
      #expect(talk.connections.conflicts == expected, "\(between)")
    }
  }

  @Test func `what is written down last is found, whatever came between`() {
    var random = Seeded(5)
    var journal = Journal(size: 1000)
    var spoken: [[UInt8]] = [[], []]
    var latest = [Journal.none, Journal.none]
    for _ in 0..<3000 {
      let who = Int.random(in: 0...1, using: &random)
      let bytes = (0..<Int.random(in: 1...40, using: &random)).map { _ in UInt8.random(in: 0...255, using: &random) }
      latest[who] = journal.append(bytes.span, at: SequenceNumber(UInt32.max - 50) + spoken[who].count, after: latest[who])
      spoken[who] += bytes
      var again = Array(spoken[who].suffix(60))
      let place = SequenceNumber(UInt32.max - 50) + (spoken[who].count - again.count)
      #expect(journal.differences(again.span, at: place, latest: latest[who]) == 0)
      again[again.count - 1] ^= 1
      #expect(journal.differences(again.span, at: place, latest: latest[who]) == 1)
    }
  }

  @Test func `a segment around several early ones fills only the holes`() {
    var talk = Talk.open()
    talk.c(2, 0, "c")
    talk.c(6, 0, "gh")
    talk.c(4, 0, "E")
    talk.c(1, 0, "b?d?f??i")
    talk.c(0, 0, "a")
    #expect(talk.over() == [["opened", "C abcdEfghi", "closed captureEnded"]])
    #expect(talk.connections.conflicts == 4)
  }

  @Test func `keep-alives and window probes add nothing`() {
    var talk = Talk.open()
    talk.c(0, 0, "abc")
    talk.s(0, 3, "x")
    talk.c(2, 1)
    talk.s(1, 3)
    talk.c(2, 1, "\0")
    talk.s(1, 3, .ack, "", window: 0)
    talk.c(3, 1, "d")
    talk.s(1, 3, .ack, "", window: 0)
    talk.c(3, 1, "de")
    #expect(talk.over() == [["opened", "C abc", "S x", "C de", "closed captureEnded"]])
  }

  @Test func `a reply captured before its command is told behind it`() {
    var talk = Talk.open()
    talk.s(0, 5, "250 ok")
    talk.s(6, 5, "250 more")
    talk.c(0, 0, "NOOP\n")
    #expect(talk.told.lines == [["opened", "C NOOP\n", "S 250 ok250 more"]])
  }

  @Test func `what the other side has acknowledged and nobody captured is a gap, before what answers it`() {
    var talk = Talk.open()
    talk.c(0, 0, "one\n")
    talk.s(0, 4, "ONE\n")
    // The command at 4 was not captured.
    talk.s(4, 8, "TWO\n")
    talk.c(8, 8, "six\n")
    #expect(talk.told.lines == [["opened", "C one\n", "S ONE\n"]])
    talk.clock += 600
    talk.s(8, 12, "SIX\n")
    #expect(talk.told.lines == [["opened", "C one\n", "S ONE\n", "C gap 4", "S TWO\n", "C six\n", "S SIX\n"]])
    #expect(talk.told.broken == [])
  }

  @Test func `bytes that only an acknowledgement tells of are a gap too`() {
    var talk = Talk.open()
    talk.c(0, 0, "one\n")
    talk.s(0, 24)
    #expect(talk.over() == [["opened", "C one\n", "C gap 20", "closed captureEnded"]])
  }

  @Test func `acknowledgements that always run ahead of their bytes lose nothing`() {
    var talk = Talk.open()
    for i in 0..<200 {
      talk.s(0, (i + 1) * 4)
      talk.c(i * 4, 0, "abc\n")
    }
    #expect(talk.over() == [["opened", "C " + String(repeating: "abc\n", count: 200), "closed captureEnded"]])
  }

  @Test func `bytes that nobody acknowledged are waited for`() {
    var talk = Talk.open()
    talk.c(3, 0, "def")
    talk.s(0, 0)
    talk.clock += 30_000
    talk.s(0, 0)
    talk.c(0, 0, "abc")
    #expect(talk.over() == [["opened", "C abcdef", "closed captureEnded"]])
  }

  @Test func `a packet cut by the snap length says how much is missing`() {
    for isEarly in [false, true] {
      var talk = Talk.open()
      talk.snapLength = 44
      if isEarly { talk.c(10, 0, "xyz") }
      talk.c(0, 0, "abcdefghij")
      if !isEarly { talk.c(10, 0, "xyz") }
      talk.c(4, 0, "e")
      #expect(talk.over() == [["opened", "C abcd", "C gap 6", "C xyz", "closed captureEnded"]])
    }
  }

  @Test func `an acknowledgement by who does not stand there is no gap`() {
    var talk = Talk.open()
    talk.c(0, 0, "abc")
    talk.s(2_000_000_000, 100)
    talk.s(0, 3, "x")
    talk.s(1, -70_000, "y")
    talk.c(3, 2, "d")
    #expect(talk.over() == [["opened", "C abc", "S xy", "C d", "closed captureEnded"]])
  }

  @Test func `bytes far beyond every window are not told`() {
    var talk = Talk.open()
    talk.c(100_000, 0, "blind")
    talk.c(0, 0, "abc")
    talk.s(0, 3, "x")
    #expect(talk.over() == [["opened", "C abc", "S x", "closed captureEnded"]])
  }

  @Test func `but those that the other side acknowledges are, however much is missing before them`() {
    var talk = Talk.open()
    talk.c(0, 0, "abc")
    var place = 3
    for _ in 0..<4 {
      place += 1_900_000_000
      talk.c(place, 0, "d")
      place += 1
      talk.s(0, place)
      talk.clock += 1000
    }
    let gap = "C gap 1900000000"
    #expect(talk.over() == [["opened", "C abc", gap, "C d", gap, "C d", gap, "C d", gap, "C d", "closed captureEnded"]])
  }
}

/// Heap's algorithm; stops where `body` says no.
func forEachPermutation<T>(of items: [T], _ body: ([T]) -> Bool) {
  var items = items
  var counters = [Int](repeating: 0, count: items.count)
  guard body(items) else { return }
  var i = 0
  while i < items.count {
    if counters[i] < i {
      items.swapAt(i % 2 == 0 ? 0 : counters[i], i)
      guard body(items) else { return }
      counters[i] += 1
      i = 0
    } else {
      counters[i] = 0
      i += 1
    }
  }
}

private func text(_ alphabet: String, _ count: Int, _ random: inout Seeded) -> String {
  String((0..<count).map { _ in alphabet.randomElement(using: &random) ?? "?" })
}
