import Capture
import Dialects
import Transcript
import Wire

/// A conversation under way: kept as it is until its first words tell the protocol, then followed.
struct Recording {
  private enum State { case undecided, followed, left }

  private enum Opening {
    case bytes(Side, Instant, [UInt8])
    case lost(Side, Instant, Int)
    case ended(Side, Instant, Ending)
  }

  var recorded: Recorded
  private let limits: ExtractionLimits
  private var dialect: (any Dialect)?
  private var state = State.undecided
  private var opening: [Opening] = []
  private var openingBytes = 0
  /// A capture that begins in the middle may show the server first: then the sides are the other way round.
  private var isTurned = false
  private var following: Following?
  /// The port of what is inside a tunnel, once there is one.
  private var tunnel: UInt16?
  /// Replies that came before the last of the command that they answer, and how many commands have come whole.
  private var early: [Heard] = []
  private var commandCount = 0
  private var endings = Sides(client: Ending.open, server: Ending.open)

  /// Bytes that are kept.
  private(set) var held = 0
  /// What it has said of data connections since they were last taken.
  var signals: [Signal] = []
  /// Commands whose transfer has begun and not been answered for good.
  var running: Set<Int> = []

  /// What a control conversation says of its data connections.
  enum Signal {
    /// It is one.
    case speaks(String, Origin)
    case announces(Announcement, Instant)
    /// The data connection can have been opened from `since` on, also where it was not announced.
    case begins(command: Int, Transfer, since: Instant)
    case ends(command: Int, Instant)
  }

  init(_ origin: Origin, _ limits: ExtractionLimits, _ dialect: (any Dialect)?) {
    recorded = Recorded(origin: origin)
    self.limits = limits
    self.dialect = dialect
    if origin.isPartial { recorded.missing.append(.beginning) }
  }

  mutating func receive(_ bytes: Span<UInt8>, from side: Side, at now: Instant) {
    recorded.volume[turned(side)] += bytes.count
    guard state != .left else { return }
    held += bytes.count
    if held > limits.conversation { return giveUp() }
    guard state == .undecided else { return follow(bytes, from: side, at: now) }
    keep(bytes.array, from: side, at: now)
  }

  private mutating func keep(_ bytes: [UInt8], from side: Side, at now: Instant) {
    opening.append(.bytes(side, now, bytes))
    openingBytes += bytes.count
    if openingBytes > limits.opening || firstLine(.client) != nil && firstLine(.server) != nil { decide() }
  }

  mutating func lost(_ count: Int, from side: Side, at now: Instant) {
    guard !isTLS else { return }
    recorded.missing.append(.bytes(count, from: turned(side)))
    switch state {
    case .left: break
    case .undecided: opening.append(.lost(side, now, count))
    case .followed: lose(count, from: side, at: now)
    }
  }

  mutating func end(_ side: Side, _ ending: Ending, at now: Instant) {
    if state == .undecided {
      opening.append(.ended(side, now, ending))
      decide()
    } else {
      endDirection(side, ending, at: now)
    }
  }

  /// Nothing more of it is kept.
  mutating func giveUp() {
    guard state != .left else { return }
    if state == .undecided { decide() }
    if recorded.skip == nil { recorded.missing.append(.limit) }
    following = nil
    state = .left
  }

  mutating func takeSignals() -> [Signal] {
    guard !signals.isEmpty else { return [] }
    defer { signals = [] }
    return signals
  }

  mutating func closed(_ how: Closing, at now: Instant) -> Recorded {
    if state == .undecided { decide() }
    recorded.closing = how
    guard recorded.skip == nil else { return recorded }
    let isOver =
      how == .finished || how == .reset || endings.client != .open || endings.server != .open || recorded.origin.transport == .datagrams
    take(following?.abandon(), at: now)
    releaseEarly(all: true)
    recorded.arrange()
    if !isOver { recorded.missing.append(.end) }
    return recorded
  }

