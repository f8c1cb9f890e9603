import Dialects
import Results
import Transcript
import Wire

extension ServerRole {
  /// Says a reply of the transcript. False where it must wait, or a value for it is missing: that ends all.
  mutating func say(_ index: Int, _ message: Message, _ actions: inout [Action]) -> Bool {
    let heard = script.answered[index].flatMap { heardCommands[$0] }
    if script.answered[index] != nil, index < script.certain, heard.map({ hasLastReply($0.ordinal) }) ?? true {
      // It answers a command that the client left out, or one whose last reply was said: that of another outcome.
      progress.ledger.unreached(index)
      return true
    }
    let whole =
      heard.flatMap { standIn(for: message, index, $0) }
      ?? message.complete(with: script.steps[index].has, answering: heard?.message, progress.dialect)
    guard let concluded = conclude(index, whole, answering: heard, &actions),
      let (placed, endpoint) = placed(concluded, answering: heard, at: index, &actions)
    else { return false }
    let reply: Message
    do throws(Unfillable) { reply = try fill(placed, endpoint: endpoint) } catch {
      guard let usual = usual(for: placed, lacking: error, answering: heard) else {
        giveUp(error, &actions)
        return false
      }
      reply = usual
    }
    progress.ledger.said(index, reply, at: progress.elapsed)
    send(reply, index, &actions)
    return true
  }

  /// What is said where the client arranges its secondary connection in another way than the transcript's.
  private func standIn(for reply: Message, _ index: Int, _ heard: Heard) -> Message? {
    guard let step = script.answered[index], let expected = script.steps[step].message, isArrangement(step, heard),
      progress.dialect.verb(of: expected) != progress.dialect.verb(of: heard.message), progress.dialect.succeeded(reply)
    else { return nil }
    return progress.dialect.arrangement(by: heard.message)
  }

  /// What is said where the transcript's text has in it what the client has not told yet: a password that is a word of the prompt, say.
  private func usual(for reply: Message, lacking: Unfillable, answering heard: Heard?) -> Message? {
    guard case .secret(let name) = lacking, bindings.open.contains(name), let code = reply.head.first?.words(limit: 2)[0].literal else {
      return nil
    }
    return Message(.server, [Text(Array(code.prefix { $0 != UInt8(ascii: "-") }))])
      .complete(with: [], answering: heard?.message, progress.dialect)
  }

  /// The next reply, or transfer, of a command that was heard and is owed it.
  func dueStep() -> Int? {
    script.steps.indices.dropFirst(progress.cursor + 1).first { index in
      guard !progress.ledger.isSettled(index) else { return false }
      return script.command(of: index).map { heardCommands[$0] != nil } ?? false
    }
  }

  mutating func playAhead(_ index: Int, _ actions: inout [Action]) -> Bool {
    switch script.steps[index].action {
    case .say(let message): say(index, message, &actions)
    case .data(_, let payload): transfer(index, payload, &actions)
    default: false
    }
  }

  /// Whether nothing more may be said to the client's message of that number.
  private func hasLastReply(_ command: Int) -> Bool {
    !progress.dialect.answersInAnyOrder && lastReplied.map { command <= $0 } ?? false
  }

  private mutating func fill(_ message: Message, endpoint: [UInt8]?) throws(Unfillable) -> Message {
    bind(message.reads)
    // A secret that the server gives is of the server's making.
    for hole in message.texts.flatMap(\.holes) where hole.isSecret {
      guard let name = hole.name, bindings[name] == nil, case .type(let type) = hole.content else { continue }
      var generator = SystemRandomNumberGenerator()
      if let value = type.fresh(at: progress.wall, using: &generator) { bindings.bind(name, value, as: type) }
    }
    return try message.filled(&bindings, at: progress.wall, progress.dialect, endpoint: endpoint)
  }

  /// Variables that are needed and that the client has not given a value.
  mutating func bind(_ names: Set<String>) {
    for name in names where bindings[name] == nil {
      if let value = defaults[name] { bindings.bind(name, value) }
    }
  }

  mutating func giveUp(_ why: Unfillable, _ actions: inout [Action]) {
    progress.reason = Reason(.unbound, why.description)
    finish(&actions)
  }

  /// - Parameter index: the step that it is, for faults to strike; nil for what the transcript does not have.
  mutating func send(_ message: Message, _ index: Int?, _ actions: inout [Action]) {
    let fault = index.flatMap { takeFault(striking: $0, message) }
    let message = fault?.changing(message, progress.dialect) ?? message
    let bytes = progress.line.write(message)
    // The session follows what is meant, not what a fault makes of it on the way.
    progress.line.say(bytes, at: progress.now)
    for utterance in progress.line.takeUtterances() {
      notice(utterance, &actions)
      if let ordinal = utterance.answer.ordinal { echo.answered(ordinal, bytes) }
    }
    if let fault { strike(fault, bytes) } else { outbox.append(bytes, at: progress.now) }
  }
}
