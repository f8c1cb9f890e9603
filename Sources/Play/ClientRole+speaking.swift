import Dialects
import Results
import Transcript
import Verification
import Wire

extension ClientRole {
  /// Says a command or a message, unless it makes no sense any more. False where it must wait, or all is over.
  mutating func speak(_ message: Message, _ actions: inout [Action]) -> Bool {
    let isRaw = message[part: Part.raw] != nil
    let admission = isRaw ? .now : progress.line.admits(message)
    if mayRedial {
      redial(&actions)
      return false
    }
    if progress.line.isOpaque {
      finish(&actions)
      return false
    }
    if admission == .afterReply, progress.line.ending == .open { return awaitServer(&actions) }
    var message = message
    if hasFailed, !isRaw, progress.dialect.isHindered(message, by: history) {
      // A message that the server is waiting for cannot be left out, though it has nowhere to go: it ends before it begins (RFC 2920 §3.1).
      guard admission == .now, message.head.isEmpty else { return skip() }
      message = message.emptied
    }
    if progress.line.ending != .open {
      closedEarly(&actions)
      return false
    }
    if admission == .never {
      giveUp(&actions)
      return false
    }
    let spot = endpoint(for: message, &actions)
    if case .awaited = spot { return false }
    var filled: Message
    do throws(Unfillable) {
      filled = try message.filled(&verifier.bindings, at: progress.wall, progress.dialect, endpoint: spot.written)
    } catch {
      return cannotSay(error, &actions)
    }
    if let route, !isRaw { filled = progress.dialect.routed(filled, over: route) }
    let bytes = progress.line.write(filled)
    // Where things went another way, the server may take it for something else: a command for the answer to a question, say.
    if hasFailed, let label = script.labels[progress.cursor], progress.line.label(of: bytes) != label { return skip() }
    say(filled, bytes, keepsText: isRaw)
    // A datagram is a message.
    if script.transport == .datagrams { flush(&actions) }
    return true
  }

  private mutating func say(_ message: Message, _ bytes: [UInt8], keepsText: Bool) {
    let index = progress.cursor
    outbox += bytes
    lastSaid = index
    lastMessage = message
    progress.line.say(bytes, at: progress.now, keepsText: keepsText)
    progress.ledger.said(index, message, at: progress.elapsed)
    takeUtterances()
    progress.advance(to: index + 1)
  }

  /// Notes what became a whole message of what was said; bytes that are none as they stand are one together with what follows.
  mutating func takeUtterances() {
    for utterance in progress.line.takeUtterances() {
      var command = utterance.head.isEmpty ? lastMessage : Message(.client, utterance.head)
      // A client's answer within a command (AUTH) is answered as that command is.
      if utterance.label.hasPrefix("*"), let last = spoken.last { command = last.command }
      ordinals[lastSaid] = (ordinals[lastSaid]?.lowerBound ?? spoken.count)...spoken.count
      noteAnnouncement(utterance.effects, by: spoken.count)
      spoken.append(Spoken(step: lastSaid, command: command))
      if script.transport == .datagrams { repetition.said(spoken.count - 1, outbox) }
    }
  }

  /// A step that makes no sense any more, or cannot be said, and the replies to it. Always true.
  private mutating func skip() -> Bool {
    let index = progress.cursor
    progress.ledger.unreached(index)
    for (reply, answered) in script.answered.enumerated() where answered == index { progress.ledger.unreached(reply) }
    for (data, transfer) in script.transfers where transfer.command == index { progress.ledger.unreached(data) }
    if let command = script.steps[index].message { note(Turn(command: command, wasToSucceed: true, didSucceed: false)) }
    progress.advance(to: index + 1)
    return true
  }

  /// The server has left between two commands, or has said that it will, which its protocol allows.
  private var mayRedial: Bool {
    progress.dialect.mayReconnect && !progress.line.isTunnel && progress.line.unread.isEmpty && connection == .up && !spoken.isEmpty
      && (serverLeaves || progress.line.ending != .open && spoken.count - 1 == lastAnswered)
  }

  private mutating func redial(_ actions: inout [Action]) {
    let index = progress.cursor
    tell(
      index,
      difference(
        index, .drift, "closed-early", observed: "the server ended the connection between two commands: this one goes over a new one"))
    flush(&actions)
    progress.line.begin(progress.dialect, script.transport)
    forgetNumbers()
    connection = .awaited
    hasRedialled = true
    actions.append(.redial)
  }

  /// Messages are counted anew.
  private mutating func forgetNumbers() {
    spoken = []
    running = [:]
    brokenTransfers = []
    cutTransfers = []
    shiftedUntil = nil
    lastAnswered = nil
    lastReplyFailed = false
    serverLeaves = false
  }

  /// Goes on in another dialect, which counts messages anew. False where the tunnel that it was to go through never came about.
  mutating func speakAnother(_ actions: inout [Action]) -> Bool {
    guard progress.line.isTunnel || !hasFailed else {
      finish(&actions)
      return false
    }
    verifier.speak(progress.dialect)
    progress.speak()
    // What goes through a tunnel knows nothing of it.
    route = nil
    forgetNumbers()
    return true
  }

  mutating func note(_ turn: Turn) {
    history.append(turn)
    if turn.wasToSucceed, !turn.didSucceed { hasFailed = true }
  }

  /// A name that a reply was to bind, here or in an earlier conversation, is no failure of this step: it is not reached.
  private mutating func cannotSay(_ why: Unfillable, _ actions: inout [Action]) -> Bool {
    if case .unbound(let name) = why, script.bound.contains(name) || script.boundEarlier.contains(name) {
      let index = progress.cursor
      if progress.ledger.gravest.map({ $0 < .divergence }) ?? true {
        tell(index, difference(index, .divergence, "unbound", hint: "no reply bound '\(name)'"))
      }
      return skip()
    }
    progress.reason = Reason(.unbound, why.description)
    giveUp(&actions)
    return false
  }

  mutating func flush(_ actions: inout [Action]) {
    guard !outbox.isEmpty else { return }
    actions.append(.send(outbox))
    outbox = []
  }
}
