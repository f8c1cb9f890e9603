import Dialects
import Results
import Transcript
import Verification
import Wire

/// One reply held against one step: `C` is sent, the server's bytes are heard, and what comes of comparing them is told as
/// `line: grade kind`. The expected reply stands in lines 1, 2, …; a part's lines go on counting.
struct Trial {
  var dialect = "smtp"
  var command: String? = "RSET"
  var expected: [String]
  var part: Part?
  var parts: [Part] = []
  var modify: (inout Step) throws -> Void = { _ in }
  var bindings = Bindings()
  var needed: Set<String> = []
  var later: [String] = []
  /// Replies that came before, each with its command.
  var before: [(command: String, reply: String)] = []
  var payloadLimit = 1 << 20
  /// Whether the server ends behind its reply.
  var ends = false

  func run(_ reply: String) throws -> (differences: [Difference], verifier: Verifier, hasOutcome: Bool) {
    guard let dialect = Registry[dialect] else { throw Diagnostic("no such protocol", at: .nowhere) }
    let texts = try expected.enumerated().map { try Text(template: $1, at: Place(file: "t", line: $0 + 1, column: 1)) }
    var step = Step(.say(Message(.server, texts, (part.map { [$0] } ?? []) + parts)), at: Place(file: "t", line: 1, column: 1))
    try modify(&step)
    let commands = later.map { Message(.client, [Text($0)]) }
    var verifier = Verifier(dialect, bindings: bindings, needed: needed, commands: commands)
    var follower = Follower(dialect.begin(.stream))
    var ear = Ear(dialect, payloadLimit: payloadLimit)
    func hear(_ side: Side, _ text: String) -> [Heard] {
      follower.receive(Array(text.utf8).span, from: side, into: &ear)
      if ends, side == .server { follower.end(.server, .finished, into: &ear) }
      if ends { ear.abandon(.server) }
      return ear.takeSounds().compactMap { if case .message(let heard) = $0, heard.side == side { heard } else { nil } }
    }
    if dialect.name != "http", command != nil || !before.isEmpty { _ = hear(.server, dialect.name == "pop3" ? "+OK\r\n" : "220 x\r\n") }
    for turn in before {
      _ = hear(.client, turn.command + "\r\n")
      let any = Step(.say(Message(.server, [try Text(template: "${:any}", at: .nowhere)])))
      for heard in hear(.server, turn.reply) {
        _ = verifier.compare(any, heard, answering: Message(.client, [Text(turn.command)]), later: 0)
      }
    }
    if let command { _ = hear(.client, command + "\r\n") }
    guard let heard = hear(.server, reply).first else { throw Diagnostic("no reply: \(reply)", at: .nowhere) }
    let comparison = verifier.compare(step, heard, answering: command.map { Message(.client, [Text($0)]) }, later: 0)
    return (comparison.differences, verifier, comparison.hasOutcome)
  }

  func callAsFunction(_ reply: String) throws -> [String] {
    try run(reply).differences.map { "\($0.place.line): \($0.grade) \($0.kind)" }
  }
}

func texts(_ templates: String..., from line: Int = 1) throws -> [Text] {
  try templates.enumerated().map { try Text(template: $1, at: Place(file: "t", line: line + $0, column: 1)) }
}