  /// A connection that never came about is a fact, too, where the port tells what was to be spoken.
  mutating func refused(_ how: Refusal) -> Recorded {
    recorded.refusal = how
    let glimpse = Glimpse(port: recorded.origin.server.port, transport: recorded.origin.transport, greeting: nil, command: nil)
    recorded.dialect = dialect ?? Registry.recognise(glimpse)
    if recorded.dialect == nil { recorded.skip = .neverOpened }
    return recorded
  }

  private var isTLS: Bool { recorded.missing.contains(.tls) }

  // MARK: Which protocol

  private mutating func decide() {
    if tunnel != nil { return decideInside() }
    var found = dialect ?? Registry.recognise(glimpse(.client, port: recorded.origin.server.port))
    // Of datagrams, the first one may be an answer.
    if found == nil, recorded.origin.isPartial || recorded.origin.transport == .datagrams {
      found = Registry.recognise(glimpse(.server, port: recorded.origin.client.port))
      if found != nil { turn() }
    }
    let isSilent = recorded.volume.client + recorded.volume.server == 0
    guard let found, !isSilent else {
      recorded.skip = isSilent ? .silent : beginsTLS ? .tls : .unknownProtocol
      state = .left
      held = 0
      opening = []
      return
    }
    recorded.dialect = found
    if found.hasTransfers { signals.append(.speaks(found.name, recorded.origin)) }
    follow(found)
  }

  /// What goes through a tunnel is as unknown as a conversation's beginning.
  private mutating func decideInside() {
    let glimpse = glimpse(turned(.client), port: tunnel ?? 0)
    guard glimpse.command != nil || glimpse.greeting != nil else { return follow(nil) }
    let found = Registry.recognise(glimpse)
    if let found {
      recorded.entries.append(.speaks(found))
    } else {
      recorded.missing.append(beginsTLS ? .tls : .notFollowed(glimpse.command == nil ? .server : .client))
    }
    follow(found)
  }

  /// From here on, and what was kept until now; nothing but the ends where nobody knows what it is.
  private mutating func follow(_ dialect: (any Dialect)?) {
    following = dialect.map { Following($0, recorded.origin.transport, payloadLimit: limits.conversation) }
    state = .followed
    early = []
    commandCount = 0
    if tunnel == nil, recorded.origin.isPartial {
      for side in Side.allCases { take(following?.lost(0, from: side, at: recorded.origin.at), at: recorded.origin.at) }
    }
    let past = opening
    opening = []
    openingBytes = 0
    for event in past {
      switch event {
      // What comes first may begin a tunnel, and what is behind it is inside.
      case .bytes(let side, let now, let bytes):
        if state == .undecided { keep(bytes, from: side, at: now) } else { follow(bytes.span, from: side, at: now) }
      case .lost(let side, let now, let count): if state == .undecided { opening.append(event) } else { lose(count, from: side, at: now) }
      case .ended(let side, let now, let ending):
        if state == .undecided { decide() }
        endDirection(side, ending, at: now)
      }
    }
  }

  private mutating func turn() {
    isTurned = true
    swap(&recorded.origin.client, &recorded.origin.server)
    swap(&recorded.volume.client, &recorded.volume.server)
    recorded.missing = recorded.missing.map { if case .bytes(let count, let side) = $0 { .bytes(count, from: side.other) } else { $0 } }
  }

  private func turned(_ side: Side) -> Side { isTurned ? side.other : side }

  /// The first words, where that side is taken for the client.
  private func glimpse(_ client: Side, port: UInt16) -> Glimpse {
    func words(_ side: Side) -> [UInt8]? {
      let words = firstLine(side) ?? firstBytes(side)
      return words.isEmpty ? nil : words
    }
    return Glimpse(
      port: port, transport: recorded.origin.transport, greeting: words(client.other), command: words(client),
      opening: Sides(client: firstBytes(client), server: firstBytes(client.other)))
  }

