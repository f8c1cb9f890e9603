import Dialects
import Transcript
import Wire

/// A transcript spoken to the dialect's own session as it stands, before it is played: tells which command each reply answers, what each
/// message is taken for, which command each transfer belongs to, and from where on TLS would be spoken.
///
/// It stops where a reply cannot be known beforehand (`${:any}`); from there on each reply is taken to answer the next command.
struct Rehearsal {
  /// For each reply, the step of the client that it answers; nil for a greeting, and for what no command asked for.
  private(set) var answered: [Int?] = []
  /// For each message of the client, what it is taken for: see `Head.label`. Nil where that is not known, or never another thing.
  private(set) var labels: [String?] = []
  /// For each reply, whether others to the same command follow it by the protocol's rules (1yz).
  private(set) var isInterim: [Bool] = []
  /// For each transfer, the step of the client whose command it belongs to; nil where no transfer can run there.
  private(set) var transfers: [Int: ScriptedTransfer?] = [:]
  /// Up to this step, what is answered is certain.
  private(set) var certain = 0
  /// Replies that are not all of the answer (`Effect.asksAgain`).
  private(set) var truncated: Set<Int> = []
  /// The reply after which nothing but TLS can be spoken.
  private(set) var secured: Int?
  /// The reply after which the connection is a tunnel, where nothing says what goes through it.
  private(set) var tunnel: Int?

  private let steps: [Step]
  private let transport: Transport
  private var dialect: any Dialect
  private var follower: Follower
  private var script = Prompter()
  private var isLost = false
  /// Steps of the client by their numbers.
  private var said: [Int] = []
  /// Those without a reply so far, and the last one that got one: for where the session cannot tell.
  private var unanswered: [Int] = []
  private var last: Int?
  /// Transfers that run by what was replied, without a step so far; steps without a transfer so far.
  private var running: [ScriptedTransfer] = []
  private var awaited: [Int] = []

  /// - Parameter dialects: one for each step.
  init(_ steps: [Step], _ dialects: [any Dialect], _ transport: Transport) {
    self.steps = steps
    self.transport = transport
    dialect = dialects.first ?? Registry.all[0]
    follower = Follower(dialect.begin(transport), over: transport)
    for (index, step) in steps.enumerated() {
      answered.append(nil)
      labels.append(nil)
      isInterim.append(false)
      if case .data(let side, _) = step.action { transfer(from: side, index) }
      if case .speak = step.action { speak(dialects[index]) }
      guard let message = step.message else { continue }
      if message.side == .client { say(message, index) } else { reply(message, step, index) }
      if isLost { continue }
      certain = index + 1
      if follower.isTunnel, tunnel == nil { tunnel = index }
      if follower.isOpaque, !follower.isTunnel, secured == nil { secured = index }
    }
  }

  /// From here on another dialect, which knows nothing of what was said.
  private mutating func speak(_ dialect: any Dialect) {
    self.dialect = dialect
    follower = Follower(dialect.begin(transport), over: transport)
    said = []
    unanswered = []
    last = nil
    running = []
    tunnel = nil
  }

  private mutating func say(_ message: Message, _ index: Int) {
    unanswered.append(index)
    guard !isLost, secured == nil, tunnel == nil else { return }
    follower.receive(follower.write(message.rehearsed(dialect)).span, from: .client, into: &script)
    let heads = script.take(.client)
    // A question that stands alone is the same whatever came before it, and what it is may depend on names that have no value yet.
    if !dialect.answersInAnyOrder { labels[index] = heads.first?.label }
    said += heads.map { _ in index }
    isLost = heads.isEmpty && message[part: Part.raw] == nil
  }

