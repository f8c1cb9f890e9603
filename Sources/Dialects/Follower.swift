package import Transcript
package import Wire

/// What a follower tells, in the order in which it becomes whole on the wire. Spans are valid during the call only.
package protocol Listener {
  mutating func heard(_ head: Head, from side: Side, _ raw: Span<UInt8>)
  mutating func heard(_ piece: Piece, from side: Side, _ content: Span<UInt8>)
  /// Bytes that are no message. They are cut past.
  mutating func broken(_ violation: Violation, from side: Side, _ raw: Span<UInt8>)
  /// Bytes of a side which had ended or lost some before its message was whole.
  mutating func cutShort(from side: Side, _ raw: Span<UInt8>)
  /// Bytes that no session reads: TLS, or what is behind a gap that cannot be understood.
  mutating func opaque(from side: Side, _ raw: Span<UInt8>)
  /// Bytes that went through a tunnel: another protocol's.
  mutating func tunnelled(from side: Side, _ raw: Span<UInt8>)
}

extension Listener {
  package mutating func tunnelled(from side: Side, _ raw: Span<UInt8>) { opaque(from: side, raw) }
}

/// Drives one session over both directions until neither side can be cut further. Written once, for every dialect.
///
/// Bytes that come whole are cut where they lie; only the rest of a message that is not whole yet is kept.
package struct Follower: Sendable {
  private var session: any Session
  private var inboxes = Sides(client: Inbox(), server: Inbox())
  private var endings = Sides(client: Ending.open, server: Ending.open)
  /// Nothing is cut any more: TLS, or nothing can be understood.
  private var isLost = false
  /// TLS begins with the next bytes, unless these are in clear all the same: of a capture that was decrypted, or of a connection whose
  /// TLS somebody else does.
  private var awaitsTLS = false
  /// The bytes are another protocol's from here on.
  package private(set) var isTunnel = false

  private let transport: Transport

  package init(_ session: any Session, over transport: Transport = .stream) {
    self.session = session
    self.transport = transport
  }

  /// Whether what comes next is TLS's, or will not be understood for another reason.
  package var isOpaque: Bool { isLost || awaitsTLS || isTunnel }

  /// Bytes of a side that are kept because they are not a whole message yet.
  package func pending(_ side: Side) -> Int { inboxes[side].count }

  package mutating func receive(_ bytes: Span<UInt8>, from side: Side, into listener: inout some Listener) {
    if isTunnel { return listener.tunnelled(from: side, bytes) }
    if isLost { return listener.opaque(from: side, bytes) }
    if transport == .datagrams { return take(datagram: bytes, from: side, &listener) }
    if inboxes[side].isEmpty {
      let done = pump(side, bytes, &listener)
      inboxes[side].append(bytes.extracting(done...))
    } else {
      inboxes[side].append(bytes)
      drain(side, &listener)
    }
    turns(after: side, &listener)
  }

  /// A datagram is a message or none: what it lacks, no other one brings.
  private mutating func take(datagram: Span<UInt8>, from side: Side, _ listener: inout some Listener) {
    switch session.cut(side, datagram, searched: 0, ending: .finished, quiet: true) {
    case .head(let head): listener.heard(head, from: side, datagram.extracting(head.framing...))
    case .broken(let violation, _): listener.broken(violation, from: side, datagram)
    case .lost: isLost = true
    // One that has come already.
    case .took: break
    case .more, .blocked, .piece: listener.cutShort(from: side, datagram)
    }
  }

  package mutating func end(_ side: Side, _ ending: Ending, into listener: inout some Listener) {
    guard endings[side] == .open else { return }
    endings[side] = ending
    guard transport == .stream else { return }
    drain(side, &listener)
    turns(after: side, &listener)
  }

  /// `count` bytes of a side are missing; 0 where it is not known whether there were any, as before a recording that began late.
  package mutating func lost(_ count: Int, from side: Side, into listener: inout some Listener) {
    guard !isLost, !isTunnel else { return }
    giveBack(side, &listener)
    inboxes[side].isBehindGap = true
    if !session.lost(count, from: side) { isLost = true }
    drain(side.other, &listener)
    turns(after: side.other, &listener)
  }

  /// Nothing more comes of either side, and neither has said so: what is kept is given back.
  package mutating func abandon(into listener: inout some Listener) {
    for side in Side.allCases { giveBack(side, &listener) }
  }

  package func write(_ message: Message) -> [UInt8] { session.write(message) }
  package func admits(_ message: Message) -> Admission { session.admits(message) }

  /// The other side may have waited for what was cut; then this one again, until neither moves.
  private mutating func turns(after side: Side, _ listener: inout some Listener) {
    var next = side.other
    while !isTunnel, drain(next, &listener) { next = next.other }
    if isTunnel { return passOn(&listener) }
    for side in Side.allCases {
      // Who waits for the other side is not at its end before the other one is.
      let isAtEnd = endings[side] != .open && (!inboxes[side].isBlocked || endings[side.other] != .open)
      if isAtEnd, !inboxes[side].isGivenBack {
        inboxes[side].isGivenBack = true
        giveBack(side, &listener)
      }
      if inboxes[side].count > Self.limit { isLost = true }
    }
    guard isLost else { return }
    for side in Side.allCases where !inboxes[side].isEmpty {
      let rest = inboxes[side].empty()
      listener.opaque(from: side, rest.span)
    }
  }

  /// What was kept before the tunnel began has gone through it.
  private mutating func passOn(_ listener: inout some Listener) {
    for side in Side.allCases where !inboxes[side].isEmpty {
      let rest = inboxes[side].empty()
      listener.tunnelled(from: side, rest.span)
    }
  }

  /// Cuts what is kept of a side; true where anything was cut.
  @discardableResult
  private mutating func drain(_ side: Side, _ listener: inout some Listener) -> Bool {
    guard !isLost, !isTunnel, !inboxes[side].isEmpty || endings[side] != .open else { return false }
    // Moved out for the time being, so that nothing is copied when the session tells how far it is.
    var bytes: [UInt8] = []
    swap(&bytes, &inboxes[side].bytes)
    let done = pump(side, bytes.span.extracting(inboxes[side].start...), &listener)
    swap(&bytes, &inboxes[side].bytes)
    inboxes[side].drop(done)
    return done > 0
  }

  /// Cuts `bytes` as far as it goes and returns how many were reported, those that were only `took` left out.
  private mutating func pump(_ side: Side, _ bytes: Span<UInt8>, _ listener: inout some Listener) -> Int {
    var start = 0
    var taken = inboxes[side].taken
    var searched = inboxes[side].searched
    inboxes[side].isBlocked = false
    let quiet = inboxes[side.other].isEmpty
    while !isLost, !isTunnel {
      let from = start + taken
      let rest = bytes.extracting(from...)
      if awaitsTLS, !rest.isEmpty {
        awaitsTLS = false
        isLost = rest[0] == Self.handshake
        continue
      }
      switch session.cut(side, rest, searched: searched, ending: endings[side], quiet: quiet) {
      case .more:
        inboxes[side].taken = taken
        inboxes[side].searched = rest.count
        return start
      case .blocked:
        inboxes[side].taken = taken
        inboxes[side].searched = 0
        inboxes[side].isBlocked = true
        return start
      case .took(let count):
        taken += count
      case .head(let head):
        listener.heard(head, from: side, bytes.extracting((start + head.framing)..<(from + head.length)))
        start = from + head.length
        taken = 0
        inboxes[side].isBehindGap = false
        if head.payload == nil { apply(head.effects, of: side) }
      case .piece(let piece):
        listener.heard(piece, from: side, rest.extracting(piece.skipping..<(piece.skipping + piece.content)))
        start = from + piece.taking
        taken = 0
        if piece.isLast { apply(piece.effects, of: side) }
      case .broken(let violation, let count):
        let raw = bytes.extracting(start..<(from + count))
        // Behind a gap stands the rest of what is missing, and that is nobody's fault.
        if inboxes[side].isBehindGap { listener.cutShort(from: side, raw) } else { listener.broken(violation, from: side, raw) }
        start = from + count
        taken = 0
      case .lost:
        isLost = true
        continue
      }
      searched = 0
    }
    inboxes[side].taken = 0
    inboxes[side].searched = 0
    return start
  }

  private mutating func apply(_ effects: [Effect], of side: Side) {
    if effects.contains(where: { if case .tunnels = $0 { true } else { false } }) { isTunnel = true }
    guard effects.contains(.startTLS) else { return }
    // What the other side said before it could know belongs to nothing (RFC 3207 §5).
    if inboxes[side.other].isEmpty { awaitsTLS = true } else { isLost = true }
  }

  /// What is kept of a side will not become whole.
  private mutating func giveBack(_ side: Side, _ listener: inout some Listener) {
    let isBlocked = inboxes[side].isBlocked
    let rest = inboxes[side].empty()
    // What waited for the other side was never looked at.
    let looked = isBlocked ? 0 : rest.count
    if looked < rest.count { listener.opaque(from: side, rest.span) }
    listener.cutShort(from: side, rest.span.extracting(..<looked))
  }

  /// A record of TLS that begins one (RFC 8446 §5.1).
  private static let handshake: UInt8 = 22
  /// Of what one side may say while it waits for the other, or without making sense; beyond, the conversation is not understood.
  package static let limit = 1 << 22
}

