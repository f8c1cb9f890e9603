import Dialects
import Transcript
import Wire

/// What conversations have in common that differ only in values: protocol, steps and their sides, commands with their keywords and names, reply
/// codes, how many lines replies have, parts, transfers, closings. As a digest: it takes the same room for every conversation.
struct Shape: Hashable {
  private let digest: String

  init(_ transcript: Transcript) {
    var writer = ShapeWriter()
    // What is missing from a capture is no value.
    writer.add(transcript.about ?? "")
    for conversation in transcript.conversations { writer.add(conversation) }
    digest = writer.digest.hex
  }
}

private struct ShapeWriter {
  var digest = Digest()
  private var dialect: (any Dialect)?
  private var command: Message?

  /// With its length, so that no two sequences read the same.
  mutating func add(_ bytes: [UInt8]) { digest.update(Array("\(bytes.count):".utf8) + bytes) }
  mutating func add(_ text: String) { add(Array(text.utf8)) }

  mutating func add(_ conversation: Conversation) {
    dialect = Registry[conversation.dialect]
    command = nil
    add("conversation \(conversation.dialect) \(conversation.transport.map { "\($0)" } ?? "")")
    for (kind, grade) in conversation.grades.sorted(by: { $0.key < $1.key }) { add("grade \(kind) \(grade)") }
    for step in conversation.steps { add(step) }
  }

  private mutating func add(_ step: Step) {
    if step.isOptional { add("optional") }
    switch step.action {
    case .say(let message):
      add(message)
      if message.side == .client { command = message }
    case .data(let side, let payload):
      add("data \(side)")
      add(payload)
    case .speak(let name):
      add("speak \(name)")
      dialect = Registry[name]
    case .connect(let how): add("connect \(how)")
    case .close(let side): add("close \(side)")
    case .reset(let side): add("reset \(side)")
    case .tls: add("tls")
    case .silence: add("silence")
    case .pause: add("pause")
    }
  }

  private mutating func add(_ message: Message) {
    add("\(message.side) \(message.head.count)")
    if message.side == .client {
      add(dialect?.verb(of: message) ?? "")
      for (number, line) in message.head.enumerated() { add(skeleton: line, first: number == 0) }
    } else {
      addOutcome(message)
      for line in message.head { add(reply: line, isAlone: message.head.count == 1) }
    }
    for part in message.parts { add(part, of: message) }
  }

  /// Codes and indicators as they are; of what else a dialect compares, that it is there.
  private mutating func addOutcome(_ reply: Message) {
    for facet in dialect?.facets(of: reply, in: Context(answering: command)) ?? [] where facet.part == nil {
      let isCode = facet.weight == .outcome || facet.kind.hasSuffix("-code")
      guard isCode || facet.weight != .wording else { continue }
      add("\(facet.kind) \(facet.key)")
      if isCode { add(facet.value.recorded) }
    }
  }

  /// A reply's first word is its code or indicator; where there are several lines, the next one is a keyword.
  private mutating func add(reply line: Text, isAlone: Bool) {
    let words = Atom.all(of: line).prefix(isAlone ? 1 : 3)
    for case .word(let word) in words { add(word) }
    if line.binds { add(skeleton: line, first: false) }
  }

  /// Everything but the words; keywords, too: the verb, and what `:` or `=` stand behind.
  private mutating func add(skeleton line: Text, first: Bool) {
    let atoms = Atom.all(of: line)
    let verb = first ? dialect.map { $0.verb(of: Message(.client, [line])) } : nil
    for (at, atom) in atoms.enumerated() {
      switch atom {
      case .between(let bytes): add(bytes)
      case .word(let word):
        var isKeyword = at == 0 && verb == String(decoding: word, as: UTF8.self).uppercased()
        if at + 1 < atoms.count, case .between(let next) = atoms[at + 1], let mark = next.first {
          isKeyword = isKeyword || mark == UInt8(ascii: ":") || mark == UInt8(ascii: "=")
        }
        add(isKeyword ? word : [])
      case .hole(let hole): add("${" + (hole.isSecret ? Hole.secretPrefix : hole.name ?? "\(hole.content)"))
      }
    }
  }

  private mutating func add(_ part: Part, of message: Message) {
    add("part \(part.name)")
    switch part.content {
    case .lines(let lines), .set(let lines):
      add("lines \(lines.count)")
      for line in lines where message.side == .client || line.binds { add(skeleton: line, first: false) }
    case .fields(let fields):
      for field in fields {
        add("\(field.name.lowercased()) \(field.values.count)")
        for value in field.values where message.side == .client || value.binds { add(skeleton: value, first: false) }
      }
    case .payload(let payload):
      add(payload)
      // It is a command, though none that the protocol has.
      if part.name == Part.raw, message.side == .client { add(payload.bytes) }
    }
  }

  private mutating func add(_ payload: Payload) {
    add("payload \(payload.endsEarly)")
    for text in payload.texts where text.binds { add(skeleton: text, first: false) }
  }
}
