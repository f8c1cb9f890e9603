import Dialects
import Results
import Transcript
import Wire

extension ServerRole {
  /// Takes the client's next message for the present step, or for the one that it belongs to, and answers what belongs to none. False
  /// where it must wait.
  mutating func expect(_ actions: inout [Action]) -> Bool {
    guard let heard = progress.line.unread.first else {
      // A client that waits for each answer gets it, though the transcript's did not wait.
      if let due = dueStep() { return playAhead(due, &actions) }
      return awaitClient(&actions)
    }
    let step = step(for: heard)
    if step != progress.cursor, let due = dueStep() { return playAhead(due, &actions) }
    guard let step, let expected = script.steps[step].message else { return answerStray(heard, &actions) }
    progress.line.removeFirst()
    take(heard, as: step, expected, &actions)
    if step != progress.cursor {
      // The present one is still to come.
      if progress.dialect.answersInAnyOrder { return true }
      let awaited = progress.isOver ? nil : script.shown[progress.cursor].first
      progress.ledger.add(difference(step, .drift, "out-of-order", expected: awaited, observed: Verbatim.first(heard)), to: step)
    }
    progress.advance(to: step + 1)
    return true
  }

  /// A command that no step has: the client must not be left without an answer. False where that must wait.
  private mutating func answerStray(_ heard: Heard, _ actions: inout [Action]) -> Bool {
    let usual = progress.dialect.arrangement(by: heard.message) ?? progress.dialect.notImplemented(heard.message)
    guard let (reply, endpoint) = placed(usual, answering: heard, at: nil, &actions) else { return false }
    progress.line.removeFirst()
    let index = progress.nearest
    let expected = progress.isOver ? nil : script.shown[index].first
    progress.ledger.add(
      difference(index, .divergence, "unknown-command", expected: expected, observed: Verbatim.first(heard)), to: index)
    notice(heard, at: index, &actions)
    // Nothing but an endpoint can be missing in what the dialect says.
    if let whole = try? reply.filled(&bindings, at: progress.wall, progress.dialect, endpoint: endpoint) { send(whole, nil, &actions) }
    progress.advance(to: progress.cursor)
    return true
  }

  // MARK: Whose it is

  /// The step that a message is for: the present one, unless another has it word for word; else the nearest later one with its verb, else
  /// one that was passed over.
  private func step(for heard: Heard) -> Int? {
    let present = progress.cursor
    let isPresent = isOpen(present, for: heard)
    if isPresent, isArrangement(present, heard) || says(present, heard) { return present }
    let later = script.steps.indices.dropFirst(present + 1).filter { isOpen($0, for: heard) }
    let passed = script.steps.indices.prefix(present).reversed().filter { isOpen($0, for: heard) && isUnanswered($0) }
    return (later + passed).first { !isArrangement($0, heard) && says($0, heard) } ?? (isPresent ? present : later.first ?? passed.first)
  }

  /// Whether a step expects such a message, and did not get one so far.
  private func isOpen(_ index: Int, for heard: Heard) -> Bool {
    script.steps.indices.contains(index) && heardCommands[index] == nil && script.steps[index].message?.side == .client
      && isFor(index, heard)
  }

  /// Whether the reply to a step that was passed over can still be said.
  private func isUnanswered(_ index: Int) -> Bool {
    !script.answered.indices.contains { script.answered[$0] == index && progress.ledger.isSettled($0) }
  }

  /// Whether a step expects such a command: by its verb, or because both are answers within another one (AUTH), or messages, or both
  /// arrange a secondary connection: in which way is the client's to choose.
  private func isFor(_ index: Int, _ heard: Heard) -> Bool {
    guard let expected = script.steps[index].message else { return false }
    if heard.label.isEmpty { return expected.head.isEmpty && expected[part: Part.raw] == nil }
    let dialect = script.dialects[index]
    let isAnswer = script.labels[index]?.hasPrefix("*") ?? (!expected.head.isEmpty && dialect.verb(of: expected).isEmpty)
    if heard.label.hasPrefix("*") || isAnswer { return isAnswer && heard.label.hasPrefix("*") }
    if expected.head.isEmpty { return script.labels[index] == heard.label }
    if dialect.verb(of: expected) == dialect.verb(of: heard.message) || isArrangement(index, heard) { return true }
    // Where a pattern stands in what tells commands apart.
    guard let want = expected.head.first, !want.isLiteral, let got = heard.message.head.first else { return false }
    return match(want, got, bindings) != nil
  }

  /// Whether both arrange a secondary connection, and the step succeeds in it.
  func isArrangement(_ index: Int, _ heard: Heard) -> Bool {
    guard let expected = script.steps[index].message, progress.dialect.arrangement(by: heard.message) != nil,
      progress.dialect.arrangement(by: expected) != nil
    else { return false }
    let reply = script.answered.firstIndex(of: index).flatMap { script.steps[$0].message }
    return reply.map(progress.dialect.succeeded) ?? false
  }

