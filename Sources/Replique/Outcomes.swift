import Play
import Replay
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
  private struct Pages {
    var transcripts: [TranscriptResult] = []
    var status = ExitStatus.passed
  }

  private let pages = Mutex(Pages())
  private let keepsResults: Bool

  /// - Parameter keepsResults: for reports at the end; a server that runs for ever keeps none.
  package init(keepsResults: Bool) { self.keepsResults = keepsResults }

  /// The result of this conversation alone.
  package func add(_ outcome: ConversationOutcome) -> TranscriptResult {
    let milliseconds = outcome.outcome.steps.compactMap(\.milliseconds).last ?? 0
    let conversation = ConversationResult(
      name: outcome.conversation.name, protocol: outcome.conversation.dialect, target: nil, gate: outcome.gate,
      reason: outcome.outcome.reason?.redacted(by: outcome.outcome.bindings.redactor), place: outcome.conversation.place,
      milliseconds: milliseconds, steps: outcome.outcome.steps(quoting: outcome.sources))
    let result = TranscriptResult(
      file: outcome.file, title: outcome.title, milliseconds: milliseconds, conversations: [conversation])
    pages.withLock { pages in
      if keepsResults { pages.transcripts.append(result) }
      switch result.verdict {
      case .passed, .skipped: break
      case .failed: pages.status = pages.status.or(.failed)
      case .error: pages.status = pages.status.or(.incomplete)
      }
    }
    return result
  }

  package var result: RunResult {
    let transcripts = pages.withLock { $0.transcripts }
    return RunResult(
      tool: Version.tool, started: WallClock.now.rfc3339, milliseconds: transcripts.map(\.milliseconds).reduce(0, +), options: [:],
      transcripts: transcripts)
  }

  package var status: ExitStatus { pages.withLock { $0.status } }
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
