import Dialects
import Results
import Transcript
import Verification
import Wire

extension ClientRole {
  /// A transfer that the server has begun.
  struct Running: Sendable {
    var transfer: Transfer
    /// Nil where no secondary connection was ever spoken of.
    var line: LineName?
    /// The `data` step that it is; nil where the transcript has none.
    var step: Int?
    /// Where the transcript's server refuses it: the reply's step.
    var refusal: Int?
    /// What its last reply says, once it has been looked at.
    var hasSucceeded: Bool?
  }

  /// A reply says that a transfer runs: it goes over the connection that was spoken of last before its command.
  mutating func begin(_ transfer: Transfer, by number: Int, refusal: Int?, _ actions: inout [Action]) {
    guard running[number] == nil else { return }
    let command = spoken[number].step
    let step = script.transfers.first { $0.value.command == command }?.key
    let line = lines.take(for: number, &actions)
    running[number] = Running(transfer: transfer, line: line, step: step, refusal: refusal)
    // The server would wait for it for ever.
    if step == nil, transfer.from == .client, let line { lines[line]?.send([], then: refusal == nil ? .end : .reset, &actions) }
  }

  /// Plays a transfer. False where it must wait, or all is over.
  mutating func transfer(_ step: Step, _ payload: Payload, _ actions: inout [Action]) -> Bool {
    let index = progress.cursor
    if progress.ledger.isSettled(index) {
      progress.advance(to: index + 1)
      return true
    }
    guard let command = script.transfers[index]?.command, let number = ordinals[command]?.upperBound else { return leaveOut() }
    if running[number] == nil {
      // Its first reply may stand behind it in the transcript.
      guard let reply = progress.line.unread.first(where: { $0.answer.ordinal == number }) else {
        return lastAnswered.map { $0 >= number } ?? false ? leaveOut() : awaitTransfer(step, number, &actions)
      }
      guard let transfer = reply.transfer else { return leaveOut() }
      begin(transfer, by: number, refusal: nil, &actions)
    }
    guard let transfer = running[number] else { return leaveOut() }
    guard let name = transfer.line, let line = lines[name] else { return failWithoutLine(number, &actions) }
    if line.hasCome {
      return transfer.transfer.from == .server
        ? receive(step, payload, line, number, &actions) : send(step, payload, line, number, &actions)
    }
    return awaitConnection(step, line, number, &actions)
  }

  // MARK: What it waits for

  /// It was not to be, since its command failed, or was not said: that has been told where it happened.
  private mutating func leaveOut() -> Bool {
    progress.ledger.unreached(progress.cursor)
    progress.advance(to: progress.cursor + 1)
    return true
  }

  /// The same where the server says so now.
  private mutating func leaveOut(_ line: DataLine, _ actions: inout [Action]) -> Bool {
    lines.remove(line.name, &actions)
    return leaveOut()
  }

  /// No connection was ever spoken of: the transcript has nothing that does, or what was to do it could not be read, as has been told.
  private mutating func failWithoutLine(_ number: Int, _ actions: inout [Action]) -> Bool {
    let index = progress.cursor
    // What was spoken of before another transfer was for that one.
    let last = running.keys.filter { $0 < number }.max().map { spoken[$0].step } ?? 0
    let isSpokenOf = script.endpointSteps.contains { $0 >= last && $0 < index }
    let difference = progress.difference(
      index, .divergence, "no-connection", expected: "a data connection", observed: "none was spoken of",
      hint: isSpokenOf ? nil : "announce an endpoint before each transfer", fault: isSpokenOf ? .server : .transcript)
    return fail(number, difference, follows: isSpokenOf, &actions)
  }

  private mutating func awaitTransfer(_ step: Step, _ number: Int, _ actions: inout [Action]) -> Bool {
    if progress.line.ending != .open {
      closedEarly(&actions)
      return false
    }
    guard waits(step, &actions) else { return false }
    return fail(number, late(step, "no transfer"), &actions)
  }

  private mutating func awaitConnection(_ step: Step, _ line: DataLine, _ number: Int, _ actions: inout [Action]) -> Bool {
    let index = progress.cursor
    func missing(_ observed: String, _ fault: Difference.Fault = .server, hint: String? = nil) -> Difference {
      progress.difference(
        index, .divergence, "no-connection", expected: "a data connection", observed: observed, hint: hint, fault: fault)
    }
    switch line.standing {
    case .failed(let how, let why): return fail(number, missing(why, how == .refused ? .server : .network), &actions)
    case .elsewhere:
      return fail(
        number,
        missing("none that comes to us", .transcript, hint: "write '${\(Hole.endpointName)}' for the endpoint, and we listen there"),
        &actions)
    case .announced, .asked, .listening, .dialling, .up, .over: break
    }
    let final = finalReply(to: number)
    if final == .refusal || final == .noConnection { return leaveOut(line, &actions) }
    if progress.line.ending != .open {
      closedEarly(&actions)
      return false
    }
    guard waits(step, &actions) else { return false }
    let patience = patience(step).transcript
    guard final == .none else {
      return fail(
        number, difference(index, .divergence, "no-data", expected: "a data connection", observed: "none after \(patience)"), &actions)
    }
    return fail(number, missing("none after \(patience)"), &actions)
  }

