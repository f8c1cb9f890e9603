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

/// What a payload is once its encodings are undone.
package struct Decoded: Sendable {
  package var bytes: [UInt8]
  /// In bytes, and the SHA-256 where `bytes` are not all.
  package var size: Int
  package var digest: String?
  /// Why they could not be undone, if they could not.
  package var violation: Violation?

  package init(_ bytes: [UInt8], size: Int? = nil, digest: String? = nil, violation: Violation? = nil) {
    self.bytes = bytes
    self.size = size ?? bytes.count
    self.digest = digest
    self.violation = violation
  }
}

/// One conversation in progress, both sides of it. A pure value: Extraction, Play and offline checks feed it alike.
package protocol Session: Sendable {
  /// Cuts the next thing off the front of what `side` has sent.
  ///
  ///     taken before | bytes: searched ········ |
  ///                  ^ here the answer's lengths begin
  ///
  /// - Parameters:
  ///   - bytes: what is not cut yet, behind what earlier answers `took` of the same message.
  ///   - searched: how many of them were there already when the last answer for this side was `more`.
  ///   - ending: how the side's direction stands; unless `open`, these are its last bytes and the answer must not be `more` for ever:
  ///     it is asked again until it answers `more` or `blocked`, and what is left then is reported as cut short.
  ///   - quiet: the other side has nothing uncut, so what looks unasked for is.
  mutating func cut(_ side: Side, _ bytes: Span<UInt8>, searched: Int, ending: Ending, quiet: Bool) -> Cut
  /// Some bytes of a side are missing here. What was taken of a message before them is dropped; false where nothing behind the gap can
  /// be understood.
  mutating func lost(_ count: Int, from side: Side) -> Bool
  /// Writes a message of ours: line ends, stuffing, lengths, prefixes. Its texts are literal. What it writes is then cut like any other.
  func write(_ message: Message) -> [UInt8]
  /// Whether a message of ours can be sent in this state.
  func admits(_ message: Message) -> Admission
}

package enum Admission: Sendable, Hashable {
  case now
  /// Once the other side has spoken.
  case afterReply
  /// Not in this state: it would be taken for something else (a command after 354, a message without one).
  case never
}

/// What a session cut off the front.
package enum Cut: Sendable {
  /// This side must say more.
  case more
  /// Cannot be cut before the other side has spoken.
  case blocked
  /// That many bytes belong to a message which goes on: nothing to report yet, and nothing to look at again.
  case took(Int)
  case head(Head)
  case piece(Piece)
  /// Not of the protocol: that many bytes, with those taken before, are cut past. More than none.
  case broken(Violation, taking: Int)
  /// Nothing more of the conversation can be understood; why has been told.
  case lost
}

/// The head of a message: a command's line, all lines of a reply.
package struct Head: Sendable {
  /// From where the cut began to the head's end, line end included; with what was taken before, the whole head. May be 0 where a
  /// payload stands alone.
  package var length: Int
  /// The command's verb in upper case, `?` where it has none; `*` with mechanism and number for a client's answer within AUTH; the
  /// reply's code or indicator. Empty for a payload alone.
  package var label: String
  package var answer = Answer.none
  package var effects: [Effect] = []
  package var violations: [Violation] = []
  /// What follows the head as pieces.
  package var payload: PayloadPart?
  /// Bytes in front that only say where it ends: they are no part of what the message is read from.
  package var framing = 0
  /// No text says what it is: the message is these bytes as they are.
  package var isRaw = false

  package init(length: Int, label: String) {
    self.length = length
    self.label = label
  }
}

/// A stretch of payload: `skipping` bytes left out (stuffing), then `content`, then what ends it, `taking` in all.
package struct Piece: Sendable {
  package var skipping = 0
  package var content: Int
  package var taking: Int
  package var isLast: Bool
  /// What the content is: not the payload itself, but the fields behind it.
  package var isTrailers = false
  package var effects: [Effect] = []
  package var violations: [Violation] = []

  package init(skipping: Int = 0, content: Int, taking: Int, isLast: Bool) {
    self.skipping = skipping
    self.content = content
    self.taking = taking
    self.isLast = isLast
  }
}

/// The part that a payload becomes.
package struct PayloadPart: Sendable, Hashable {
  /// The key in a transcript.
  package var name: String
  /// Compared and written as lines, or as one payload.
  package var isLines: Bool

  package init(_ name: String, isLines: Bool = false) {
    self.name = name
    self.isLines = isLines
  }
}

