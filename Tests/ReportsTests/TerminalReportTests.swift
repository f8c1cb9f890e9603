import Results
import Testing
import Transcript
import Wire

@testable import Reports

@Suite struct TerminalReportTests {
  private func render(_ name: String, isVerbose: Bool = false, usesColor: Bool = false) throws -> String {
    let result = try #require(Samples.all.first { $0.name == name }?.result)
    return TerminalReport(isVerbose: isVerbose, usesColor: usesColor).render(result)
  }

  @Test func `when all is well there is a line per transcript and a summary`() throws {
    #expect(
      try render("all-well") == """
        passed     34 ms  Transcripts/lab/fetch.yaml  Fetch two mails  (1 note)
        passed    312 ms  Transcripts/mail.yaml  Mail to etu1
        2 transcripts passed in 50 ms; 1 note tolerated (-v shows it)

        """)
  }

  @Test func `a failing step is shown with what was before it, what changed, and what was never reached`() throws {
    let text = try render("refused-recipient")
    #expect(
      text.contains(
        """
          > RCPT TO:<etu1@local.demo>
          < 550 5.1.1 <etu1@local.demo>: Recipient address rejected: User unknown in local recipient table
              Transcripts/mail.yaml:12:8: divergence: reply-code (fault: server)
              12 |   - S: 250 2.1.5 Ok
                 |        ^^^^^^^^^^^^
              expected  250 2.1.5 Ok
              observed  550 5.1.1 <etu1@local.demo>: Recipient address rejected: User unknown in local recipient table
                        ^^^
              rule      RFC 5321 §3.3
        """))
    #expect(text.contains("  > DATA  (unreached)\n"))
    #expect(text.contains("2 transcripts in 346 ms: 1 passed, 1 failed; 1 note tolerated (-v shows it)\n"))
    #expect(!text.contains("220 mail.local.demo"))
  }

  @Test func `what is tolerated is shown with -v only, and so is every step`() throws {
    #expect(!(try render("all-well")).contains("note: wording"))
    let text = try render("all-well", isVerbose: true)
    #expect(text.contains("Transcripts/lab/fetch.yaml:6:8: note: wording (fault: server)"))
    #expect(text.contains("  > QUIT\n  < +OK Logging out.\n  close: S\n"))
  }

  @Test func `what goes over a data connection is shown with the side that sends it`() {
    let steps = [
      Samples.step("C", 6, "LIST"), Samples.step("S", 7, "150 Here it comes"), Samples.step("data S", 8, "a.txt", "b.txt"),
      Samples.step("data C", 9, "up"), Samples.step("data S", 10, "c.txt", state: .unreached),
    ]
    let result = Samples.run([
      TranscriptResult(
        file: "f.yaml", title: "Files", milliseconds: 1, conversations: [Samples.conversation(nil, "ftp", steps: steps)])
    ])
    #expect(
      TerminalReport(isVerbose: true, usesColor: false).render(result).contains(
        """
          > LIST
          < 150 Here it comes
          < data: a.txt
          < data: b.txt
          > data: up
          < data: c.txt  (unreached)
        """))
  }

  @Test func `a difference that only follows says so, in one line`() throws {
    #expect(
      try render("several-conversations").contains(":21:12: divergence: missing-reply (fault: server), only follows\n")
    )
  }

  @Test func `a rule that is broken again is not explained again`() {
    let steps = [1, 2, 3].map { line in
      Samples.step(
        "S", line, "250",
        differences: [Samples.difference(.violation, "bare-lf", line, "  - S: 250", observed: "250", rule: "RFC 5321 §2.3.8")])
    }
    let transcript = TranscriptResult(
      file: "a.yaml", title: nil, milliseconds: 1, conversations: [Samples.conversation(steps: steps)])
    let text = TerminalReport(isVerbose: false, usesColor: false).details(of: transcript)
    #expect(text.matches(of: /RFC 5321/).count == 1)
    #expect(text.matches(of: /violation: bare-lf \(fault: server\), again\n/).count == 2)
  }

  @Test func `a rule that one step breaks many times is counted`() {
    let broken = Samples.difference(.violation, "bare-lf", 1, "  - S: 250", observed: "250", rule: "RFC 5321 §2.3.8")
    let step = Samples.step("S", 1, "250", differences: Array(repeating: broken, count: 10))
    let transcript = TranscriptResult(
      file: "a.yaml", title: nil, milliseconds: 1, conversations: [Samples.conversation(steps: [step])])
    let text = TerminalReport(isVerbose: false, usesColor: false).details(of: transcript)
    #expect(text.contains("violation: bare-lf (fault: server), again, 9 times\n"))
    #expect(text.matches(of: /bare-lf/).count == 2)
  }

  @Test func `a reason stands behind the transcript, or in the details where there are several`() throws {
    let text = try render("several-conversations")
    #expect(text.contains("skipped   1.2 ms  Transcripts/tls.yaml  Mail over TLS: the server does not offer STARTTLS\n"))
    #expect(text.contains("ERROR     0.4 ms  Transcripts/down.yaml  pop3: 127.0.0.1:9: connection refused\n"))
    #expect(text.contains("\nTranscripts/both.yaml: later, pop3\n  could not be found out: the run was interrupted\n"))
    #expect(text.hasSuffix("4 transcripts (6 conversations) in 2.3 s: 1 skipped, 3 could not be found out\n"))
  }

  @Test(arguments: Samples.all.map(\.name)) func `nothing that a peer says steers the terminal`(_ name: String) throws {
    for isVerbose in [false, true] {
      let text = try render(name, isVerbose: isVerbose)
      #expect(text.unicodeScalars.allSatisfy { $0 == "\n" || $0.value >= 0x20 && !(0x7f..<0xa0).contains($0.value) && $0 != "\u{202e}" })
    }
  }

  @Test(arguments: Samples.all.map(\.name)) func `colours change nothing but the carets`(_ name: String) throws {
    let plain = try render(name).split(separator: "\n").filter { !$0.allSatisfy { $0 == " " || $0 == "^" } }
    let colored = try render(name, usesColor: true)
    let stripped = colored.replacing(/\u{1b}\[[0-9;]*m/, with: "").split(separator: "\n").filter {
      !$0.allSatisfy { $0 == " " || $0 == "^" }
    }
    #expect(plain == stripped)
    if name != "nothing" { #expect(colored.contains("\u{1b}[")) }
    #expect(colored.matches(of: /\u{1b}\[0m/).count * 2 == colored.matches(of: /\u{1b}\[/).count)
  }

  @Test func `what was said is cut to the width`() throws {
    let result = try #require(Samples.all.first { $0.name == "hostile" }?.result)
    for line in TerminalReport(isVerbose: false, usesColor: false, width: 80).render(result).split(separator: "\n")
    where line.contains("xxx") { #expect(columns(line) <= 80) }
  }

  @Test func `times are short`() {
    let times: [Double] = [0, 0.04, 9.94, 9.96, 312.4, 999.4, 1_000, 59_900, 59_960, 3_600_000, .infinity, -1, .nan]
    #expect(
      times.map(Wording.time) == [
        "0.0 ms", "0.0 ms", "9.9 ms", "10 ms", "312 ms", "999 ms", "1.0 s", "59.9 s", "1m0s", "60m0s", "0.0 ms", "0.0 ms",
        "0.0 ms",
      ])
  }
}

@Suite struct ContrastTests {
  private func lines(_ expected: String, _ observed: String, width: Int = 60) -> [String] {
    Contrast(expected, observed).lines(width: width, Ink(usesColor: false)).map { String($0.dropFirst(Label.width)) }
  }

  @Test func `what differs is marked by whole words`() {
    #expect(lines("250 2.1.0 Ok", "250 2.1.5 Ok") == ["250 2.1.0 Ok", "250 2.1.5 Ok", "        ^"])
    #expect(lines("RCPT <etu1@a>", "RCPT <etu2@a>") == ["RCPT <etu1@a>", "RCPT <etu2@a>", "      ^^^^"])
    #expect(lines("250 Ok", "251 Ok") == ["250 Ok", "251 Ok", "^^^"])
  }

  @Test func `where nothing is in common, the code is marked`() {
    #expect(lines("250 2.1.5 Ok", "550 5.1.1 unknown user") == ["250 2.1.5 Ok", "550 5.1.1 unknown user", "^^^"])
    #expect(lines("+OK", "-ERR no such message") == ["+OK", "-ERR no such message", "^^^^"])
    #expect(lines("354", "550") == ["354", "550", "^^^"])
  }

  @Test func `where all is another text, nothing is marked`() {
    #expect(lines("354", "the connection was closed") == ["354", "the connection was closed"])
    #expect(lines("", "abc def") == ["", "abc def"])
    #expect(lines("abc", "") == ["abc", ""])
  }

  @Test func `what is missing is marked where it was to be`() {
    #expect(lines("a b c", "a c") == ["a b c", "  ^^", "a c"])
    #expect(lines("SIZE 100", "SIZE") == ["SIZE 100", "    ^^^^", "SIZE"])
  }

  @Test func `wide characters move the marks by two columns`() {
    #expect(lines("名前 a", "名前 b") == ["名前 a", "名前 b", "     ^"])
  }

  @Test func `long lines are cut at both ends, around what differs`() {
    let long = String(repeating: "x ", count: 100)
    let cut = lines(long + "one " + long, long + "two " + long)
    #expect(cut[0] == "…" + String(repeating: "x ", count: 12) + "one " + String(repeating: "x ", count: 15) + "…")
    #expect(cut[2] == String(repeating: " ", count: 25) + "^^^")
    #expect(cut.allSatisfy { columns($0) <= 60 })
  }

  @Test func `the same lines have no marks`() {
    #expect(lines("a", "a") == ["a", "a"])
  }

  @Test func `a text is clipped by columns, the ellipsis included`() {
    #expect(clipped("abcdef", to: 6) == "abcdef")
    #expect(clipped("abcdefg", to: 6) == "abcde…")
    #expect(clipped("名前名前", to: 6) == "名前…")
    #expect(clipped("名前名", to: 6) == "名前名")
    #expect(clipped([0x1b, 0xff], to: 9) == "\\x1b\\xff")
  }
}
