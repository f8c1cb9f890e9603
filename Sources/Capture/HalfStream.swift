import Wire

/// One direction of a TCP connection: bytes in order go straight through, what comes early is kept until what is missing has come, or
/// counts as lost.
struct HalfStream: Sendable {
  private struct Segment: Sendable {
    var start: UInt32
    var bytes: [UInt8]
    /// What its sender had received by then: shown before that, it would answer what was not said yet.
    var acknowledged: UInt32?
    /// When it came, in packets of the conversation, and by the capture's clock.
    var age: Int
    var at: Instant

    var end: UInt32 { start &+ UInt32(bytes.count) }
  }

  /// The next byte that is due; nil until a first packet told.
  private(set) var next: UInt32?
  private(set) var ending = Ending.open
  private var early: [Segment] = []
  private(set) var earlyBytes = 0
  private var finAt: UInt32?
  /// How far the other side says it has received, and since when that is beyond `next`.
  private var acknowledged: UInt32?
  private var acknowledgedAge = 0
  private var acknowledgedAt: Instant?
  private(set) var conflicts = 0

  mutating func start(at sequence: UInt32) { if next == nil { next = sequence } }

  /// The other side has received everything before `sequence`.
  mutating func acknowledge(_ sequence: UInt32, age: Int, at now: Instant) {
    guard let next else { return }
    guard distance(sequence, from: next) > 0 else { return }
    if acknowledged.map({ distance(sequence, from: $0) > 0 }) ?? true { acknowledged = sequence }
    if acknowledgedAt == nil {
      acknowledgedAt = now
      acknowledgedAge = age
    }
  }

  mutating func finish(at sequence: UInt32) { finAt = finAt ?? sequence }
  mutating func reset() { ending = .reset }

  /// How much of a segment can be given on at once: nil where it must wait or is old, else how many of its bytes are to be left out.
  mutating func skip(_ start: UInt32, count: Int) -> Int? {
    let next = self.next ?? start
    self.next = next
    let ahead = distance(start, from: next)
    guard early.isEmpty, ahead <= 0, count > Int(-ahead) else { return nil }
    return Int(-ahead)
  }

  mutating func advance(_ count: Int) {
    guard let next else { return }
    self.next = next &+ UInt32(count)
    if let acknowledged, distance(acknowledged, from: next &+ UInt32(count)) <= 0 { acknowledgedAt = nil }
  }

  /// Keeps a segment that came early.
  mutating func keep(_ start: UInt32, _ bytes: Span<UInt8>, acknowledged: UInt32?, age: Int, at now: Instant) {
    guard let next, bytes.count > 0, distance(start &+ UInt32(bytes.count), from: next) > 0 else { return }
    // Bytes that are there already stay; only what fills holes is added, each hole with a segment of its own.
    var from = distance(start, from: next) < 0 ? next : start
    let end = start &+ UInt32(bytes.count)
    var index = 0
    func part(_ from: UInt32, _ to: UInt32) -> [UInt8] {
      let low = Int(distance(from, from: start))
      let high = Int(distance(to, from: start))
      var out: [UInt8] = []
      out.reserveCapacity(high - low)
      for i in low..<high { out.append(bytes[i]) }
      return out
    }
    while distance(end, from: from) > 0 {
      while index < early.count, distance(early[index].end, from: from) <= 0 { index += 1 }
      let segment = index < early.count ? early[index] : nil
      if let segment, distance(from, from: segment.start) >= 0 {
        let until = distance(segment.end, from: end) < 0 ? segment.end : end
        let offset = Int(distance(from, from: segment.start))
        let shared = part(from, until)
        conflicts += zip(shared, segment.bytes[offset...]).filter { $0 != $1 }.count
        from = until
        continue
      }
      let until = segment.map { distance($0.start, from: end) < 0 ? $0.start : end } ?? end
      let piece = Segment(start: from, bytes: part(from, until), acknowledged: acknowledged, age: age, at: now)
      early.insert(piece, at: index)
      earlyBytes += piece.bytes.count
      from = until
    }
  }

  /// The next kept segment that is due now. `isHeld` says whether what it answers is still to come.
  mutating func takeDue(isHeld: (_ acknowledged: UInt32?, _ age: Int, _ at: Instant) -> Bool) -> [UInt8]? {
    guard let next, let first = early.first, distance(first.start, from: next) <= 0 else { return nil }
    guard !isHeld(first.acknowledged, first.age, first.at) else { return nil }
    early.removeFirst()
    earlyBytes -= first.bytes.count
    return first.bytes
  }

  /// How many bytes before the next ones that are known count as lost, if any do by now: the other side has received them, and they did not
  /// come for a while.
  func lost(age: Int, at now: Instant) -> Int? {
    guard let next, let acknowledged, let since = acknowledgedAt else { return nil }
    guard age - acknowledgedAge > Self.patiencePackets || now - since > Self.patience else { return nil }
    return missing(upTo: acknowledged, next)
  }

  /// What is missing before the first early segment, whatever the other side says: nothing more will come.
  func lostForGood() -> Int? {
    guard let next else { return nil }
    if let first = early.first {
      let count = Int(distance(first.start, from: next))
      return count > 0 ? count : nil
    }
    if let finAt, distance(finAt, from: next) > 0 { return Int(distance(finAt, from: next)) }
    if let acknowledged, acknowledgedAt != nil {
      // An acknowledgement of a FIN that was not captured counts one more.
      let count = Int(distance(acknowledged, from: next))
      return count > 1 ? count : nil
    }
    return nil
  }

  private func missing(upTo acknowledged: UInt32, _ next: UInt32) -> Int? {
    var count = Int(distance(acknowledged, from: next))
    if let first = early.first { count = min(count, Int(distance(first.start, from: next))) }
    if let finAt { count = min(count, Int(distance(finAt, from: next))) }
    // One byte beyond everything is a FIN's.
    if count == 1, early.isEmpty { return nil }
    return count > 0 && count < Self.believable ? count : nil
  }

  /// Whether the FIN is due: all bytes before it were given on.
  mutating func takeFinish() -> Bool {
    guard ending == .open, let finAt, let next, distance(finAt, from: next) <= 0 else { return false }
    ending = .finished
    return true
  }

  /// For that many packets of the conversation, or that long, what is missing may still come: cards with several queues capture a reply
  /// before its command.
  static let patiencePackets = 32
  static let patience = Duration.milliseconds(500)
  /// A larger hole is a broken sequence number.
  private static let believable = 1 << 30
}

/// From one sequence number to another, across the wrap-around (RFC 9293 §3.4).
func distance(_ to: UInt32, from: UInt32) -> Int32 { Int32(bitPattern: to &- from) }
