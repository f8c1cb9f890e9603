import Dialects
import Results
import Transcript
import Wire

extension ClientRole {
  func within(_ step: Step) -> Duration { step.within ?? script.conversation.within ?? progress.options.timeout }

  /// Waits for the server to say something; gives up where that took too long. Always false.
  mutating func awaitServer(_ actions: inout [Action]) -> Bool {
    let index = progress.cursor
    let step = script.steps[index]
    let within = within(step)
    // What may be absent is not waited for any longer than it is given.
    let patience = step.isOptional ? within : max(within, progress.options.timeout)
    guard progress.waits(patience, &actions) else {
      askAgain(&actions)
      return false
    }
    if step.isOptional {
      progress.absent()
      advance(&actions)
      return false
    }
    let pending = progress.line.pending
    let nothing = pending == 0 ? "nothing" : "\(pending) bytes of an unfinished message"
    // Where what came in its stead could not be read, or its transfer came to nothing, this is why it is missing.
    let command = script.answered[index].flatMap { ordinals[$0]?.upperBound }
    let hasCause = progress.ledger.isFaulty(index) || command.map(brokenTransfers.contains) ?? false
    progress.settle(
      difference(
        index, .divergence, "late", expected: "within \(within.transcript)", observed: "\(nothing) after \(patience.transcript)"),
      follows: hasCause)
    giveUp(&actions)
    return false
  }

  mutating func awaitEnd(_ step: Step, _ actions: inout [Action]) -> Bool {
    if let extra = progress.line.unread.first {
      progress.line.removeFirst()
      tellExtra(extra)
      return true
    }
    // A server may stay for as long as a connection stands that it waits at for a transfer (RFC 959 §4.1.1, QUIT); none comes any more.
    lines.removeUnused(&actions)
    let index = progress.cursor
    let within = within(step)
    let ending = progress.line.ending
    guard ending == .open else {
      if progress.waited > within {
        progress.settle(stillOpen(index, observed: "an end after \(progress.waited.transcript)"))
      } else {
        let isReset = if case .reset = step.action { true } else { false }
        progress.settle(isReset == (ending == .reset) ? nil : otherEnd(index, expected: isReset ? "a reset" : "an end", ending))
      }
      return true
    }
    guard progress.waits(max(within, progress.options.timeout), &actions) else { return false }
    progress.settle(stillOpen(index, observed: "nothing after \(max(within, progress.options.timeout).transcript)"))
    finish(&actions)
    return false
  }

  mutating func endSending(_ actions: inout [Action]) -> Bool {
    flush(&actions)
    let ending = progress.line.ending
    if ending == .open { actions.append(.finishSending()) }
    progress.settle(ending == .open ? nil : otherEnd(progress.cursor, expected: "the client ends first", ending))
    return true
  }

  mutating func keepSilent(_ duration: Duration, _ actions: inout [Action]) -> Bool {
    let index = progress.cursor
    if let heard = progress.line.unread.first {
      progress.line.removeFirst()
      progress.settle(difference(index, .divergence, "not-silent", expected: "nothing", observed: Verbatim.first(heard)))
      return true
    }
    guard progress.waits(duration, &actions) else { return false }
    let pending = progress.line.pending
    progress.settle(
      pending == 0
        ? nil
        : difference(
          index, .divergence, "not-silent", expected: "nothing", observed: "\(pending) bytes of an unfinished message"))
    return true
  }

  private func stillOpen(_ index: Int, observed: String) -> Difference {
    difference(
      index, .divergence, "still-open", expected: "the end of the connection within \(within(script.steps[index]).transcript)",
      observed: observed)
  }

  /// Who ends first, and how, is a race.
  private func otherEnd(_ index: Int, expected: String, _ ending: Ending) -> Difference {
    difference(
      index, .note, "closed-otherwise", expected: expected, observed: ending == .reset ? "the server has reset" : "the server has ended")
  }
}
