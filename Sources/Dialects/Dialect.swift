package import Transcript
package import Wire

/// A protocol, as a value: everything that the rest of the house knows about it.
package protocol Dialect: Sendable {
  /// As `protocol:` in a transcript names it.
  var name: String { get }
  /// The default first.
  var transports: [Transport] { get }
  /// Registered ports, the usual one first.
  var ports: [UInt16] { get }
  /// The parts that may stand beside a head in a transcript.
  var parts: [PartShape] { get }

  /// How well the first words of a conversation fit, taken together: 0 for not at all, 100 for beyond doubt.
  func likeness(_ glimpse: Glimpse) -> Int
  func begin(_ transport: Transport) -> any Session

  /// Takes a message apart for comparing, expected (with holes) or observed (without): the same function for both.
  /// A bare code has no facets of wording: it leaves the text open.
  func facets(of message: Message, in context: Context) -> [Facet]
  /// The replies that the RFC lists for a command; nil where anything goes. Without a command: the greeting.
  func replies(to command: Message?) -> ReplyRule?
  /// Whether a reply says that its command succeeded so far (2yz, 3yz, +OK).
  func succeeded(_ reply: Message) -> Bool
  /// Whether a command can make no sense any more, because another one failed that was to succeed.
  func isHindered(_ command: Message, by history: [Turn]) -> Bool
  /// Whether the server may leave between two commands, and the next one goes over a new connection as well.
  var mayReconnect: Bool { get }
  /// Whether the server may as well have left a reply out, or put it in: an interim one that decides nothing.
  func isIncidental(_ reply: Heard) -> Bool
  /// Whether a later command makes use of what a keyword offers, so that its absence is more than a drift.
  func uses(_ keyword: String, in command: Message) -> Bool
  /// The command that ends a conversation politely, if there is one.
  var farewell: Message? { get }

  /// Whether it has secondary connections: then a transcript may have `data` steps, and `${data}` is no variable's name.
  var hasTransfers: Bool { get }
  /// How a message writes the endpoint of a secondary connection, `Announcement.written`; nil where it has no place for one of that family.
  func argument(_ endpoint: Endpoint, for message: Message) -> [UInt8]?
  /// Takes the lines of a transfer apart for comparing, where the command says that they are a listing; nil where they are content.
  /// Facets are paired by kind and key as those of messages are; their `line` is the line's index. The first one of a line says that it is
  /// there, the others what it is like.
  func facets(ofTransfer lines: [Text], answering command: Message) -> [Facet]?
  /// What in the lines of a transfer varies from run to run, as `marks(of:answering:)` says it of messages; places are `.part("data", line:)`.
  func marks(ofTransfer lines: [[UInt8]], answering command: Message) -> [Mark]

  /// The message that a head is, without payload; `head` are its bytes.
  func message(_ head: [UInt8], from side: Side) -> Message
  /// What stands behind a payload, as a part; nil where nothing does.
  func trailers(_ bytes: [UInt8]) -> Part?
  /// A payload with its encodings undone, as it is compared and written. At most `limit` bytes of it are kept.
  func decoded(_ payload: [UInt8], of message: Message, limit: Int) -> Decoded
  /// The length of a message's payload as it is sent, its encodings done: what `${size}` stands for; nil where it has none.
  func sentSize(of message: Message) -> Int?
  /// How much a part that is a payload counts where it is not as expected.
  func weight(ofPayload part: String, of message: Message, in context: Context) -> Weight

  /// The scheme by which an environment names its forward proxies (`http_proxy`), where its messages say themselves where they go to. Nil
  /// where they do not: then it takes a tunnel through a proxy.
  var proxyScheme: String? { get }
  /// A message of ours, its texts literal, as it is addressed on another way than the one that it was recorded on.
  func routed(_ message: Message, over route: Route) -> Message
  /// Whether a command is said to a proxy alone: for a tunnel to a server.
  func asksForTunnel(_ command: Message) -> Bool
  /// Whether a reply is the proxy's own that its command was addressed to, and not the server's.
  func isOfProxy(_ reply: Message, answering command: Message?) -> Bool

  /// What in a message varies from run to run, names somebody, or is secret. `answered` is the command that it answers.
  func marks(of heard: Heard, answering answered: Heard?) -> [Mark]
  /// Names that marks give, which tell one conversation from another, best first.
  var subjects: [String] { get }

  /// The command that asks what the server offers, if there is one; its reply's keywords are the capabilities.
  var capabilities: Message? { get }
  /// A whole reply for a bare code, with its usual text and these keywords: what the scripted server says.
  func usualReply(_ code: String, to command: Message?, with keywords: [Text]) -> Message
  /// The same reply with another outcome, or with that code: a declared fault of the scripted server.
  func refused(_ reply: Message, code: String?) -> Message
  /// A set of keywords without one of them, the last where none is named; nil where the reply is no such set.
  func dropping(keyword: String?, from reply: Message) -> Message?
  /// The code that a reply's head is and nothing else, which leaves the rest open; nil where there is more.
  func bareCode(_ head: Text) -> String?
  /// What the scripted server says to a command that its script does not know.
  func notImplemented(_ command: Message) -> Message
  /// The usual reply to a command that arranges a secondary connection, `${data}` where the reply says where; nil for any other command. A
  /// client chooses its own way, whatever a transcript's does.
  func arrangement(by command: Message) -> Message?
  /// What the scripted server says in a reply's place where its transfer came to nothing.
  func failed(_ reply: Message, _ why: TransferFailure) -> Message
  /// Whether a reply says that the secondary connection of its transfer could not be made.
  func lacksConnection(_ reply: Message) -> Bool
  /// The command that cuts a transfer short while it runs, if there is one.
  var abort: Message? { get }
  /// The word by which a command is told from others, upper case: its verb.
  func verb(of command: Message) -> String
  /// A command's line with what is the same in either case in one case; holes as they are.
  func canonical(_ command: Text) -> Text

  /// Whether answers are known by what they answer, and may come in any order.
  var answersInAnyOrder: Bool { get }
  /// What in a message of a transcript could be neither sent nor compared, whatever a peer says.
  func complaints(about message: Message) -> [Diagnostic]
}