/// Which earlier message of the other side, counted from 0, a message answers.
package enum Answer: Sendable, Hashable {
  case none
  /// More answers to it follow (1yz; LMTP's reply for each recipient but the last).
  case interim(Int)
  case final(Int)

  package var ordinal: Int? {
    switch self {
    case .none: nil
    case .interim(let n), .final(let n): n
    }
  }
}

/// What a message changes beyond itself, once it is complete.
package enum Effect: Sendable, Hashable {
  /// All later bytes are TLS's; where they are not, the conversation goes on in clear.
  case startTLS
  /// All later bytes of both sides are another protocol's: a proxy passes them on, to that port where it is known, or the connection was
  /// upgraded.
  case tunnels(to: UInt16?)
  /// The sender closes after this.
  case ends
  /// Not all of the answer: its question is to be put again, over a stream.
  case asksAgain
  /// A secondary connection is to be made for the next transfer; an earlier announcement is void.
  case announces(Announcement)
  /// A reply says that a transfer runs from now on: on the first reply to its command that is positive, preliminary or not.
  case transfers(Transfer)
}

/// Where a secondary connection is made.
package struct Announcement: Sendable, Hashable {
  /// Who dials; the other side listens, and said where.
  package var dialler: Side
  /// Nil where it is left to the control connection (RFC 2428 §3).
  package var address: Address?
  package var port: UInt16
  /// As the message has it: what `${data}` stands for.
  package var written: [UInt8]

  package init(dialler: Side, address: Address?, port: UInt16, written: [UInt8]) {
    self.dialler = dialler
    self.address = address
    self.port = port
    self.written = written
  }
}

/// What goes over a secondary connection.
package struct Transfer: Sendable, Hashable {
  package var from: Side
  /// Whether the sender writes each line's end as CR LF and the receiver as it likes (TYPE A, RFC 959 §3.1.1.1); else bytes are bytes.
  package var isText: Bool

  package init(from side: Side, isText: Bool) {
    from = side
    self.isText = isText
  }
}

/// Why a transfer came to nothing.
package enum TransferFailure: Sendable, Hashable {
  /// There was no connection for it.
  case noConnection
  /// It was cut before its end.
  case cut
}

/// Something that breaks the protocol, whatever a transcript says.
package struct Violation: Sendable, Hashable {
  /// `bare-lf`, `mixed-codes`, …
  package var kind: String
  /// `RFC 5321 §2.3.8`
  package var rule: String
  /// Allowed all the same: worth a note.
  package var isRemark: Bool

  package init(_ kind: String, _ rule: String, isRemark: Bool = false) {
    self.kind = kind
    self.rule = rule
    self.isRemark = isRemark
  }

  /// The rest of what was lost in a gap, which is no message and nobody's fault: never told.
  package static let incomplete = Violation("", "")
}

/// The first words of a conversation.
package struct Glimpse: Sendable {
  package var port: UInt16
  package var transport: Transport
  /// The first line of each side, without its end, if there is one.
  package var greeting: [UInt8]?
  package var command: [UInt8]?
  /// The first bytes of each side as they came; of datagrams, the first one.
  package var opening: Sides<[UInt8]>

  /// - Parameter opening: where it is not given, the first lines.
  package init(port: UInt16, transport: Transport, greeting: [UInt8]?, command: [UInt8]?, opening: Sides<[UInt8]>? = nil) {
    self.port = port
    self.transport = transport
    self.greeting = greeting
    self.command = command
    self.opening = opening ?? Sides(client: command ?? [], server: greeting ?? [])
  }
}

/// What a message's meaning depends on.
package struct Context: Sendable {
  /// The command that it answers; nil for a greeting.
  package var command: Message?
  /// Keywords that the server has announced so far, upper case.
  package var offered: Set<String>

  package init(answering command: Message?, offered: Set<String> = []) {
    self.command = command
    self.offered = offered
  }
}

/// How much a facet counts when it differs. Dialects weigh; only Verification grades.
package enum Weight: Sendable, Hashable { case outcome, value, detail, wording }

