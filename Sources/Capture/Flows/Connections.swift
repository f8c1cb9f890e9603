import Wire

/// Every conversation of a capture: packets in, events out.
struct Connections {
  private let limits: CaptureLimits
  /// In nanoseconds.
  private let idle: (streams: Int64, datagrams: Int64)
  private var table = FlowTable<Flow>()
  /// Open conversations, the one that was silent for longest first.
  private var streams = Chain()
  private var datagrams = Chain()
  /// Those that wait for bytes or for time to pass, the one that was looked at longest ago first.
  private var waiting = Chain()
  /// What has ended, and is remembered so that late packets do not look like something new.
  private var ended = Chain()
  private var journal: Journal
  /// What early segments take in all, in bytes.
  private(set) var kept = 0

  /// Which capture is being read, and how many conversations began in each.
  private var capture = 0
  private var begun: [Int]
  /// How many there were.
  private(set) var conversations = 0
  /// Limits that were reached, and how often.
  private(set) var reached: [String: Int] = [:]
  private(set) var conflicts = 0
  /// Conversations that have such, the first few.
  private(set) var conflicting: [Origin] = []
  private(set) var strayResets = 0

  /// How many are open or remembered.
  var size: Int { table.count }

  init(_ limits: CaptureLimits, captures: Int = 1) {
    self.limits = limits
    begun = [Int](repeating: 0, count: captures)
    journal = Journal(size: limits.recent)
    idle = (limits.idle.nanoseconds, limits.idleDatagrams.nanoseconds)
  }

  /// - Parameter capture: which capture it is from.
  mutating func take(
    _ packet: Packet, _ bytes: Span<UInt8>, at now: Instant, of capture: Int = 0, _ listener: inout some CaptureListener
  ) {
    self.capture = capture
    pass(to: now, &listener)
    switch packet.content {
    case .tcp(let header): takeSegment(packet, header, bytes, now, &listener)
    case .udp: takeDatagram(packet, bytes, now, &listener)
    case .undeliverable: takeUndeliverable(packet, &listener)
    case .fragment: break
    }
  }

  /// The capture is over: everything that is open is told to its end.
  mutating func finish(_ listener: inout some CaptureListener) {
    let open = Array(streams) + Array(datagrams)
    for slot in open.sorted(by: { table[$0].conversation.origin.number < table[$1].conversation.origin.number }) {
      end(slot, .captureEnded, &listener)
    }
  }

  // MARK: Packets

  private mutating func takeSegment(
    _ packet: Packet, _ header: TCPHeader, _ bytes: Span<UInt8>, _ now: Instant, _ listener: inout some CaptureListener
  ) {
    let (key, isFromLow) = FlowKey.of(packet.source, packet.destination, .stream)
    let payload = bytes.extracting(packet.payload)
    while let slot = table.find(key) ?? begin(packet, header, key, isFromLow: isFromLow, now, &listener) {
      switch table[slot].take(header, isFromLow: isFromLow, payload, cut: packet.cut, at: now, &journal, &listener) {
      case .taken(let outcome):
        streams.moveToEnd(slot)
        if outcome == .strayReset { strayResets += 1 }
        if outcome != .settled || waiting.contains(slot) { settle(slot, now, &listener) }
        return
      case .stray: return
      case .successor: end(slot, .reused, &listener)
      case .rivals: replace(slot, key, &listener)
      }
    }
  }

  private mutating func takeDatagram(_ packet: Packet, _ bytes: Span<UInt8>, _ now: Instant, _ listener: inout some CaptureListener) {
    let (key, isFromLow) = FlowKey.of(packet.source, packet.destination, .datagrams)
    let slot: Int
    if let found = table.find(key) {
      slot = found
      datagrams.moveToEnd(slot)
    } else {
      let origin = Origin(
        number: conversations, transport: .datagrams, client: packet.source, server: packet.destination, at: now, isPartial: false,
        capture: capture, stream: begun[capture])
      slot = add(origin, key, isClientLow: isFromLow, &listener)
      listener.tell(.opened(origin))
    }
    let side = table[slot].side(isFromLow: isFromLow)
    table[slot].conversation.takeDatagram(from: side, bytes.extracting(packet.payload), cut: packet.cut, at: now, &listener)
  }

  private mutating func takeUndeliverable(_ packet: Packet, _ listener: inout some CaptureListener) {
    let (key, _) = FlowKey.of(packet.source, packet.destination, .stream)
    guard let slot = table.find(key), table[slot].conversation.phase == .dialling,
      packet.source == table[slot].conversation.origin.client
    else { return }
    table[slot].conversation.refuse(.unreachable, &listener)
    retire(slot)
  }

  // MARK: Beginning and end

  /// A conversation begins with a SYN, or, where that was not captured, with bytes; anything else is the rest of an older one.
  private mutating func begin(
    _ packet: Packet, _ header: TCPHeader, _ key: FlowKey, isFromLow: Bool, _ now: Instant, _ listener: inout some CaptureListener
  ) -> Int? {
    guard header.isSYN || packet.payload.count + packet.cut > 0, !header.isRST else { return nil }
    let isClient = header.isSYN ? header.acknowledgement == nil : packet.source.port >= packet.destination.port
    let origin = Origin(
      number: conversations, transport: .stream, client: isClient ? packet.source : packet.destination,
      server: isClient ? packet.destination : packet.source, at: now, isPartial: !header.isSYN, capture: capture,
      stream: begun[capture])
    return add(origin, key, isClientLow: isClient == isFromLow, &listener)
  }

