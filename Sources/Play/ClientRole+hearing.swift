import Dialects
import Results
import Transcript
import Verification
import Wire

extension ClientRole {
  /// Compares the next reply with the present step. False where it must wait, or all is over.
  mutating func hear(_ step: Step, _ expected: Message, _ actions: inout [Action]) -> Bool {
    let index = progress.cursor
    if progress.ledger.isSettled(index) {
      progress.advance(to: index + 1)
      return true
    }
    let due = script.answered[index].flatMap { ordinals[$0] }
    let isOrdered = !progress.dialect.answersInAnyOrder
    if !isOrdered, let due { progress.line.bringForward(answerTo: due) }
    guard let heard = progress.line.unread.first, isOrdered || due.map({ heard.answers($0) }) ?? true else {
      return hearNothing(step, due, &actions)
    }
    if let due, let ordinal = heard.answer.ordinal, !due.contains(ordinal) {
      return hearAnother(heard, answering: ordinal, instead: due)
    }
    let answered = heard.answer.ordinal ?? due?.upperBound
    let command = answered.flatMap { spoken.indices.contains($0) ? spoken[$0].command : nil }
    if step.isOptional, !verifier.fits(step, heard, answering: command) {
      progress.absent()
      return true
    }
    if let answered, let transfer = heard.transfer, differsInPreliminary(step, expected, heard, command) {
      return hearPreliminary(heard, transfer, answering: answered, &actions)
    }
    if progress.dialect.isIncidental(heard), !verifier.fits(step, heard, answering: command) {
      progress.line.removeFirst()
      tell(index, difference(index, .note, "extra-reply", observed: Verbatim.first(heard)))
      return true
    }
    progress.line.removeFirst()
    if asksAgain(heard, &actions) { return awaitServer(&actions) }
    let hasOutcome = compareEndpoint(of: heard) { $0.compare(step, expected, heard, command) }
    if case .final(let ordinal) = heard.answer { lastAnswered = ordinal }
    if let ordinal = heard.answer.ordinal {
      if let announcement = heard.announcement { take(announcement, by: ordinal, index, &actions) }
      if let transfer = heard.transfer { begin(transfer, by: ordinal, refusal: hasOutcome ? nil : index, &actions) }
      if case .final = heard.answer { running[ordinal]?.hasSucceeded = !lastReplyFailed }
      if lastReplyFailed {
        lines.removeUnused(by: ordinal, &actions)
        if announced?.command == ordinal { announced = nil }
      }
    }
    if heard.effects.contains(.ends) {
      serverLeaves = true
      // It says goodbye where it was to go on: there is nobody to say it to.
      if !hasOutcome, !progress.dialect.mayReconnect {
        finish(&actions)
        return false
      }
    }
    if spoken.isEmpty, lastReplyFailed, !hasOutcome {
      // Turned away at the door.
      giveUp(&actions)
      return false
    }
    return true
  }

  /// True where the reply has the outcome that it was to have.
  private mutating func compare(_ step: Step, _ expected: Message, _ heard: Heard, _ command: Message?) -> Bool {
    let index = progress.cursor
    let comparison = verifier.compare(step, heard, answering: command, later: script.commandsBefore[index])
    let dialect = progress.dialect
    let wasToSucceed = dialect.succeeded(expected)
    let didSucceed = dialect.succeeded(heard.message) && (comparison.hasOutcome || !wasToSucceed)
    let follows = !comparison.hasOutcome && isConsequence(heard, command)
    let isRace = didSucceed && heard.answer.ordinal.map(cutTransfers.contains) ?? false
    let isOfProxy = dialect.isOfProxy(heard.message, answering: command)
    for var difference in comparison.differences {
      if isRace, difference.grade == .divergence { difference.grade = .drift }
      if isOfProxy, difference.grade == .divergence, difference.fault == .server {
        difference.fault = .network
        difference.hint = difference.hint ?? "the proxy says so, not the server"
      }
      tell(index, difference, follows: follows)
    }
    if let place = verifier.exhausted, progress.reason == nil {
      progress.reason = Reason(.fault, "\(place): a pattern could not be compared within the limits of the matcher")
    }
    let within = within(step)
    if progress.waited > within {
      tell(
        index,
        difference(index, .divergence, "late", expected: "within \(within.transcript)", observed: "after \(progress.waited.transcript)"),
        follows: heard.answer.ordinal.map(brokenTransfers.contains) ?? false)
    }
    if let command { note(Turn(command: command, wasToSucceed: wasToSucceed, didSucceed: didSucceed)) }
    lastReplyFailed = !didSucceed
    progress.ledger.heard(index, heard, at: progress.elapsed)
    progress.settle()
    return comparison.hasOutcome
  }

