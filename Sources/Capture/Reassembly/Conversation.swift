import Wire

/// One TCP connection: packets in, events out, each side's bytes in their order, and never an answer before what it answers.
struct Conversation {
  enum Phase {
    /// A SYN, and no answer yet.
    case dialling
    case open
    case closed
  }

  let origin: Origin
  private(set) var phase: Phase
  /// When its last packet was captured.
  private(set) var last: Instant
  private var halves = Sides(client: HalfStream(), server: HalfStream())
  private var packets = 0
  /// When what was told last was captured: no event of a conversation is earlier than the one before it.
  private var told: Instant
  private var reset: Reset?
  private(set) var wasRefused = false
  /// What would begin anew on the same endpoints; not believed before it is answered.
  var rival: Rival?

  private struct Reset {
    var side: Side
    var place: SequenceNumber
    /// Where its side goes on if it was not its own.
    var beyond: SequenceNumber
    var moment: Moment
  }

  init(_ origin: Origin) {
    self.origin = origin
    phase = origin.transport == .stream ? .dialling : .open
    last = origin.at
    told = origin.at
  }

  /// Whether time alone can change something: bytes are kept or missing, or an end is still to be told.
  var isWaiting: Bool { phase != .closed && (!isQuiet || reset != nil) }
  /// Whether it goes on as it is: open, and waiting for nothing.
  var isSettled: Bool { phase != .closed && !isWaiting }
  /// What keeping its early segments takes, in bytes.
  var cost: Int { halves.client.early.cost + halves.server.early.cost }
  var conflicts: Int { halves.client.conflicts + halves.server.conflicts }

  var isReset: Bool { reset.map { !halves[$0.side].isOpen } ?? false }

  func beginning(of side: Side) -> SequenceNumber? { side == .client ? halves.client.beginning : halves.server.beginning }

  /// The next byte of that side to be told. Matched, not compared: that would be a call into another module.
  func next(of side: Side) -> SequenceNumber? {
    switch side {
    case .client: halves.client.next
    case .server: halves.server.next
    }
  }

  private var isQuiet: Bool { halves.client.isQuiet && halves.server.isQuiet }
  private var now: Moment { Moment(packet: packets, at: last) }

  // MARK: Packets

  /// - Parameter cut: so many more bytes were sent behind `payload`, and not captured.
  mutating func take(
    _ header: TCPHeader, from side: Side, _ payload: Span<UInt8>, cut: Int, at instant: Instant, _ listener: inout some CaptureListener
  ) -> Outcome {
    packets += 1
    last = instant
    if header.isRST { return takeReset(header, from: side, &listener) }
    let now = self.now
    let sequence = header.isSYN ? header.sequence + 1 : header.sequence
    let unheard: SequenceNumber?
    // Both sides are named, as the subscript is no way for every packet: what it yields to is called and allocated for.
    switch side {
    case .client: unheard = halves.client.take(header, beginning: sequence, beside: &halves.server, now)
    case .server: unheard = halves.server.take(header, beginning: sequence, beside: &halves.client, now)
    }
    if unheard != nil, halves[side.other].isAbsent {
      settle(now, &listener)
      if phase == .closed { return .unsettled }
    }
    if phase == .dialling, header.acknowledgement != nil || !header.isSYN {
      phase = .open
      listener.tell(.opened(origin))
    }
    if payload.count + cut > 0 { takeBytes(from: side, payload, cut: cut, at: sequence, answering: unheard, &listener) }
    if header.isFIN { halves[side].finish(at: sequence + (payload.count + cut), answering: unheard, now) }
    if isWaiting { settle(now, &listener) }
    return isSettled ? .settled : .unsettled
  }

  /// What a packet has made of the conversation.
  enum Outcome {
    /// It goes on as it is: open, and waiting for nothing.
    case settled
    /// It waits for something, or is over.
    case unsettled
    /// It was a RST that cannot be the side's own, and changes nothing.
    case strayReset
  }

  private mutating func takeBytes(
    from side: Side, _ payload: Span<UInt8>, cut: Int, at sequence: SequenceNumber, answering unheard: SequenceNumber?,
    _ listener: inout some CaptureListener
  ) {
    let count = payload.count + cut
    let known: Int?
    if phase != .open {
      known = nil
    } else {
      switch side {
      case .client: known = halves.client.tell(from: sequence, count: count, answering: unheard, beside: halves.server)
      case .server: known = halves.server.tell(from: sequence, count: count, answering: unheard, beside: halves.client)
      }
    }
    guard let known else {
      halves[side].keep(payload, cut: cut, at: sequence, answering: unheard, now)
      return
    }
    if known < payload.count { listener.heard(.bytes(origin.number, side, tick(last)), payload.extracting(known...)) }
    if cut > 0 { listener.tell(.gap(origin.number, side, min(cut, count - known), tick(last))) }
  }

  mutating func takeDatagram(
    from side: Side, _ payload: Span<UInt8>, cut: Int, at instant: Instant, _ listener: inout some CaptureListener
  ) {
    last = instant
    // What the snap length left of a datagram is none.
    if cut > 0 { return listener.tell(.gap(origin.number, side, payload.count + cut, tick(instant))) }
    listener.heard(.datagram(origin.number, side, tick(instant)), payload)
  }

