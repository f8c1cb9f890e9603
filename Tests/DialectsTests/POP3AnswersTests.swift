import Dialects
import Testing
import Transcript
import Wire

struct POP3AnswersTests {
  @Test(arguments: ["LIST", "UIDL", "AUTH", "LANG", "CAPA"])
  func `a usual reply has lines where its command is answered in several`(_ command: String) {
    let reply = POP3().usualReply("+OK", to: Message(.client, [Text(command)]), with: [])
    #expect(reply[part: "lines"] != nil)
  }

  @Test(arguments: ["LIST 1", "UIDL 1", "AUTH PLAIN", "LANG de"])
  func `a usual reply is one line where its command has an argument`(_ command: String) {
    let reply = POP3().usualReply("+OK", to: Message(.client, [Text(command)]), with: [])
    #expect(reply.parts.isEmpty)
  }
}
