import Wire

/// Every conversation that is open: packets in, events out.
struct Connections {
  private struct Key: Hashable {
    var low: Endpoint
    var high: Endpoint
    var transport: Transport

    init(_ a: Endpoint, _ b: Endpoint, _ transport: Transport) {
      let isOrdered = a.port != b.port ? a.port < b.port : a.hashValue <= b.hashValue
      (low, high) = isOrdered ? (a, b) : (b, a)
      self.transport = transport
    }
  }

  private struct Conversation {
    var origin: Origin
    var halves = Sides(client: HalfStream(), server: HalfStream())
    var isOpen = false
    var isClosed = false
    var packets = 0
    var last: Instant
    var synSequence: UInt32?
  }

  private let limits: CaptureLimits
  private var table: [Key: Conversation] = [:]
  private var openCount = 0
  private var count = 0
  private var earlyTotal = 0
  private var packetsSinceSweep = 0
  private(set) var reached: [String: Int] = [:]
  private(set) var conflicts = 0

  var conversations: Int { count }

  init(_ limits: CaptureLimits) { self.limits = limits }

  mutating func take(_ packet: Packet, _ bytes: Span<UInt8>, at now: Instant, _ listener: inout some CaptureListener) {
    packetsSinceSweep += 1
    if packetsSinceSweep >= 4096 { sweep(now, &listener) }
    switch packet.content {
    case .tcp(let header): takeSegment(packet, header, bytes, now, &listener)
    case .udp: takeDatagram(packet, bytes, now, &listener)
    case .undeliverable: takeUndeliverable(packet, now, &listener)
    }
  }

  /// The capture is over: everything still open is told to its end.
  mutating func finish(at now: Instant, _ listener: inout some CaptureListener) {
    let keys = table.keys.sorted { (table[$0]?.origin.number ?? 0) < (table[$1]?.origin.number ?? 0) }
    for key in keys { close(key, .captureEnded, table[key]?.last ?? now, &listener) }
    table = [:]
  }

  // MARK: TCP

  private mutating func takeSegment(
    _ packet: Packet, _ header: TCPHeader, _ bytes: Span<UInt8>, _ now: Instant, _ listener: inout some CaptureListener
  ) {
    let key = Key(packet.source, packet.destination, .stream)
    let length = packet.payload.count + packet.cut
    if header.isSYN, !header.isACK, let known = table[key] {
      let isAgain = known.synSequence == header.sequence && known.origin.client == packet.source && !known.isClosed
      if !isAgain {
        close(key, .reused, now, &listener)
        table[key] = nil
      }
    }
    if table[key] == nil {
      guard header.isSYN || length > 0 else { return }
      table[key] = begin(packet, header, now)
    }
    guard var conversation = table.removeValue(forKey: key) else { return }
    defer { table[key] = conversation }
    if conversation.isClosed { return }
    conversation.packets += 1
    conversation.last = now
    let side: Side = packet.source == conversation.origin.client ? .client : .server
    let early = conversation.halves.client.earlyBytes + conversation.halves.server.earlyBytes

    if header.isRST {
      guard conversation.isOpen || side == .server else { return }
      if !conversation.isOpen {
        conversation.isClosed = true
        listener.tell(.refused(conversation.origin, .refused))
        return
      }
      flush(&conversation, now, &listener)
      conversation.halves[side].reset()
      listener.tell(.ended(conversation.origin.number, side, .reset, now))
      shut(&conversation, .reset, now, &listener)
      return
    }
    if header.isACK { conversation.halves[side.other].start(at: header.acknowledgement) }
    var sequence = header.sequence
    if header.isSYN {
      sequence &+= 1
      conversation.halves[side].start(at: sequence)
    }
    if !conversation.isOpen, side == .server || length > 0 || header.isACK {
      conversation.isOpen = true
      openCount += 1
      listener.tell(.opened(conversation.origin))
    }
    if header.isACK { conversation.halves[side.other].acknowledge(header.acknowledgement, age: conversation.packets, at: now) }
    if length > 0 { deliver(&conversation, side, sequence, packet, header, bytes, now, &listener) }
    if header.isFIN {
      conversation.halves[side].start(at: sequence &+ UInt32(length))
      conversation.halves[side].finish(at: sequence &+ UInt32(length))
    }
    settle(&conversation, now, &listener)
    earlyTotal += conversation.halves.client.earlyBytes + conversation.halves.server.earlyBytes - early
  }

