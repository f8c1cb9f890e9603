import Transcript
import Wire

/// Questions and answers between two endpoints, over datagrams or one connection (RFC 1035 §4.2): a datagram is a message; on a stream a
/// length stands before each. Answers come in any order, and are known by their ids.
struct DNSSession: Session {
  private let transport: Transport
  /// What ids are made from.
  private let seed: UInt64
  /// By id; over datagrams the same question with the same id is the same question, come again.
  private var unanswered: [UInt16: Asked] = [:]
  /// Ids that have been answered, and by which question's number.
  private var answered: [UInt16: Int] = [:]
  private var asked = 0
  private var isLenient = false
  /// A zone that is being transferred.
  private var transfer: ZoneTransfer?

  /// - Parameter seed: two sessions with the same seed give questions the same ids.
  init(_ transport: Transport, seed: UInt64) {
    self.transport = transport
    self.seed = seed
  }

  mutating func cut(_ side: Side, _ bytes: Span<UInt8>, searched: Int, ending: Ending, quiet: Bool) -> Cut {
    guard transport == .stream else { return cut(side, bytes, framing: 0) }
    guard bytes.count >= 2 else { return .more }
    let end = 2 + Int(bytes.word(0))
    guard bytes.count >= end else { return .more }
    // The question may still be on its way to us.
    if side == .server, !quiet, !isLenient, end >= 4, unanswered[bytes.word(2)] == nil { return .blocked }
    return cut(side, bytes.extracting(2..<end), framing: 2)
  }

  /// Cuts one message, with what stands before it.
  private mutating func cut(_ side: Side, _ message: Span<UInt8>, framing: Int) -> Cut {
    let packet: Packet
    do throws(Malformed) { packet = try Packet(message) } catch { return malformed(error.violation, side, message, framing) }
    return side == .client ? ask(packet, message, framing) : answer(packet, message, framing)
  }

  /// What a client sends can be sent again as it is; what a server does is no answer.
  private mutating func malformed(_ violation: Violation, _ side: Side, _ message: Span<UInt8>, _ framing: Int) -> Cut {
    guard side == .client else {
      transfer = nil
      return .broken(violation, taking: framing + message.count)
    }
    var head = Head(length: framing + message.count, label: "?")
    head.isRaw = true
    head.violations = [violation]
    if message.count >= Header.size { note(Asked(ordinal: asked, id: message.word(0), opcode: message.word(2) >> 11 & 15)) }
    asked += 1
    return .head(head)
  }

  // MARK: The client

  private mutating func ask(_ packet: Packet, _ message: Span<UInt8>, _ framing: Int) -> Cut {
    if packet.header.isAnswer { return malformed(Violation("not-a-question", "RFC 1035 §4.1.1"), .client, message, framing) }
    var question = Asked(ordinal: asked, id: packet.header.id, opcode: packet.header.opcode)
    question.question = packet.questions.first
    question.isRecursive = packet.header.bits & Flag.rd.bit != 0
    question.limit = packet.edns.map { max(512, Int($0.class)) } ?? 512
    question.hasEDNS = packet.edns != nil
    if question.question?.type == .typeIXFR {
      question.serial = packet.records.first { $0.section == .authority && $0.type == .typeSOA }?.serial(message)
    }
    // Only one question can be written as a line.
    let isRaw = packet.questions.count > 1 || packet.end < message.count
    if transport == .datagrams, !isRaw, unanswered[question.id]?.isSame(as: question) ?? false { return .took(message.count) }
    var head = Head(length: framing + message.count, label: question.label)
    head.isRaw = isRaw
    head.framing = isRaw ? 0 : framing
    head.violations = packet.flaws + trailing(packet, message)
    note(question)
    asked += 1
    return .head(head)
  }

  private mutating func note(_ question: Asked) {
    unanswered[question.id] = question
    answered[question.id] = nil
  }

  private func trailing(_ packet: Packet, _ message: Span<UInt8>) -> [Violation] {
    packet.end < message.count ? [Violation("trailing-bytes", "RFC 1035 §4.1")] : []
  }

  // MARK: The server

