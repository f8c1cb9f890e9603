import Wire

/// One direction of a TCP connection. What comes in order goes straight through; this knows what is next, keeps what comes early, and says
/// what is due: bytes, a gap where bytes are missing for good, the end.
///
/// Missing bytes are waited for as long as they may still be sent again: until the other side has acknowledged them (then they were
/// there, and patience is short), a limit is reached, or the conversation is over.
struct HalfStream {
  /// What is to be told next.
  struct Due {
    enum What {
      case segment
      case gap(Int, at: Instant)
      case end
    }

    var what: What
    /// Which packet brought it.
    var packet: Int
    /// It answers what the other side has not said yet, and is told all the same once nothing else is due: that was waited for long enough.
    var isPremature = false

    static func isBefore(_ a: Due, _ b: Due) -> Bool {
      a.isPremature == b.isPremature ? a.packet <= b.packet : b.isPremature
    }
  }

  private struct Mark {
    var place: SequenceNumber
    var moment: Moment
  }

  private struct Fin {
    var place: SequenceNumber
    /// See `EarlySegments.Segment`.
    var answers: SequenceNumber?
    var moment: Moment
  }

  /// The next byte to be told; nil until a packet showed where the stream begins.
  private(set) var next: SequenceNumber?
  /// The first byte, by the SYN or by the first packet that was captured.
  private(set) var beginning: SequenceNumber?
  private(set) var ending = Ending.open
  private(set) var early = EarlySegments()
  /// Bytes that came twice with different content.
  private(set) var conflicts = 0
  /// Whether a packet of this side was captured.
  private(set) var isSeen = false

  private var fin: Fin?
  /// Places beyond `next` that the other side has acknowledged: the one it has acknowledged for longest, and the furthest.
  private var missed: Mark?
  private var furthest: Mark?
  /// What is missing before here is not waited for any more.
  private var conceded: Mark?
  /// No packet of this side was captured, and patience has run out once: it is not waited for any more.
  private(set) var isAbsent = false
  /// One beyond everything was acknowledged: a FIN that was not captured, and no lost byte, unless bytes come behind it.
  private var hasUnseenEnd = false
  /// What the other side has received.
  private var received: SequenceNumber?
  /// The largest window that the other side has granted.
  private var window = 0xffff
  /// Of this side's own windows. Where its SYN was not seen: the largest there is (RFC 7323 §2.3).
  private var windowScale: UInt8 = 14

  /// Whether the side has not ended.
  var isOpen: Bool {
    // Matched, not compared: that would be a call into another module.
    if case .open = ending { true } else { false }
  }

  /// Whether nothing is kept and nothing waited for.
  var isQuiet: Bool { early.isEmpty && fin == nil && missed == nil && conceded == nil }

  // MARK: What packets say

  /// What the header of one of this side's packets says: not a RST's.
  ///
  /// - Returns: up to where the packet answers what the other side said and was not told yet, if it does.
  mutating func take(
    _ header: TCPHeader, beginning: SequenceNumber, beside other: inout HalfStream, _ now: Moment
  ) -> SequenceNumber? {
    saw()
    begin(at: beginning)
    if header.isSYN { windowScale = header.windowScale ?? 0 }
    guard let place = header.acknowledgement else { return nil }
    other.begin(at: place)
    let isAhead = other.awaits(place)
    // It tells of bytes that were not captured: so it must at least stand where its own side does.
    if isAhead, !isNear(header.sequence) { return nil }
    // A SYN's window is not scaled.
    other.acknowledge(place, granting: Int(header.window) << (header.isSYN ? 0 : Int(windowScale)), now)
    return isAhead ? place : nil
  }

  mutating func saw() {
    isSeen = true
    isAbsent = false
  }

  mutating func begin(at place: SequenceNumber) {
    guard next == nil else { return }
    next = place
    beginning = place
  }