  /// Whether another outcome has its cause in an earlier difference: the command, though said already, makes no sense any more, or a
  /// reply is missing before it, so that each that follows looks like the next one.
  private mutating func isConsequence(_ heard: Heard, _ command: Message?) -> Bool {
    if hasFailed, let command, progress.dialect.isHindered(command, by: history) { return true }
    guard let ordinal = heard.answer.ordinal else { return false }
    if brokenTransfers.contains(ordinal) { return true }
    if let shiftedUntil, ordinal <= shiftedUntil { return true }
    if ordinal + 1 < spoken.count, let next = nextReply(to: ordinal + 1),
      verifier.fits(script.steps[next], heard, answering: spoken[ordinal + 1].command)
    {
      shiftedUntil = spoken.count - 1
    }
    return false
  }

  private func nextReply(to ordinal: Int) -> Int? {
    script.answered.indices.dropFirst(progress.cursor + 1).first { script.answered[$0] == spoken[ordinal].step }
  }

  private mutating func hearNothing(_ step: Step, _ due: ClosedRange<Int>?, _ actions: inout [Action]) -> Bool {
    let index = progress.cursor
    if !progress.dialect.answersInAnyOrder, let due, let lastAnswered, due.upperBound <= lastAnswered, index < script.certain,
      !step.isOptional
    {
      progress.settle(difference(index, .divergence, "missing-reply", expected: script.shown[index].first), follows: hasFailed)
      return true
    }
    guard progress.line.ending != .open else {
      guard !progress.line.isOpaque else { return hearNonsense(&actions) }
      // It may wait for ours: a transfer's last reply can stand before the transfer.
      if let due { do throws(Unfillable) { try beginSending(due.upperBound, &actions) } catch { return cannotSend(error, &actions) } }
      return awaitServer(&actions)
    }
    guard step.isOptional else {
      closedEarly(&actions)
      return false
    }
    progress.absent()
    return true
  }

  /// What the server says cannot be understood any more: waiting would not help. Always false.
  private mutating func hearNonsense(_ actions: inout [Action]) -> Bool {
    let index = progress.cursor
    progress.settle(
      difference(index, .divergence, "missing-reply", expected: script.shown[index].first, observed: "nothing that can be understood"),
      follows: hasFailed || progress.ledger.gravest.map { $0 >= .divergence } ?? false)
    finish(&actions)
    return false
  }

  /// A reply to another command than the step's: one is missing, or one too many. How many there are can follow from what failed.
  private mutating func hearAnother(_ heard: Heard, answering ordinal: Int, instead due: ClosedRange<Int>) -> Bool {
    let index = progress.cursor
    let observed = Verbatim.first(heard)
    if ordinal > due.upperBound {
      progress.settle(
        difference(index, .divergence, "missing-reply", expected: script.shown[index].first, observed: observed), follows: hasFailed)
    } else {
      progress.line.removeFirst()
      // A transfer that the transcript's server refuses has its last reply, too.
      let isOfTransfer = running[ordinal].map { $0.step == nil } ?? false
      tell(index, difference(index, .divergence, "extra-reply", observed: observed), follows: hasFailed || isOfTransfer)
    }
    return true
  }

  // MARK: Preliminary replies

  /// Whether a transfer's reply is preliminary where the transcript's is not, or the other way round, and yet it runs as it was to.
  private mutating func differsInPreliminary(_ step: Step, _ expected: Message, _ heard: Heard, _ command: Message?) -> Bool {
    let index = progress.cursor
    guard index < script.certain, let question = script.answered[index], !verifier.fits(step, heard, answering: command) else {
      return false
    }
    if case .interim = heard.answer { return !script.isInterim[index] && progress.dialect.succeeded(expected) }
    return script.isInterim[index] && script.answered.dropFirst(index + 1).contains(question)
  }

  private mutating func hearPreliminary(_ heard: Heard, _ transfer: Transfer, answering number: Int, _ actions: inout [Action]) -> Bool {
    let index = progress.cursor
    if case .interim = heard.answer {
      progress.line.removeFirst()
      tell(index, difference(index, .drift, "extra-preliminary", observed: Verbatim.first(heard)))
      begin(transfer, by: number, refusal: nil, &actions)
    } else {
      progress.settle(
        difference(index, .drift, "missing-preliminary", expected: script.shown[index].first, observed: Verbatim.first(heard)))
    }
    return true
  }

  /// What nobody asked for, where the connection was to end or to be silent. 421 before an end is allowed at any time (RFC 5321 §3.8).
  mutating func tellExtra(_ heard: Heard) {
    let isGoodbye = heard.answer == .none && heard.effects.contains(.ends)
    let index = progress.nearest
    tell(index, difference(index, isGoodbye ? .drift : .divergence, "extra-reply", observed: Verbatim.first(heard)), follows: hasFailed)
  }
}

extension Heard {
  /// Whether it answers one of these, or nothing.
  fileprivate func answers(_ due: ClosedRange<Int>) -> Bool { answer.ordinal.map(due.contains) ?? true }
}
