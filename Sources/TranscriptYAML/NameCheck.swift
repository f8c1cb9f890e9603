import Dialects
import Transcript
import Wire

/// Follows names through a whole transcript: each must be bound before it is used, and what is bound should be used.
struct NameCheck {
  private let transcript: Transcript
  private let dialects: [any Dialect]
  private let problems: Problems
  /// What the connection speaks.
  private var speaking: (any Dialect)?
  private var bound: Set<String> = []
  private var used: Set<String> = []
  private var bindings: [(name: String, place: Place)] = []
  /// Names with a colon behind them anywhere in the file: variables, or bound in `${name:type}`.
  private lazy var mentioned: Set<String> = transcript.sources.reduce(into: []) { $0.formUnion($1.namesBeforeColons) }

  init(_ transcript: Transcript, _ dialects: [any Dialect], _ problems: Problems) {
    self.transcript = transcript
    self.dialects = dialects
    self.problems = problems
  }

  mutating func run() {
    for variable in transcript.vars { define(variable) }
    for conversation in transcript.conversations {
      speak(conversation.dialect)
      for variable in conversation.vars { define(variable) }
      for text in [conversation.target, conversation.proxy] { if let text { use(text) } }
      for step in conversation.steps { check(step) }
    }
    // What is never used may stand where something is wrong.
    if !problems.hasErrors { tellUnused() }
  }

  private mutating func speak(_ name: String) { speaking = dialects.first { $0.name == name } }

  private mutating func define(_ variable: Variable) {
    if let value = variable.value {
      use(value)
      tellFaults(of: value, sent: true)
    }
    if variable.name == Hole.endpointName, hasTransfers { tellReserved(at: variable.place) }
    bound.insert(variable.name)
  }

  private mutating func check(_ step: Step) {
    if case .speak(let name) = step.action { speak(name) }
    let hasSize = step.hasPayload && bound.insert(Message.sizeName).inserted
    for text in step.texts where !text.isLiteral {
      let isEndpoint = hasPlaceForEndpoint(text, in: step) && bound.insert(Hole.endpointName).inserted
      use(text)
      tellFaults(of: text, sent: step.isSent)
      bind(text)
      if isEndpoint { bound.remove(Hole.endpointName) }
    }
    // It is of this step's payload only.
    if hasSize { bound.remove(Message.sizeName) }
  }

  private mutating func bind(_ text: Text) {
    for hole in text.holes {
      guard let name = hole.name, hole.content != .bound else { continue }
      // Seen before, it must be the same value: that is a use.
      if name == Hole.endpointName, speaking?.hasTransfers == true { tellReserved(at: hole.place(in: text)) }
      if bound.insert(name).inserted { bindings.append((name, hole.place(in: text))) } else { used.insert(name) }
    }
  }

  private mutating func use(_ text: Text) {
    // `${id:token} ${id}`
    var earlier: Set<String> = []
    for hole in text.holes {
      for name in hole.reads {
        used.insert(name)
        // A secret is given when playing.
        guard !Hole.isSecret(name), !bound.contains(name), !earlier.contains(name) else { continue }
        tellUnbound(name, at: hole.place(in: text))
      }
      if let name = hole.name { earlier.insert(name) }
    }
  }

  private mutating func tellUnbound(_ name: String, at place: Place) {
    // Where something else is wrong, what binds it may be what could not be read.
    guard !problems.isFull, !problems.isBlind, !problems.hasErrors || !mentioned.contains(name) else { return }
    if name == Hole.endpointName, let dialect = speaking, dialect.hasTransfers {
      return problems.add(
        "this message has no place for '${data}'", at: place,
        hint: "it is the endpoint of a data connection, where a message of \(dialect.name) announces one")
    }
    problems.add(
      "nothing has bound '\(name.shown)' by here", at: place,
      hint: nearest(to: name, among: bound.sorted()).map { "did you mean '\($0)'?" }
        ?? "name it in 'vars', or bind it before: '${\(name.shown):type}'")
  }

  private func tellFaults(of text: Text, sent: Bool) {
    for diagnostic in text.check(sent: sent, bound: bound) { problems.add(diagnostic) }
  }

  private func tellUnused() {
    for (name, place) in bindings where !used.contains(name) && !Hole.isSecret(name) {
      problems.add(
        "'\(name.shown)' is bound and never used again", at: place, hint: "write '${:type}' for a value that only varies",
        severity: .warning)
    }
    for variable in transcript.vars + transcript.conversations.flatMap(\.vars) where !used.contains(variable.name) {
      problems.add("the variable '\(variable.name.shown)' is never used", at: variable.place, severity: .warning)
    }
  }

  // MARK: Endpoints

  /// Whether any conversation of the transcript has data connections.
  private var hasTransfers: Bool {
    transcript.conversations.contains { conversation in
      dialects.contains { $0.hasTransfers && $0.name == conversation.dialect }
        || conversation.steps.contains { step in
          if case .speak(let name) = step.action { dialects.contains { $0.hasTransfers && $0.name == name } } else { false }
        }
    }
  }

  private func tellReserved(at place: Place) {
    problems.add(
      "'data' can be no name here: '${data}' is the endpoint of a data connection", at: place, hint: "choose another name")
  }

  /// Whether a text is a head that announces where a data connection is made, and so may hold `${data}`.
  private func hasPlaceForEndpoint(_ text: Text, in step: Step) -> Bool {
    guard let dialect = speaking, dialect.hasTransfers, let message = step.message else { return false }
    guard text.holes.contains(where: { $0.name == Hole.endpointName && $0.content == .bound }) else { return false }
    let head = message.head.contains(text) ? message.head : step.alternatives.contains(text) ? [text] : []
    guard !head.isEmpty else { return false }
    let announcing = Message(message.side, head)
    return Self.endpoints.contains { dialect.argument($0, for: announcing) != nil }
  }

  /// One of each family.
  private static let endpoints = [Endpoint(Address(v4: 0x7f00_0001), 1024), Endpoint(Address(v6: 0, 1), 1024)]
}

extension Hole {
  fileprivate func place(in text: Text) -> Place { place == .nowhere ? text.place : place }
}

extension Step {
  fileprivate var isSent: Bool {
    switch action {
    case .say(let message): message.side == .client
    case .data(let side, _): side == .client
    default: false
    }
  }

  fileprivate var hasPayload: Bool {
    guard case .say(let message) = action else { return false }
    return message.parts.contains { if case .payload = $0.content { true } else { false } }
  }
}

extension SourceText {
  fileprivate var namesBeforeColons: Set<String> {
    var names: Set<String> = []
    var start = 0
    for (at, byte) in bytes.enumerated() where !byte.isNameByte {
      if byte == UInt8(ascii: ":"), start < at { names.insert(String(decoding: bytes[start..<at], as: UTF8.self)) }
      start = at + 1
    }
    return names
  }
}