  /// Whether a step has what stands behind the verb, too.
  private func says(_ index: Int, _ heard: Heard) -> Bool {
    guard let expected = script.steps[index].message else { return false }
    return zip(expected.head, heard.message.head).allSatisfy { want, got in
      let (want, got) = (want.words(limit: 2).dropFirst().first, got.words(limit: 2).dropFirst().first)
      if case .matched = (want ?? "").match(got?.recorded ?? [], bindings) { return true }
      return false
    }
  }

  // MARK: What is in it

  /// What the client said stands for what the transcript has: names from `vars` take it, secrets that were not given too.
  private mutating func take(_ heard: Heard, as index: Int, _ expected: Message, _ actions: inout [Action]) {
    heardCommands[index] = heard
    progress.ledger.heard(index, heard, at: progress.elapsed)
    progress.ledger.done(index, at: progress.elapsed)
    notice(heard, at: index, &actions)
    if isArrangement(index, heard) {
      if progress.dialect.verb(of: expected) != progress.dialect.verb(of: heard.message) {
        add(difference(index, .drift, "data-mode", expected: script.shown[index].first, observed: Verbatim.first(heard)), to: index)
      }
    } else {
      compare(heard, with: expected, index)
    }
    // What was written byte by byte breaks the protocol on purpose.
    for violation in heard.violations where expected[part: Part.raw] == nil {
      add(Difference(.violation, violation.kind, at: script.steps[index].place, rule: violation.rule, fault: .client), to: index)
    }
  }

  private mutating func compare(_ heard: Heard, with expected: Message, _ index: Int) {
    for (want, got) in zip(expected.head, heard.message.head) {
      let bytes = got.recorded
      var known = bindings
      if want.readsSize { known.bind(Message.sizeName, Array(String(heard.sentSize).utf8), as: .number) }
      if let match = match(want, got, known) {
        bindings.bind(match)
      } else {
        add(difference(index, .drift, "command", expected: want.template, observed: printable(bytes)), to: index)
      }
    }
    for case .fields(let fields) in expected.parts.map(\.content) { take(fields, of: heard, index) }
    for part in expected.parts {
      guard case .payload(let want) = part.content, case .payload(let got)? = heard.message[part: part.name],
        let difference = other(want, got.bytes, index)
      else { continue }
      add(difference, to: index)
    }
  }

  /// What a command's line binds, where it is the expected one: as it is, or but for case where that makes no difference.
  private func match(_ want: Text, _ got: Text, _ bindings: Bindings) -> Match? {
    if case .matched(let match) = want.match(got.recorded, bindings) { return match }
    let (want, got) = (progress.dialect.canonical(want), progress.dialect.canonical(got))
    if case .matched(let match) = want.match(got.recorded, bindings) { return match }
    return nil
  }

  /// Fields that the transcript names; what a client says of itself is its own affair.
  private mutating func take(_ fields: [Part.Field], of heard: Heard, _ index: Int) {
    var known = bindings
    known.bind(Message.sizeName, Array(String(heard.sentSize).utf8), as: .number)
    let observed = heard.message.parts.flatMap { part -> [Part.Field] in
      if case .fields(let fields) = part.content { fields } else { [] }
    }
    for field in fields {
      let candidates = observed.filter { $0.name.lowercased() == field.name.lowercased() }.flatMap(\.values).map(\.recorded)
      for want in field.values {
        let matches = candidates.lazy.compactMap { bytes -> Match? in
          if case .matched(let match) = want.match(bytes, known) { match } else { nil }
        }
        if let match = matches.first {
          bindings.bind(match)
          known.bind(match)
        } else {
          let kind = candidates.isEmpty ? "missing-header" : "header"
          add(
            difference(
              index, .note, kind, expected: "\(field.name): \(want.template)", observed: candidates.first.map { printable($0) }), to: index)
        }
      }
    }
  }

  /// The client's content replaces the transcript's; the first line in which it differs is told.
  func other(_ want: Payload, _ got: [UInt8], _ index: Int) -> Difference? {
    guard want.content != nil else { return nil }
    let (wanted, seen) = (want.contentLines, lines(got))
    for line in 0..<max(wanted.count, seen.count) {
      let (text, bytes) = (line < wanted.count ? wanted[line] : nil, line < seen.count ? seen[line].recorded : nil)
      if let text, let bytes, case .matched = text.match(bytes, bindings) { continue }
      return difference(index, .drift, "content", expected: text?.template, observed: bytes.map { printable($0) })
    }
    return nil
  }

  mutating func add(_ difference: Difference, to index: Int) { progress.ledger.add(difference, to: index) }
}

extension Payload {
  fileprivate var contentLines: [Text] {
    switch content {
    case .lines(let texts)?: return texts
    case .text(let text)?:
      return text.endedLines.map { $0.isLiteral && $0.recorded.last == 13 ? Text($0.recorded.dropLast()) : $0 }
    default: return lines(bytes)
    }
  }
}
