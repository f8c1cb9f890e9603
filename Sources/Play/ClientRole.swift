import Dialects
import Results
package import Transcript
import Verification
package import Wire

/// Plays a transcript's client against a server: sends each `C`, hears each `S`, compares, and goes on as long as that makes sense.
///
/// Its own bytes run through the same follower, so both sides are followed.
package struct ClientRole: Role {
  private let script: Script
  private let options: PlayOptions
  private var follower: Follower
  private var ear: Ear
  private var verifier: Verifier
  private var ledger: Ledger

  private var cursor = 0
  /// What the server said and no step has looked at yet.
  private var backlog: [Heard] = []
  /// For each step of the client that was sent, its number among the client's messages, and the message as it was sent.
  private var sent: [Int: (ordinal: Int, message: Message)] = [:]
  private var ownCount = 0
  private var history: [Turn] = []
  private var outbox: [UInt8] = []
  private var lastReplyFailed = false
  private var serverLeaves = false
  private var broken = 0

  private enum Connection { case awaited, up, over }
  private var connection = Connection.awaited
  private var serverEnding = Ending.open
  private var now: Instant
  private var began: Instant
  private let created: Instant
  private let wall: Instant
  /// When the present step began to wait.
  private var waitingSince: Instant?
  private var alarm: Instant?
  private var isFinished = false
  private var reason: Reason?

  /// - Parameter wall: `now` on the clock on the wall, from the Unix epoch.
  package init(_ script: Script, bindings: Bindings, options: PlayOptions, at now: Instant, wall: Instant) {
    self.script = script
    self.options = options
    self.now = now
    began = now
    self.wall = wall
    created = now
    follower = Follower(script.dialect.begin(script.transport))
    ear = Ear(payloadLimit: options.payloadLimit)
    verifier = Verifier(
      script.dialect, bindings: bindings, needed: script.needed, grades: script.grades, commands: script.commands)
    ledger = Ledger(script.steps, shownLines: options.shownLines)
  }

  package var outcome: Outcome {
    Outcome(steps: ledger.results(redacting: verifier.bindings), heard: ledger.heard, reason: reason, bindings: verifier.bindings)
  }

  package mutating func happened(_ event: Event, at now: Instant, _ actions: inout [Action]) {
    guard !isFinished else { return }
    self.now = now
    switch event {
    case .connected:
      connection = .up
      began = now
      if case .connect(let expected)? = script.steps.first?.action {
        ledger.done(0, at: now - began, [difference(0, .divergence, "connected", expected: expected.rawValue, observed: "a connection")])
        return finish(&actions)
      }
    case .failed(let how, let why): return failed(how, why, &actions)
    case .ended(let ending):
      serverEnding = ending
      follower.end(.server, ending, into: &ear)
      ear.abandon(.server)
      takeSounds()
    case .reached:
      alarm = nil
    case .interrupted:
      reason = Reason(.interrupted, "the run was interrupted")
      return finish(&actions)
    }
    advance(&actions)
  }

  package mutating func received(_ bytes: Span<UInt8>, at now: Instant, _ actions: inout [Action]) {
    guard !isFinished else { return }
    self.now = now
    ear.now = now
    follower.receive(bytes, from: .server, into: &ear)
    takeSounds()
    if broken >= options.brokenLimit || backlog.count > options.backlogLimit {
      return giveUp(&actions)
    }
    advance(&actions)
  }

  // MARK: Going on

  private mutating func advance(_ actions: inout [Action]) {
    guard connection == .up else { return }
    while !isFinished {
      guard cursor < script.steps.count else { return finish(&actions) }
      let step = script.steps[cursor]
      let goesOn: Bool
      switch step.action {
      case .say(let message) where message.side == .client: goesOn = speak(message, &actions)
      case .say(let message): goesOn = hear(step, message, &actions)
      case .close(.server), .reset(.server): goesOn = awaitEnd(step, &actions)
      case .close: goesOn = endSending(&actions)
      case .reset:
        flush(&actions)
        actions.append(.reset)
        connection = .over
        done()
        goesOn = true
      case .silence(let duration): goesOn = keepSilent(duration, &actions)
      case .pause(let duration): goesOn = waited(duration, &actions)
      case .connect, .data, .tls, .speak:
        done()
        goesOn = true
      }
      if !goesOn { return flush(&actions) }
    }
  }

  /// False where it must wait.
  private mutating func speak(_ message: Message, _ actions: inout [Action]) -> Bool {
    let admission = follower.admits(message)
    // What the connection's state admits without a command of its own (a message after 354) is not hindered by any.
    if admission == .never || admission == .now && !message.head.isEmpty, script.dialect.isHindered(message, by: history) {
      skip(cursor)
      return true
    }
    if serverEnding != .open {
      closedEarly(&actions)
      return false
    }
    switch admission {
    case .now: break
    case .afterReply where backlog.isEmpty: return wait(&actions)
    case .afterReply, .never:
      giveUp(&actions)
      return false
    }
    let filled: Message
    do throws(Unfillable) {
      filled = try message.filled(&verifier.bindings, at: wall + (now - created))
    } catch {
      ledger.done(
        cursor, at: now - began,
        [
          difference(cursor, .divergence, "unbound", hint: error.description, fault: .transcript)
        ])
      if case .secret = error { reason = Reason(.unbound, error.description) }
      cursor += 1
      giveUp(&actions)
      return false
    }
    let bytes = follower.write(filled)
    outbox += bytes
    ear.now = now
    let before = ownCount
    follower.receive(bytes.span, from: .client, into: &ear)
    takeSounds()
    sent[cursor] = (before, filled)
    if ownCount == before { ownCount += 1 }
    ledger.said(cursor, filled, at: now - began)
    cursor += 1
    waitingSince = nil
    return true
  }

  private mutating func hear(_ step: Step, _ expected: Message, _ actions: inout [Action]) -> Bool {
    if ledger.isSettled(cursor) {
      cursor += 1
      return true
    }
    let asked = script.answered[cursor].flatMap { sent[$0] }
    guard let heard = backlog.first else {
      if serverEnding != .open {
        if step.isOptional {
          ledger.absent(cursor)
          cursor += 1
          return true
        }
        closedEarly(&actions)
        return false
      }
      return wait(&actions)
    }
    if let asked, let ordinal = heard.answer.ordinal, ordinal != asked.ordinal {
      if ordinal > asked.ordinal {
        settle([difference(cursor, .divergence, "missing-reply", observed: Verbatim.first(heard))])
      } else {
        backlog.removeFirst()
        ledger.add(difference(cursor, .divergence, "extra-reply", observed: Verbatim.first(heard)), to: cursor)
      }
      return true
    }
    if step.isOptional, !verifier.fits(step, heard, answering: asked?.message) {
      ledger.absent(cursor)
      cursor += 1
      waitingSince = nil
      return true
    }
    backlog.removeFirst()
    var differences = verifier.compare(step, heard, answering: asked?.message, later: script.commandsBefore[cursor])
    if let since = waitingSince, now - since > within(step) {
      differences.append(difference(cursor, .divergence, "late", expected: "within \(within(step))", observed: "after \(now - since)"))
    }
    let didSucceed = script.dialect.succeeded(heard.message)
    if let asked {
      history.append(Turn(command: asked.message, wasToSucceed: script.dialect.succeeded(expected), didSucceed: didSucceed))
    }
    lastReplyFailed = !didSucceed
    serverLeaves = serverLeaves || heard.effects.contains(.ends)
    ledger.heard(cursor, heard, at: now - began)
    settle(differences)
    return true
  }

  private mutating func awaitEnd(_ step: Step, _ actions: inout [Action]) -> Bool {
    if let extra = backlog.first {
      backlog.removeFirst()
      ledger.add(difference(cursor, .divergence, "extra-reply", observed: Verbatim.first(extra)), to: cursor)
      return true
    }
    var wanted = Ending.finished
    if case .reset = step.action { wanted = .reset }
    if serverEnding != .open {
      settle(
        serverEnding == wanted ? [] : [difference(cursor, .note, "closed-otherwise", expected: "\(wanted)", observed: "\(serverEnding)")])
      return true
    }
    return wait(&actions)
  }

  private mutating func endSending(_ actions: inout [Action]) -> Bool {
    flush(&actions)
    if serverEnding == .open { actions.append(.finishSending) }
    done()
    return true
  }

  private mutating func keepSilent(_ duration: Duration, _ actions: inout [Action]) -> Bool {
    if let heard = backlog.first {
      backlog.removeFirst()
      settle([difference(cursor, .divergence, "not-silent", expected: "nothing", observed: Verbatim.first(heard))])
      return true
    }
    return waited(duration, &actions)
  }

  private mutating func waited(_ duration: Duration, _ actions: inout [Action]) -> Bool {
    let since = waitingSince ?? now
    waitingSince = since
    guard now >= since + duration else {
      wake(at: since + duration, &actions)
      return false
    }
    done()
    return true
  }

  // MARK: Waiting

  /// Waits for the server; gives up where that took too long. Always false.
  private mutating func wait(_ actions: inout [Action]) -> Bool {
    let step = script.steps[cursor]
    let since = waitingSince ?? now
    waitingSince = since
    let patience = max(within(step), options.timeout)
    guard now >= since + patience else {
      wake(at: since + patience, &actions)
      return false
    }
    switch step.action {
    case .close, .reset:
      settle([difference(cursor, .divergence, "still-open", expected: "the end of the connection", observed: "nothing after \(patience)")])
      finish(&actions)
    default:
      if step.isOptional {
        ledger.absent(cursor)
        cursor += 1
        waitingSince = nil
        advance(&actions)
        return false
      }
      let pending = follower.pending(.server)
      settle([
        difference(
          cursor, .divergence, "late", expected: "within \(within(step))",
          observed: pending == 0 ? "nothing after \(patience)" : "\(pending) bytes of an unfinished message after \(patience)")
      ])
      giveUp(&actions)
    }
    return false
  }

  private func within(_ step: Step) -> Duration { step.within ?? script.conversation.within ?? options.timeout }

  private mutating func wake(at instant: Instant, _ actions: inout [Action]) {
    // One alarm serves many waits: one that comes too early is set anew.
    if let alarm, alarm <= instant { return }
    alarm = instant
    actions.append(.wake(at: instant))
  }

  // MARK: Ending

  private mutating func failed(_ how: Step.NoConnection, _ why: String, _ actions: inout [Action]) {
    connection = .over
    if case .connect(let expected)? = script.steps.first?.action {
      settle(how == expected ? [] : [difference(0, .divergence, "connect", expected: expected.rawValue, observed: why)])
    } else {
      reason = Reason(.unreachable, why)
    }
    finish(&actions)
  }

  /// The server has ended, and something was still to come.
  private mutating func closedEarly(_ actions: inout [Action]) {
    let awaited = (cursor..<script.steps.count).first { script.steps[$0].message?.side == .server && !ledger.isSettled($0) }
    if let awaited {
      let command = script.answered[awaited].map { script.steps[$0].message } ?? nil
      let isGoodbye =
        command.flatMap { command in script.dialect.farewell.map { script.dialect.verb(of: $0) == script.dialect.verb(of: command) } }
        ?? false
      let mayLeave = isGoodbye && (lastReplyFailed || serverLeaves)
      ledger.done(
        awaited, at: now - began,
        [
          difference(
            awaited, mayLeave ? .drift : .divergence, "closed-early", expected: Verbatim.text(script.steps[awaited]),
            observed: serverEnding == .reset ? "the connection was reset" : "the connection was closed")
        ])
    }
    finish(&actions)
  }

  /// Nothing more can be understood: says goodbye where that can be said, and leaves.
  private mutating func giveUp(_ actions: inout [Action]) {
    if connection == .up, serverEnding == .open, let farewell = script.dialect.farewell, follower.admits(farewell) == .now {
      outbox += follower.write(farewell)
    }
    finish(&actions)
  }

  private mutating func finish(_ actions: inout [Action]) {
    guard !isFinished else { return }
    isFinished = true
    if connection == .up {
      flush(&actions)
      actions.append(.close)
    }
    actions.append(.finish)
  }

  private mutating func flush(_ actions: inout [Action]) {
    guard !outbox.isEmpty else { return }
    actions.append(.send(outbox))
    outbox = []
  }

  // MARK: Keeping book

  private mutating func takeSounds() {
    for sound in ear.takeSounds() {
      switch sound {
      case .message(let heard) where heard.side == .server:
        // The beginning of a reply is none: what is told is the end of the connection.
        if !heard.isCutShort || !heard.label.isEmpty { backlog.append(heard) }
      case .message(let heard): ownCount = heard.ordinal + 1
      case .broken(.server, let violation, let bytes):
        broken += 1
        let index = min(cursor, script.steps.count - 1)
        ledger.add(
          Difference(
            .violation, violation.kind, at: script.steps[index].place, observed: Said(bytes), rule: violation.rule), to: index)
      case .broken, .opaque: break
      }
    }
  }

  /// A client's step that makes no sense any more, and the replies to it.
  private mutating func skip(_ index: Int) {
    for (i, answered) in script.answered.enumerated() where answered == index { ledger.unreached(i) }
    cursor += 1
  }

  private mutating func done() { settle([]) }

  private mutating func settle(_ differences: [Difference]) {
    ledger.done(cursor, at: now - began, differences)
    cursor += 1
    waitingSince = nil
  }

  private func difference(
    _ index: Int, _ grade: Grade, _ kind: String, expected: String? = nil, observed: String? = nil, hint: String? = nil,
    fault: Difference.Fault = .server
  ) -> Difference {
    let step = script.steps[index]
    return Difference(
      step.grades[kind] ?? script.grades[kind] ?? grade, kind, at: step.place, expected: expected.map(Said.text),
      observed: observed.map(Said.text),
      hint: hint, fault: fault)
  }
}