  /// What began with the rival's packet takes the place of what was open.
  private mutating func replace(_ slot: Int, _ key: FlowKey, _ listener: inout some CaptureListener) {
    let old = table[slot]
    guard let rival = old.conversation.rival else { return }
    end(slot, .reused, &listener)
    let ends = old.conversation.origin
    let isSame = rival.client == .client
    let origin = Origin(
      number: conversations, transport: .stream, client: isSame ? ends.client : ends.server, server: isSame ? ends.server : ends.client,
      at: rival.at, isPartial: false, capture: capture, stream: begun[capture])
    let new = add(origin, key, isClientLow: old.isClientLow == isSame, &listener)
    let sender: Side = rival.sender == rival.client ? .client : .server
    let none: [UInt8] = []
    _ = table[new].conversation.take(rival.header, from: sender, none.span, cut: 0, at: rival.at, &listener)
  }

  private mutating func add(_ origin: Origin, _ key: FlowKey, isClientLow: Bool, _ listener: inout some CaptureListener) -> Int {
    if streams.count + datagrams.count >= limits.conversations, let silent = mostSilent {
      reached["open conversations", default: 0] += 1
      end(silent, .crowded, &listener)
    }
    conversations += 1
    begun[capture] += 1
    let slot = table.insert(Flow(Conversation(origin), isClientLow: isClientLow), for: key)
    if origin.transport == .stream { streams.append(slot) } else { datagrams.append(slot) }
    return slot
  }

  private var mostSilent: Int? {
    guard let stream = streams.first, let exchange = datagrams.first else { return streams.first ?? datagrams.first }
    return table[stream].conversation.last <= table[exchange].conversation.last ? stream : exchange
  }

  /// Ends a conversation from outside, and forgets it: what comes after begins anew.
  private mutating func end(_ slot: Int, _ how: Closing, _ listener: inout some CaptureListener) {
    if table[slot].conversation.phase != .closed {
      table[slot].conversation.close(how, &listener)
      leave(slot)
    }
    ended.remove(slot)
    table.remove(slot)
  }

  /// It has ended by itself, and is remembered for a while.
  private mutating func retire(_ slot: Int) {
    leave(slot)
    ended.append(slot)
    if ended.count > limits.remembered, let oldest = ended.first { forget(oldest) }
  }

  private mutating func leave(_ slot: Int) {
    streams.remove(slot)
    datagrams.remove(slot)
    waiting.remove(slot)
    kept -= table[slot].kept
    let conflicts = table[slot].conflicts
    if conflicts > 0, conflicting.count < Self.conflictingNamed { conflicting.append(table[slot].conversation.origin) }
    self.conflicts += conflicts
  }

  private mutating func forget(_ slot: Int) {
    ended.remove(slot)
    table.remove(slot)
  }

  // MARK: Bounds

  /// What is to be done where a packet, or time, has changed a conversation.
  private mutating func settle(_ slot: Int, _ now: Instant, _ listener: inout some CaptureListener) {
    if table[slot].conversation.cost > limits.outOfOrder {
      reached["out-of-order bytes", default: 0] += 1
      table[slot].conversation.flush(&listener)
    }
    if table[slot].conversation.phase == .closed { return retire(slot) }
    let cost = table[slot].conversation.cost
    kept += cost - table[slot].kept
    table[slot].kept = cost
    if !table[slot].conversation.isWaiting {
      waiting.remove(slot)
    } else if !waiting.contains(slot) {
      table[slot].waitingSince = now
      waiting.append(slot)
    }
    while kept > limits.outOfOrderTotal, let longest = waiting.first {
      reached["out-of-order bytes in all", default: 0] += 1
      waiting.remove(longest)
      table[longest].conversation.flush(&listener)
      settle(longest, now, &listener)
    }
  }

  /// Time has passed for all conversations, not only for the one whose packet told so.
  mutating func pass(to now: Instant, _ listener: inout some CaptureListener) {
    while let slot = waiting.first, !(0...Moment.patience).contains(now.nanoseconds(since: table[slot].waitingSince)) {
      waiting.remove(slot)
      table[slot].conversation.wait(until: now, &listener)
      settle(slot, now, &listener)
    }
    while let slot = streams.first, isSilent(slot, at: now, for: idle.streams) { end(slot, .idle, &listener) }
    while let slot = datagrams.first, isSilent(slot, at: now, for: idle.datagrams) { end(slot, .idle, &listener) }
    while let slot = ended.first, isSilent(slot, at: now, for: Self.rememberedFor) { forget(slot) }
  }

  private func isSilent(_ slot: Int, at now: Instant, for nanoseconds: Int64) -> Bool {
    now.nanoseconds(since: table[slot].conversation.last) > nanoseconds
  }

  private static let conflictingNamed = 8
  /// Nanoseconds: twice a segment's longest life (RFC 9293 §3.4.2).
  private static let rememberedFor: Int64 = 240_000_000_000
}