  private mutating func deliver(
    _ conversation: inout Conversation, _ side: Side, _ sequence: UInt32, _ packet: Packet, _ header: TCPHeader, _ bytes: Span<UInt8>,
    _ now: Instant,
    _ listener: inout some CaptureListener
  ) {
    let payload = bytes.extracting(packet.payload)
    conversation.halves[side].start(at: sequence)
    let answersUnheard = header.isACK && isUnheard(header.acknowledgement, conversation.halves[side.other])
    if !answersUnheard, let skip = conversation.halves[side].skip(sequence, count: payload.count) {
      let fresh = payload.extracting(skip...)
      conversation.halves[side].advance(fresh.count)
      listener.heard(.bytes(conversation.origin.number, side, now), fresh)
    } else {
      conversation.halves[side].keep(
        sequence, payload, acknowledged: header.isACK ? header.acknowledgement : nil, age: conversation.packets, at: now)
    }
    if packet.cut > 0, let next = conversation.halves[side].next, distance(sequence &+ UInt32(payload.count), from: next) == 0 {
      conversation.halves[side].advance(packet.cut)
      listener.tell(.gap(conversation.origin.number, side, packet.cut, now))
    }
    if conversation.halves[side].earlyBytes > limits.outOfOrder || earlyTotal > limits.outOfOrderTotal {
      reached["out-of-order bytes", default: 0] += 1
      flush(&conversation, now, &listener)
    }
  }

  private func isUnheard(_ acknowledged: UInt32, _ other: HalfStream) -> Bool {
    guard let next = other.next, other.ending == .open else { return false }
    let ahead = distance(acknowledged, from: next)
    // One more than everything is the acknowledgement of a FIN.
    return ahead > 1
  }

  /// Gives on what has become due on either side, until nothing moves.
  private mutating func settle(_ conversation: inout Conversation, _ now: Instant, _ listener: inout some CaptureListener) {
    var hasMoved = true
    while hasMoved {
      hasMoved = false
      for side in Side.allCases {
        let other = conversation.halves[side.other]
        let age = conversation.packets
        while let bytes = conversation.halves[side].takeDue(isHeld: { acknowledged, since, at in
          guard let acknowledged, let next = other.next, other.ending == .open, distance(acknowledged, from: next) > 1 else { return false }
          return age - since <= HalfStream.patiencePackets && now - at <= HalfStream.patience
        }) {
          conversation.halves[side].advance(bytes.count)
          listener.heard(.bytes(conversation.origin.number, side, now), bytes.span)
          hasMoved = true
        }
        if let lost = conversation.halves[side].lost(age: age, at: now) {
          conversation.halves[side].advance(lost)
          listener.tell(.gap(conversation.origin.number, side, lost, now))
          hasMoved = true
        }
        if conversation.halves[side].takeFinish() {
          listener.tell(.ended(conversation.origin.number, side, .finished, now))
          hasMoved = true
        }
      }
    }
    if conversation.halves.client.ending != .open, conversation.halves.server.ending != .open {
      shut(&conversation, .finished, now, &listener)
    }
  }

  /// Gives on everything that is kept; what is missing in between counts as lost.
  private mutating func flush(_ conversation: inout Conversation, _ now: Instant, _ listener: inout some CaptureListener) {
    var hasMoved = true
    while hasMoved {
      hasMoved = false
      for side in [Side.client, .server] {
        while let bytes = conversation.halves[side].takeDue(isHeld: { _, _, _ in false }) {
          conversation.halves[side].advance(bytes.count)
          listener.heard(.bytes(conversation.origin.number, side, now), bytes.span)
          hasMoved = true
        }
        if let lost = conversation.halves[side].lostForGood() {
          conversation.halves[side].advance(lost)
          listener.tell(.gap(conversation.origin.number, side, lost, now))
          hasMoved = true
        }
        if conversation.halves[side].takeFinish() {
          listener.tell(.ended(conversation.origin.number, side, .finished, now))
        }
      }
    }
  }

