import Dialects
import Results
import Transcript
import Wire

extension ServerRole {
  /// Says a reply of the transcript. False where a value for it is missing: that ends all.
  mutating func say(_ index: Int, _ message: Message, _ actions: inout [Action]) -> Bool {
    let command = script.answered[index].flatMap { heardCommands[$0] }
    if command == nil, script.answered[index] != nil, index < script.certain {
      // It answers a command that the client left out.
      progress.ledger.unreached(index)
      return true
    }
    let reply: Message
    do throws(Unfillable) {
      reply = try fill(message.complete(with: script.steps[index].has, answering: command, script.dialect))
    } catch {
      progress.reason = Reason(.unbound, error.description)
      finish(&actions)
      return false
    }
    progress.ledger.said(index, reply, at: progress.elapsed)
    send(reply, index)
    return true
  }

  /// The next reply to a command that was heard and has none so far.
  func dueReply() -> Int? {
    script.steps.indices.dropFirst(progress.cursor + 1).first { index in
      script.steps[index].message?.side == .server && !progress.ledger.isSettled(index)
        && script.answered[index].map { heardCommands[$0] != nil } ?? false
    }
  }

  mutating func sayAhead(_ index: Int, _ actions: inout [Action]) -> Bool {
    guard let message = script.steps[index].message else { return false }
    return say(index, message, &actions)
  }

  private mutating func fill(_ message: Message) throws(Unfillable) -> Message {
    for name in message.reads where bindings[name] == nil {
      if let value = defaults[name] { bindings.bind(name, value) }
    }
    return try message.filled(&bindings, at: progress.wall)
  }

  /// - Parameter index: the step that it is, for faults to strike; nil for what the transcript does not have.
  mutating func send(_ message: Message, _ index: Int?) {
    let fault = index.flatMap { takeFault(striking: $0, message) }
    let message = fault?.changing(message, script.dialect) ?? message
    let bytes = progress.line.write(message)
    // The session follows what is meant, not what a fault makes of it on the way.
    progress.line.say(bytes, at: progress.now)
    _ = progress.line.takeUtterances()
    if let fault { strike(fault, bytes) } else { outbox.append(bytes, at: progress.now) }
  }
}