/// What holds of protocols of one connection, whose heads are lines.
extension Dialect {
  package var hasTransfers: Bool { false }
  package func argument(_ endpoint: Endpoint, for message: Message) -> [UInt8]? { nil }
  package func facets(ofTransfer lines: [Text], answering command: Message) -> [Facet]? { nil }
  package func marks(ofTransfer lines: [[UInt8]], answering command: Message) -> [Mark] { [] }
  package func arrangement(by command: Message) -> Message? { nil }
  package func failed(_ reply: Message, _ why: TransferFailure) -> Message { refused(reply, code: nil) }
  package func lacksConnection(_ reply: Message) -> Bool { false }
  package var abort: Message? { nil }
  package func message(_ head: [UInt8], from side: Side) -> Message { Message(side, lines(head)) }
  package var proxyScheme: String? { nil }
  package func routed(_ message: Message, over route: Route) -> Message { message }
  package func asksForTunnel(_ command: Message) -> Bool { false }
  package func isOfProxy(_ reply: Message, answering command: Message?) -> Bool { false }
  package var answersInAnyOrder: Bool { false }
  package func complaints(about message: Message) -> [Diagnostic] { [] }
  /// Verbs are without case.
  package func canonical(_ command: Text) -> Text {
    guard case .literal(let bytes)? = command.pieces.first else { return command }
    let verb = bytes.prefix { $0 != 32 }
    let upper = verb.map { (97...122).contains($0) ? $0 - 32 : $0 }
    return Text(pieces: [.literal(upper + bytes.dropFirst(verb.count))] + command.pieces.dropFirst(), place: command.place)
  }
  package var mayReconnect: Bool { false }
  package func isIncidental(_ reply: Heard) -> Bool { false }
  package func bareCode(_ head: Text) -> String? {
    head.literal.flatMap { $0.contains(32) ? nil : String(decoding: $0, as: UTF8.self) }
  }
  package func trailers(_ bytes: [UInt8]) -> Part? { nil }
  package func decoded(_ payload: [UInt8], of message: Message, limit: Int) -> Decoded { Decoded(payload) }
  package func sentSize(of message: Message) -> Int? {
    for part in message.parts { if case .payload(let payload) = part.content { return payload.bytes.count } }
    return nil
  }
  package func weight(ofPayload part: String, of message: Message, in context: Context) -> Weight { .value }
}
