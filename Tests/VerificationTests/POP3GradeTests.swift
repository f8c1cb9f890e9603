import Results
import Testing
import Transcript
import Verification
import Wire

/// FORMAT's table of grades, row by row: pop3.
@Suite struct POP3GradeTests {
  func trial(_ command: String, _ expected: String, part: Part? = nil, later: [String] = []) -> Trial {
    Trial(dialect: "pop3", command: command, expected: [expected], part: part, later: later)
  }

  @Test func `the outcome is the indicator`() throws {
    #expect(try trial("DELE 1", "+OK gone")("-ERR no such message\r\n") == ["1: divergence reply-code"])
    #expect(try trial("DELE 1", "-ERR no")("+OK gone\r\n") == ["1: divergence reply-code"])
    #expect(try trial("DELE 1", "+OK gone")("+OK deleted\r\n") == ["1: note wording"])
  }

  @Test(arguments: [
    ("+OK 2 320\r\n", []), ("+OK 3 320\r\n", ["1: divergence value"]), ("+OK 2 1\r\n", ["1: divergence value"]),
    ("+OK 3 1\r\n", ["1: divergence value", "1: divergence value"]),
    ("+OK\r\n", ["1: divergence missing-value", "1: divergence missing-value"]),
  ])
  func `the numbers of STAT are values`(reply: String, found: [String]) throws {
    #expect(try trial("STAT", "+OK 2 320")(reply) == found)
  }

  @Test(arguments: [
    ("+OK\r\n1 120\r\n2 200\r\n.\r\n", []), ("+OK\r\n1 120\r\n2 201\r\n.\r\n", ["3: divergence value"]),
    ("+OK\r\n1 120\r\n.\r\n", ["3: divergence missing-value"]), ("+OK\r\n1 120\r\n2 200\r\n3 1\r\n.\r\n", ["1: divergence new-value"]),
    ("+OK 2 messages\r\n1 120\r\n2 200\r\n.\r\n", []),
  ])
  func `the lines of LIST are values, each by its number`(reply: String, found: [String]) throws {
    let part = Part("lines", .lines(try texts("1 120", "2 200", from: 2)))
    #expect(try trial("LIST", "+OK", part: part)(reply) == found)
  }

  @Test func `UIDL is drift where it was written as it was, and nothing where it is a pattern`() throws {
    let literal = Part("lines", .lines(try texts("1 abc", "2 def", from: 2)))
    #expect(try trial("UIDL", "+OK", part: literal)("+OK\r\n1 abc\r\n2 xyz\r\n.\r\n") == ["3: drift uid"])
    let pattern = Part("lines", .lines(try texts("1 ${:token=abc}", "2 ${:token=def}", from: 2)))
    #expect(try trial("UIDL", "+OK", part: pattern)("+OK\r\n1 uvw\r\n2 xyz\r\n.\r\n") == [])
  }

  @Test func `CAPA refused is drift, a capability gone is, and more where it is used`() throws {
    let part = Part("lines", .lines(try texts("TOP", "UIDL", from: 2)))
    #expect(try trial("CAPA", "+OK", part: part)("-ERR what\r\n") == ["1: drift reply-code"])
    #expect(
      try trial("CAPA", "+OK", part: part)("+OK\r\nUIDL\r\nPIPELINING\r\n.\r\n") == ["2: drift missing-keyword", "1: note new-keyword"])
    #expect(try trial("CAPA", "+OK", part: part, later: ["TOP 1 0"])("+OK\r\nUIDL\r\n.\r\n") == ["2: divergence missing-keyword"])
  }

  @Test func `a response code is drift`() throws {
    #expect(try trial("PASS x", "-ERR [AUTH] no")("-ERR [IN-USE] no\r\n") == ["1: drift response-code"])
    #expect(try trial("PASS x", "-ERR no")("-ERR [AUTH] no\r\n") == ["1: drift new-response-code"])
  }

  @Test func `the content of RETR is a value, the octets in its head are a note`() throws {
    let mail = Part("message", .payload(Payload(.lines(try texts("Subject: x", "", "hello", from: 2)))))
    #expect(try trial("RETR 1", "+OK 120 octets", part: mail)("+OK 99 octets\r\nSubject: x\r\n\r\nhello\r\n.\r\n") == ["1: note wording"])
    #expect(try trial("RETR 1", "+OK", part: mail)("+OK\r\nSubject: x\r\n\r\nbye\r\n.\r\n") == ["4: divergence content"])
    #expect(try trial("RETR 1", "+OK", part: mail)("+OK\r\nSubject: x\r\n\r\n.\r\n") == ["4: divergence content"])
    #expect(try trial("RETR 1", "+OK", part: mail)("+OK\r\nSubject: x\r\n\r\nhello\r\nmore\r\n.\r\n") == ["4: divergence content"])
  }

  @Test func `an answer that is cut short diverges, whatever was to be compared`() throws {
    var trial = self.trial("RETR 1", "+OK")
    trial.ends = true
    #expect(try trial("+OK\r\nSubject: x\r\n") == ["1: divergence cut-short", "1: violation missing-dot"])
  }
}
