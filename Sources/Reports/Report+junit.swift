import Results
import Transcript
import Wire

extension Report {
  /// JUnit's XML as Jenkins, GitLab and GitHub's actions read it: a `testsuite` per transcript, a `testcase` per conversation.
  ///
  ///     <testsuites name="replique" tests="1" failures="1" errors="0" skipped="0" time="0.312" timestamp="2026-11-23T07:34:41">
  ///       <testsuite name="Transcripts/mail.yaml" file="Transcripts/mail.yaml" tests="1" …>
  ///         <testcase classname="Transcripts.mail" name="Mail to etu1" file="Transcripts/mail.yaml" line="5" time="0.312">
  ///           <failure message="divergence: reply-code: expected '250', observed '550 …'" type="reply-code">…</failure>
  ///
  /// A difference at or above the gate is a `failure`, all of a conversation's in one; what could not be found out an `error`; what a
  /// transcript needs and the target does not offer a `skipped`. What was tolerated stands in `system-out`. Times are in seconds,
  /// timestamps UTC; all suites bear the run's.
  package static let junit = Report { result in
    var root = Element("testsuites", [("name", "replique")] + Tally(result.transcripts.flatMap(\.conversations)).attributes(result))
    for transcript in result.transcripts { root.append(JUnit.suite(transcript, in: result)) }
    return root.document
  }
}

private enum JUnit {
  static func suite(_ transcript: TranscriptResult, in result: RunResult) -> Element {
    let file = printable(transcript.file)
    var suite = Element(
      "testsuite",
      [("name", file), ("file", file)]
        + Tally(transcript.conversations).attributes(milliseconds: transcript.milliseconds, started: result.started))
    for (conversation, name) in zip(transcript.conversations, names(transcript)) {
      suite.append(testcase(conversation, name, in: transcript))
    }
    return suite
  }

  private static func testcase(_ conversation: ConversationResult, _ name: String, in transcript: TranscriptResult) -> Element {
    // An included conversation stands in a file of its own.
    let file = conversation.place.file.isEmpty ? transcript.file : conversation.place.file
    var testcase = Element(
      "testcase",
      [
        ("classname", classname(transcript.file)), ("name", name), ("file", printable(file)), ("line", String(conversation.place.line)),
        ("time", seconds(conversation.milliseconds)),
      ])
    let dialogue = Dialogue(conversation, .failing, width: width, Ink(usesColor: false)).lines.joined(separator: "\n")
    let differences = conversation.steps.flatMap { step in step.differences.map { (step, $0) } }
    if let reason = conversation.reason {
      let message = reason.message.split(separator: "\n").first.map { printable(String($0)) } ?? ""
      let text = reason.message.split(separator: "\n").map { printable(String($0)) }.joined(separator: "\n")
      testcase.append(
        Element(
          conversation.verdict == .skipped ? "skipped" : "error", [("message", message), ("type", reason.kind.rawValue)],
          text: dialogue.isEmpty ? text : text + "\n\n" + dialogue))
    } else if let (_, first) = differences.first(where: { $0.1.fails(conversation.gate) }) {
      testcase.append(Element("failure", [("message", message(first)), ("type", printable(first.kind))], text: dialogue))
    }
    let tolerated = differences.filter { !$0.1.follows && !$0.1.fails(conversation.gate) }
    if !tolerated.isEmpty {
      let lines = tolerated.flatMap { DifferenceText($1, at: $0, width: width, Ink(usesColor: false)).full }
      testcase.append(Element("system-out", text: lines.joined(separator: "\n")))
    }
    return testcase
  }

  /// The first difference in one line: `divergence: reply-code: expected '250', observed '550 No such user'`.
  private static func message(_ difference: Difference) -> String {
    let said = [("expected", difference.expected), ("observed", difference.observed)].compactMap { word, said in
      said.map { "\(word) '\(clipped($0.bytes, to: 100))'" }
    }
    return ([difference.grade.rawValue, printable(difference.kind)] + (said.isEmpty ? [] : [said.joined(separator: ", ")]))
      .joined(separator: ": ")
  }

  /// A conversation's name, the transcript's title where it is the only one, else its protocol; never the same twice.
  private static func names(_ transcript: TranscriptResult) -> [String] {
    var seen: [String: Int] = [:]
    return transcript.conversations.map { conversation in
      let title = transcript.conversations.count == 1 ? transcript.title : nil
      let name = printable(conversation.name ?? title ?? conversation.protocol)
      seen[name, default: 0] += 1
      return seen[name] == 1 ? name : "\(name) (\(seen[name] ?? 0))"
    }
  }

  /// `Transcripts/lab/mail.yaml` as `Transcripts.lab.mail`: what stands before the last dot is grouped like a package.
  private static func classname(_ file: String) -> String {
    var parts = printable(file).split(separator: "/").filter { $0 != "." && $0 != ".." }.map(String.init)
    if let last = parts.last, let dot = last.lastIndex(of: "."), dot > last.startIndex { parts[parts.count - 1] = String(last[..<dot]) }
    return parts.map { $0.map { $0 == "." ? "_" : String($0) }.joined() }.joined(separator: ".")
  }

  /// To the millisecond: Jenkins' schema admits no more.
  static func seconds(_ milliseconds: Double) -> String {
    let whole = milliseconds.isFinite ? Int(max(0, min(milliseconds, 1e12)).rounded()) : 0
    let rest = String(whole % 1000)
    return "\(whole / 1000)." + String(repeating: "0", count: 3 - rest.count) + rest
  }

  private static let width = 120
}

/// How many conversations came to what.
private struct Tally {
  private let conversations: [ConversationResult]

  init(_ conversations: [ConversationResult]) { self.conversations = conversations }

  func attributes(_ result: RunResult) -> [(StaticString, String)] {
    attributes(milliseconds: result.milliseconds, started: result.started)
  }

  func attributes(milliseconds: Double, started: String) -> [(StaticString, String)] {
    func count(_ verdict: Verdict) -> String { String(conversations.count { $0.verdict == verdict }) }
    return [
      ("tests", String(conversations.count)), ("failures", count(.failed)), ("errors", count(.error)), ("skipped", count(.skipped)),
      // Without fraction and zone, as the strictest of the readers wants it.
      ("time", JUnit.seconds(milliseconds)), ("timestamp", String(started.prefix(19))),
    ]
  }
}
