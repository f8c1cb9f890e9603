import Transcript
import Wire

/// Follows names through a whole transcript: each must be bound before it is used, and what is bound should be used.
struct NameCheck {
  private let transcript: Transcript
  private let problems: Problems

  init(_ transcript: Transcript, _ problems: Problems) {
    self.transcript = transcript
    self.problems = problems
  }

  func run() {
    var bound: Set<String> = []
    var used: Set<String> = []
    var bindings: [(name: String, place: Place)] = []
    for variable in transcript.vars { define(variable, &bound, &used) }
    for conversation in transcript.conversations {
      for variable in conversation.vars { define(variable, &bound, &used) }
      if let target = conversation.target { use(target, bound, &used) }
      for step in conversation.steps { check(step, &bound, &used, &bindings) }
    }
    for (name, place) in bindings where !used.contains(name) && !name.hasPrefix(Hole.secretPrefix) {
      problems.add(
        "'\(name)' is bound and never used again", at: place, hint: "write '${:type}' for a value that only varies", severity: .warning)
    }
    for variable in transcript.vars + transcript.conversations.flatMap(\.vars) where !used.contains(variable.name) {
      problems.add("the variable '\(variable.name)' is never used", at: variable.place, severity: .warning)
    }
  }

  private func define(_ variable: Variable, _ bound: inout Set<String>, _ used: inout Set<String>) {
    if let value = variable.value {
      use(value, bound, &used)
      report(value, sent: true, bound)
    }
    bound.insert(variable.name)
  }

  private func check(_ step: Step, _ bound: inout Set<String>, _ used: inout Set<String>, _ bindings: inout [(name: String, place: Place)])
  {
    guard case .say(let message) = step.action else { return }
    let isSent = message.side == .client
    if isSent, message.parts.contains(where: { if case .payload = $0.content { true } else { false } }) {
      // The length of the step's payload.
      bound.insert("size")
      used.insert("size")
    }
    defer { bound.remove("size") }
    for text in message.texts + step.alternatives + step.has + step.lacks {
      use(text, bound, &used)
      report(text, sent: isSent, bound)
      for hole in text.holes {
        guard let name = hole.name, hole.content != .bound else { continue }
        // Seen before, it must be the same value: that is a use.
        if !bound.insert(name).inserted {
          used.insert(name)
        } else {
          bindings.append((name, hole.place == .nowhere ? text.place : hole.place))
        }
      }
    }
  }

  private func use(_ text: Text, _ bound: Set<String>, _ used: inout Set<String>) {
    for hole in text.holes {
      for name in hole.reads {
        used.insert(name)
        // Secrets are given when playing, and a dialect binds its own names.
        guard !name.hasPrefix(Hole.secretPrefix), !bound.contains(name) else { continue }
        problems.add(
          "nothing has bound '\(name)' by here", at: hole.place == .nowhere ? text.place : hole.place,
          hint: nearest(to: name, among: bound.sorted()).map { "did you mean '\($0)'?" }
            ?? "name it in 'vars', or bind it before: '${\(name):type}'")
      }
    }
  }

  private func report(_ text: Text, sent: Bool, _ bound: Set<String>) {
    for diagnostic in text.check(sent: sent, bound: bound) { problems.add(diagnostic) }
  }
}
