package import Dialects
package import Transcript
package import Wire

/// A conversation made ready to be played: what every run of it shares.
package struct Script: Sendable {
  package let conversation: Conversation
  package let dialect: any Dialect
  package let transport: Transport
  package let steps: [Step]
  /// For each step of the server, the step of the client that it answers; nil for a greeting.
  let answered: [Int?]
  /// The client's messages, and for each step how many of them stand before it.
  let commands: [Message]
  let commandsBefore: [Int]
  /// Names that something sent, or another conversation's target, needs.
  let needed: Set<String>
  let grades: [String: Grade]

  /// - Parameter needed: names that later conversations need.
  package init(_ conversation: Conversation, of transcript: Transcript, needed: Set<String> = []) throws(Diagnostic) {
    guard let dialect = Registry[conversation.dialect] else {
      throw Diagnostic("there is no protocol '\(conversation.dialect)'", at: conversation.place)
    }
    self.conversation = conversation
    self.dialect = dialect
    transport = conversation.transport ?? dialect.transports[0]
    steps = conversation.steps
    var answered: [Int?] = []
    var commandsBefore: [Int] = []
    var commands: [Message] = []
    var unanswered: [Int] = []
    var last: Int?
    var needed = needed
    for (index, step) in steps.enumerated() {
      commandsBefore.append(commands.count)
      answered.append(nil)
      switch step.action {
      case .say(let message) where message.side == .client:
        commands.append(message)
        unanswered.append(index)
        needed.formUnion(message.reads)
      case .say:
        if !unanswered.isEmpty { last = unanswered.removeFirst() }
        answered[index] = last
      case .data, .tls, .speak:
        throw Diagnostic(
          "this step cannot be played yet", at: step.place, hint: "steps that can be: C, S, connect, close, reset, silence, pause")
      case .connect, .close, .reset, .silence, .pause: break
      }
    }
    self.answered = answered
    self.commands = commands
    self.commandsBefore = commandsBefore
    self.needed = needed
    grades = transcript.grades.merging(conversation.grades) { $1 }
  }
}

extension Script {
  /// Whether a fault can strike there: a step's name or line, or the verb of a command that is answered.
  package func hasReply(_ step: String) -> Bool {
    steps.indices.contains { index in
      guard steps[index].message?.side == .server else { return false }
      let verb = answered[index].flatMap { steps[$0].message }.map(dialect.verb(of:))
      return steps[index].name == step || String(steps[index].place.line) == step || verb == step.uppercased()
    }
  }
}

extension Message {
  /// Names whose values are needed to send it.
  package var reads: Set<String> {
    texts.reduce(into: []) { names, text in
      for hole in text.holes { names.formUnion(hole.reads) }
    }
  }

  /// Names that it gives a value.
  package var binds: Set<String> { Set(texts.flatMap(\.holes).filter { $0.content != .bound }.compactMap(\.name)) }

  /// Its lines as the transcript writes them, those of its parts behind the head's.
  package func shown(limit: Int) -> [[UInt8]] {
    var out = head.map { Array($0.template.utf8) }
    for part in parts {
      switch part.content {
      case .lines(let texts), .set(let texts): out += texts.prefix(limit).map { Array($0.template.utf8) }
      case .fields(let fields): out += fields.flatMap { field in field.values.map { Array("\(field.name): \($0.template)".utf8) } }
      case .payload(let payload):
        if case .lines(let texts)? = payload.content {
          out += texts.prefix(limit).map { Array($0.template.utf8) }
        } else {
          out += lines(payload.bytes).prefix(limit).map(\.recorded)
        }
      }
    }
    return Array(out.prefix(limit))
  }
}
