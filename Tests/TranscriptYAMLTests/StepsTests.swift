import Testing
import Transcript
import TranscriptYAML
import Wire

@Suite struct StepsTests {
  @Test func `every kind of step is read`() throws {
    let read = try steps(
      smtp(
        """
        - S: 220
          or: [421, 5yz]
          has: [ESMTP]
          lacks: [Sendmail, "${:any}x"]
          optional: true
          unordered: true
          exact: true
          within: 2s
          grades: {wording: drift}
          name: greeting
          cite: RFC 5321
          about: words
        - C: QUIT
          grades: {late: note}
          name: bye
        - tls: start
          sni: mail.local.demo
          verify: false
          alpn: [smtp]
        - silence: 500ms
        - pause: 1s
          about: why
        - close: C
        - close: S
          within: 3s
        - reset: S
        """))
    let first = read[0]
    #expect(head(first) == ["220"] && first.alternatives == ["421", "5yz"] && first.has == ["ESMTP"])
    #expect(first.lacks.map(\.template) == ["Sendmail", "${:any}x"])
    #expect(first.isOptional && first.unordered && first.exact && first.within == .seconds(2))
    #expect(first.grades == ["wording": .drift] && first.name == "greeting" && first.cite == "RFC 5321" && first.about == "words")
    #expect(read[1].message?.side == .client && read[1].grades == ["late": .note] && read[1].name == "bye")
    guard case .tls(let options) = read[2].action else { throw Unexpected() }
    #expect(options.sni == "mail.local.demo" && options.verify == false && options.alpn == ["smtp"])
    #expect(
      read[3...].map(\.action) == [
        .silence(.milliseconds(500)), .pause(.seconds(1)), .close(.client), .close(.server), .reset(.server),
      ])
    #expect(read[6].within == .seconds(3))
    for how in Step.NoConnection.allCases { #expect(try steps(smtp("- connect: \(how.rawValue)")).map(\.action) == [.connect(how)]) }
  }

  private struct Unexpected: Error {}

  @Test func `a transfer is a step of a protocol that has data connections`() throws {
    let read = try steps(
      ftp("- C: LIST\n- S: 150\n- data: S\n  size: 5\n  within: 1s\n- data: C\n  text: x\n  ends: early\n  name: up"))
    var size = Payload(place: read[2].place)
    size.size = 5
    #expect(read[2].action == .data(.server, size) && read[2].within == .seconds(1))
    guard case .data(.client, let sent) = read[3].action else { throw Unexpected() }
    #expect(sent.content == .text("x") && sent.endsEarly && read[3].name == "up")
    expect(smtp("- C: LIST\n- 1️⃣data: S"), "smtp has no data connections")
    expect(ftp("- S: 220\n- data: 1️⃣S"), "no command has asked for a transfer by here")
    expect(ftp("- C: LIST\n- data: 1️⃣X"), "'C' or 'S'")
    expect(ftp("- C: LIST\n- data: S\n  1️⃣optional: true"), "no key 'optional'")
  }

  @Test func `what is no step is told`() {
    expect(smtp("- 1️⃣s: 220"), "did you mean 'S' for 's'?")
    expect(smtp("- 1️⃣zzz: 220"), "a step has one of C, S, close")
    expect(smtp("- 1️⃣S 220"), "a step is a mapping, not a text")
    expect(smtp("- S: 220\n  1️⃣C: QUIT"), "not both")
    expect(smtp("- close: 1️⃣X"), "'C' or 'S'")
    expect(smtp("- connect: 1️⃣never"), "'refused' or 'timeout' or 'unreachable'")
    expect(smtp("- tls: 1️⃣stop"), "'start'")
    expect(smtp("- silence: 1️⃣500"), "is a time")
    expect(smtp("- 1️⃣{}"), "no step")
  }

  @Test func `what only an S may have is told at a C, once`() {
    for key in ["or: [x]", "has: [x]", "lacks: [x]", "optional: true", "unordered: true", "exact: true", "within: 1s"] {
      expect(smtp("- C: QUIT\n  1️⃣\(key)"), "it belongs to 'S'")
    }
    for step in ["silence: 1s", "pause: 1s", "tls: start"] { expect(smtp("- \(step)\n  1️⃣within: 1s"), "no key 'within'") }
    expect(smtp("- close: S\n  1️⃣has: [x]"), "no key 'has'")
  }

