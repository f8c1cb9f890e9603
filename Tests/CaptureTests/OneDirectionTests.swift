import Testing
import Wire

@testable import Capture

@Suite struct OneDirectionTests {
  @Test func `where only the client was captured, each reply is a gap before the next command`() {
    var talk = Talk()
    talk.c(-1, nil, .syn)
    talk.c(0, 0)
    talk.c(0, 10, "EHLO\n")
    #expect(talk.told.lines == [["opened"]])
    talk.clock += 501
    talk.c(5, 30, "MAIL\n")
    // Once is enough: from here on nothing is waited for.
    #expect(talk.told.lines == [["opened", "S gap 10", "C EHLO\n", "S gap 20", "C MAIL\n"]])
    talk.c(10, 35, "QUIT\n")
    talk.c(15, 40)
    talk.c(15, 40, [.fin, .ack])
    #expect(
      talk.over() == [
        ["opened", "S gap 10", "C EHLO\n", "S gap 20", "C MAIL\n", "S gap 5", "C QUIT\n", "S gap 5", "C end", "closed captureEnded"]
      ])
    #expect(talk.told.broken == [])
  }

  @Test func `where only the server was captured, each command is a gap before its reply`() {
    var talk = Talk()
    talk.s(-1, 0, [.syn, .ack])
    talk.s(0, 0, "220\n")
    talk.s(4, 6, "250\n")
    talk.clock += 501
    talk.s(8, 12, "221\n")
    talk.s(12, 13, [.fin, .ack])
    #expect(talk.over() == [["opened", "S 220\n", "C gap 6", "S 250\n", "C gap 6", "S 221\n", "S end", "closed captureEnded"]])
  }

  @Test func `a reply to what was not captured is not held for longer than patience, whoever's packet tells the time`() {
    var talk = Talk.open()
    talk.s(0, 10, "250\n")
    talk.clock += 500
    let first = talk.ends
    talk.ends.client.port += 1
    talk.c(-1, nil, .syn)
    #expect(talk.told.lines == [["opened", "C gap 10", "S 250\n"]])
    talk.ends = first
  }

  @Test func `patience counts packets too`() {
    var talk = Talk.open()
    for i in 0...Moment.patiencePackets { talk.s(i, 10, "x") }
    #expect(talk.told.lines == [["opened"]])
    talk.s(Moment.patiencePackets + 1, 10, "y")
    #expect(talk.told.lines == [["opened", "C gap 10", "S " + String(repeating: "x", count: Moment.patiencePackets + 1) + "y"]])
  }

  @Test func `what was captured of the other direction later is heard again`() {
    var talk = Talk()
    talk.c(-1, nil, .syn)
    talk.c(0, 0)
    talk.c(0, 10, "EHLO\n")
    talk.clock += 501
    talk.c(5, 20, "MAIL\n")
    talk.s(20, 10, "250\n")
    talk.c(10, 28, "RCPT\n")
    talk.s(24, 10, "251\n")
    #expect(
      talk.over() == [["opened", "S gap 10", "C EHLO\n", "S gap 10", "C MAIL\n", "S 250\n251\n", "C RCPT\n", "closed captureEnded"]])
  }

  @Test func `a hole that nobody can acknowledge is given up after seconds`() {
    var talk = Talk()
    talk.c(-1, nil, .syn)
    talk.c(0, 0, "one ")
    talk.c(8, 0, "three ")
    talk.clock += 4_900
    talk.c(14, 0, "four ")
    #expect(talk.told.lines == [["opened", "C one "]])
    talk.clock += 600
    talk.c(19, 0, "five")
    #expect(talk.told.lines == [["opened", "C one ", "C gap 4", "C three four five"]])
  }

  @Test func `instants are those of capture`() {
    struct Instants: CaptureListener {
      var all: [Int64] = []
      mutating func heard(_ event: CaptureEvent, _ bytes: Span<UInt8>) {
        switch event {
        case .bytes(_, _, let at), .gap(_, _, _, let at): all.append(at.nanoseconds / 1_000_000)
        default: break
        }
      }
    }
    var instants = Instants()
    var talk = Talk.open()
    func feed(_ side: Side, _ place: Int, _ answers: Int, _ text: String, at milliseconds: Int) {
      let bytes = talk.packet(.init(side: side, place: place, answers: answers, flags: .ack, text: text))
      guard let packet = try? Packet(bytes.span, length: bytes.count, link: .raw, .ignored) else { return }
      talk.connections.take(packet, bytes.span, at: Instant(nanoseconds: Int64(milliseconds) * 1_000_000), &instants)
    }
    feed(.server, 0, 4, "reply", at: 100)
    feed(.client, 0, 0, "ask ", at: 200)
    feed(.server, 5, 10, "held", at: 300)
    feed(.server, 9, 10, "more", at: 1000)
    #expect(instants.all == [200, 200, 300, 300, 1000])
  }
}
