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
}

/// Drives one session over both directions until neither side can be cut further. Written once, for every dialect.
///
/// Bytes that come whole are cut where they lie; only the rest of a message that is not whole yet is kept.
package struct Follower: Sendable {
  private var session: any Session
  private var inboxes = Sides(client: Inbox(), server: Inbox())
  private var endings = Sides(client: Ending.open, server: Ending.open)
  /// Nothing is cut any more: TLS, or nothing can be understood.
  package private(set) var isOpaque = false

  package init(_ session: any Session) { self.session = session }

  /// Bytes of a side that are kept because they are not a whole message yet.
  package func pending(_ side: Side) -> Int { inboxes[side].bytes.count }

  package mutating func receive(_ bytes: Span<UInt8>, from side: Side, into listener: inout some Listener) {
    if isOpaque {
      listener.opaque(from: side, bytes)
    } else if inboxes[side].bytes.isEmpty {
      let done = pump(side, bytes, &listener)
      if isOpaque {
        if done < bytes.count { listener.opaque(from: side, bytes.extracting(done...)) }
      } else {
        inboxes[side].append(bytes.extracting(done...))
        turns(after: side, &listener)
      }
    } else {
      inboxes[side].append(bytes)
      turns(startingWith: side, &listener)
    }
  }

  package mutating func end(_ side: Side, _ ending: Ending, into listener: inout some Listener) {
    endings[side] = ending
    turns(startingWith: side, &listener)
    cutShort(side, &listener)
  }

  /// `count` bytes of a side are missing.
  package mutating func lost(_ count: Int, from side: Side, into listener: inout some Listener) {
    cutShort(side, &listener)
    if !session.lost(count, from: side) { isOpaque = true }
    turns(startingWith: side.other, &listener)
  }

  package func write(_ message: Message) -> [UInt8] { session.write(message) }
  package func admits(_ message: Message) -> Admission { session.admits(message) }

  private mutating func cutShort(_ side: Side, _ listener: inout some Listener) {
    let rest = inboxes[side].bytes
    inboxes[side] = Inbox()
    listener.cutShort(from: side, rest.span)
  }

  private mutating func turns(startingWith side: Side, _ listener: inout some Listener) {
    if drain(side, &listener) || !inboxes[side.other].bytes.isEmpty { turns(after: side, &listener) }
  }

  /// The other side may have waited for what was cut; then this one again, until neither moves.
  private mutating func turns(after side: Side, _ listener: inout some Listener) {
    var next = side.other
    while drain(next, &listener) { next = next.other }
  }

  /// Cuts what is kept of a side; true where anything was cut.
  private mutating func drain(_ side: Side, _ listener: inout some Listener) -> Bool {
    guard !inboxes[side].bytes.isEmpty || endings[side] != .open else { return false }
    var inbox = Inbox()
    swap(&inbox, &inboxes[side])
    inboxes[side].taken = inbox.taken
    inboxes[side].searched = inbox.searched
    let done = pump(side, inbox.bytes.span, &listener)
    if isOpaque {
      if done < inbox.bytes.count { listener.opaque(from: side, inbox.bytes.span.extracting(done...)) }
      return done > 0
    }
    inbox.taken = inboxes[side].taken
    inbox.searched = inboxes[side].searched
    inbox.drop(done)
    swap(&inbox, &inboxes[side])
    return done > 0
  }

  /// Cuts `bytes` as far as it goes and returns how many were reported, those that were only `took` left out.
  private mutating func pump(_ side: Side, _ bytes: Span<UInt8>, _ listener: inout some Listener) -> Int {
    var start = 0
    var taken = inboxes[side].taken
    var searched = inboxes[side].searched
    while !isOpaque {
      let from = start + taken
      let rest = bytes.extracting(from...)
      let quiet = inboxes[side.other].bytes.isEmpty
      switch session.cut(side, rest, searched: searched, ending: endings[side], quiet: quiet) {
      case .more:
        inboxes[side].taken = taken
        inboxes[side].searched = rest.count
        return start
      case .blocked:
        inboxes[side].taken = taken
        inboxes[side].searched = 0
        return start
      case .took(let count):
        taken += count
      case .head(let head):
        listener.heard(head, from: side, bytes.extracting(start..<(from + head.length)))
        start = from + head.length
        taken = 0
        if head.payload == nil { apply(head.effects) }
      case .piece(let piece):
        listener.heard(piece, from: side, rest.extracting(piece.skipping..<(piece.skipping + piece.content)))
        start = from + piece.taking
        taken = 0
        if piece.isLast { apply(piece.effects) }
      case .broken(let violation, let count):
        listener.broken(violation, from: side, bytes.extracting(start..<(from + count)))
        start = from + count
        taken = 0
      }
      searched = 0
    }
    inboxes[side].taken = 0
    inboxes[side].searched = 0
    return start
  }

  private mutating func apply(_ effects: [Effect]) {
    if effects.contains(.startTLS) { isOpaque = true }
  }
}

/// What has been received of a side and not been reported yet.
private struct Inbox: Sendable {
  var bytes: [UInt8] = []
  /// Of a message that goes on.
  var taken = 0
  /// Behind what was taken.
  var searched = 0

  mutating func append(_ more: Span<UInt8>) {
    bytes.reserveCapacity(bytes.count + more.count)
    for i in more.indices { bytes.append(more[i]) }
  }

  mutating func drop(_ count: Int) {
    if count == bytes.count {
      bytes.removeAll(keepingCapacity: true)
    } else if count > 0 {
      bytes.removeSubrange(..<count)
    }
  }
}
