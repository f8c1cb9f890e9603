import Testing
import Wire

@testable import Capture

@Suite struct HandshakeTests {
  @Test func `a SYN alone is a connection that timed out`() {
    var talk = Talk()
    talk.c(-1, nil, .syn)
    talk.c(-1, nil, .syn)
    #expect(talk.over() == [["refused timedOut"]])
  }

  @Test func `a RST that acknowledges the SYN refuses it`() {
    var talk = Talk()
    talk.c(-1, nil, .syn)
    talk.s(0, 0, [.rst, .ack])
    talk.c(-1, nil, .syn)
    #expect(talk.over() == [["refused refused"]])
  }

  @Test func `a RST that acknowledges something else refuses nothing`() {
    var talk = Talk()
    talk.c(-1, nil, .syn)
    talk.s(0, 77, [.rst, .ack])
    talk.s(0, nil, .rst)
    talk.s(-1, 0, [.syn, .ack])
    talk.c(0, 0, "hello")
    #expect(talk.over() == [["opened", "C hello", "closed captureEnded"]])
    #expect(talk.connections.strayResets == 2)
  }

  @Test(arguments: [true, false]) func `ICMP says that a host cannot be reached, or only that packets are too large`(isTooLarge: Bool) {
    var talk = Talk()
    talk.c(-1, nil, .syn)
    let syn = talk.packet(.init(side: .client, place: -1, answers: nil, flags: .syn, text: ""))
    talk.feed(Packets.unreachable(syn, code: isTooLarge ? 4 : 3, to: Talk.client))
    #expect(talk.over() == [[isTooLarge ? "refused timedOut" : "refused unreachable"]])
  }

  @Test(arguments: [0, 1, 4]) func `ICMP of IPv6 says it, too, whatever its reason`(code: UInt8) {
    var talk = Talk()
    talk.ends = PacketTests.v6
    talk.c(-1, nil, .syn)
    let syn = talk.packet(.init(side: .client, place: -1, answers: nil, flags: .syn, text: ""))
    // As much of the packet as fits, and less than its ports.
    talk.feed(Packets.unreachable(Array(syn.prefix(43)), code: code, to: talk.ends.client))
    #expect(talk.told.lines == [])
    talk.feed(Packets.unreachable(syn, code: code, to: talk.ends.client))
    #expect(talk.over() == [["refused unreachable"]])
  }

  @Test func `ICMP about an open connection does not end it`() {
    var talk = Talk.open()
    let packet = talk.packet(.init(side: .client, place: 0, answers: 0, flags: .ack, text: "lost"))
    talk.feed(Packets.unreachable(packet, code: 1, to: Talk.client))
    talk.c(0, 0, "lost")
    #expect(talk.over() == [["opened", "C lost", "closed captureEnded"]])
  }

  @Test func `a connection that was refused and then made is another one`() {
    var talk = Talk()
    talk.c(-1, nil, .syn)
    talk.s(0, 0, [.rst, .ack])
    talk.c(-1, nil, .syn)
    talk.s(-1, 0, [.syn, .ack])
    talk.c(0, 0, "hello")
    #expect(talk.over() == [["refused refused"], ["opened", "C hello", "closed captureEnded"]])
    #expect(talk.told.conversations[1].origin.client == Talk.client)
  }

  @Test func `the handshake may come again and in any order`() {
    let packets: [Talk.Segment] = [
      .init(side: .client, place: -1, answers: nil, flags: .syn, text: ""),
      .init(side: .server, place: -1, answers: 0, flags: [.syn, .ack], text: ""),
      .init(side: .client, place: 0, answers: 0, flags: .ack, text: ""),
      .init(side: .server, place: 0, answers: 0, flags: .ack, text: "220 hello"),
      .init(side: .client, place: -1, answers: nil, flags: .syn, text: ""),
    ]
    forEachPermutation(of: packets) { order in
      // A bare acknowledgement begins no conversation.
      var talk = Talk()
      for packet in order { talk.send(packet) }
      talk.c(0, 9, "QUIT")
      let lines = talk.over()
      let isOne = lines == [["opened", "S 220 hello", "C QUIT", "closed captureEnded"]]
      #expect(isOne, "\(order.map { "\($0.side.letter)\($0.place)" }) \(lines)")
      #expect(talk.told.broken == [])
      #expect(talk.told.conversations.first?.origin.client == Talk.client)
      return isOne
    }
  }

