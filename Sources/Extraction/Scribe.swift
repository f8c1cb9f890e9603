import Capture
import Dialects
package import Transcript
import Wire

/// Writes a recorded conversation as a transcript: what varies as patterns with their recorded values, who is named as variables, secrets
/// as secrets, the rest as it was.
package struct Scribe {
  /// Keeps a payload beside the transcript and returns the name to refer to it by.
  package typealias Store = (_ content: [UInt8]) -> String

  let recorded: Recorded
  let dialect: any Dialect
  let inlineLimit: Int
  let store: Store
  var names = Names()
  /// What listings say, by the command that asked for them.
  var listings: [Int: Listing] = [:]

  /// - Parameter inlineLimit: bytes of the largest payload that stands in the transcript itself.
  /// - Returns: nil where the conversation is one to skip, or nothing of it is left.
  package static func write(_ recorded: Recorded, source: Source?, inlineLimit: Int, store: @escaping Store) -> Transcript? {
    guard let dialect = recorded.dialect else { return nil }
    var scribe = Scribe(recorded, dialect, inlineLimit, store)
    return scribe.transcript(source)
  }

  private init(_ recorded: Recorded, _ dialect: any Dialect, _ inlineLimit: Int, _ store: @escaping Store) {
    self.recorded = recorded
    self.dialect = dialect
    self.inlineLimit = inlineLimit
    self.store = store
  }

  private mutating func transcript(_ source: Source?) -> Transcript? {
    let messages = annotated()
    listings = recorded.transfers.reduce(into: [:]) { found, entry in
      if let listing = listing(entry.transferred, entry.command) { found[entry.transferred.command] = listing }
    }
    learn(messages)
    names.beginWriting()
    var conversation = Conversation(dialect: dialect.name, steps: steps(messages))
    guard !conversation.steps.isEmpty else { return nil }
    conversation.source = source
    if recorded.origin.transport != dialect.transports[0] { conversation.transport = recorded.origin.transport }
    conversation.grades = recorded.grades
    var transcript = Transcript(conversations: [conversation])
    transcript.about = recorded.about
    let used = conversation.names
    transcript.vars = names.variables.filter { used.contains($0.name) }.map { Variable($0.name, Text($0.value)) }
    let subject = Self.subject(of: transcript).map { ", \($0.name) \(printable($0.value))" }
    transcript.title = dialect.name.uppercased() + (subject ?? topic ?? " with \(recorded.origin.server)")
    return transcript
  }

  /// What it begins with, where nobody is named in the protocol.
  private var topic: String? {
    guard dialect.subjects.isEmpty else { return nil }
    return recorded.messages.first { $0.side == .client }?.message.head.first.map { ", \(printable($0.recorded))" }
  }

  /// Who or what an extracted transcript is about: the variable that tells it from others best.
  package static func subject(of transcript: Transcript) -> (name: String, value: [UInt8])? {
    guard let dialect = transcript.conversations.first.flatMap({ Registry[$0.dialect] }) else { return nil }
    return dialect.subjects.lazy.compactMap { name in
      transcript.vars.first { $0.name == name }.map { (name, $0.value?.recorded ?? []) }
    }.first
  }

  // MARK: What is learnt

  private func annotated() -> [Annotated] {
    let refused = refusedCommands
    return recorded.turns.map { turn in
      let isLiteral = turn.heard.side == .client && refused.contains(turn.heard.ordinal) && namesAnother(turn.heard)
      return Annotated(turn) { !isLiteral || $0.meaning != .endpoint }
    }
  }

  /// Commands of the client that failed, by number.
  private var refusedCommands: Set<Int> {
    guard dialect.hasTransfers else { return [] }
    return Set(
      recorded.turns.compactMap { turn in
        if case .final = turn.heard.answer, let command = turn.command, !dialect.succeeded(turn.heard.message) {
          command.ordinal
        } else {
          nil
        }
      })
  }

  /// Whether a command announces an endpoint that is not its sender's. Refused, it is refused for that: it has to be sent again as it is.
  private func namesAnother(_ heard: Heard) -> Bool {
    heard.effects.contains { effect in
      guard case .announces(let announcement) = effect else { return false }
      let isOwn = announcement.address.map { $0.unmapped == recorded.origin.client.address.unmapped } ?? true
      return !isOwn || announcement.port < Self.firstUnreserved
    }
  }

  private mutating func learn(_ messages: [Annotated]) {
    for message in messages {
      for (place, line) in message.lines { names.learn(line, message.marks(at: place)) }
    }
    for (_, listing) in listings.sorted(by: { $0.key < $1.key }) { listing.learn(&names) }
  }

  // MARK: Steps

  private mutating func steps(_ messages: [Annotated]) -> [Step] {
    var steps: [Step] = []
    var rest = messages[...]
    var sentAt: Instant?
    for entry in recorded.playable {
      switch entry {
      case .message(let heard):
        guard let annotated = rest.popFirst() else { break }
        var step = Step(.say(message(annotated)))
        step.isOptional = annotated.dialect.isIncidental(heard)
        if heard.side == .client {
          sentAt = heard.ended
        } else {
          step.within = sentAt.flatMap { Self.deadline(heard.ended - $0) }
        }
        steps.append(step)
      case .transfer(let transferred): if let step = step(transferred, since: sentAt) { steps.append(step) }
      case .speaks(let dialect): steps.append(Step(.speak(dialect.name)))
      case .ended(let side, let ending): if let step = closing(side, ending, steps) { steps.append(step) }
      }
    }
    if let refusal = recorded.refusal { steps.append(Step(.connect(refusal.step))) }
    return steps
  }

  /// Who ends first is written; the other side's end only where it is the server's, which can be waited for.
  private func closing(_ side: Side, _ ending: Ending, _ steps: [Step]) -> Step? {
    guard !recorded.missing.contains(.tls) else { return nil }
    let isFirst = !steps.contains { step in
      switch step.action {
      case .close, .reset: true
      default: false
      }
    }
    guard isFirst || side == .server else { return nil }
    return Step(ending == .reset && isFirst ? .reset(side) : .close(side))
  }

  private mutating func message(_ annotated: Annotated) -> Message {
    var message = Message(annotated.heard.side, [])
    for (place, line) in annotated.lines {
      guard case .head = place else { break }
      message.head.append(text(line, annotated.marks(at: place), of: annotated.heard.side))
    }
    if let raw = annotated.rawCommand { return raw }
    for part in annotated.heard.message.parts { message.parts.append(Part(part.name, content(part, annotated))) }
    return message
  }

  // MARK: Texts

  /// A line with holes: where the dialect has marks, where a password stands, and where a value that has a name comes again.
  mutating func text(_ line: [UInt8], _ marks: [Mark], of side: Side) -> Text {
    var holes: [(range: Range<Int>, hole: Hole)] = []
    for mark in marks {
      if let hole = names.hole(for: mark, Array(line[mark.range])) { holes.append((mark.range, hole)) }
    }
    func isFree(_ range: Range<Int>) -> Bool {
      !holes.contains { $0.range.overlaps(range) } && !marks.contains { $0.range.overlaps(range) }
    }
    for (name, value) in names.passwords(of: side) where value.count >= Redactor.shortest {
      for range in line.ranges(of: value) where isFree(range) { holes.append((range, Hole(name))) }
    }
    for token in Tokens(line) where isFree(token) {
      if let hole = names.hole(forWord: Array(line[token]), of: side) { holes.append((token, hole)) }
    }
    guard !holes.isEmpty else { return Text(line) }
    var out = Text(pieces: [])
    var at = 0
    for (range, hole) in holes.sorted(by: { $0.range.lowerBound < $1.range.lowerBound }) {
      out.append(.literal(Array(line[at..<range.lowerBound])))
      out.append(.hole(hole))
      at = range.upperBound
    }
    out.append(.literal(Array(line[at...])))
    return out
  }

  /// What took long gets twice its time.
  static func deadline(_ duration: Duration) -> Duration? {
    duration > slow ? .seconds(duration.components.seconds * 2) : nil
  }

  private static let slow = Duration.seconds(15)
  /// Servers connect to none below (RFC 2577 §3).
  private static let firstUnreserved: UInt16 = 1024
}

extension Conversation {
  /// Every name that its steps use.
  fileprivate var names: Set<String> {
    var names: Set<String> = []
    for hole in steps.flatMap(\.texts).flatMap(\.holes) {
      names.formUnion(hole.reads)
      if let name = hole.name { names.insert(name) }
    }
    return names
  }
}

extension Annotated {
  /// A client's line that ends in LF alone has to be sent so again. A secret in it weighs more.
  fileprivate var rawCommand: Message? {
    guard heard.side == .client, heard.message.parts.isEmpty, !isSecret, heard.violations.contains(where: { $0.kind == "bare-lf" }),
      let line = heard.message.head.first?.recorded
    else { return nil }
    return Message(.client, [], [Part(Part.raw, .payload(Payload(.bytes(line + [10]))))])
  }
}

extension Refusal {
  fileprivate var step: Step.NoConnection {
    switch self {
    case .refused: .refused
    case .timedOut: .timeout
    case .unreachable: .unreachable
    }
  }
}
