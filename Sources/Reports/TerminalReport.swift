package import Results
import Transcript
import Wire

/// A run's result for people: a line for each transcript, each failing step as an excerpt of the dialogue, and what it all comes to.
///
///     passed     34 ms  Transcripts/fetch.yaml  Fetch two mails  (1 note)
///     FAILED    312 ms  Transcripts/mail.yaml  Mail to etu1  (1 divergence)
///
///     Transcripts/mail.yaml: smtp at 127.0.0.1:2525
///       > RCPT TO:<etu1@local.demo>
///       < 550 5.1.1 User unknown
///           …
///
///     2 transcripts in 346 ms: 1 passed, 1 failed; 1 note tolerated (-v shows it)
package struct TerminalReport: Sendable {
  private let isVerbose: Bool
  private let ink: Ink
  private let width: Int

  /// - Parameter width: the columns that a line may take; what was said is cut there. File names, reasons and hints are not.
  package init(isVerbose: Bool, usesColor: Bool, width: Int = 120) {
    self.isVerbose = isVerbose
    self.width = max(60, width)
    ink = Ink(usesColor: usesColor)
  }

  package func render(_ result: RunResult) -> String {
    let details = result.transcripts.map(details).joined()
    return result.transcripts.map { line(for: $0) + "\n" }.joined() + details + (details.isEmpty ? "" : "\n") + summary(of: result) + "\n"
  }

  /// What became of a transcript, in one line without its end.
  package func line(for transcript: TranscriptResult) -> String {
    var line = ink(transcript.verdict.tone, transcript.verdict.word.padded(to: 7))
    line += "  " + Wording.time(transcript.milliseconds).indented(to: 7) + "  " + printable(transcript.file)
    line += "  " + printable(transcript.title ?? transcript.names)
    if transcript.repetitions > 1 {
      line += transcript.failures > 0 ? ", \(transcript.failures) of" : ","
      line += " \(transcript.repetitions) times"
    }
    if let reason = transcript.soleReason { line += ": " + printable(reason) }
    let grades = Wording.grades(transcript.counts)
    return grades.isEmpty ? line : line + ink(.faint, "  (\(grades))")
  }

  /// What a person has to look at, or with `-v` everything, behind an empty line; empty where there is nothing.
  package func details(of transcript: TranscriptResult) -> String {
    transcript.conversations.map { conversation in
      var lines = Dialogue(conversation, isVerbose ? .everything : .failing, width: width - 2, ink).lines
      if let reason = conversation.reason, transcript.soleReason == nil {
        let what = conversation.verdict == .skipped ? "skipped:" : "could not be found out:"
        let why = reason.message.split(separator: "\n").map { printable(String($0)) }
        lines.append(ink(conversation.verdict.tone, what) + (why.count == 1 ? " \(why[0])" : ""))
        if why.count > 1 { lines += why.map { "  " + $0 } }
      }
      guard !lines.isEmpty else { return "" }
      return "\n" + ink(.strong, heading(conversation, in: transcript)) + "\n" + lines.map { "  \($0)\n" }.joined()
    }.joined()
  }

  /// What it all comes to, in one line without its end.
  package func summary(of result: RunResult) -> String {
    let transcripts = result.transcripts
    guard !transcripts.isEmpty else { return "nothing was played" }
    let conversations = transcripts.map(\.conversations.count).reduce(0, +)
    var line = Wording.count(transcripts.count, "transcript")
    if conversations != transcripts.count { line += " (\(Wording.count(conversations, "conversation")))" }
    let verdicts: [(Verdict, String)] = [
      (.passed, "passed"), (.failed, "failed"), (.skipped, "skipped"), (.error, "could not be found out"),
    ]
    let parts = verdicts.compactMap { verdict, words -> (count: Int, words: String)? in
      let count = transcripts.count { $0.verdict == verdict }
      return count > 0 ? (count, words) : nil
    }
    let time = "in " + Wording.time(result.milliseconds)
    if parts.count == 1 {
      line += " \(parts[0].words) \(time)"
    } else {
      line += " \(time): " + parts.map { "\($0.count) \($0.words)" }.joined(separator: ", ")
    }
    let tolerated = result.tolerated
    let sum = Grade.allCases.reduce(0) { $0 + tolerated[$1] }
    if sum > 0 {
      line += "; \(Wording.grades(tolerated)) tolerated" + (isVerbose ? "" : " (-v shows \(sum == 1 ? "it" : "them"))")
    }
    return ink(.strong, line)
  }

  private func heading(_ conversation: ConversationResult, in transcript: TranscriptResult) -> String {
    var out = printable(transcript.file) + ":"
    if let name = conversation.name { out += " \(printable(name))," }
    out += " " + printable(conversation.protocol)
    if let target = conversation.target { out += " at " + printable(target) }
    if conversation.gate != .divergence { out += ", gate \(conversation.gate.rawValue)" }
    if conversation.tries > 1 { out += ", the last of \(conversation.tries) tries" }
    return out
  }
}

extension TranscriptResult {
  /// Its conversations' names, or what they speak.
  fileprivate var names: String { conversations.map { $0.name ?? $0.protocol }.joined(separator: ", ") }

  /// The reason why it has no verdict of its own, if there is only one and it fits behind the name.
  fileprivate var soleReason: String? {
    let reasons = Set(conversations.map { $0.reason?.message })
    guard reasons.count == 1, let reason = reasons.first ?? nil, !reason.contains("\n") else { return nil }
    return reason
  }
}

extension RunResult {
  /// The differences below their conversation's gate.
  fileprivate var tolerated: Counts {
    var counts = Counts()
    for conversation in transcripts.flatMap(\.conversations) {
      for difference in conversation.steps.flatMap(\.differences) where !difference.follows && !difference.fails(conversation.gate) {
        counts[difference.grade] += 1
      }
    }
    return counts
  }
}
