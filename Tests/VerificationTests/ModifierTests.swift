import Dialects
import Results
import Testing
import Transcript
import Verification
import Wire

@Suite struct ModifierTests {
  @Test(arguments: [
    ("250", []), ("251", []), ("252", ["1: drift reply-code"]), ("550", []), ("554", []), ("450", ["1: divergence reply-code"]),
  ])
  func `or names other heads that are as right, 5yz any of a class`(code: String, found: [String]) throws {
    let trial = Trial(command: "RCPT TO:<a@x>", expected: ["250"], modify: { $0.alternatives = try texts("251", "5yz") })
    #expect(try trial("\(code) x\r\n").filter { !$0.contains("unlisted") } == found)
    #expect(try trial.run("\(code) x\r\n").hasOutcome == !found.contains("1: divergence reply-code"))
  }

  @Test func `the text of an alternative is compared, has counts for the outcome of S alone`() throws {
    let trial = Trial(
      expected: ["250 Ok"],
      modify: {
        $0.alternatives = try texts("251 Elsewhere", "502")
        $0.has = try texts("queued", from: 7)
      })
    #expect(try trial("251 Elsewhere queued\r\n").contains("1: note wording"))
    #expect(try trial("251 Elsewhere\r\n").contains("7: divergence missing-text"))
    #expect(try trial("502 no\r\n") == [])
  }

  @Test(arguments: [
    ("PIPELINING", true), ("pipelining", true), ("SIZE", true), ("SIZE 1000", true), ("SIZE 1", false), ("SIZE ${:number}", true),
    ("AUTH LOGIN", true), ("AUTH CRAM-MD5", false), ("IZE", false), ("STARTTLS", false), ("mx.example", false),
  ])
  func `in a set of keywords, has and lacks mean a keyword`(text: String, isThere: Bool) throws {
    let reply = "250-mx.example\r\n250-PIPELINING\r\n250-SIZE 1000\r\n250 AUTH PLAIN LOGIN\r\n"
    let has = Trial(command: "EHLO me", expected: ["250"], modify: { $0.has = try texts(text, from: 5) })
    #expect(try has(reply) == (isThere ? [] : ["5: divergence missing-keyword"]))
    let lacks = Trial(command: "EHLO me", expected: ["250"], modify: { $0.lacks = try texts(text, from: 5) })
    #expect(try lacks(reply) == (isThere ? ["5: divergence forbidden-keyword"] : []))
  }

  @Test func `a reply that announces nothing is a set of keywords all the same`() throws {
    let trial = Trial(command: "EHLO me", expected: ["250"], modify: { $0.has = try texts("STARTTLS", from: 5) })
    #expect(try trial("250 starttls.example\r\n") == ["5: divergence missing-keyword"])
  }

  @Test(arguments: [("ready", true), ("${:host} ready", true), ("Ready", false)])
  func `elsewhere has and lacks mean text within one line`(text: String, isThere: Bool) throws {
    let has = Trial(command: nil, expected: ["220"], modify: { $0.has = try texts(text, from: 5) })
    #expect(try has("220-mx\r\n220 mx.example ready now\r\n") == (isThere ? [] : ["5: divergence missing-text"]))
    let lacks = Trial(command: nil, expected: ["220"], modify: { $0.lacks = try texts(text, from: 5) })
    #expect(try lacks("220-mx\r\n220 mx.example ready now\r\n") == (isThere ? ["5: divergence forbidden-text"] : []))
  }

  @Test func `has binds what it names`() throws {
    let trial = Trial(command: "EHLO me", expected: ["250"], modify: { $0.has = try texts("SIZE ${limit:number}") })
    #expect(try trial.run("250-mx\r\n250 SIZE 77\r\n").verifier.bindings["limit"]?.value == Array("77".utf8))
  }

  @Test func `a bare code leaves text and number of lines open, with exact there is none`() throws {
    #expect(try Trial(expected: ["250"])("250-a\r\n250 b\r\n") == [])
    let exact = Trial(expected: ["250"], modify: { $0.exact = true })
    #expect(try exact("250\r\n") == [])
    #expect(try exact("250 b\r\n") == ["1: divergence text"])
  }

  @Test(arguments: [
    ("250-a\r\n250 b\r\n", []), ("250-b\r\n250 a\r\n", ["1: divergence text"]), ("250-a\r\n250 c\r\n", ["2: divergence text"]),
    ("250-a\r\n250-b\r\n250 c\r\n", ["2: divergence text"]),
    ("251-a\r\n251 b\r\n", ["1: divergence reply-code", "1: drift unlisted-code"]),
  ])
  func `exact makes any difference a divergence`(reply: String, found: [String]) throws {
    #expect(try Trial(expected: ["250-a", "250 b"], modify: { $0.exact = true })(reply) == found)
  }

  @Test func `unordered lines are a set`() throws {
    #expect(try Trial(expected: ["250-a", "250-b", "250 c"])("250-b\r\n250-a\r\n250 c\r\n") == [])
    let lines = Part("message", .payload(Payload(.lines(try texts("a", "b ${:number}", "c", from: 2)))))
    let list = Trial(dialect: "pop3", command: "RETR 1", expected: ["+OK"], part: lines, modify: { $0.unordered = true })
    #expect(try list("+OK\r\nb 7\r\nc\r\na\r\n.\r\n") == ["2: divergence content"])
    var payload = Payload(.lines(try texts("a", "b ${:number}", "c", from: 2)))
    payload.unordered = true
    let set = Trial(dialect: "pop3", command: "RETR 1", expected: ["+OK"], part: Part("message", .payload(payload)))
    #expect(try set("+OK\r\nb 7\r\nc\r\na\r\n.\r\n") == [])
    #expect(try set("+OK\r\nb 7\r\nc\r\na\r\na\r\n.\r\n").count == 1)
    #expect(try set("+OK\r\nb 7\r\nc\r\n.\r\n") == ["2: divergence content"])
  }

  @Test func `any is any reply, but for what the command may get`() throws {
    let trial = Trial(expected: ["${all:any}"])
    #expect(try trial("502-a\r\n502 b\r\n") == [])
    #expect(try trial.run("250 x\r\n").verifier.bindings["all"]?.value == Array("250 x".utf8))
    #expect(try trial("354 b\r\n") == ["1: violation reply-class"])
  }

  @Test func `a line with a pattern may be any of the lines`() throws {
    let trial = Trial(command: "HELP", expected: ["214-${:number=1} commands", "214-hello", "214 end"])
    #expect(try trial("214-hello\r\n214-7 commands\r\n214 end\r\n") == [])
    #expect(try trial("214-7 commands\r\n214-hello\r\n214 end\r\n") == [])
    #expect(try trial("214-hello\r\n214-commands\r\n214 end\r\n") == ["1: note wording"])
  }
}