  private mutating func shut(_ conversation: inout Conversation, _ how: Closing, _ now: Instant, _ listener: inout some CaptureListener) {
    guard !conversation.isClosed else { return }
    conversation.isClosed = true
    openCount -= 1
    conflicts += conversation.halves.client.conflicts + conversation.halves.server.conflicts
    listener.tell(.closed(conversation.origin.number, how, now))
  }

  private mutating func close(_ key: Key, _ how: Closing, _ now: Instant, _ listener: inout some CaptureListener) {
    guard var conversation = table[key], !conversation.isClosed else { return }
    if !conversation.isOpen {
      conversation.isClosed = true
      listener.tell(.refused(conversation.origin, .timedOut))
    } else {
      let early = conversation.halves.client.earlyBytes + conversation.halves.server.earlyBytes
      flush(&conversation, now, &listener)
      earlyTotal -= early
      shut(&conversation, how, now, &listener)
    }
    table[key] = conversation
  }

  private mutating func begin(_ packet: Packet, _ header: TCPHeader, _ now: Instant) -> Conversation {
    let isClient: Bool
    if header.isSYN {
      isClient = !header.isACK
    } else {
      isClient = packet.source.port > packet.destination.port || packet.source.port == packet.destination.port
    }
    var conversation = Conversation(
      origin: Origin(
        number: count, transport: .stream, client: isClient ? packet.source : packet.destination,
        server: isClient ? packet.destination : packet.source, at: now, isPartial: !header.isSYN),
      last: now)
    if header.isSYN, !header.isACK { conversation.synSequence = header.sequence }
    count += 1
    return conversation
  }

  // MARK: UDP and ICMP

  private mutating func takeDatagram(_ packet: Packet, _ bytes: Span<UInt8>, _ now: Instant, _ listener: inout some CaptureListener) {
    let key = Key(packet.source, packet.destination, .datagrams)
    if table[key].map({ $0.isClosed }) ?? true {
      let origin = Origin(
        number: count, transport: .datagrams, client: packet.source, server: packet.destination, at: now, isPartial: false)
      count += 1
      openCount += 1
      var conversation = Conversation(origin: origin, last: now)
      conversation.isOpen = true
      table[key] = conversation
      listener.tell(.opened(origin))
    }
    guard let origin = table[key]?.origin else { return }
    table[key]?.last = now
    let side: Side = packet.source == origin.client ? .client : .server
    listener.heard(.datagram(origin.number, side, now), bytes.extracting(packet.payload))
    if packet.cut > 0 { listener.tell(.gap(origin.number, side, packet.cut, now)) }
  }

  private mutating func takeUndeliverable(_ packet: Packet, _ now: Instant, _ listener: inout some CaptureListener) {
    let key = Key(packet.source, packet.destination, .stream)
    guard let conversation = table[key], !conversation.isOpen, !conversation.isClosed else { return }
    table[key]?.isClosed = true
    listener.tell(.refused(conversation.origin, .unreachable))
  }

  // MARK: Bounds

  /// From time to time: what was idle for too long ends, and what has ended is forgotten.
  private mutating func sweep(_ now: Instant, _ listener: inout some CaptureListener) {
    packetsSinceSweep = 0
    let idle = table.filter { now - $0.value.last > limits.idle && !$0.value.isClosed }.sorted {
      $0.value.origin.number < $1.value.origin.number
    }
    for (key, _) in idle { close(key, .idle, now, &listener) }
    // Late retransmissions of what has ended must not look like something new.
    table = table.filter { !$0.value.isClosed || now - $0.value.last < Self.remembered }
    if openCount > limits.conversations {
      let silent = table.filter { !$0.value.isClosed }.sorted { $0.value.last < $1.value.last }
      for (key, _) in silent.prefix(openCount - limits.conversations * 7 / 8) {
        reached["open conversations", default: 0] += 1
        close(key, .crowded, now, &listener)
      }
    }
  }

  /// What has ended is remembered for that long (RFC 9293 §3.4.1).
  private static let remembered = Duration.seconds(120)
}
