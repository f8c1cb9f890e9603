import Results
import Synchronization

/// One line on the terminal while transcripts are played, gone when they are; nothing where standard error is no terminal.
final class Progress: Sendable {
  private struct State {
    var ended = 0
    var failed = 0
  }

  private let total: Int
  private let line: StatusLine
  private let state = Mutex(State())

  init(total: Int) {
    self.total = total
    line = StatusLine(isWanted: total > 1)
  }

  func ended(_ result: TranscriptResult) {
    let text = state.withLock { state in
      state.ended += 1
      if result.verdict > .skipped { state.failed += 1 }
      return "\(state.ended) of \(total) transcripts" + (state.failed > 0 ? ", \(state.failed) failed" : "")
    }
    line.show(text)
  }

  func clear() { line.clear() }
}