  @Test func `where the SYN is missing, the answer to it shows who dialled`() {
    var talk = Talk()
    talk.ends = Sides(client: Endpoint(Talk.client.address, 25), server: Endpoint(Talk.server.address, 40_000))
    talk.s(-1, 0, [.syn, .ack])
    talk.c(0, 0, "hello")
    #expect(talk.over() == [["opened", "C hello", "closed captureEnded"]])
    #expect(talk.told.conversations[0].origin.client.port == 25)
    #expect(!talk.told.conversations[0].origin.isPartial)
  }

  @Test func `where the answer to the SYN is missing, the next packets show that the connection was made`() {
    var talk = Talk()
    talk.c(-1, nil, .syn)
    talk.c(0, 0)
    talk.s(0, 0, "220")
    #expect(talk.over() == [["opened", "S 220", "closed captureEnded"]])
  }

  @Test func `two who dial each other make one connection`() {
    var talk = Talk()
    talk.c(-1, nil, .syn)
    talk.s(-1, nil, .syn)
    talk.c(-1, 0, [.syn, .ack])
    talk.s(-1, 0, [.syn, .ack])
    talk.c(0, 0, "hello")
    talk.s(0, 5, "hello yourself")
    #expect(talk.over() == [["opened", "C hello", "S hello yourself", "closed captureEnded"]])
  }

  @Test(arguments: [true, false]) func `bytes that come with the SYN are told once the connection is made`(isAccepted: Bool) {
    var talk = Talk()
    talk.c(-1, nil, .syn, "GET /")
    #expect(talk.told.lines == [])
    talk.s(-1, isAccepted ? 5 : 0, [.syn, .ack])
    talk.c(isAccepted ? 5 : 0, 0, isAccepted ? " HTTP/1.1" : "GET / HTTP/1.1")
    #expect(talk.over() == [["opened", "C GET / HTTP/1.1", "closed captureEnded"]])
  }

  @Test func `bytes that come with a refused SYN are not told`() {
    var talk = Talk()
    talk.c(-1, nil, .syn, "GET /")
    talk.s(0, 5, [.rst, .ack])
    #expect(talk.over() == [["refused refused"]])
  }

  @Test func `an answer for an older connection does not make this one`() {
    var talk = Talk()
    talk.c(-1, nil, .syn)
    // The server still holds one open on the same endpoints: RFC 9293 §3.5.1.
    talk.s(-70_000, 3_000_000)
    talk.c(3_000_000, nil, .rst)
    talk.c(-1, nil, .syn)
    talk.s(-1, 0, [.syn, .ack])
    talk.c(0, 0)
    talk.s(0, 0, "220")
    #expect(talk.over() == [["opened", "S 220", "closed captureEnded"]])
  }

  @Test(arguments: Side.allCases) func `a capture that begins in the middle goes on from there`(first: Side) {
    var talk = Talk()
    talk.s(0, 100)
    talk.c(100, 0)
    if first == .client { talk.c(100, 50, "NOOP") } else { talk.s(50, 104, "OK") }
    if first == .client { talk.s(50, 104, "OK") } else { talk.c(104, 52, "QUIT") }
    #expect(
      talk.over() == [
        first == .client ? ["opened", "C NOOP", "S OK", "closed captureEnded"] : ["opened", "S OK", "C QUIT", "closed captureEnded"]
      ])
    #expect(talk.told.conversations[0].origin.isPartial)
    #expect(talk.told.conversations[0].origin.client == Talk.client)
  }
}

