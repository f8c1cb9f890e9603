import Testing
import Wire

@testable import Capture

@Suite struct LiveTests {
  @Test func `what waits is told as time passes, without another packet`() {
    var talk = Talk.open()
    talk.c(0, 0, "MAIL")
    talk.s(0, 4, "OK")
    talk.s(8, 4, .rst)
    #expect(talk.told.lines == [["opened", "C MAIL", "S OK"]])
    talk.connections.pass(to: talk.now + .milliseconds(400), &talk.told)
    #expect(talk.told.lines == [["opened", "C MAIL", "S OK"]])
    talk.connections.pass(to: talk.now + .milliseconds(600), &talk.told)
    #expect(talk.told.lines == [["opened", "C MAIL", "S OK", "S reset", "closed reset"]])
    #expect(talk.told.broken == [])
  }

  @Test func `a silent conversation is closed as time passes, without another packet`() {
    var talk = Talk.open()
    talk.c(0, 0, "MAIL")
    talk.connections.pass(to: talk.now + .seconds(3599), &talk.told)
    #expect(talk.told.lines == [["opened", "C MAIL"]])
    talk.connections.pass(to: talk.now + .seconds(3601), &talk.told)
    #expect(talk.told.lines == [["opened", "C MAIL", "closed idle"]])
  }

  @Test func `an interface that is not there is said to be unknown`() {
    #expect(throws: LiveCaptureError.unknownInterface) { _ = try LiveCapture("no-such-if") }
    #expect(LiveCapture.interfaces.contains("lo"))
  }
}
