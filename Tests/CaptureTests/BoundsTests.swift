import Support
import Testing
import Wire

@testable import Capture

@Suite struct BoundsTests {
  @Test func `a conversation without a packet for long is over, and what comes after is another`() {
    var limits = CaptureLimits()
    limits.idle = .seconds(10)
    var talk = Talk.open(limits)
    talk.c(0, 0, "one")
    talk.clock += 10_001
    talk.c(3, 0, "two")
    #expect(talk.over() == [["opened", "C one", "closed idle"], ["opened", "C two", "closed captureEnded"]])
    #expect(talk.told.conversations[1].origin.isPartial)
  }

  @Test func `datagrams are idle sooner`() {
    var limits = CaptureLimits()
    limits.idleDatagrams = .seconds(2)
    var talk = Talk(limits)
    let question = Packets.udp(from: Talk.client, to: Talk.server, Array("who?".utf8))
    let answer = Packets.udp(from: Talk.server, to: Talk.client, Array("me".utf8))
    talk.feed(question)
    talk.feed(answer)
    talk.clock += 3000
    talk.feed(answer)
    #expect(talk.over() == [["opened", "C who?", "S me", "closed idle"], ["opened", "C me", "closed captureEnded"]])
  }

  @Test func `of too many conversations, the one that was silent for longest gives way`() {
    var limits = CaptureLimits()
    limits.conversations = 3
    var talk = Talk(limits)
    for port in 1...3 {
      talk.ends.client.port = UInt16(port)
      talk.shakeHands()
    }
    talk.ends.client.port = 1
    talk.c(0, 0, "busy")
    talk.ends.client.port = 4
    talk.shakeHands()
    #expect(talk.told.lines == [["opened", "C busy"], ["opened", "closed crowded"], ["opened"], ["opened"]])
    #expect(talk.connections.reached == ["open conversations": 1])
  }

  @Test func `beyond the bytes that may be kept, what is missing counts as lost`() {
    var limits = CaptureLimits()
    limits.outOfOrder = 1000
    var talk = Talk.open(limits)
    for i in 1...20 { talk.c(i * 10, 0, "0123456789") }
    let lines = talk.over()
    #expect(lines[0][1] == "C gap 10")
    #expect(talk.told.conversations[0].streams.client.count == 200)
    #expect(talk.connections.reached == ["out-of-order bytes": 1])
  }

  @Test func `one-byte segments cost what keeping them takes`() {
    var limits = CaptureLimits()
    limits.outOfOrder = 100_000
    var talk = Talk.open(limits)
    for i in 1...2000 { talk.c(i * 2, 0, "x") }
    #expect(talk.connections.reached["out-of-order bytes"] ?? 0 >= 2)
  }

  @Test func `all conversations together may keep only so much, and none is left out for it`() {
    var limits = CaptureLimits()
    limits.outOfOrderTotal = 2000
    var talk = Talk(limits)
    for port in 1...20 {
      talk.ends.client.port = UInt16(port)
      talk.shakeHands()
      talk.c(10, 0, "early")
    }
    #expect(talk.connections.reached == ["out-of-order bytes in all": 5])
    for port in 1...20 {
      talk.ends.client.port = UInt16(port)
      talk.c(0, 0, "0123456789")
    }
    let lines = talk.over()
    // The first five gave way; the others were put together.
    #expect(lines.filter { $0 == ["opened", "C 0123456789early", "closed captureEnded"] }.count == 15)
    #expect(lines.filter { $0 == ["opened", "C gap 10", "C early", "closed captureEnded"] }.count == 5)
    #expect(talk.told.broken == [])
  }

  @Test func `bytes with SYNs that nobody answers are bounded, too`() {
    var limits = CaptureLimits()
    limits.outOfOrderTotal = 100_000
    var talk = Talk(limits)
    for port in 1...2000 {
      talk.ends.client.port = UInt16(port)
      talk.c(-1, nil, .syn, String(repeating: "x", count: 1000))
    }
    #expect(talk.connections.reached["out-of-order bytes in all"] ?? 0 > 1800)
    #expect(talk.over().allSatisfy { $0 == ["refused timedOut"] })
  }

  @Test func `what has ended leaves the table, the oldest first`() {
    var limits = CaptureLimits()
    limits.remembered = 100
    var talk = Talk(limits)
    for port in 1...5000 {
      talk.ends.client.port = UInt16(port)
      talk.shakeHands()
      talk.c(0, 0, [.fin, .ack])
      talk.s(0, 1, [.fin, .ack])
    }
    #expect(talk.connections.size == 100)
    // Late packets of what is still remembered begin nothing.
    for port in 4901...5000 {
      talk.ends.client.port = UInt16(port)
      talk.c(0, 0, "late")
    }
    talk.clock += 240_001
    talk.ends.client.port = 5001
    talk.c(-1, nil, .syn)
    #expect(talk.connections.size == 1)
    #expect(talk.over().filter { $0 == ["opened", "C end", "S end", "closed finished"] }.count == 5000)
    #expect(talk.told.conversations.count == 5001)
  }

  @Test func `the table finds what it holds, whatever was removed`() {
    var table = FlowTable<Int>()
    var random = Seeded(3)
    var slots: [Int: Int] = [:]
    func key(_ n: Int) -> FlowKey {
      FlowKey.of(Endpoint(Address(v4: UInt32(n)), 1), Endpoint(Address(v4: 9), 2), .stream).0
    }
    for _ in 0..<50_000 {
      let n = Int.random(in: 0..<3000, using: &random)
      if let slot = slots[n] {
        #expect(table.find(key(n)) == slot)
        #expect(table[slot] == n)
        table.remove(slot)
        slots[n] = nil
      } else {
        #expect(table.find(key(n)) == nil)
        slots[n] = table.insert(n, for: key(n))
      }
    }
    #expect(table.count == slots.count)
  }

  @Test func `any packets at all, in any order, keep what events promise`() {
    for seed in 0..<300 {
      var random = Seeded(UInt64(seed))
      var limits = CaptureLimits()
      limits.outOfOrder = 2000
      limits.outOfOrderTotal = 3000
      limits.conversations = 3
      limits.remembered = 2
      var talk = Talk(limits)
      for _ in 0..<300 {
        talk.ends.client.port = UInt16.random(in: 1...5, using: &random)
        let isFar = Int.random(in: 0..<20, using: &random) == 0
        let flags = Packets.Flags(rawValue: [0, 0, 0, 0, 0, 0, 1, 2, 4, 3].randomElement(using: &random) ?? 0)
        let text = String(repeating: "x", count: Int.random(in: 0...30, using: &random))
        talk.clock += Int.random(in: 0..<50, using: &random) == 0 ? Int.random(in: 0...4_000_000, using: &random) : 0
        talk.snapLength = Int.random(in: 0..<10, using: &random) == 0 ? 44 : .max
        talk.send(
          Talk.Segment(
            side: Bool.random(using: &random) ? .client : .server,
            place: Int.random(in: isFar ? -3_000_000_000...3_000_000_000 : -1...100, using: &random),
            answers: Int.random(in: 0..<5, using: &random) == 0
              ? nil : Int.random(in: isFar ? -3_000_000_000...3_000_000_000 : 0...100, using: &random),
            flags: flags, text: text))
      }
      _ = talk.over()
      #expect(talk.told.broken == [], "seed \(seed)")
      #expect(talk.told.lines.allSatisfy { $0.last?.hasPrefix("closed") == true || $0.last?.hasPrefix("refused") == true }, "seed \(seed)")
      #expect(talk.connections.kept == 0, "seed \(seed)")
    }
  }
}