@Suite struct PortReuseTests {
  @Test func `a SYN with another number begins another connection where the first was closed`() {
    var talk = Talk.open()
    talk.c(0, 0, [.fin, .ack], "old")
    talk.s(0, 4, [.fin, .ack])
    talk.c(4, 1)
    talk.first = Sides(client: 5_000_001, server: 7_000_001)
    talk.shakeHands()
    talk.c(0, 0, "new")
    #expect(
      talk.over() == [
        ["opened", "C old", "C end", "S end", "closed finished"], ["opened", "C new", "closed captureEnded"],
      ])
  }

  @Test func `and where the first was open, once it is answered`() {
    var talk = Talk.open()
    talk.c(0, 0, "old")
    let old = talk.first
    talk.first = Sides(client: 5_000_001, server: 7_000_001)
    talk.c(-1, nil, .syn)
    #expect(talk.told.lines == [["opened", "C old"]])
    talk.s(-1, 0, [.syn, .ack])
    #expect(talk.told.lines == [["opened", "C old", "closed reused"], ["opened"]])
    talk.c(0, 0, "new")
    talk.first = old
    talk.s(0, 3, "late")
    talk.first = Sides(client: 5_000_001, server: 7_000_001)
    talk.s(0, 3, "NEW")
    #expect(talk.over() == [["opened", "C old", "closed reused"], ["opened", "C new", "S NEW", "closed captureEnded"]])
    #expect(talk.told.broken == [])
  }

  @Test func `or once its sender goes on from there`() {
    var talk = Talk.open()
    talk.c(0, 0, "old")
    talk.first = Sides(client: 5_000_001, server: 7_000_001)
    talk.c(-1, nil, .syn)
    talk.c(0, 0)
    talk.c(0, 0, "new")
    #expect(talk.over() == [["opened", "C old", "closed reused"], ["opened", "C new", "closed captureEnded"]])
  }

  @Test func `the other side may dial next`() {
    var talk = Talk.open()
    talk.c(0, 0, "old")
    talk.first = Sides(client: 5_000_001, server: 7_000_001)
    talk.s(-1, nil, .syn)
    talk.c(-1, 0, [.syn, .ack])
    talk.s(0, 0, "new")
    // Now the client is who was the server.
    #expect(talk.over() == [["opened", "C old", "closed reused"], ["opened", "C new", "closed captureEnded"]])
    #expect(talk.told.conversations[1].origin.client == Talk.server)
  }

  @Test func `a SYN that was not captured is known by its answer`() {
    var talk = Talk.open()
    talk.c(0, 0, "old")
    talk.first = Sides(client: 5_000_001, server: 7_000_001)
    talk.s(-1, 0, [.syn, .ack])
    talk.c(0, 0)
    talk.c(0, 0, "new")
    #expect(talk.over() == [["opened", "C old", "closed reused"], ["opened", "C new", "closed captureEnded"]])
  }

  @Test func `a SYN into an open connection that nobody answers changes nothing`() {
    var talk = Talk.open()
    talk.c(0, 0, "one ")
    let ours = talk.first
    talk.first.client = ours.client &+ 3
    talk.c(-1, nil, .syn)
    talk.c(0, nil, .rst)
    talk.first = ours
    talk.s(0, 4)
    talk.c(4, 0, "two")
    #expect(talk.over() == [["opened", "C one two", "closed captureEnded"]])
  }

  @Test func `a SYN just before its side's next byte changes nothing either`() {
    var talk = Talk.open()
    talk.c(0, 0, "one ")
    talk.c(3, nil, .syn)
    talk.c(4, 0, "two")
    #expect(talk.over() == [["opened", "C one two", "closed captureEnded"]])
  }

  @Test func `a SYN with another number before any answer is another try`() {
    var talk = Talk()
    talk.c(-1, nil, .syn)
    talk.first.client = 77
    talk.shakeHands()
    talk.c(0, 0, "x")
    #expect(talk.over() == [["refused timedOut"], ["opened", "C x", "closed captureEnded"]])
  }

  @Test func `late packets of what was closed begin nothing`() {
    var talk = Talk.open()
    talk.c(0, 0, [.fin, .ack], "bye")
    talk.s(0, 4, [.fin, .ack])
    talk.c(4, 1)
    talk.c(0, 0, [.fin, .ack], "bye")
    talk.s(-1, 0, [.syn, .ack])
    talk.c(-1, nil, .syn)
    talk.s(1, nil, .rst)
    talk.clock += 60_000
    talk.c(0, 0, "bye")
    #expect(talk.over() == [["opened", "C bye", "C end", "S end", "closed finished"]])
    #expect(talk.told.broken == [])
  }
}
