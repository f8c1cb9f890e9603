import Dialects
import Results
package import Transcript
package import Wire

/// Plays a transcript's server for any client: sends each `S`, expects each `C` by its verb.
///
/// A command that is not the next one gets the reply of the nearest later step with its verb (drift); one that none of them has, the
/// dialect's "not implemented" (divergence). Each command is answered at once, also where the transcript's client sent more of them
/// before it waited. Where answers are known by what they answer, commands may come in any order.
package struct ServerRole: Role {
  var progress: Progress
  var bindings: Bindings
  /// What variables are where the client does not say otherwise.
  let defaults: [String: [UInt8]]
  var faults: [Fault]
  var outbox = Outbox()
  /// For each of the client's steps, what was said in its place.
  var heardCommands: [Int: Heard] = [:]
  /// The number of the client's last message that got its last reply, where replies come in order.
  var lastReplied: Int?
  var dataLines = DataLines()
  /// The port at which the client has said that it waits.
  var announced: UInt16?
  /// The transfer that a reply began last.
  var transferring: ServedTransfer?
  /// The client's host.
  var peer: Address?
  /// What a fault does once everything is said.
  var exit: Exit?
  /// Bytes that a flood still has.
  var floodLeft = 0
  var isFloodOnItsWay = false
  var hasStalled = false
  /// Over datagrams: what was asked and answered.
  var echo = Echo()

  enum Exit: Sendable { case close, reset }

  /// - Parameters:
  ///   - bindings: what is given is fixed; names that are `open` in it take what the client says.
  ///   - defaults: what open variables are where the client does not say.
  ///   - wall: `now` on the clock on the wall, from the Unix epoch.
  package init(
    _ script: Script, bindings: Bindings, defaults: [String: [UInt8]], options: PlayOptions, faults: [Fault], at now: Instant, wall: Instant
  ) {
    progress = Progress(script, own: .server, options, at: now, wall: wall)
    self.bindings = bindings
    self.defaults = defaults
    self.faults = faults
  }

  package var outcome: Outcome { progress.outcome(bindings) }

  package mutating func happened(_ event: Event, at now: Instant, _ actions: inout [Action]) {
    guard !progress.isFinished else { return }
    progress.now = now
    switch event {
    case .connected(.main, _, let peer):
      progress.began = now
      self.peer = peer?.address
    case .reached: progress.rang()
    case .sent(.main): isFloodOnItsWay = false
    case .failed(_, let why, .main):
      progress.reason = Reason(.unreachable, why)
      return progress.finish([], &actions)
    case .ended(let ending, .main): progress.line.end(ending, at: now)
    case .connected(let line, _, _), .listening(_, let line), .failed(_, _, let line), .ended(_, let line), .sent(let line):
      dataLines[line]?.happened(event, &actions)
    case .interrupted:
      // Nothing but the end of the run ends an exchange of datagrams whose client has gone.
      if script.transport == .stream || heardCommands.isEmpty { progress.reason = Reason(.interrupted, "the run was interrupted") }
      return finish(&actions)
    }
    advance(&actions)
  }

  package mutating func received(_ bytes: Span<UInt8>, on line: LineName, at now: Instant, _ actions: inout [Action]) {
    guard !progress.isFinished else { return }
    progress.now = now
    switch (line, script.transport) {
    case (.main, .stream): progress.line.receive(bytes, at: now)
    case (.main, .datagrams): receive(datagram: bytes)
    case (.data, _): dataLines[line]?.receive(bytes, limit: progress.options.payloadLimit)
    }
    advance(&actions)
    if progress.line.unreadBytes > progress.options.unreadLimit { finish(&actions) }
  }

  /// One that has come and been answered before gets the same answer.
  private mutating func receive(datagram: Span<UInt8>) {
    let bytes = datagram.array
    if let answer = echo.answer(to: bytes) { return outbox.append(answer, at: progress.now) }
    echo.heard(bytes)
    progress.line.receive(datagram, at: progress.now)
    if let ordinal = progress.line.lastUnread?.ordinal { echo.isNumber(ordinal) }
  }

  private mutating func advance(_ actions: inout [Action]) {
    while !progress.isFinished, speaksFreely(&actions) {
      progress.tellNoise(fault: .client)
      guard !progress.isOver else {
        guard expect(&actions) else { return }
        continue
      }
      if !play(script.steps[progress.cursor], &actions) { return }
    }
  }

  /// Plays the present step; false where it must wait, or all is over.
  private mutating func play(_ step: Step, _ actions: inout [Action]) -> Bool {
    let index = progress.cursor
    switch step.action {
    case .say(let message) where message.side == .server:
      if !progress.ledger.isSettled(index), !say(index, message, &actions) { return false }
      return pass()
    case .say: return heardCommands[index] == nil ? expect(&actions) : pass()
    case .close(.server):
      progress.settle()
      finish(&actions)
      return false
    case .reset(.server):
      progress.settle()
      progress.finish([.reset()], &actions)
      return false
    case .close, .reset:
      if progress.line.ending != .open { return settle() }
      return expect(&actions)
    case .pause(let duration), .silence(let duration): return progress.waits(duration, &actions) && settle()
    case .data(_, let payload):
      if !progress.ledger.isSettled(index), !transfer(index, payload, &actions) { return false }
      return pass()
    case .speak:
      progress.speak()
      // Its messages are counted anew.
      lastReplied = nil
      return true
    case .connect, .tls: return settle()
    }
  }

  private mutating func pass() -> Bool {
    progress.advance(to: progress.cursor + 1)
    return true
  }

  private mutating func settle() -> Bool {
    progress.settle()
    return true
  }

  /// Says what is due. False while there is more of it, or a fault has the word.
  private mutating func speaksFreely(_ actions: inout [Action]) -> Bool {
    let isGone = progress.line.ending == .reset
    if !isGone, let next = outbox.release(at: progress.now, &actions) {
      progress.wake(at: next, &actions)
      return false
    }
    if let exit {
      progress.finish([exit == .close ? .close() : .reset()], &actions)
      return false
    }
    if floodLeft > 0 || isFloodOnItsWay, progress.line.ending == .open { return flood(&actions) }
    if hasStalled {
      if progress.line.ending != .open || progress.waits(Fault.longestStall, &actions) { finish(&actions) }
      return false
    }
    return true
  }

  /// Waits for the client; leaves where that takes too long. Always false.
  mutating func awaitClient(_ actions: inout [Action]) -> Bool {
    // Nothing ends an exchange of datagrams but silence.
    let isOver = progress.isOver && script.transport == .datagrams
    let timeout = isOver ? min(Echo.patience, progress.options.timeout) : progress.options.timeout
    if progress.line.ending != .open {
      finish(&actions)
    } else if progress.waits(timeout, &actions) {
      if !progress.isOver, script.transport == .stream || heardCommands.isEmpty {
        let index = progress.cursor
        progress.ledger.add(
          difference(
            index, .divergence, "late", expected: script.shown[index].first, observed: "nothing after \(timeout.transcript)"), to: index)
      }
      finish(&actions)
    }
    return false
  }

  mutating func finish(_ actions: inout [Action]) { progress.finish([.close()], &actions) }

  var script: Script { progress.script }

  func difference(_ index: Int, _ grade: Grade, _ kind: String, expected: String? = nil, observed: String? = nil) -> Difference {
    progress.difference(index, grade, kind, expected: expected, observed: observed, fault: .client)
  }
}
