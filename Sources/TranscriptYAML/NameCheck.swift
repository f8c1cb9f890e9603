import Transcript
import Wire

/// Follows names through a whole transcript: each must be bound before it is used, and what is bound should be used.
struct NameCheck {
  private let transcript: Transcript
  private let problems: Problems
  private var bound: Set<String> = []
  private var used: Set<String> = []
  private var bindings: [(name: String, place: Place)] = []
  /// Names with a colon behind them anywhere in the file: variables, or bound in `${name:type}`.
  private lazy var mentioned: Set<String> = transcript.sources.reduce(into: []) { $0.formUnion($1.namesBeforeColons) }

  init(_ transcript: Transcript, _ problems: Problems) {
    self.transcript = transcript
    self.problems = problems
  }

  mutating func run() {
    for variable in transcript.vars { define(variable) }
    for conversation in transcript.conversations {
      for variable in conversation.vars { define(variable) }
      for text in [conversation.target, conversation.proxy] { if let text { use(text) } }
      for step in conversation.steps { check(step) }
    }
    // What is never used may stand where something is wrong.
    if !problems.hasErrors { tellUnused() }
  }

  private mutating func define(_ variable: Variable) {
    if let value = variable.value {
      use(value)
      tellFaults(of: value, sent: true)
    }
    bound.insert(variable.name)
  }

  private mutating func check(_ step: Step) {
    let hasSize = step.hasPayload && bound.insert(Self.size).inserted
    for text in step.texts where !text.isLiteral {
      use(text)
      tellFaults(of: text, sent: step.isSent)
      bind(text)
    }
    // It is of this step's payload only.
    if hasSize { bound.remove(Self.size) }
  }

  private mutating func bind(_ text: Text) {
    for hole in text.holes {
      guard let name = hole.name, hole.content != .bound else { continue }
      // Seen before, it must be the same value: that is a use.
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

  /// The length of a step's payload.
  private static let size = "size"
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