  /// The other side has received everything before `place`.
  private mutating func acknowledge(_ place: SequenceNumber, granting window: Int, _ moment: Moment) {
    if window > self.window { self.window = window }
    if received.map({ place - $0 > 0 }) ?? true { received = place }
    guard awaits(place) else { return }
    let mark = Mark(place: place, moment: moment)
    if missed == nil { missed = mark }
    if furthest.map({ place - $0.place > 0 }) ?? true { furthest = mark }
  }

  /// Steps past a segment that can be told at once.
  ///
  /// - Returns: how many bytes in front were told before; nil where the segment is old, or must wait.
  mutating func tell(
    from start: SequenceNumber, count: Int, answering answers: SequenceNumber?, beside other: borrowing HalfStream
  ) -> Int? {
    guard let next, isOpen else { return nil }
    let told = next - start
    guard told >= 0, told < count else { return nil }
    if let answers, other.awaits(answers) { return nil }
    if let kept = early.firstStart, start + count - kept > 0 { return nil }
    advance(count - told)
    return told
  }

  mutating func advance(_ count: Int) {
    guard let next else { return }
    self.next = next + count
    if !isQuiet { tidy() }
  }

  /// Keeps what cannot be told yet of a segment.
  mutating func keep(
    _ bytes: Span<UInt8>, cut: Int, at start: SequenceNumber, answering answers: SequenceNumber?, _ moment: Moment
  ) {
    guard let next, isOpen else { return }
    let told = max(0, next - start)
    guard told < bytes.count + cut else { return }
    let rest = bytes.extracting(min(told, bytes.count)...)
    let missing = min(cut, bytes.count + cut - told)
    conflicts += early.insert(rest, cut: missing, at: start + told, answering: answers, moment: moment)
  }

  /// The side ends at `place`, unless bytes go past it.
  mutating func finish(at place: SequenceNumber, answering answers: SequenceNumber?, _ moment: Moment) {
    guard let next, isOpen, place - next >= 0, fin.map({ place - $0.place < 0 }) ?? true else { return }
    fin = Fin(place: place, answers: answers, moment: moment)
  }

  /// Whether `place` can be this side's, some loss of the capture allowed for.
  func isNear(_ place: SequenceNumber) -> Bool { next.map { abs(place - $0) <= Self.nearby } ?? true }

  /// Whether a RST at `place` can be this side's own: not before what the other side has, and not beyond its window (RFC 5961 §3.2). Others are
  /// blind guesses.
  func admitsReset(at place: SequenceNumber) -> Bool {
    guard let next else { return true }
    let ahead = place - next
    let received = self.received.map { $0 - next } ?? 0
    return ahead <= window && ahead >= min(max(received, -Self.nearby), 0)
  }

  /// Whether a RST at `place` is exactly where this side stands.
  func standsAt(_ place: SequenceNumber) -> Bool {
    guard let next, isOpen, !hasUnseenEnd else { return true }
    return place == next
  }

  // MARK: What is due

  /// Whether what this side said before `place` is waited for: an answer to it has to wait, too.
  func awaits(_ place: SequenceNumber) -> Bool { lacks(place) && conceded.map { place - $0.place > 0 } ?? true }

  /// Whether what this side said before `place` is still to be told.
  private func lacks(_ place: SequenceNumber) -> Bool {
    guard let next, isOpen else { return false }
    let ahead = place - next
    return ahead > 0 && !(ahead == 1 && hasUnseenEnd)
  }

  /// The next thing to be told, if there is one by now.
  func due(beside other: borrowing HalfStream) -> Due? {
    guard let next, isOpen else { return nil }
    if let first = early.first, first.start - next <= 0 {
      return due(.segment, first.moment, answering: first.answers, beside: other)
    }
    if let conceded {
      let hole = min(conceded.place - next, early.firstStart.map { $0 - next } ?? .max, fin.map { $0.place - next } ?? .max)
      if hole > 0, !isOnlyAnEnd(conceded) { return Due(what: .gap(hole, at: conceded.moment.at), packet: conceded.moment.packet) }
    }
    guard let fin, fin.place == next, !isSecond(fin, beside: other) else { return nil }
    return due(.end, fin.moment, answering: fin.answers, beside: other)
  }

