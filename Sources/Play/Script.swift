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
  /// For each step, what the connection speaks there: the conversation's dialect, until `protocol` says another.
  let dialects: [any Dialect]
  let grades: [String: Grade]
  /// For each step of the server, the step of the client that it answers; nil for a greeting, and for what nobody asked for.
  let answered: [Int?]
  /// For each of them, whether others to the same command follow it by the protocol's rules.
  let isInterim: [Bool]
  /// For each `data` step, the transfer that it is.
  let transfers: [Int: ScriptedTransfer]
  /// Messages with `${data}`, where their protocol has data connections: elsewhere that is a name like any other.
  let endpointSteps: Set<Int>
  /// Those of them where nobody was when the connection was to be made: their transfer's reply says so.
  let deserted: Set<Int>
  /// Up to this step that is certain.
  let certain: Int
  /// Replies that are not all of the answer.
  let truncated: Set<Int>
  /// For each message of the client, what its session takes it for, where that is known.
  let labels: [String?]
  /// The client's messages, and for each step how many of them stand before it.
  let commands: [Message]
  let commandsBefore: [Int]
  /// Names that something sent or compared, or another conversation's target, needs.
  let needed: Set<String>
  /// Names that replies give a value; and those that replies of earlier conversations were to give one.
  let bound: Set<String>
  let boundEarlier: Set<String>
  /// The steps as a report shows them, and those that say the same in every run as they are said.
  let shown: [[String]]
  let said: [[Said]?]

  /// - Parameters:
  ///   - side: the one that is acted.
  ///   - needed: names that later conversations need.
  ///   - boundEarlier: names that earlier ones bind.
  /// - Throws: where a step cannot be played, or has nothing that could be sent.
  package init(
    _ conversation: Conversation, of transcript: Transcript, acting side: Side = .client, needed: Set<String> = [],
    boundEarlier: Set<String> = []
  ) throws(Diagnostic) {
    guard let dialect = Registry[conversation.dialect] else {
      throw Diagnostic("there is no protocol '\(conversation.dialect)'", at: conversation.place)
    }
    self.conversation = conversation
    self.dialect = dialect
    transport = conversation.transport ?? dialect.transports[0]
    grades = transcript.grades.merging(conversation.grades) { $1 }
    steps = try conversation.steps.map { step throws(Diagnostic) in try step.playable(acting: side) }
    dialects = try Self.dialects(of: steps, from: dialect)
    let rehearsal = Rehearsal(steps, dialects, transport)
    if let tunnel = rehearsal.tunnel, let next = steps.dropFirst(tunnel + 1).first(where: { $0.message != nil }) {
      throw Diagnostic(
        "the connection is a tunnel from the reply in line \(steps[tunnel].place.line) on", at: next.place,
        hint: "say what goes through it: 'protocol: …' before this step")
    }
    if let secured = rehearsal.secured, let next = steps.dropFirst(secured + 1).first(where: { $0.message != nil }) {
      throw Diagnostic(
        "the connection speaks TLS from the reply in line \(steps[secured].place.line) on", at: next.place,
        hint: "'tls: start' cannot be played yet: end the exchange there")
    }
    answered = rehearsal.answered
    isInterim = rehearsal.isInterim
    transfers = try Self.transfers(of: steps, rehearsal)
    endpointSteps = Set(steps.indices.filter { [steps, dialects] in steps[$0].message?.exampleEndpoint(dialects[$0]) != nil })
    deserted = Self.deserted(steps, endpointSteps, dialects)
    certain = rehearsal.certain
    truncated = rehearsal.truncated
    labels = rehearsal.labels
    var before: [Int] = []
    var commands: [Message] = []
    for step in steps {
      before.append(commands.count)
      if let message = step.message, message.side == .client { commands.append(message) }
    }
    commandsBefore = before
    self.commands = commands
    self.needed = needed.union(Self.needs(of: steps, rehearsal.answered, dialects))
    bound = steps.reduce(into: []) { $0.formUnion($1.bindsOfServer) }
    self.boundEarlier = boundEarlier
    shown = steps.map { Verbatim.lines($0) }
    said = steps.map { step in
      guard let message = step.message, message.side == side, message.texts.allSatisfy(\.isLiteral) else { return nil }
      return message.said.map(Said.init)
    }
  }

  private static func dialects(of steps: [Step], from first: any Dialect) throws(Diagnostic) -> [any Dialect] {
    var dialect = first
    var out: [any Dialect] = []
    for step in steps {
      if case .speak(let name) = step.action {
        guard let next = Registry[name] else { throw Diagnostic("there is no protocol '\(name)'", at: step.place) }
        dialect = next
      }
      out.append(dialect)
    }
    return out
  }

  /// - Throws: where no transfer can run, or only from the other side.
  private static func transfers(of steps: [Step], _ rehearsal: Rehearsal) throws(Diagnostic) -> [Int: ScriptedTransfer] {
    var transfers: [Int: ScriptedTransfer] = [:]
    for (index, step) in steps.enumerated() {
      guard case .data(let side, _) = step.action else { continue }
      guard let transfer = rehearsal.transfers[index] ?? nil else {
        throw Diagnostic(
          "no transfer runs here", at: step.place,
          hint: "'data' stands behind the reply that begins its transfer, of the command that asks for it")
      }
      guard transfer.from == side else {
        throw Diagnostic(
          "the transfer of the command in line \(steps[transfer.command].place.line) runs from the \(transfer.from.name)", at: step.place,
          hint: "write 'data: \(transfer.from.letter)'")
      }
      transfers[index] = transfer
    }
    return transfers
  }

  private static func deserted(_ steps: [Step], _ endpoints: Set<Int>, _ dialects: [any Dialect]) -> Set<Int> {
    var deserted: Set<Int> = []
    var last: Int?
    for (index, step) in steps.enumerated() {
      if endpoints.contains(index) {
        last = index
      } else if case .data = step.action {
        last = nil
      } else if let named = last, let message = step.message, message.side == .server, dialects[index].lacksConnection(message) {
        deserted.insert(named)
      }
    }
    return deserted
  }

  /// Names without whose values something cannot be sent, or a value not compared.
  private static func needs(of steps: [Step], _ answered: [Int?], _ dialects: [any Dialect]) -> Set<String> {
    var names: Set<String> = []
    for (index, answer) in answered.enumerated() {
      let (step, dialect) = (steps[index], dialects[index])
      if case .data(_, let payload) = step.action { names.formUnion(payload.texts.reads) }
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
    var step = self
    switch action {
    case .tls:
      throw Diagnostic(
        "this step cannot be played yet", at: place, hint: "steps that can be: C, S, data, connect, protocol, close, reset, silence, pause")
    case .connect, .speak, .close, .reset, .silence, .pause: break
    case .data(let from, let payload):
      // One of which nothing is known at all is as good without content.
      if from == side { step.action = .data(from, payload == Payload(place: payload.place) ? payload : try sendable(payload)) }
    case .say(var message):
      guard message.side == side else { return self }
      for index in message.parts.indices {
        guard case .payload(let payload) = message.parts[index].content else { continue }
        message.parts[index].content = .payload(try sendable(payload))
      }
      step.action = .say(message)
    }
    return step
  }

  private func sendable(_ payload: Payload) throws(Diagnostic) -> Payload {
    guard var sendable = payload.sendable?.joined else {
      throw Diagnostic(
        "the transcript does not have this content, so it cannot be sent", at: payload.place == .nowhere ? place : payload.place,
        hint: "give it as text, as lines, or as a file")
    }
    sendable.endsEarly = payload.endsEarly
    return sendable
  }
}