/// What has been received of a side and not been reported yet: `bytes`, from `start`.
private struct Inbox: Sendable {
  var bytes: [UInt8] = []
  private(set) var start = 0
  /// Of a message that goes on.
  var taken = 0
  /// Behind what was taken.
  var searched = 0
  /// The other side must speak first.
  var isBlocked = false
  /// Nothing was understood since bytes were lost.
  var isBehindGap = false
  /// Its side has ended, and that has been told.
  var isGivenBack = false

  var count: Int { bytes.count - start }
  var isEmpty: Bool { start == bytes.count }

  mutating func append(_ more: Span<UInt8>) { more.withUnsafeBufferPointer { bytes.append(contentsOf: $0) } }

  /// Gives everything back.
  mutating func empty() -> [UInt8] {
    let rest = Array(bytes[start...])
    bytes = []
    start = 0
    taken = 0
    searched = 0
    isBlocked = false
    return rest
  }

  /// What is dropped is moved out of the way once it is half of all: each byte is moved once on average.
  mutating func drop(_ count: Int) {
    start += count
    if start == bytes.count {
      bytes.removeAll(keepingCapacity: bytes.capacity <= Self.keptCapacity)
      start = 0
    } else if start * 2 >= bytes.count {
      bytes.removeFirst(start)
      start = 0
    }
  }

  /// A conversation that once kept more gives it back.
  private static let keptCapacity = 1 << 16
}
