import Play
package import Results
import Synchronization
import Transcript
import Wire

/// A conversation that the scripted server played to its end.
package struct ConversationOutcome: Sendable {
  let file: String
  let title: String?
  let gate: Grade
  let conversation: Conversation
  let outcome: Outcome
  let sources: [SourceText]
}

/// What a scripted server has seen so far.
package final class ServeBook: Sendable {
  private let transcripts = Mutex<[TranscriptResult]>([])

  package init() {}

  /// The result of this conversation alone.
  package func add(_ outcome: ConversationOutcome) -> RunResult {
    let milliseconds = outcome.outcome.steps.compactMap(\.milliseconds).last ?? 0
    let conversation = ConversationResult(
      name: outcome.conversation.name, protocol: outcome.conversation.dialect, target: nil, gate: outcome.gate,
      reason: outcome.outcome.reason?.redacted(by: outcome.outcome.bindings.redactor), place: outcome.conversation.place,
      milliseconds: milliseconds, steps: outcome.outcome.steps(quoting: outcome.sources))
    let result = TranscriptResult(
      file: outcome.file, title: outcome.title, milliseconds: milliseconds, conversations: [conversation])
    transcripts.withLock { $0.append(result) }
    return Self.run([result])
  }

  package var result: RunResult { Self.run(transcripts.withLock { $0 }) }

  package var status: ExitStatus {
    transcripts.withLock { $0 }.reduce(.passed) { status, transcript in
      switch transcript.verdict {
      case .passed, .skipped: status
      case .failed: status.or(.failed)
      case .error: status.or(.incomplete)
      }
    }
  }

  private static func run(_ transcripts: [TranscriptResult]) -> RunResult {
    RunResult(
      tool: Version.tool, started: WallClock.now.rfc3339, milliseconds: transcripts.map(\.milliseconds).reduce(0, +), options: [:],
      transcripts: transcripts)
  }
}

extension Outcome {
  /// With the transcript's line beside each difference, so that a report needs no transcript; a secret that stands in it is taken out, too.
  func steps(quoting sources: [SourceText]) -> [StepResult] {
    let redactor = bindings.redactor
    return steps.map { step in
      var step = step
      for index in step.differences.indices {
        let place = step.differences[index].place
        step.differences[index].line = sources.lazy.compactMap { $0.line(at: place) }.first.map(redactor.redact)
      }
      return step
    }
  }
}
