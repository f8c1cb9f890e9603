import Dialects
import Testing
import Transcript
import Wire

/// Everything that a conversation shows against the protocol, as `S bare-lf RFC 5321 §2.3.8`.
func violations(_ dialect: any Dialect, _ happenings: [Happening], sourceLocation: SourceLocation = #_sourceLocation) -> [String] {
  _ = rehearse(dialect, happenings, sourceLocation: sourceLocation)
  var rehearsal = Rehearsal(dialect)
  for happening in happenings { rehearsal.happens(happening) }
  return rehearsal.sounds.flatMap { sound -> [String] in
    switch sound {
    case .message(let heard): heard.violations.map { "\(heard.side.letter) \($0.kind) \($0.rule)" }
    case .broken(let side, let violation, _): ["\(side.letter) \(violation.kind) \(violation.rule)"]
    case .opaque, .tunnelled: []
    }
  }
}

@Suite struct ViolationTests {
  static let long = String(repeating: "x", count: 600)

  struct Case: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var happenings: [Happening]
    var expected: [String]

    init(_ name: String, _ happenings: [Happening], _ expected: String...) {
      testDescription = name
      self.happenings = happenings
      self.expected = expected
    }
  }

  static let smtp: [Case] = [
    Case("bare LF behind a command", [.s("220 x\r\n"), .c("NOOP\n"), .s("250 ok\r\n")], "C bare-lf RFC 5321 §2.3.8"),
    Case("bare CR in a command", [.s("220 x\r\n"), .c("NOOP\rNOOP\r\n"), .s("250 ok\r\n")], "C bare-cr RFC 5321 §2.3.8"),
    Case("bare LF behind a reply", [.s("220 x\n")], "S bare-lf RFC 5321 §2.3.8"),
    Case("bare CR in a reply", [.s("220-x\r\n220 y\rz\r\n")], "S bare-cr RFC 5321 §2.3.8"),
    Case("bare LF inside a reply", [.s("220-x\n220-y\n220 z\r\n")], "S bare-lf RFC 5321 §2.3.8"),
    Case(
      "bare LF in a message", [.s("220 x\r\n"), .c("DATA\r\n"), .s("354\r\n"), .c("a\nb\nc\r\n.\r\n"), .s("250\r\n")],
      "C bare-lf RFC 5321 §2.3.8"),
    Case(
      "bare CR in a message", [.s("220 x\r\n"), .c("DATA\r\n"), .s("354\r\n"), .c("a\rb\rc\r\n.\r\n"), .s("250\r\n")],
      "C bare-cr RFC 5321 §2.3.8"),
    Case(
      "bare LF in a chunk", [.s("220 x\r\n"), .c("MAIL FROM:<>\r\nBDAT 2\r\na\nBDAT 3 LAST\r\na\nb"), .s("250\r\n250\r\n250\r\n")],
      "C bare-lf RFC 5321 §2.3.8"),
    Case("mixed codes", [.s("220 x\r\n"), .c("EHLO x\r\n"), .s("250-x\r\n251-y\r\n252 z\r\n")], "S mixed-codes RFC 5321 §4.2.1"),
    Case("a tab behind the code", [.s("220\tx\r\n")], "S reply-syntax RFC 5321 §4.2"),
    Case("four digits", [.s("2200 x\r\n")], "S reply-syntax RFC 5321 §4.2"),
    Case("a line without a code", [.s("hello\r\n220 x\r\n")], "S reply-syntax RFC 5321 §4.2"),
    Case("a line without a code inside a reply", [.s("220-x\r\nhello\r\n\r\n220 y\r\n")], "S reply-syntax RFC 5321 §4.2"),
    Case("a reply to nothing", [.s("220 x\r\n250-a\r\n250 b\r\n")], "S unsolicited RFC 5321 §4.2"),
    Case(
      "a second reply", [.s("220 x\r\n"), .c("NOOP\r\n"), .s("250 ok\r\n250 ok\r\n"), .c("QUIT\r\n"), .s("221 bye\r\n")],
      "S unsolicited RFC 5321 §4.2"),
    Case(
      "an end inside the message",
      [.s("220 x\r\n"), .c("DATA\r\n"), .s("354 go\r\n"), .c("a\r\n"), .end(.client, .finished)], "C missing-dot RFC 5321 §4.1.1.4"),
    Case(
      "an end behind the dot's CR",
      [.s("220 x\r\n"), .c("DATA\r\n"), .s("354 go\r\n"), .c("a\r\n.\r"), .end(.client, .finished)], "C missing-dot RFC 5321 §4.1.1.4"),
    Case(
      "a long command", [.s("220 x\r\n"), .c("NOOP \(String(repeating: "x", count: 506))\r\n"), .s("500 no\r\n")],
      "C line-too-long RFC 5321 §4.5.3.1.4"),
    Case(
      "a long parameter makes no room for another",
      [.s("220 x\r\n"), .c("MAIL FROM:<\(String(repeating: "x", count: 520))> SIZE=1\r\n"), .s("500 no\r\n")],
      "C line-too-long RFC 5321 §4.5.3.1.4"),
    Case("a long reply", [.s("220 \(String(repeating: "x", count: 507))\r\n")], "S line-too-long RFC 5321 §4.5.3.1.5"),
    Case(
      "a long line of text",
      [.s("220 x\r\n"), .c("DATA\r\n"), .s("354\r\n"), .c("..\(String(repeating: "x", count: 998))\r\n.\r\n"), .s("250\r\n")],
      "C line-too-long RFC 5321 §4.5.3.1.6"),
    Case(
      "a long answer within AUTH",
      [.s("220 x\r\n"), .c("AUTH X\r\n"), .s("334 \r\n"), .c(String(repeating: "x", count: 12_287) + "\r\n"), .s("500\r\n")],
      "C line-too-long RFC 4954 §4"),
  ]

  static let cleanSMTP: [Case] = [
    Case(
      "lines at their limits", [.s("220 \(String(repeating: "x", count: 506))\r\n"), .c("NOOP \(String(repeating: "x", count: 505))\r\n")]),
    Case(
      "a text's line at its limit, its dot doubled",
      [.s("220 x\r\n"), .c("DATA\r\n"), .s("354\r\n"), .c("..\(String(repeating: "x", count: 997))\r\n.\r\n"), .s("250\r\n")]),
    Case(
      "parameters that make room",
      [.s("220 x\r\n"), .c("MAIL FROM:<\(String(repeating: "x", count: 490))> size=1234567890 BODY=8BITMIME\r\n"), .s("250\r\n")]),
    Case(
      "a long challenge and answer", [.s("220 x\r\n"), .c("AUTH X\r\n"), .s("334 \(long)\r\n"), .c("\(long)\r\n"), .s("235\r\n")]),
    Case(
      "binary chunks",
      [
        .s("220 x\r\n"), .c("MAIL FROM:<> BODY=BINARYMIME\r\nBDAT 5 LAST\r\na\nb\rc"), .s("250\r\n250\r\n"),
      ]),
    Case("CR LF cut in two by chunks", [.s("220 x\r\n"), .c("BDAT 2\r\na\rBDAT 2 LAST\r\n\nb"), .s("250\r\n250\r\n")]),
    Case("an end behind everything", [.s("220 x\r\n"), .c("QUIT\r\n"), .s("221\r\n"), .end(.server, .finished), .end(.client, .finished)]),
    Case("a reset inside the message", [.s("220 x\r\n"), .c("DATA\r\n"), .s("354 go\r\n"), .c("a\r\n"), .end(.client, .reset)]),
    Case("an end before the message", [.s("220 x\r\n"), .c("DATA\r\n"), .s("354 go\r\n"), .end(.client, .finished)]),
    Case("421 to nothing", [.s("220 x\r\n421 bye\r\n")]),
  ]

  static let pop3: [Case] = [
    Case("bare LF behind a command", [.s("+OK\r\n"), .c("NOOP\n"), .s("+OK\r\n")], "C bare-lf RFC 1939 §3"),
    Case("bare CR in a command", [.s("+OK\r\n"), .c("NOOP\r\r\n"), .s("+OK\r\n")], "C bare-cr RFC 1939 §3"),
    Case("bare LF behind a reply", [.s("+OK\n")], "S bare-lf RFC 1939 §3"),
    Case("bare CR in a reply", [.s("+OK a\rb\r\n")], "S bare-cr RFC 1939 §3"),
    Case("bare LF in a mail", [.s("+OK\r\n"), .c("RETR 1\r\n"), .s("+OK\r\na\nb\r\n.\r\n")], "S bare-lf RFC 1939 §3"),
    Case("no indicator", [.s("hello\r\n+OK\r\n")], "S reply-syntax RFC 1939 §3"),
    Case("an indicator in lower case", [.s("+ok\r\n")], "S reply-syntax RFC 1939 §3"),
    Case("an indicator that goes on", [.s("+OKAY\r\n")], "S reply-syntax RFC 1939 §3"),
    Case("a reply to nothing", [.s("+OK\r\n+OK\r\n")], "S unsolicited RFC 1939 §3"),
    Case(
      "an end inside an answer", [.s("+OK\r\n"), .c("UIDL\r\n"), .s("+OK\r\n1 a\r\n"), .end(.server, .finished)],
      "S missing-dot RFC 1939 §3"),
    Case("a long command", [.s("+OK\r\n"), .c("USER \(String(repeating: "x", count: 249))\r\n")], "C line-too-long RFC 2449 §4"),
    Case("a long reply", [.s("+OK \(String(repeating: "x", count: 507))\r\n")], "S line-too-long RFC 1939 §3"),
    Case("a long capability", [.s("+OK\r\n"), .c("CAPA\r\n"), .s("+OK\r\n\(long)\r\n.\r\n")], "S line-too-long RFC 2449 §3"),
  ]

  static let cleanPOP3: [Case] = [
    Case(
      "lines at their limits", [.s("+OK \(String(repeating: "x", count: 506))\r\n"), .c("USER \(String(repeating: "x", count: 248))\r\n")]),
    Case("a mail's lines have none", [.s("+OK\r\n"), .c("RETR 1\r\n"), .s("+OK\r\n\(long)\(long)\r\n.\r\n")]),
    Case("a long answer within AUTH", [.s("+OK\r\n"), .c("AUTH X\r\n"), .s("+ \(long)\r\n"), .c("\(long)\r\n"), .s("+OK\r\n")]),
    Case("a reset inside an answer", [.s("+OK\r\n"), .c("UIDL\r\n"), .s("+OK\r\n1 a\r\n"), .end(.server, .reset)]),
  ]

  @Test(arguments: smtp + cleanSMTP) func `SMTP's are found, and nothing else`(example: Case) {
    #expect(violations(SMTP.smtp, example.happenings) == example.expected)
  }

  @Test(arguments: pop3 + cleanPOP3) func `POP3's are found, and nothing else`(example: Case) {
    #expect(violations(POP3(), example.happenings) == example.expected)
  }

  @Test func `LMTP takes no message for nobody`() {
    let talk: [Happening] = [.s("220 x\r\n"), .c("RCPT TO:<b@x>\r\nDATA\r\n")]
    #expect(violations(SMTP.lmtp, talk + [.s("550 no\r\n354 go\r\n")]) == ["S reply-class RFC 2033 §4.2"])
    #expect(violations(SMTP.lmtp, talk + [.s("250 yes\r\n354 go\r\n")]) == [])
    #expect(violations(SMTP.smtp, talk + [.s("550 no\r\n354 go\r\n")]) == [])
  }

  @Test func `behind garbage replies are understood again`() {
    let heard = rehearse(
      SMTP.smtp, [.s("220 x\r\n"), .c("NOOP\r\n"), .s("\u{0}\u{1}garbage\r\n\r\n25 0\r\n250 ok\r\n"), .c("QUIT\r\n"), .s("221 bye\r\n")])
    #expect(heard.filter { $0.hasPrefix("S") && !$0.hasPrefix("S !") } == ["S0 220 x", "S1=0 250 ok", "S2=1 221 bye ends"])
    #expect(heard.count { $0.hasPrefix("S !reply-syntax") } == 3)
  }
}