  private func patience(_ step: Step) -> Duration { max(within(step), progress.options.timeout) }

  /// Waits for what belongs to a transfer; true once that took too long.
  private mutating func waits(_ step: Step, _ actions: inout [Action]) -> Bool { progress.waits(patience(step), &actions) }

  private func late(_ step: Step, _ observed: String) -> Difference {
    difference(
      progress.cursor, .divergence, "late", expected: "within \(within(step).transcript)",
      observed: "\(observed) after \(patience(step).transcript)")
  }

  private enum FinalReply {
    case none, success, refusal
    /// A refusal that says why.
    case noConnection
  }

  /// The last reply to a transfer's command, if it has come: whether or not it is its turn.
  private func finalReply(to number: Int) -> FinalReply {
    if let hasSucceeded = running[number]?.hasSucceeded { return hasSucceeded ? .success : .refusal }
    guard let reply = progress.line.unread.first(where: { $0.answer == .final(number) }) else { return .none }
    if progress.dialect.succeeded(reply.message) { return .success }
    return progress.dialect.lacksConnection(reply.message) ? .noConnection : .refusal
  }

  /// The transfer came to nothing: what the server says of it after that follows from it.
  private mutating func fail(_ number: Int, _ difference: Difference, follows: Bool = false, _ actions: inout [Action]) -> Bool {
    brokenTransfers.insert(number)
    if let name = running[number]?.line { lines[name]?.reset(&actions) }
    progress.settle(difference, follows: follows)
    return true
  }

  /// The transfer is through.
  private mutating func settle(_ step: Step) {
    let within = within(step)
    if progress.waited > within {
      let index = progress.cursor
      tell(
        index,
        difference(index, .divergence, "late", expected: "within \(within.transcript)", observed: "after \(progress.waited.transcript)"))
    }
    progress.settle()
  }

  // MARK: From the server

  private mutating func receive(_ step: Step, _ payload: Payload, _ line: DataLine, _ number: Int, _ actions: inout [Action]) -> Bool {
    let index = progress.cursor
    let size = line.received.size
    if flooded.contains(line.name) {
      hear(line, index)
      return fail(number, difference(index, .divergence, "flood", observed: "\(size) bytes and no end"), &actions)
    }
    let isCut = payload.endsEarly && line.ending == .open && size >= (payload.size ?? payload.bytes.count)
    if isCut {
      cutTransfers.insert(number)
      lines[line.name]?.reset(&actions)
    } else if line.ending == .open {
      return awaitEnd(of: line, step, number, &actions)
    }
    hear(line, index)
    compare(step, payload, line, number)
    // What it kept is not needed any more.
    if let line = lines[line.name], line.isOver || line.ending != .open { lines.remove(line.name, &actions) }
    return true
  }

  private mutating func awaitEnd(of line: DataLine, _ step: Step, _ number: Int, _ actions: inout [Action]) -> Bool {
    let index = progress.cursor
    let size = line.received.size
    let final = finalReply(to: number)
    if final == .noConnection, size == 0 { return leaveOut(line, &actions) }
    guard waits(step, &actions) else { return false }
    hear(line, index)
    let patience = patience(step).transcript
    switch final {
    case .none: return fail(number, late(step, "\(size) bytes and no end"), &actions)
    case .refusal, .noConnection: return leaveOut(line, &actions)
    case .success where size == 0:
      return fail(
        number,
        difference(
          index, .divergence, "no-data", expected: "data, or the end of the data connection", observed: "neither after \(patience)"),
        &actions)
    case .success:
      return fail(
        number,
        difference(
          index, .divergence, "still-open", expected: "the end of the data connection within \(within(step).transcript)",
          observed: "\(size) bytes and no end after \(patience)"), &actions)
    }
  }