/// One thing by which messages are compared.
package struct Facet: Sendable, Hashable {
  /// The kind of difference that it makes: `reply-code`, `keyword`, `wording`, …
  package var kind: String
  /// Tells facets of one kind apart: the keyword, the line's number. Facets of both messages are paired by kind and key.
  package var key: String
  package var value: Text
  package var weight: Weight
  /// The head's line, or the part's, that it was taken from.
  package var part: String?
  package var line: Int

  package init(_ kind: String, key: String = "", _ value: Text, _ weight: Weight, part: String? = nil, line: Int = 0) {
    self.kind = kind
    self.key = key
    self.value = value
    self.weight = weight
    self.part = part
    self.line = line
  }
}

/// What an RFC lists as replies to a command.
package struct ReplyRule: Sendable {
  /// Codes or indicators; none where any of the classes is as good.
  package var listed: [String]
  /// First characters of codes that the command may get; another one is a violation.
  package var classes: String
  package var rule: String

  package init(listed: [String], classes: String, rule: String) {
    self.listed = listed
    self.classes = classes
    self.rule = rule
  }

  package enum Finding: Sendable, Hashable {
    /// A class that the command may not get: a violation.
    case wrongClass
    /// Of a class that it may get, yet not listed.
    case unlisted

    /// The kind of difference that it makes.
    package var kind: String {
      switch self {
      case .wrongClass: "reply-class"
      case .unlisted: "unlisted-code"
      }
    }
  }

  /// What is to be said of a reply, by its `Head.label`; nil where it is listed.
  package func finding(_ label: String) -> Finding? {
    guard let first = label.first else { return nil }
    if !classes.contains(first) { return .wrongClass }
    return listed.isEmpty || listed.contains(label) ? nil : .unlisted
  }

  /// For people: `250, 550`, or `2yz, 3yz`.
  package var allowed: String {
    (listed.isEmpty ? classes.map { "\($0)yz" } : listed).joined(separator: ", ")
  }
}

/// A command of a replay that was answered.
package struct Turn: Sendable {
  package var command: Message
  /// Whether the transcript, and the server, let it succeed.
  package var wasToSucceed: Bool
  package var didSucceed: Bool

  package init(command: Message, wasToSucceed: Bool, didSucceed: Bool) {
    self.command = command
    self.wasToSucceed = wasToSucceed
    self.didSucceed = didSucceed
  }
}

/// A key that may stand beside a head.
package struct PartShape: Sendable, Hashable {
  package enum Content: Sendable, Hashable {
    case lines, set, fields
    /// A payload; written plainly it is lines.
    case payload
    /// A payload; written plainly it is a text, sent as it stands.
    case text
  }

  package var name: String
  package var content: Content
  package var sides: Set<Side>
  /// Whether it holds more than a transcript names, as a rule: each of its facets is told by its key, and others are not compared.
  package var isOpen: Bool

  package init(_ name: String, _ content: Content, _ sides: Set<Side> = [.client, .server], isOpen: Bool = false) {
    self.name = name
    self.content = content
    self.sides = sides
    self.isOpen = isOpen
  }
}

/// A stretch of a message that is not the same in every run, or must not be shown.
package struct Mark: Sendable, Hashable {
  package enum Place: Sendable, Hashable {
    /// A line of the head.
    case head(Int)
    /// A line of a part, counted from 0.
    case part(String, line: Int)
  }

  package enum Meaning: Sendable, Hashable {
    /// Another value of that type in each run; `name` is what it is called where it comes again.
    case varies(ValueType, name: String)
    /// The same, where no type fits.
    case matches(String, name: String)
    /// Somebody's name, a host, an address: a variable of the transcript.
    case names(String)
    /// The length of the step's payload, in bytes: `BDAT 86 LAST`.
    case size
    /// The endpoint of a secondary connection: `${data}`.
    case endpoint
    /// A password as it stands; whose, where that is known. Else that of the user who was named last.
    case secret(of: [UInt8]?)
    /// A secret that the server gives, and the client gives back: bound where it stands, without an example.
    case givesSecret(of: [UInt8])
    /// The result of a function.
    case call(Function, [Argument])
  }

  package enum Argument: Sendable, Hashable {
    /// A variable with that name, and its value.
    case names(String, [UInt8])
    case secret(of: [UInt8]?)
    /// A secret that could be read, so that it can be found elsewhere, too.
    case password([UInt8], of: [UInt8]?)
    /// A value that an earlier mark of that name bound.
    case bound(String)
  }

  package var place: Place
  /// Offsets within the line.
  package var range: Range<Int>
  package var meaning: Meaning

  package init(_ place: Place, _ range: Range<Int>, _ meaning: Meaning) {
    self.place = place
    self.range = range
    self.meaning = meaning
  }
}
