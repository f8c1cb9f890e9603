import Dialects
import Results
import Transcript
import Wire

extension ServerRole {
  /// Takes the client's next command for the present step, or for the one that it belongs to. False where it must wait.
  mutating func expect(_ expected: Message, _ actions: inout [Action]) -> Bool {
    let index = progress.cursor
    guard let heard = progress.line.unread.first else {
      // A client that waits for each answer gets it, though the transcript's did not wait.
      if let due = dueReply() { return sayAhead(due, &actions) }
      return awaitClient(&actions)
    }
    if isFor(index, heard) {
      progress.line.removeFirst()
      take(heard, as: index, expected)
      progress.advance(to: index + 1)
      return true
    }
    if let due = dueReply() { return sayAhead(due, &actions) }
    guard let later = later(heard), let message = script.steps[later].message else { return answerStray(&actions) }
    progress.line.removeFirst()
    take(heard, as: later, message)
    progress.ledger.add(
      difference(later, .drift, "out-of-order", expected: script.shown[index].first, observed: Verbatim.first(heard)), to: later)
    progress.advance(to: later + 1)
    return true
  }

  /// A command that no step has: the client must not be left without an answer. False where there is none, and it must be waited for.
  mutating func answerStray(_ actions: inout [Action]) -> Bool {
    guard let heard = progress.line.unread.first else { return awaitClient(&actions) }
    progress.line.removeFirst()
    let index = progress.nearest
    let expected = progress.isOver ? nil : script.shown[index].first
    progress.ledger.add(
      difference(index, .divergence, "unknown-command", expected: expected, observed: Verbatim.first(heard)), to: index)
    send(script.dialect.notImplemented(heard.message), nil)
    progress.advance(to: progress.cursor)
    return true
  }

  /// The nearest later step that expects such a command.
  private func later(_ heard: Heard) -> Int? {
    script.steps.indices.dropFirst(progress.cursor + 1).first { script.steps[$0].message?.side == .client && isFor($0, heard) }
  }

  /// Whether a step expects such a command: by its verb, or because both are answers within another one (AUTH), or messages.
  private func isFor(_ index: Int, _ heard: Heard) -> Bool {
    guard let expected = script.steps[index].message else { return false }
    if heard.label.isEmpty { return expected.head.isEmpty && expected[part: Part.raw] == nil }
    let isAnswer = script.labels[index]?.hasPrefix("*") ?? (!expected.head.isEmpty && script.dialect.verb(of: expected).isEmpty)
    if heard.label.hasPrefix("*") || isAnswer { return isAnswer && heard.label.hasPrefix("*") }
    if expected.head.isEmpty { return script.labels[index] == heard.label }
    return script.dialect.verb(of: expected) == script.dialect.verb(of: heard.message)
  }

  /// What the client said stands for what the transcript has: names from `vars` take it, secrets that were not given too.
  private mutating func take(_ heard: Heard, as index: Int, _ expected: Message) {
    heardCommands[index] = heard.message
    progress.ledger.heard(index, heard, at: progress.elapsed)
    progress.ledger.done(index, at: progress.elapsed)
    for (want, got) in zip(expected.head, heard.message.head) {
      let bytes = got.recorded
      var known = bindings
      if want.readsSize { known.bind(Message.sizeName, Array(String(heard.payloadSize).utf8), as: .number) }
      if case .matched(let match) = want.match(bytes, known) {
        bindings.bind(match)
      } else {
        add(difference(index, .drift, "command", expected: want.template, observed: printable(bytes)), to: index)
      }
    }
    for part in expected.parts {
      guard case .payload(let want) = part.content, let content = heard.message[part: part.name],
        let difference = other(want, content, index)
      else { continue }
      add(difference, to: index)
    }
    // What was written byte by byte breaks the protocol on purpose.
    for violation in heard.violations where expected[part: Part.raw] == nil {
      add(Difference(.violation, violation.kind, at: script.steps[index].place, rule: violation.rule, fault: .client), to: index)
    }
  }

  /// The client's content replaces the transcript's; the first line in which it differs is told.
  private func other(_ want: Payload, _ content: Part.Content, _ index: Int) -> Difference? {
    guard case .payload(let got) = content, want.content != nil else { return nil }
    let (wanted, seen) = (want.contentLines, lines(got.bytes))
    for line in 0..<max(wanted.count, seen.count) {
      let (text, bytes) = (line < wanted.count ? wanted[line] : nil, line < seen.count ? seen[line].recorded : nil)
      if let text, let bytes, case .matched = text.match(bytes, bindings) { continue }
      return difference(index, .drift, "content", expected: text?.template, observed: bytes.map { printable($0) })
    }
    return nil
  }

  private mutating func add(_ difference: Difference, to index: Int) { progress.ledger.add(difference, to: index) }
}

extension Payload {
  fileprivate var contentLines: [Text] { if case .lines(let texts)? = content { texts } else { lines(bytes) } }
}
