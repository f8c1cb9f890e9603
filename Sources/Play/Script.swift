package import Dialects
import Results
package import Transcript
package import Wire

/// A conversation made ready to be played from one side: what every run of it shares. Made once, played often.
package struct Script: Sendable {
  package let conversation: Conversation
  package let dialect: any Dialect
  package let transport: Transport
  package let steps: [Step]
  let grades: [String: Grade]
  /// For each step of the server, the step of the client that it answers; nil for a greeting, and for what nobody asked for.
  let answered: [Int?]
  /// Up to this step that is certain.
  let certain: Int
  /// For each message of the client, what its session takes it for, where that is known.
  let labels: [String?]
  /// The client's messages, and for each step how many of them stand before it.
  let commands: [Message]
  let commandsBefore: [Int]
  /// Names that something sent or compared, or another conversation's target, needs.
  let needed: Set<String>
  /// Names that replies give a value.
  let bound: Set<String>
  /// The steps as a report shows them, and those that say the same in every run as they are said.
  let shown: [[String]]
  let said: [[Said]?]

  /// - Parameters:
  ///   - side: the one that is acted.
  ///   - needed: names that later conversations need.
  /// - Throws: where a step cannot be played, or has nothing that could be sent.
  package init(_ conversation: Conversation, of transcript: Transcript, acting side: Side = .client, needed: Set<String> = [])
    throws(Diagnostic)
  {
    guard let dialect = Registry[conversation.dialect] else {
      throw Diagnostic("there is no protocol '\(conversation.dialect)'", at: conversation.place)
    }
    self.conversation = conversation
    self.dialect = dialect
    transport = conversation.transport ?? dialect.transports[0]
    grades = transcript.grades.merging(conversation.grades) { $1 }
    steps = try conversation.steps.map { step throws(Diagnostic) in try step.playable(acting: side) }
    let rehearsal = Rehearsal(steps, dialect, transport)
    if let secured = rehearsal.secured, let next = steps.dropFirst(secured + 1).first(where: { $0.message != nil }) {
      throw Diagnostic(
        "the connection speaks TLS from the reply in line \(steps[secured].place.line) on", at: next.place,
        hint: "'tls: start' cannot be played yet: end the exchange there")
    }
    answered = rehearsal.answered
    certain = rehearsal.certain
    labels = rehearsal.labels
    var before: [Int] = []
    var commands: [Message] = []
    for step in steps {
      before.append(commands.count)
      if let message = step.message, message.side == .client { commands.append(message) }
    }
    commandsBefore = before
    self.commands = commands
    self.needed = needed.union(Self.needs(of: steps, rehearsal.answered, dialect))
    bound = steps.reduce(into: []) { names, step in
      if let message = step.message, message.side == .server { names.formUnion(message.binds) }
    }
    shown = steps.map { Verbatim.lines($0) }
    said = steps.map { step in
      guard let message = step.message, message.side == side, message.texts.allSatisfy(\.isLiteral) else { return nil }
      return message.said.map(Said.init)
    }
  }

  /// Names without whose values something cannot be sent, or a value not compared.
  private static func needs(of steps: [Step], _ answered: [Int?], _ dialect: any Dialect) -> Set<String> {
    var names: Set<String> = []
    for (step, answer) in zip(steps, answered) {
      guard let message = step.message else { continue }
      if message.side == .client {
        names.formUnion(message.reads)
      } else {
        let facets = dialect.facets(of: message, in: Context(answering: answer.flatMap { steps[$0].message }))
        let values = facets.filter { $0.weight == .value }.map(\.value) + message.parts.flatMap(\.content.texts) + step.has
        for text in values { for hole in text.holes { names.formUnion(hole.reads) } }
      }
    }
    return names
  }
}

extension Step {
  /// The step with what can be sent of it, where the side that is acted sends it.
  fileprivate func playable(acting side: Side) throws(Diagnostic) -> Step {
    guard case .say(var message) = action else {
      switch action {
      case .data, .tls, .speak:
        throw Diagnostic(
          "this step cannot be played yet", at: place, hint: "steps that can be: C, S, connect, close, reset, silence, pause")
      case .say, .connect, .close, .reset, .silence, .pause: return self
      }
    }
    guard message.side == side else { return self }
    for index in message.parts.indices {
      guard case .payload(let payload) = message.parts[index].content else { continue }
      guard let sendable = payload.sendable else {
        throw Diagnostic(
          "the transcript does not have this content, so it cannot be sent", at: payload.place == .nowhere ? place : payload.place,
          hint: "give it as text, as lines, or as a file")
      }
      message.parts[index].content = .payload(sendable.joined)
    }
    var step = self
    step.action = .say(message)
    return step
  }
}

extension Script {
  /// Whether a fault can strike there: a step's name or line, or the verb of a command that is answered.
  package func hasReply(_ step: String) -> Bool {
    steps.indices.contains { steps[$0].message?.side == .server && isReply($0, named: step) }
  }

  /// Whether a reply goes by that name.
  func isReply(_ index: Int, named name: String) -> Bool {
    let verb = answered[index].flatMap { steps[$0].message }.map(dialect.verb(of:))
    return steps[index].name == name || String(steps[index].place.line) == name || verb == name.uppercased()
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
}
