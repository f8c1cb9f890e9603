import Dialects
import Results
import Transcript
import Wire

extension ClientRole {
  mutating func failed(_ how: Step.NoConnection, _ why: String, _ actions: inout [Action]) {
    connection = .over
    if case .connect(let expected)? = script.steps.first?.action {
      progress.settle(how == expected ? nil : difference(0, .divergence, "connect", expected: expected.rawValue, observed: why))
    } else {
      progress.reason = Reason(.unreachable, why)
    }
    finish(&actions)
  }

  /// The server has ended, and something was still to come. After a refusal, or a goodbye of its own, it may leave; then only its answer
  /// to ours is missing.
  mutating func closedEarly(_ actions: inout [Action]) {
    let reply = script.steps.indices.dropFirst(progress.cursor).first {
      script.steps[$0].message?.side == .server && !progress.ledger.isSettled($0)
    }
    if let reply {
      let command = script.answered[reply].flatMap { script.steps[$0].message }
      let mayLeave = (lastReplyFailed || serverLeaves) && command.map(isFarewell) ?? false
      var observed = progress.line.ending == .reset ? "the connection was reset" : "the connection was closed"
      if !progress.line.fragment.isEmpty { observed += " in the middle of '\(printable(progress.line.fragment))'" }
      progress.ledger.done(reply, at: progress.elapsed)
      tell(
        reply,
        difference(reply, mayLeave ? .drift : .divergence, "closed-early", expected: script.shown[reply].first, observed: observed),
        follows: progress.ledger.isFaulty(reply))
    }
    finish(&actions)
  }

  private func isFarewell(_ command: Message) -> Bool {
    progress.dialect.farewell.map { progress.dialect.verb(of: $0) == progress.dialect.verb(of: command) } ?? false
  }

  /// Nothing more can be understood: says goodbye where that would be understood, and leaves.
  mutating func giveUp(_ actions: inout [Action]) {
    if connection == .up, progress.line.ending == .open, !progress.line.isOpaque, !serverLeaves, let farewell = progress.dialect.farewell {
      let bytes = progress.line.write(farewell)
      if progress.line.admits(farewell) == .now, progress.line.label(of: bytes) == progress.dialect.verb(of: farewell) { outbox += bytes }
    }
    finish(&actions)
  }

  mutating func finish(_ actions: inout [Action]) {
    guard !progress.isFinished else { return }
    progress.tellNoise(fault: .server)
    while progress.isOver, let extra = progress.line.unread.first, !script.steps.isEmpty {
      progress.line.removeFirst()
      tellExtra(extra)
      progress.tellNoise(fault: .server)
    }
    for line in lines.all where line.received.size > 0 { tellUnexpected(line) }
    if connection == .up { flush(&actions) }
    progress.finish(connection == .up ? [.close()] : [], &actions)
  }
}