  private mutating func compare(_ step: Step, _ payload: Payload, _ line: DataLine, _ number: Int) {
    let index = progress.cursor
    let isText = running[number]?.transfer.isText ?? false
    let before = verifier
    let differences = verifier.compareTransfer(
      step, payload, line.received, isText: isText, answering: spoken[number].command)
    if let place = verifier.exhausted, progress.reason == nil {
      progress.reason = Reason(.fault, "\(place): a pattern could not be compared within the limits of the matcher")
    }
    if line.ending == .reset, !payload.endsEarly {
      let isWhole = differences.allSatisfy { $0.grade < .divergence }
      if isWhole {
        tell(index, difference(index, .note, "closed-otherwise", expected: "an end", observed: "a reset"))
      } else {
        // What is missing has its cause here.
        verifier = before
        brokenTransfers.insert(number)
        return progress.settle(
          difference(index, .divergence, "data-reset", expected: "all of it", observed: "a reset after \(line.received.size) bytes"))
      }
    }
    for difference in differences { tell(index, difference) }
    settle(step)
  }

  private mutating func hear(_ line: DataLine, _ index: Int) {
    progress.ledger.transferred(index, Message(.server, [], [.transfer(line.received.bytes)]), wasHeard: true)
  }

  // MARK: From us

  /// Sends what a transfer is to carry, if that has not begun: at its step, or where its last reply is waited for.
  mutating func beginSending(_ number: Int, _ actions: inout [Action]) throws(Unfillable) {
    guard let transfer = running[number], transfer.transfer.from == .client, let name = transfer.line, let index = transfer.step,
      case .data(_, let payload) = script.steps[index].action, !progress.ledger.isSettled(index), lines[name]?.isSending == false,
      lines[name]?.isAllSent == false
    else { return }
    let bytes = try payload.cargo(&verifier.bindings, isText: transfer.transfer.isText, at: progress.wall)
    progress.ledger.transferred(index, Message(.client, [], [.transfer(bytes)]), wasHeard: false)
    lines[name]?.send(bytes, then: payload.endsEarly ? .reset : .end, &actions)
  }

  /// A value for it is missing. Always false.
  mutating func cannotSend(_ why: Unfillable, _ actions: inout [Action]) -> Bool {
    progress.reason = Reason(.unbound, why.description)
    giveUp(&actions)
    return false
  }

  private mutating func send(_ step: Step, _ payload: Payload, _ line: DataLine, _ number: Int, _ actions: inout [Action]) -> Bool {
    let index = progress.cursor
    do throws(Unfillable) { try beginSending(number, &actions) } catch { return cannotSend(error, &actions) }
    guard let line = lines[line.name] else { return leaveOut() }
    if line.isAllSent {
      settle(step)
      return true
    }
    let sent = "\(line.sentCount) bytes"
    if line.ending == .reset {
      return fail(
        number, difference(index, .divergence, "data-reset", expected: "all of it taken", observed: "a reset after \(sent)"), &actions)
    }
    switch finalReply(to: number) {
    case .none: break
    case .refusal, .noConnection:
      // The server has enough of it, and that is told where its reply is.
      lines[line.name]?.reset(&actions)
      progress.settle()
      return true
    case .success:
      return fail(number, difference(index, .divergence, "cut-short", observed: "the server was content with \(sent)"), &actions)
    }
    guard waits(step, &actions) else { return false }
    return fail(number, late(step, "\(sent) taken"), &actions)
  }

  // MARK: Lines

  /// Something happened to a secondary connection.
  mutating func happened(_ event: Event, on name: LineName, _ actions: inout [Action]) {
    lines[name]?.happened(event, &actions)
    guard let line = lines[name], line.ending != .open, !line.isSending else { return }
    // Some servers wait for our end before they say that all is well.
    lines[name]?.close(&actions)
    tellUnexpected(line)
  }

  mutating func received(_ bytes: Span<UInt8>, on name: LineName, _ actions: inout [Action]) {
    let options = progress.options
    lines[name]?.receive(bytes, limit: options.payloadLimit)
    guard let line = lines[name], line.received.size > options.transferLimit + expectedSize(on: line) else { return }
    flooded.insert(name)
    lines[name]?.reset(&actions)
    tellUnexpected(line)
  }

  private func expectedSize(on line: DataLine) -> Int {
    guard let number = line.transfer, let index = running[number]?.step, case .data(_, let payload) = script.steps[index].action else {
      return 0
    }
    return payload.size ?? 0
  }

  /// What came over a connection where the transcript's server refuses. It follows from the reply that did not.
  mutating func tellUnexpected(_ line: DataLine) {
    guard let number = line.transfer, let index = running[number]?.refusal else { return }
    running[number]?.refusal = nil
    tell(index, difference(index, .divergence, "extra-data", observed: "\(line.received.size) bytes"), follows: true)
  }
}

extension Part {
  /// The content of a transfer, as a part of a message without a head.
  static func transfer(_ bytes: [UInt8]) -> Part { Part("data", .payload(Payload(.bytes(bytes)))) }
}