  /// RFC 9293 §3.10.7, RFC 5961 §3.2. Its payload, if it has one, is about the reset and no part of the stream.
  private mutating func takeReset(_ header: TCPHeader, from side: Side, _ listener: inout some CaptureListener) -> Outcome {
    halves[side].saw()
    if phase == .dialling {
      // It answers the SYN, and whatever came with it, or it is not meant for it.
      guard side == .server, let answered = header.acknowledgement, let began = halves.client.beginning,
        answered - began >= 0, answered - (halves.client.early.end ?? began) <= 0
      else { return .strayReset }
      refuse(.refused, &listener)
      return .unsettled
    }
    guard halves[side].admitsReset(at: header.sequence) else { return .strayReset }
    if reset == nil {
      let beyond = SequenceNumber.max(header.sequence, halves[side].next ?? header.sequence)
      reset = Reset(side: side, place: header.sequence, beyond: beyond, moment: now)
    }
    settle(now, &listener)
    return .unsettled
  }

  /// The connection was never made.
  mutating func refuse(_ how: Refusal, _ listener: inout some CaptureListener) {
    phase = .closed
    drop()
    wasRefused = true
    listener.tell(.refused(origin, how))
  }

  // MARK: Due events

  /// Time has passed without a packet of this conversation.
  mutating func wait(until instant: Instant, _ listener: inout some CaptureListener) {
    settle(Moment(packet: packets, at: instant), &listener)
  }

  /// Nothing that is missing now is waited for: what is kept is told, and the holes before it.
  mutating func flush(_ listener: inout some CaptureListener) {
    guard phase == .open else { return drop() }
    halves.client.concedeAll(beside: halves.server, now)
    halves.server.concedeAll(beside: halves.client, now)
    tellDue(&listener)
  }

  mutating func close(_ how: Closing, _ listener: inout some CaptureListener) {
    switch phase {
    case .closed: return
    case .dialling: refuse(.timedOut, &listener)
    case .open:
      flush(&listener)
      guard phase == .open else { return }
      if let reset { tellReset(reset, &listener) }
      shut(reset == nil ? how : .reset, &listener)
    }
  }

  private mutating func settle(_ now: Moment, _ listener: inout some CaptureListener) {
    halves.client.losePatience(beside: halves.server, now)
    halves.server.losePatience(beside: halves.client, now)
    tellDue(&listener)
    guard phase == .open, let reset else { return }
    if halves[reset.side].standsAt(reset.place) {
      tellReset(reset, &listener)
    } else if let next = halves[reset.side].next, next - reset.beyond > 0 {
      // Its side went on past it: it was not the side's own.
      self.reset = nil
      return
    }
    if !halves.client.isOpen, !halves.server.isOpen { return shut(.reset, &listener) }
    // What the other side had sent by then may still come.
    if reset.moment.isPatienceOver(at: now) { close(.reset, &listener) }
  }

  private mutating func tellReset(_ reset: Reset, _ listener: inout some CaptureListener) {
    guard halves[reset.side].isOpen else { return }
    halves[reset.side].end(.reset)
    listener.tell(.ended(origin.number, reset.side, .reset, tick(reset.moment.at)))
  }

  /// Tells what is due on either side, what was captured first first, until nothing moves.
  private mutating func tellDue(_ listener: inout some CaptureListener) {
    while phase == .open {
      let client = halves.client.due(beside: halves.server)
      let server = halves.server.due(beside: halves.client)
      guard let due = client ?? server else { return }
      let isClients = client != nil && server.map { HalfStream.Due.isBefore(due, $0) } ?? true
      tell(isClients ? due : server ?? due, of: isClients ? .client : .server, &listener)
      if halves.client.ending == .finished, halves.server.ending == .finished, reset == nil { shut(.finished, &listener) }
    }
  }

  private mutating func tell(_ due: HalfStream.Due, of side: Side, _ listener: inout some CaptureListener) {
    switch due.what {
    case .segment:
      let segment = halves[side].takeFirst()
      let instant = tick(segment.moment.at)
      if segment.cut > 0 {
        listener.tell(.gap(origin.number, side, segment.cut, instant))
      } else {
        listener.heard(.bytes(origin.number, side, instant), segment.bytes.span)
      }
    case .gap(let count, let instant):
      halves[side].advance(count)
      listener.tell(.gap(origin.number, side, count, tick(instant)))
    case .end:
      halves[side].end(.finished)
      listener.tell(.ended(origin.number, side, .finished, tick(last)))
    }
  }

  private mutating func drop() {
    for side in Side.allCases { halves[side].drop() }
    rival = nil
  }

  private mutating func shut(_ how: Closing, _ listener: inout some CaptureListener) {
    phase = .closed
    drop()
    listener.tell(.closed(origin.number, how, tick(last)))
  }

  private mutating func tick(_ instant: Instant) -> Instant {
    told = max(told, instant)
    return told
  }
}
