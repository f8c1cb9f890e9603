import Dialects
import Results
package import Transcript
import Verification
package import Wire

/// Plays a transcript's server for any client: sends each `S`, expects each `C` by its verb.
///
/// A command that is not the next one gets the reply of the nearest step with its verb (drift), later ones first; one that the
/// transcript does not know gets the dialect's "not implemented" (divergence).
package struct ServerRole: Role {
  private let script: Script
  private let options: PlayOptions
  private var follower: Follower
  private var ear: Ear
  private var bindings: Bindings
  /// What variables are where the client does not say otherwise.
  private let defaults: [String: [UInt8]]
  private var ledger: Ledger
  private var faults: [Fault]

  private var cursor = 0
  private var backlog: [Heard] = []
  private var heardCommands: [Int: Message] = [:]
  /// What goes out, and when: faults are delays.
  private var outbox: [(bytes: [UInt8], at: Instant)] = []
  private var hasStalled = false
  private var floodLeft = 0
  private var clientEnding = Ending.open
  private var waitingSince: Instant?
  private var now: Instant
  private let began: Instant
  private let wall: Instant
  private var isFinished = false
  private var reason: Reason?

  /// - Parameters:
  ///   - bindings: what is given is fixed; names that are `open` in it take what the client says.
  ///   - defaults: what open variables are where the client does not say.
  ///   - wall: `now` on the clock on the wall, from the Unix epoch.
  package init(
    _ script: Script, bindings: Bindings, defaults: [String: [UInt8]], options: PlayOptions, faults: [Fault], at now: Instant, wall: Instant
  ) {
    self.script = script
    self.options = options
    self.bindings = bindings
    self.defaults = defaults
    self.faults = faults
    self.now = now
    began = now
    self.wall = wall
    follower = Follower(script.dialect.begin(script.transport))
    ear = Ear(payloadLimit: options.payloadLimit)
    ledger = Ledger(script.steps, shownLines: options.shownLines)
  }

  package var outcome: Outcome {
    Outcome(steps: ledger.results(redacting: bindings), heard: ledger.heard, reason: reason, bindings: bindings)
  }

  package mutating func happened(_ event: Event, at now: Instant, _ actions: inout [Action]) {
    guard !isFinished else { return }
    self.now = now
    switch event {
    case .connected, .reached: break
    case .failed(_, let why):
      reason = Reason(.unreachable, why)
      return finish(&actions)
    case .ended(let ending):
      clientEnding = ending
      follower.end(.client, ending, into: &ear)
      ear.abandon(.client)
      takeSounds()
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
    follower.receive(bytes, from: .client, into: &ear)
    takeSounds()
    if backlog.count > options.backlogLimit { return finish(&actions) }
    advance(&actions)
  }

  // MARK: Going on

  private mutating func advance(_ actions: inout [Action]) {
    while !isFinished {
      release(&actions)
      guard !isFinished, outbox.isEmpty, floodLeft == 0 else { return }
      if hasStalled { return clientEnding == .open ? wait(&actions) : finish(&actions) }
      guard cursor < script.steps.count else {
        if !answerStray(&actions) { return }
        continue
      }
      let step = script.steps[cursor]
      let goesOn: Bool
      switch step.action {
      case .say(let message) where message.side == .server: goesOn = say(cursor, step, message, &actions)
      case .say(let message): goesOn = expect(step, message, &actions)
      case .close(.server), .reset(.server):
        settle([])
        if case .reset = step.action { actions.append(.reset) }
        return finish(&actions)
      case .close, .reset:
        goesOn = clientEnding != .open
        if goesOn { settle([]) } else { wait(&actions) }
      case .pause(let duration), .silence(let duration): goesOn = waited(duration, &actions)
      case .connect, .data, .tls, .speak:
        settle([])
        goesOn = true
      }
      if !goesOn { return }
    }
  }

  private mutating func expect(_ step: Step, _ expected: Message, _ actions: inout [Action]) -> Bool {
    guard let heard = backlog.first else {
      if clientEnding != .open {
        finish(&actions)
        return false
      }
      wait(&actions)
      return false
    }
    backlog.removeFirst()
    waitingSince = nil
    if isSame(expected, heard) {
      take(heard, as: cursor, expected)
      cursor += 1
      return true
    }
    if let later = nearest(heard) {
      if later > cursor {
        if step.isOptional { ledger.absent(cursor) }
        take(heard, as: later, script.steps[later].message ?? expected)
        ledger.add(difference(later, .drift, "out-of-order", expected: Verbatim.text(step), observed: Verbatim.first(heard)), to: later)
        cursor = later + 1
      } else {
        ledger.add(difference(cursor, .drift, "out-of-order", expected: Verbatim.text(step), observed: Verbatim.first(heard)), to: cursor)
        repeatReplies(to: later, heard, &actions)
      }
      return true
    }
    ledger.add(
      difference(cursor, .divergence, "unknown-command", expected: Verbatim.text(step), observed: Verbatim.first(heard)), to: cursor)
    reply(script.dialect.notImplemented(heard.message))
    return true
  }

  /// The script is over; the client may go on, and must not be left without a reply.
  private mutating func answerStray(_ actions: inout [Action]) -> Bool {
    guard let heard = backlog.first else {
      if clientEnding != .open { finish(&actions) } else { wait(&actions) }
      return false
    }
    backlog.removeFirst()
    let last = script.steps.count - 1
    if let earlier = nearest(heard) {
      ledger.add(difference(last, .drift, "out-of-order", observed: Verbatim.first(heard)), to: last)
      repeatReplies(to: earlier, heard, &actions)
    } else {
      ledger.add(difference(last, .divergence, "unknown-command", observed: Verbatim.first(heard)), to: last)
      reply(script.dialect.notImplemented(heard.message))
    }
    return true
  }

  /// The nearest step that expects a command with this verb, later ones first.
  private func nearest(_ heard: Heard) -> Int? {
    let candidates = script.steps.indices.filter { script.steps[$0].message.map { $0.side == .client && isSame($0, heard) } ?? false }
    return candidates.first { $0 > cursor } ?? candidates.last { $0 < cursor }
  }

  private func isSame(_ expected: Message, _ heard: Heard) -> Bool {
    if expected.head.isEmpty || heard.message.head.isEmpty { return expected.head.isEmpty && heard.message.head.isEmpty }
    return script.dialect.verb(of: expected) == script.dialect.verb(of: heard.message)
      || heard.label.hasPrefix("*") && expected.head.count == 1 && script.dialect.verb(of: expected).isEmpty
  }

  /// What the client said stands for what the transcript has: names from `vars` take it, secrets that were not given too.
  private mutating func take(_ heard: Heard, as index: Int, _ expected: Message) {
    heardCommands[index] = heard.message
    ledger.heard(index, heard, at: now - began)
    var differences: [Difference] = []
    bindings.bind("size", Array(String(heard.payloadSize).utf8), as: .number)
    defer { bindings.unbind("size") }
    for (want, got) in zip(expected.head, heard.message.head) {
      guard let bytes = got.literal else { continue }
      if case .matched(let match) = want.match(bytes, bindings) {
        bindings.bind(match)
      } else {
        differences.append(difference(index, .drift, "command", expected: want.template, observed: printable(bytes)))
      }
    }
    ledger.done(
      index, at: now - began,
      differences
        + heard.violations.map {
          Difference(.violation, $0.kind, at: script.steps[index].place, rule: $0.rule, fault: .client)
        })
  }

  // MARK: Saying

  private mutating func say(_ index: Int, _ step: Step, _ message: Message, _ actions: inout [Action]) -> Bool {
    let asked = script.answered[index].flatMap { heardCommands[$0] }
    let reply: Message
    do throws(Unfillable) { reply = try fill(complete(message, step, asked)) } catch {
      reason = Reason(.unbound, error.description)
      finish(&actions)
      return false
    }
    ledger.said(index, reply, at: now - began)
    cursor = index + 1
    send(reply, index)
    return true
  }

  /// The replies that follow a step of the client, once more.
  private mutating func repeatReplies(to index: Int, _ heard: Heard, _ actions: inout [Action]) {
    for (i, answered) in script.answered.enumerated() where answered == index {
      guard let message = script.steps[i].message, let filled = try? fill(complete(message, script.steps[i], heard.message)) else {
        continue
      }
      reply(filled)
    }
  }

  private mutating func fill(_ message: Message) throws(Unfillable) -> Message {
    for name in message.reads where bindings[name] == nil {
      if let value = defaults[name] { bindings.bind(name, value) }
    }
    return try message.filled(&bindings, at: wall + (now - began))
  }

  /// A bare code gets the dialect's usual text, and the lines of `has`.
  private func complete(_ message: Message, _ step: Step, _ command: Message?) -> Message {
    guard message.head.count == 1, let code = message.head[0].literal, !code.contains(32) else { return message }
    var reply = script.dialect.usualReply(String(decoding: code, as: UTF8.self), to: command, with: step.has)
    reply.parts.removeAll { message[part: $0.name] != nil }
    reply.parts += message.parts
    return reply
  }

  private mutating func reply(_ message: Message) { send(message, nil) }

  private mutating func send(_ message: Message, _ index: Int?) {
    var message = message
    let struck = index.flatMap { takeFault(striking: $0, message) }
    if let struck { message = struck.changing(message, script.dialect) }
    var bytes = follower.write(message)
    // Both sides are followed by what the transcript says, not by what a fault makes of it.
    ear.now = now
    follower.receive(bytes.span, from: .server, into: &ear)
    takeSounds()
    switch struck?.kind {
    case nil, .code, .dropKeyword: outbox.append((bytes, now))
    case .delay: outbox.append((bytes, now + (struck?.duration ?? .seconds(2))))
    case .drip:
      let pause = struck?.duration ?? .milliseconds(50)
      for (i, byte) in bytes.enumerated() {
        outbox.append(([byte], Instant(nanoseconds: now.nanoseconds + pause.nanoseconds * Int64(i))))
      }
    case .bareLF:
      bytes.removeAll { $0 == 13 }
      outbox.append((bytes, now))
    case .garbage: outbox.append((Self.garbage + bytes, now))
    case .flood:
      outbox.append((bytes, now))
      floodLeft = Self.floodBytes
    case .stall: hasStalled = true
    case .close:
      closesWith = .close
      outbox.append(([], now))
    case .reset:
      closesWith = .reset
      outbox.append((Array(bytes.prefix(bytes.count / 2)), now))
    }
  }

  private var closesWith: Action?

  private mutating func takeFault(striking index: Int, _ message: Message) -> Fault? {
    let command = script.answered[index].map { script.steps[$0].message } ?? nil
    let verb = command.map(script.dialect.verb(of:)) ?? ""
    guard
      let hit = faults.firstIndex(where: { fault in
        guard let wanted = fault.step else {
          switch fault.kind {
          case .dropKeyword: return script.dialect.dropping(keyword: fault.value, from: message) != nil
          case .delay, .drip, .bareLF, .garbage: return true
          default: return command != nil
          }
        }
        let step = script.steps[index]
        return wanted == step.name || wanted == String(step.place.line) || wanted.uppercased() == verb
      })
    else { return nil }
    let fault = faults[hit]
    // One strike each, but for what is a way of speaking.
    switch fault.kind {
    case .drip, .bareLF: break
    default: faults.remove(at: hit)
    }
    return fault
  }

  /// Sends what is due.
  private mutating func release(_ actions: inout [Action]) {
    while let first = outbox.first {
      guard first.at <= now else {
        actions.append(.wake(at: first.at))
        return
      }
      outbox.removeFirst()
      if !first.bytes.isEmpty { actions.append(.send(first.bytes)) }
    }
    if let action = closesWith {
      actions.append(action)
      return finish(&actions)
    }
    if floodLeft > 0, clientEnding == .open {
      let chunk = Array(repeating: Array("250-flood\r\n".utf8), count: 1000).flatMap { $0 }
      floodLeft -= chunk.count
      actions.append(.send(chunk))
      actions.append(.wake(at: now + .milliseconds(1)))
    } else {
      floodLeft = 0
    }
  }

  // MARK: Waiting and ending

  private mutating func wait(_ actions: inout [Action]) {
    let since = waitingSince ?? now
    waitingSince = since
    guard now >= since + options.timeout else {
      actions.append(.wake(at: since + options.timeout))
      return
    }
    let index = min(cursor, script.steps.count - 1)
    if cursor < script.steps.count, !hasStalled {
      ledger.add(
        difference(index, .divergence, "late", expected: Verbatim.text(script.steps[index]), observed: "nothing after \(options.timeout)"),
        to: index)
    }
    finish(&actions)
  }

  private mutating func waited(_ duration: Duration, _ actions: inout [Action]) -> Bool {
    let since = waitingSince ?? now
    waitingSince = since
    guard now >= since + duration else {
      actions.append(.wake(at: since + duration))
      return false
    }
    settle([])
    return true
  }

  private mutating func finish(_ actions: inout [Action]) {
    guard !isFinished else { return }
    isFinished = true
    actions += [.close, .finish]
  }

  private mutating func settle(_ differences: [Difference]) {
    ledger.done(cursor, at: now - began, differences)
    cursor += 1
    waitingSince = nil
  }

  private mutating func takeSounds() {
    for sound in ear.takeSounds() {
      switch sound {
      case .message(let heard) where heard.side == .client: backlog.append(heard)
      case .broken(.client, let violation, let bytes):
        let index = min(cursor, script.steps.count - 1)
        ledger.add(
          Difference(
            .violation, violation.kind, at: script.steps[index].place, observed: Said(bytes), rule: violation.rule, fault: .client),
          to: index)
      case .message, .broken, .opaque: break
      }
    }
  }

  private func difference(_ index: Int, _ grade: Grade, _ kind: String, expected: String? = nil, observed: String? = nil) -> Difference {
    let step = script.steps[index]
    return Difference(
      step.grades[kind] ?? script.grades[kind] ?? grade, kind, at: step.place, expected: expected.map(Said.text),
      observed: observed.map(Said.text),
      fault: .client)
  }

  private static let garbage: [UInt8] = [0x00, 0xff, 0x1b, 0x5b, 0x32, 0x4a, 0x80, 0xfe, 0x0d, 0x0a]
  private static let floodBytes = 64 << 20
}

extension Fault {
  fileprivate var duration: Duration? { value.flatMap { Duration(transcript: $0) } }

  fileprivate func changing(_ message: Message, _ dialect: any Dialect) -> Message {
    switch kind {
    case .code: dialect.refused(message, code: value)
    case .dropKeyword: dialect.dropping(keyword: value, from: message) ?? message
    default: message
    }
  }
}