  private func due(
    _ what: Due.What, _ moment: Moment, answering answers: SequenceNumber?, beside other: borrowing HalfStream
  ) -> Due? {
    guard let answers, other.lacks(answers) else { return Due(what: what, packet: moment.packet) }
    return other.awaits(answers) ? nil : Due(what: what, packet: moment.packet, isPremature: true)
  }

  /// Who closed first is whose FIN was captured first, even if bytes before it are still on their way; but a FIN that acknowledges the other
  /// one came second.
  private func isSecond(_ fin: Fin, beside other: borrowing HalfStream) -> Bool {
    guard other.isOpen, let others = other.fin, others.moment.packet < fin.moment.packet else { return false }
    return others.answers.map { $0 - fin.place <= 0 } ?? true
  }

  mutating func takeFirst() -> EarlySegments.Segment {
    let segment = early.removeFirst()
    advance(segment.count)
    return segment
  }

  mutating func end(_ how: Ending) {
    ending = how
    early = EarlySegments()
    (fin, missed, furthest, conceded) = (nil, nil, nil, nil)
  }

  /// Gives up what is kept, untold.
  mutating func drop() { early = EarlySegments() }

  // MARK: What is not waited for any more

  /// - Parameter other: where nothing of that side was captured, its acknowledgements cannot be waited for.
  mutating func losePatience(beside other: borrowing HalfStream, _ now: Moment) {
    guard let next else { return }
    if let mark = missed, isAbsent || mark.moment.isPatienceOver(at: now) {
      if !isSeen { isAbsent = true }
      concede(mark)
    } else if !other.isSeen, let (hole, moment) = hole, hole - next > 0, now.at.nanoseconds(since: moment.at) > Self.patienceUnacknowledged
    {
      concede(Mark(place: hole, moment: moment))
    }
  }

  /// Nothing that is missing will come. What no window allowed was never this side's, and goes.
  mutating func concedeAll(beside other: borrowing HalfStream, _ now: Moment) {
    if other.isSeen, let furthest = furthest?.place ?? next { early.removeAll(from: furthest + window) }
    for mark in [early.end.map { Mark(place: $0, moment: now) }, fin.map { Mark(place: $0.place, moment: now) }, furthest] {
      if let mark { concede(mark) }
    }
  }

  /// Where the first missing bytes end, and since when that is known.
  private var hole: (end: SequenceNumber, Moment)? {
    if let first = early.first { return (first.start, first.moment) }
    return fin.map { ($0.place, $0.moment) }
  }

  private mutating func concede(_ mark: Mark) {
    if conceded.map({ mark.place - $0.place > 0 }) ?? true { conceded = mark }
    tidy()
  }

  private func isOnlyAnEnd(_ conceded: Mark) -> Bool {
    guard let next else { return false }
    return conceded.place - next == 1 && early.isEmpty && fin == nil
  }

  /// Forgets what bytes have gone past.
  private mutating func tidy() {
    guard let next else { return }
    if let place = fin?.place, next - place > 0 { fin = nil }
    if let mark = conceded, isOnlyAnEnd(mark) {
      hasUnseenEnd = true
      conceded = nil
    } else if let mark = conceded, mark.place - next <= 0 {
      conceded = nil
    }
    if let mark = missed, !awaits(mark.place) { missed = furthest.flatMap { awaits($0.place) ? $0 : nil } }
    if missed == nil { furthest = nil }
  }

  /// A hole that nobody has acknowledged, because nobody who could was captured: a second retransmission has come by then.
  private static let patienceUnacknowledged: Int64 = 5_000_000_000
  /// The largest window there is (RFC 7323 §2.3).
  private static let nearby = 1 << 30
}