  private mutating func reply(_ message: Message, _ step: Step, _ index: Int) {
    // What may be absent answers nothing for good.
    let next = unanswered.first ?? last
    if step.isOptional || isLost || secured != nil || tunnel != nil {
      answered[index] = next
      if !step.isOptional { takeNext() }
      return
    }
    let whole = message.complete(with: step.has, answering: next.flatMap { steps[$0].message }, dialect)
    follower.receive(follower.write(whole.rehearsed(dialect)).span, from: .server, into: &script)
    let heads = script.take(.server)
    guard let head = heads.first, heads.count == 1, head.answer.ordinal.map(said.indices.contains) ?? true else {
      isLost = true
      answered[index] = next
      takeNext()
      return
    }
    if head.effects.contains(.asksAgain) { truncated.insert(index) }
    guard let ordinal = head.answer.ordinal else { return }
    answered[index] = said[ordinal]
    if case .interim = head.answer { isInterim[index] = true }
    for case .transfers(let transfer) in head.effects { run(transfer, said[ordinal]) }
    last = said[ordinal]
    let (step, alone) = (said[ordinal], dialect.answersInAnyOrder)
    unanswered.removeAll { alone ? $0 == step : $0 <= step }
  }

  // MARK: Transfers

  private mutating func run(_ transfer: Transfer, _ command: Int) {
    let scripted = ScriptedTransfer(command: command, from: transfer.from, isText: transfer.isText)
    // Where the reply that begins it may be absent, or was written behind it.
    if let step = awaited.first(where: { $0 > command }) {
      awaited.removeAll { $0 == step }
      transfers[step] = scripted
    } else {
      running.append(scripted)
    }
  }

  private mutating func transfer(from side: Side, _ index: Int) {
    if !running.isEmpty {
      transfers[index] = running.removeFirst()
    } else if isLost || secured != nil {
      // It cannot be known: the last command, then.
      transfers[index] = (unanswered.last ?? last).map { ScriptedTransfer(command: $0, from: side, isText: nil) }
    } else {
      transfers[index] = .some(nil)
      awaited.append(index)
    }
  }

  private mutating func takeNext() { if !unanswered.isEmpty { last = unanswered.removeFirst() } }
}

/// Notes the heads of what is said.
private struct Prompter: Listener {
  private var heads = Sides<[Head]>(client: [], server: [])

  mutating func take(_ side: Side) -> [Head] {
    defer { heads[side] = [] }
    return heads[side]
  }

  mutating func heard(_ head: Head, from side: Side, _ raw: Span<UInt8>) { heads[side].append(head) }
  mutating func heard(_ piece: Piece, from side: Side, _ content: Span<UInt8>) {}
  mutating func broken(_ violation: Violation, from side: Side, _ raw: Span<UInt8>) {}
  mutating func cutShort(from side: Side, _ raw: Span<UInt8>) {}
  mutating func opaque(from side: Side, _ raw: Span<UInt8>) {}
}

/// What a `data` step belongs to.
struct ScriptedTransfer: Sendable, Hashable {
  /// The step of the client that asks for it.
  var command: Int
  var from: Side
  /// See `Transfer.isText`; nil where only the run can tell.
  var isText: Bool?
}

extension Message {
  /// As the recording had it, `${size}` with the length of its payload, `${data}` with some endpoint.
  fileprivate func rehearsed(_ dialect: any Dialect) -> Message {
    let size = readsSize ? dialect.sentSize(of: self) : nil
    let endpoint = exampleEndpoint(dialect)
    guard size != nil || endpoint != nil else { return self }
    func placed(_ text: Text) -> Text {
      guard !text.isLiteral else { return text }
      return Text(
        pieces: text.pieces.map {
          guard case .hole(let hole) = $0, hole.content == .bound else { return $0 }
          if hole.name == Self.sizeName, let size { return .literal(Array(String(size).utf8)) }
          if hole.isEndpoint, let endpoint { return .literal(endpoint) }
          return $0
        }, place: text.place)
    }
    var out = self
    out.head = head.map(placed)
    for i in out.parts.indices {
      guard case .fields(let fields) = out.parts[i].content else { continue }
      out.parts[i].content = .fields(fields.map { Part.Field($0.name, $0.values.map(placed)) })
    }
    return out
  }

  /// What `${data}` may be in it; nil where it is not there, or is a name like any other.
  func exampleEndpoint(_ dialect: any Dialect) -> [UInt8]? {
    guard needsEndpoint else { return nil }
    let examples = [Endpoint(Address(v4: 0x7f00_0001), 0x8001), Endpoint(Address(v6: 0, 1), 0x8001)]
    return examples.lazy.compactMap { dialect.argument($0, for: self) }.first
  }
}
