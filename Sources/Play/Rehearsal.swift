import Dialects
import Transcript
import Wire

/// A transcript spoken to the dialect's own session as it stands, before it is played: tells which command each reply answers, what each
/// message is taken for, and from where on TLS would be spoken.
///
/// It stops where a reply cannot be known beforehand (`${:any}`); from there on each reply is taken to answer the next command.
struct Rehearsal {
  /// For each reply, the step of the client that it answers; nil for a greeting, and for what no command asked for.
  private(set) var answered: [Int?] = []
  /// For each message of the client, what it is taken for: see `Head.label`. Nil where that is not known.
  private(set) var labels: [String?] = []
  /// Up to this step, what is answered is certain.
  private(set) var certain = 0
  /// The reply after which nothing but TLS can be spoken.
  private(set) var secured: Int?

  private let steps: [Step]
  private let dialect: any Dialect
  private var follower: Follower
  private var script = Prompter()
  private var isLost = false
  /// Steps of the client by their numbers.
  private var said: [Int] = []
  /// Those without a reply so far, and the last one that got one: for where the session cannot tell.
  private var unanswered: [Int] = []
  private var last: Int?

  init(_ steps: [Step], _ dialect: any Dialect, _ transport: Transport) {
    self.steps = steps
    self.dialect = dialect
    follower = Follower(dialect.begin(transport))
    for (index, step) in steps.enumerated() {
      answered.append(nil)
      labels.append(nil)
      guard let message = step.message else { continue }
      if message.side == .client { say(message, index) } else { reply(message, step, index) }
      if isLost { continue }
      certain = index + 1
      if follower.isOpaque, secured == nil { secured = index }
    }
  }

  private mutating func say(_ message: Message, _ index: Int) {
    unanswered.append(index)
    guard !isLost, secured == nil else { return }
    follower.receive(follower.write(message.rehearsed).span, from: .client, into: &script)
    let heads = script.take(.client)
    labels[index] = heads.first?.label
    said += heads.map { _ in index }
    isLost = heads.isEmpty && message[part: Part.raw] == nil
  }

  private mutating func reply(_ message: Message, _ step: Step, _ index: Int) {
    // What may be absent answers nothing for good.
    let next = unanswered.first ?? last
    if step.isOptional || isLost || secured != nil {
      answered[index] = next
      if !step.isOptional { takeNext() }
      return
    }
    let whole = message.complete(with: step.has, answering: next.flatMap { steps[$0].message }, dialect)
    follower.receive(follower.write(whole.rehearsed).span, from: .server, into: &script)
    let heads = script.take(.server)
    guard let head = heads.first, heads.count == 1, head.answer.ordinal.map(said.indices.contains) ?? true else {
      isLost = true
      answered[index] = next
      takeNext()
      return
    }
    guard let ordinal = head.answer.ordinal else { return }
    answered[index] = said[ordinal]
    last = said[ordinal]
    unanswered.removeAll { $0 <= said[ordinal] }
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

extension Message {
  /// As the recording had it, `${size}` with the length of its payload.
  fileprivate var rehearsed: Message {
    guard let size = payloadSize else { return self }
    var out = self
    out.head = head.map { text in
      Text(
        pieces: text.pieces.map {
          guard case .hole(let hole) = $0, hole.name == Self.sizeName, hole.content == .bound else { return $0 }
          return .literal(Array(String(size).utf8))
        }, place: text.place)
    }
    return out
  }
}