  /// Without its end; nil where it is not whole. Of datagrams, the first one.
  private func firstLine(_ side: Side) -> [UInt8]? {
    let bytes = firstBytes(side)
    if recorded.origin.transport == .datagrams { return bytes.isEmpty ? nil : bytes }
    guard let end = bytes.firstIndex(of: 10) else { return nil }
    return Array(bytes[..<(end > 0 && bytes[end - 1] == 13 ? end - 1 : end)])
  }

  private func firstBytes(_ side: Side) -> [UInt8] {
    var out: [UInt8] = []
    for case .bytes(side, _, let bytes) in opening {
      out += bytes.prefix(Self.longestFirstLine - out.count)
      if out.count == Self.longestFirstLine || out.contains(10) || recorded.origin.transport == .datagrams { break }
    }
    return out
  }

  /// Whether a side begins with a record of a TLS handshake (RFC 8446 §5.1).
  private var beginsTLS: Bool { Side.allCases.contains { firstBytes($0).starts(with: [0x16, 0x03]) } }

  private static let longestFirstLine = 1024

  // MARK: Following

  private mutating func follow(_ bytes: Span<UInt8>, from side: Side, at now: Instant) {
    let side = turned(side)
    take(following?.receive(bytes, from: side, at: now), at: now)
  }

  private mutating func lose(_ count: Int, from side: Side, at now: Instant) {
    let side = turned(side)
    take(following?.lost(count, from: side, at: now), at: now)
  }

  private mutating func endDirection(_ side: Side, _ ending: Ending, at now: Instant) {
    let side = turned(side)
    endings[side] = ending
    take(following?.end(side, ending, at: now), at: now)
    recorded.entries.append(.ended(side, ending))
  }

  private mutating func take(_ sounds: [Sound]?, at now: Instant) {
    guard let sounds, !sounds.isEmpty else { return }
    // A capture that was decrypted goes on in clear behind the start of TLS; what it shows there cannot be played without.
    for sound in sounds where !isTLS {
      switch sound {
      case .message(let heard) where heard.isCutShort:
        let count = heard.message.head.reduce(heard.payloadSize) { $0 + $1.recorded.count }
        recorded.missing.append(.unfinished(heard.side, count))
        if heard.side == .client { whole(heard) }
      case .message(let heard): take(heard)
      case .broken(let side, let violation, _):
        let missing = Recorded.Missing.broken(side, violation)
        if !recorded.missing.contains(missing) { recorded.missing.append(missing) }
      case .opaque(let side): recorded.missing.append(.notFollowed(side))
      case .tunnelled(let side, let bytes): keep(bytes, from: turned(side), at: now)
      }
    }
  }

  /// A reply stands never before the command that it answers, though it may come while that is still being sent (100 Continue).
  private mutating func take(_ heard: Heard) {
    if heard.side == .server, let asked = heard.answer.ordinal, asked >= commandCount || !early.isEmpty {
      early.append(heard)
      return
    }
    recorded.entries.append(.message(heard))
    // What a tunnel's inside announces is announced to its far end.
    if tunnel == nil, !heard.effects.isEmpty || !running.isEmpty { noteTransfers(heard) }
    for effect in heard.effects {
      switch effect {
      case .startTLS: recorded.missing.append(.tls)
      case .tunnels(let port):
        tunnel = port ?? 0
        state = .undecided
      case .ends, .asksAgain, .announces, .transfers: break
      }
    }
    if heard.side == .client { whole(heard) }
  }

  private mutating func whole(_ command: Heard) {
    commandCount = command.ordinal + 1
    releaseEarly(all: false)
  }

  private mutating func releaseEarly(all: Bool) {
    let waiting = early
    early = []
    for heard in waiting {
      if all { recorded.entries.append(.message(heard)) } else { take(heard) }
    }
  }
}