extension Script {
  /// Whether a fault can strike there: a reply or a transfer, by the step's name or line, or by the verb of the command that it belongs to.
  package func hasReply(_ step: String) -> Bool {
    steps.indices.contains { (steps[$0].message?.side == .server || transfers[$0] != nil) && isReply($0, named: step) }
  }

  /// The command that a reply or a transfer belongs to.
  func command(of index: Int) -> Int? { answered[index] ?? transfers[index]?.command }

  /// Whether a reply or a transfer goes by that name.
  func isReply(_ index: Int, named name: String) -> Bool {
    let verb = command(of: index).flatMap { steps[$0].message }.map(dialects[index].verb(of:))
    return steps[index].name == name || String(steps[index].place.line) == name || verb == name.uppercased()
  }
}

extension Message {
  /// Names whose values are needed to send it.
  package var reads: Set<String> { texts.reads }

  /// Names that it gives a value.
  package var binds: Set<String> { texts.binds }
}

extension Step {
  /// Names whose values the client needs to say or send it.
  package var readsOfClient: Set<String> {
    switch action {
    case .say(let message) where message.side == .client: message.reads
    case .data(.client, let payload): payload.texts.reads
    default: []
    }
  }

  /// Names that the server gives a value by it.
  package var bindsOfServer: Set<String> {
    switch action {
    case .say(let message) where message.side == .server: message.binds
    case .data(.server, let payload): payload.texts.binds
    default: []
    }
  }
}

extension [Text] {
  /// Names whose values are needed to send them.
  var reads: Set<String> { Set(flatMap(\.holes).flatMap(\.reads)) }
  /// Names that they give a value.
  fileprivate var binds: Set<String> { Set(flatMap(\.holes).filter { $0.content != .bound }.compactMap(\.name)) }
}