  private mutating func answer(_ packet: Packet, _ message: Span<UInt8>, _ framing: Int) -> Cut {
    let whole = framing + message.count
    guard packet.header.isAnswer else { return .broken(Violation("not-an-answer", "RFC 1035 §4.1.1"), taking: whole) }
    var head = Head(length: whole, label: Registered.codes.name(packet.code))
    head.framing = framing
    head.violations = packet.flaws + trailing(packet, message)
    if packet.header.isTruncated, transport == .datagrams { head.effects = [.asksAgain] }
    let asked: Asked
    if let known = unanswered[packet.header.id] {
      asked = known
    } else if answered[packet.header.id] != nil, transport == .datagrams {
      // The answer to a question that was asked twice.
      return .took(message.count)
    } else if unanswered.count == 1, let only = unanswered.values.first, let echoed = packet.questions.first,
      echoed.canonical == only.question?.canonical
    {
      asked = only
      head.violations.append(Violation("wrong-id", "RFC 1035 §4.1.1"))
    } else if isLenient {
      return .head(head)
    } else if self.asked == 0 {
      head.violations.append(Violation("unsolicited", "RFC 1035 §4.1.1"))
      return .head(head)
    } else {
      return .broken(Violation("wrong-id", "RFC 1035 §4.1.1"), taking: whole)
    }
    head.violations += complaints(about: packet, answering: asked)
    if transport == .stream, asked.isTransfer, packet.code == 0 {
      var zone = transfer.flatMap { $0.ordinal == asked.ordinal ? $0 : nil } ?? ZoneTransfer(asked)
      let isOver = zone.take(packet, message)
      transfer = isOver ? nil : zone
      if !isOver { return .took(whole) }
      head.violations += zone.violations
    }
    unanswered[asked.id] = nil
    answered[asked.id] = asked.ordinal
    head.answer = .final(asked.ordinal)
    return .head(head)
  }

  /// Whether it says which question it answers, as that was put.
  private func complaints(about packet: Packet, answering asked: Asked) -> [Violation] {
    var out: [Violation] = []
    if packet.header.opcode != asked.opcode { out.append(Violation("wrong-opcode", "RFC 1035 §4.1.1")) }
    guard let question = asked.question else { return out }
    guard let echoed = packet.questions.first else {
      // A server that did not understand the question has none to repeat, and a transfer repeats it once (RFC 5936 §2.2.1).
      if packet.code != 1, packet.code != 4, transfer == nil { out.append(Violation("missing-question", "RFC 1035 §4.1.2")) }
      return out
    }
    if echoed.canonical != question.canonical {
      out.append(Violation("wrong-question", "RFC 5452 §9.1"))
    } else if echoed != question {
      out.append(Violation("question-case", "RFC 4343 §4", isRemark: true))
    }
    return out
  }

  // MARK: Gaps and our own messages

  mutating func lost(_ count: Int, from side: Side) -> Bool {
    isLenient = true
    transfer = nil
    // Where the next length stands on a stream cannot be known.
    return transport == .datagrams || count == 0
  }

  func admits(_ message: Message) -> Admission { .now }

  func write(_ message: Message) -> [UInt8] {
    if case .payload(let raw)? = message[part: Part.raw] { return raw.bytes }
    let written = message.side == .client ? DNSText.query(message, id: nextID) : answer(message)
    return transport == .datagrams ? written.first ?? [] : written.flatMap { UInt16(truncatingIfNeeded: $0.count).twoBytes + $0 }
  }

  /// The answer to the oldest question that is open, or to one that its records name.
  private func answer(_ message: Message) -> [[UInt8]] {
    let open = unanswered.values.sorted { $0.ordinal < $1.ordinal }
    let owners = open.count > 1 ? DNSText.answered(by: message) : []
    let asked = open.first { asked in owners.contains { asked.isAnswered(by: $0) } } ?? open.first
    return DNSText.answer(message, to: asked, over: transport)
  }

  /// Hard to guess (RFC 5452 §9.2), and no open question's.
  private var nextID: UInt16 {
    var state = seed &+ UInt64(asked) &* 0x9e37_79b9_7f4a_7c15
    while true {
      state &+= 0x9e37_79b9_7f4a_7c15
      var mixed = (state ^ state >> 30) &* 0xbf58_476d_1ce4_e5b9
      mixed = (mixed ^ mixed >> 27) &* 0x94d0_49bb_1331_11eb
      let id = UInt16(truncatingIfNeeded: mixed ^ mixed >> 31)
      if unanswered[id] == nil || unanswered.count > 1 << 15 { return id }
    }
  }
}