  @Test func `parts are those of the dialect, on their side`() throws {
    expect(smtp("- S: 250\n  1️⃣message: x"), "in smtp, 'message' belongs to 'C'")
    expect(pop3("- C: LIST\n  1️⃣lines: [x]"), "in pop3, 'lines' belongs to 'S'")
    expect(smtp("- S: 250\n  1️⃣answer: [x]"), "no key 'answer'")
    expect(smtp("- C: {1️⃣mesage: x}"), "did you mean 'message'?")
    expect(smtp("- C:\n    1️⃣body: x"), "no key 'body'")
    expect(smtp("- C: BDAT 5\n  1️⃣text: x"), "write it into 'message'")
    expect(smtp("- C:\n    message: x\n  1️⃣has: [y]"), "it belongs to 'S'")
    let read = try steps(pop3("- S: +OK\n  lines: |\n    a\n\n    b\n- S: +OK\n  message: [x, \"\"]\n- S: +OK\n  lines: []"))
    #expect(read[0].message?[part: "lines"] == .lines(["a", "", "b"]))
    #expect(read[1].message?[part: "message"] == .payload(Payload(.lines(["x", ""]), place: read[1].message?.parts[0].place ?? .nowhere)))
    #expect(read[2].message?[part: "lines"] == .lines([]))
  }

  @Test func `a command is one line, a reply may be several`() throws {
    expect(smtp("- C: |\n    QUIT\n    1️⃣NOOP"), "a 'C' is one line")
    #expect(try head(steps(smtp("- C: |\n    QUIT\n")).first) == ["QUIT"])
    #expect(try head(steps(smtp("- S: |\n    250-a\n\n    250 b\n")).first) == ["250-a", "", "250 b"])
    #expect(try head(steps(smtp("- S: |-\n    250-a\n    250 b\n")).first) == ["250-a", "250 b"])
    #expect(try head(steps(smtp("- S: |+\n    250 a\n\n")).first) == ["250 a", ""])
    #expect(try head(steps(smtp("- S: |\n")).first) == [""])
  }

  @Test func `an expectation that nothing could check is told`() {
    expect(smtp("- S: 250\n  has: 1️⃣[]"), "there is nothing to check")
    expect(smtp("- S: 250\n  lacks: 1️⃣[]"), "there is nothing to check")
    expect(smtp("- S: 250\n  or: 1️⃣[]"), "there is nothing to check")
    expect(smtp("- S: 250\n  or: [1️⃣hello]"), "no reply of smtp begins like that")
    expect(smtp("- S: 250\n  or: [1️⃣6zz]"), "no reply of smtp")
    expect(pop3("- S: +OK\n  or: [1️⃣550]"), "no reply of pop3")
    expect(pop3("- S: +OK\n  message: 1️⃣{}"), "there is nothing to check")
    expect(pop3("- S: +OK\n  message:\n    1️⃣exact: true\n    has: [x]"), "there is no content")
    #expect(read(smtp("- S: 250\n  or: [251, 4yz, 5yz, \"${:any}\", 550 5.1.1 no]")).1 == [])
  }

  @Test func `steps that cannot come in their order are told`() {
    expect(smtp("- S: 220\n- connect: 1️⃣refused"), "the first step only")
    expect(smtp("- connect: refused\n- S: 1️⃣220"), "nothing can follow")
    expect(smtp("- close: S\n- S: 1️⃣220"), "the server has ended its direction")
    expect(smtp("- close: C\n- C: 1️⃣QUIT"), "the client has ended its direction")
    expect(smtp("- reset: C\n- S: 1️⃣220"), "has ended its direction")
    #expect(read(smtp("- S: 220\n- close: C\n- S: 221\n- close: S")).1 == [])
  }

  @Test func `what is optional before a command needs a time`() {
    expect(smtp("- S: 1️⃣220\n  optional: true\n- C: QUIT"), "needs 'within'")
    expect(smtp("- S: 1️⃣220\n  optional: true\n- S: 220\n  optional: true\n  within: 1s\n- pause: 1s\n- C: QUIT"), "needs 'within'")
    #expect(read(smtp("- S: 220\n  optional: true\n- S: 250\n- C: QUIT\n- S: 221\n  optional: true\n- close: S")).1 == [])
    #expect(read(smtp("- S: 220\n  optional: true\n  within: 1s\n- C: QUIT")).1 == [])
  }

  @Test func `steps have names of their own`() {
    expect(smtp("- S: 220\n  name: a\n- C: QUIT\n  name: b\n- S: 1️⃣221\n  name: a"), "two steps have the name 'a'")
  }

  @Test func `a protocol changes what the steps below it may have`() {
    expect(smtp("- S: 220\n- protocol: pop3\n- S: +OK\n  lines: [a]\n- C:\n    1️⃣message: x"), "in pop3, 'message' belongs to 'S'")
    expect(smtp("- S: 220\n- protocol: 1️⃣gopher\n- X: y"), "does not speak 'gopher'")
  }
}

extension Part {
  /// Where its payload stands.
  fileprivate var place: Place { if case .payload(let payload) = content { payload.place } else { .nowhere } }
}
