import Testing
import Wire

@testable import Capture

@Suite struct ClosingTests {
  @Test func `a FIN comes with bytes, again, and after it nothing more of its side`() {
    var talk = Talk.open()
    talk.c(0, 0, [.fin, .ack], "QUIT")
    talk.c(0, 0, [.fin, .ack], "QUIT")
    talk.c(4, 0, "QUIT")
    talk.s(0, 5, [.fin, .ack], "bye")
    talk.s(0, 5, [.fin, .ack], "bye")
    #expect(talk.over() == [["opened", "C QUIT", "C end", "S bye", "S end", "closed finished"]])
    #expect(talk.told.broken == [])
  }

  @Test func `one side may go on for long after the other has ended`() {
    var talk = Talk.open()
    talk.c(0, 0, [.fin, .ack], "GET")
    for i in 0..<100 {
      talk.s(i * 4, 4, "data")
      talk.c(4, i * 4 + 4)
    }
    talk.s(400, 4, [.fin, .ack])
    #expect(talk.over() == [["opened", "C GET", "C end", "S " + String(repeating: "data", count: 100), "S end", "closed finished"]])
  }

  @Test func `who closed first is whose FIN was captured first, even before bytes that belong before it`() {
    var talk = Talk.open()
    talk.c(4, 0, [.fin, .ack])
    talk.s(0, 0, [.fin, .ack], "bye")
    talk.c(0, 0, "QUIT")
    talk.c(5, 4)
    talk.s(4, 5)
    #expect(talk.over() == [["opened", "S bye", "C QUIT", "C end", "S end", "closed finished"]])
  }

  @Test func `a FIN that acknowledges the other one is second, even if captured first`() {
    var talk = Talk.open()
    talk.c(0, 0, "QUIT")
    talk.s(0, 5, [.fin, .ack])
    talk.c(4, 0, [.fin, .ack])
    #expect(talk.over() == [["opened", "C QUIT", "C end", "S end", "closed finished"]])
  }

  @Test func `both may close at once`() {
    var talk = Talk.open()
    talk.s(0, 0, [.fin, .ack])
    talk.c(0, 0, [.fin, .ack])
    talk.s(1, 1)
    talk.c(1, 1)
    #expect(talk.over() == [["opened", "S end", "C end", "closed finished"]])
  }

  @Test func `a FIN that bytes go past was not the side's own`() {
    var talk = Talk.open()
    talk.c(4, 0, .fin)
    talk.c(0, 0, "one two ")
    talk.c(8, 0, [.fin, .ack], "three")
    #expect(talk.over() == [["opened", "C one two three", "C end", "closed captureEnded"]])
  }

  @Test func `an acknowledgement of a FIN that was not captured is no lost byte`() {
    var talk = Talk.open()
    talk.c(0, 0, "QUIT")
    talk.s(0, 5, "bye")
    talk.clock += 1000
    talk.s(3, 5, " bye")
    talk.s(7, 5, [.fin, .ack])
    #expect(talk.over() == [["opened", "C QUIT", "S bye bye", "S end", "closed captureEnded"]])
  }

  @Test func `a FIN behind bytes that were acknowledged and not captured comes behind the gap`() {
    var talk = Talk.open()
    talk.c(10, 0, [.fin, .ack])
    talk.s(0, 11, [.fin, .ack], "bye")
    #expect(talk.over() == [["opened", "C gap 10", "C end", "S bye", "S end", "closed finished"]])
  }
}

@Suite struct ResetTests {
  @Test func `a reset ends its side at once, and the conversation when nothing more can come`() {
    var talk = Talk.open()
    talk.c(0, 0, "GET")
    talk.c(3, 0, .rst)
    #expect(talk.told.lines == [["opened", "C GET", "C reset"]])
    // Sent before the reset came there.
    talk.s(0, 3, "data")
    #expect(talk.over() == [["opened", "C GET", "C reset", "S data", "closed reset"]])
    #expect(talk.told.broken == [])
  }

  @Test func `time passes by other conversations' packets too`() {
    var talk = Talk.open()
    talk.c(0, 0, .rst)
    let first = talk.ends
    talk.clock += 501
    talk.ends.client.port += 1
    talk.c(-1, nil, .syn)
    #expect(talk.told.lines == [["opened", "C reset", "closed reset"]])
    talk.ends = first
    talk.s(0, 0, "late")
    #expect(talk.over() == [["opened", "C reset", "closed reset"], ["refused timedOut"]])
    #expect(talk.told.broken == [])
  }

  @Test func `what is kept behind a hole when the reset comes is told behind a gap`() {
    var talk = Talk.open()
    talk.s(4, 0, "data")
    talk.s(8, 0, .rst)
    #expect(talk.told.lines == [["opened"]])
    #expect(talk.over() == [["opened", "S gap 4", "S data", "S reset", "closed reset"]])
  }

  @Test func `a reset captured before the last bytes of its side stands behind them`() {
    var talk = Talk.open()
    talk.s(4, 0, .rst)
    talk.s(0, 0, "data")
    #expect(talk.over() == [["opened", "S data", "S reset", "closed reset"]])
  }

  @Test func `a blind reset outside the window ends nothing`() {
    var talk = Talk.open()
    talk.c(0, 0, .ack, "one ", window: 1000)
    talk.s(0, 4, .ack, "ONE ", window: 1000)
    talk.s(80_000, nil, .rst)
    talk.s(-80_000, nil, .rst)
    talk.c(2_000_000_000, nil, .rst)
    talk.c(4, 4, "two")
    talk.s(4, 7, "TWO")
    #expect(talk.over() == [["opened", "C one ", "S ONE ", "C two", "S TWO", "closed captureEnded"]])
    #expect(talk.connections.strayResets == 3)
  }

  @Test func `a reset inside the window that its side goes past ends nothing`() {
    var talk = Talk.open()
    talk.s(2, nil, .rst)
    talk.s(0, 0, "data")
    talk.s(4, 0, [.fin, .ack], " more")
    #expect(talk.over() == [["opened", "S data more", "S end", "closed captureEnded"]])
  }

  @Test func `the bytes of a reset are no part of the stream`() {
    var talk = Talk.open()
    talk.s(0, 0, [.rst, .ack], "go away")
    #expect(talk.over() == [["opened", "S reset", "closed reset"]])
  }

  @Test func `a reset after its side's FIN closes by reset`() {
    var talk = Talk.open()
    talk.c(0, 0, [.fin, .ack], "QUIT")
    talk.s(0, 5, "bye")
    talk.c(5, nil, .rst)
    talk.s(3, 5, [.fin, .ack])
    #expect(talk.over() == [["opened", "C QUIT", "C end", "S bye", "S end", "closed reset"]])
  }

  @Test func `a SYN after a reset begins anew`() {
    var talk = Talk.open()
    talk.c(0, 0, .rst)
    talk.first.client = 4_000_000
    talk.shakeHands()
    #expect(talk.over() == [["opened", "C reset", "closed reset"], ["opened", "closed captureEnded"]])
  }
}
