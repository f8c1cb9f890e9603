import Results
import Testing
import Transcript
import Verification
import Wire

/// FORMAT's table of grades, row by row: smtp and lmtp.
@Suite struct SMTPGradeTests {
  static let ehlo = ["250-mx.example", "250-PIPELINING", "250-SIZE 1000", "250 AUTH PLAIN LOGIN"]

  @Test(arguments: [
    ("250 2.1.0 Ok\r\n", []),
    ("502 no\r\n", ["1: divergence reply-code"]),
    ("451 later\r\n", ["1: divergence reply-code", "1: drift unlisted-code"]),
    ("354 go\r\n", ["1: divergence reply-code", "1: violation reply-class"]),
  ])
  func `the outcome is the first digit`(reply: String, found: [String]) throws {
    #expect(try Trial(expected: ["250 2.1.0 Ok"])(reply) == found)
  }

  @Test(arguments: [
    ("251 2.1.0 Ok\r\n", ["1: drift reply-code", "1: drift unlisted-code"]),
    ("250 2.1.5 Ok\r\n", ["1: note enhanced-code"]),
    ("250 Ok\r\n", ["1: note missing-enhanced-code"]),
    ("250 2.1.0 Fine\r\n", ["1: note wording"]),
    ("250-2.1.0 Ok\r\n250 2.1.0 More\r\n", ["1: note new-wording"]),
  ])
  func `a code within the class is drift, text a note`(reply: String, found: [String]) throws {
    #expect(try Trial(expected: ["250 2.1.0 Ok"])(reply) == found)
  }

  @Test func `an enhanced code that was announced is drift`() throws {
    let trial = Trial(expected: ["250 2.1.0 Ok"], before: [("EHLO me", "250-mx\r\n250 ENHANCEDSTATUSCODES\r\n")])
    #expect(try trial("250 2.1.5 Ok\r\n") == ["1: drift enhanced-code"])
    #expect(try Trial(expected: ["250 Ok"], before: trial.before)("250 2.1.5 Ok\r\n") == ["1: drift new-enhanced-code"])
  }

  @Test(arguments: [
    ("250-mx.example\r\n250-AUTH PLAIN LOGIN\r\n250-SIZE 1000\r\n250 PIPELINING\r\n", []),
    ("250-other.example\r\n250-PIPELINING\r\n250-SIZE 1000\r\n250 AUTH PLAIN LOGIN\r\n", ["1: note wording"]),
    ("250-mx.example\r\n250-SIZE 1000\r\n250 AUTH PLAIN LOGIN\r\n", ["2: drift missing-keyword"]),
    ("250-mx.example\r\n250-PIPELINING\r\n250-SIZE 9\r\n250 AUTH PLAIN LOGIN\r\n", ["3: drift keyword"]),
    ("250-mx.example\r\n250-PIPELINING\r\n250-SIZE 1000\r\n250-DSN\r\n250 AUTH PLAIN LOGIN\r\n", ["4: note new-keyword"]),
    ("250 mx.example\r\n", ["2: drift missing-keyword", "3: drift missing-keyword", "4: drift missing-keyword"]),
    (
      "250-mx.example\r\n250-SIZE 1000\r\n251 AUTH PLAIN LOGIN\r\n",
      [
        "1: drift reply-code", "2: drift missing-keyword", "1: drift unlisted-code", "1: violation mixed-codes",
      ]
    ),
  ])
  func `keywords are a set`(reply: String, found: [String]) throws {
    #expect(try Trial(command: "EHLO me", expected: Self.ehlo)(reply) == found)
  }

  @Test(arguments: [
    ("AUTH PLAIN AGEAYg==", "4: divergence missing-keyword"), ("MAIL FROM:<a@x> SIZE=5", "3: divergence missing-keyword"),
    ("MAIL FROM:<a@x>", nil),
  ])
  func `a keyword that a later command uses is more than drift`(later: String, found: String?) throws {
    let trial = Trial(command: "EHLO me", expected: Self.ehlo, later: [later])
    let differences = try trial("250-mx.example\r\n250 PIPELINING\r\n")
    #expect(differences.filter { $0.contains("divergence") } == (found.map { [$0] } ?? []))
  }

  @Test(arguments: ["VRFY a", "EXPN a", "HELP"]) func `any answer to these is drift`(command: String) throws {
    let trial = Trial(command: command, expected: ["250 a@x"])
    #expect(try trial("502 no\r\n") == ["1: drift reply-code"])
    #expect(try trial.run("502 no\r\n").hasOutcome)
  }

  @Test func `a code that the RFC does not list is drift, and a note where it was recorded`() throws {
    #expect(try Trial(command: "MAIL FROM:<a@x>", expected: ["550 no"])("571 no\r\n").contains("1: drift unlisted-code"))
    #expect(try Trial(command: "MAIL FROM:<a@x>", expected: ["571 no"])("571 no\r\n") == ["1: note unlisted-code"])
  }

  @Test func `a greeting may not be 250, nor DATA be answered with it`() throws {
    #expect(try Trial(command: nil, expected: ["220"])("250 x\r\n").contains { $0.hasSuffix("reply-code") })
    #expect(try Trial(command: "DATA", expected: ["354"])("250 x\r\n") == ["1: divergence reply-code", "1: violation reply-class"])
  }

  @Test func `what the session found broken is a violation with its rule`() throws {
    let found = try Trial(expected: ["250 Ok"]).run("250-Ok\r\n251 Ok\n").differences
    let violations = found.filter { $0.grade == .violation }
    #expect(violations.map(\.kind).sorted() == ["bare-lf", "mixed-codes"])
    #expect(violations.allSatisfy { $0.rule?.hasPrefix("RFC 5321 §") ?? false && $0.fault == .server })
  }
}
