/// What one side sent and cannot be told yet: segments behind a hole, or that answer what was not heard yet. Sorted, none overlaps another:
/// what came first stays, and what comes later fills holes only.
struct EarlySegments {
  struct Segment {
    var start: SequenceNumber
    var bytes: [UInt8]
    /// Instead of bytes: so many that the snap length cut off.
    var cut = 0
    /// Up to where its sender had heard the other side, if that is still to be told: told before that, it would answer what was not said yet.
    var answers: SequenceNumber?
    var moment: Moment

    var count: Int { bytes.count + cut }
    var end: SequenceNumber { start + count }
  }

  private var segments: [Segment] = []
  /// How many of them have left in front.
  private var gone = 0
  /// Bytes of memory, with what keeping each segment takes: one-byte segments must not get past the limits.
  private(set) var cost = 0

  var isEmpty: Bool { gone == segments.count }
  var first: Segment? { isEmpty ? nil : segments[gone] }
  var firstStart: SequenceNumber? { isEmpty ? nil : segments[gone].start }
  var end: SequenceNumber? { isEmpty ? nil : segments[segments.count - 1].end }

  mutating func removeFirst() -> Segment {
    let segment = segments[gone]
    cost -= Self.cost(of: segment)
    segments[gone].bytes = []
    gone += 1
    if isEmpty {
      segments = []
      gone = 0
    } else if gone > 64, gone * 2 > segments.count {
      segments.removeFirst(gone)
      gone = 0
    }
    return segment
  }

  /// Segments that begin at `place` or behind it.
  mutating func removeAll(from place: SequenceNumber) {
    while let last = segments.last, !isEmpty, last.start - place >= 0 {
      cost -= Self.cost(of: last)
      segments.removeLast()
    }
  }

  /// Keeps of a segment what is not there yet.
  ///
  /// - Returns: how many of the other bytes differ from those that are there.
  mutating func insert(
    _ bytes: Span<UInt8>, cut: Int, at start: SequenceNumber, answering answers: SequenceNumber?, moment: Moment
  ) -> Int {
    var conflicts = 0
    let end = start + bytes.count
    var from = start
    var index = segments.count
    while index > gone, segments[index - 1].end - start > 0 { index -= 1 }
    while end - from > 0 {
      if index < segments.count, segments[index].start - from <= 0 {
        let until = SequenceNumber.min(segments[index].end, end)
        conflicts += differences(bytes, from - start..<until - start, segments[index], from - segments[index].start)
        from = until
        if segments[index].end - from <= 0 { index += 1 }
        continue
      }
      let until = index < segments.count ? SequenceNumber.min(segments[index].start, end) : end
      add(Segment(start: from, bytes: bytes.extracting(from - start..<until - start).copy, answers: answers, moment: moment), at: index)
      index += 1
      from = until
    }
    if cut > 0 { addCut(from: end, to: end + cut, answering: answers, moment: moment, index) }
    return conflicts
  }

  /// That there were bytes is known up to the next segment that says more.
  private mutating func addCut(
    from start: SequenceNumber, to end: SequenceNumber, answering answers: SequenceNumber?, moment: Moment, _ position: Int
  ) {
    var index = position
    var from = start
    while index < segments.count, segments[index].start - from <= 0 {
      from = SequenceNumber.max(from, segments[index].end)
      index += 1
    }
    let until = index < segments.count ? SequenceNumber.min(segments[index].start, end) : end
    guard until - from > 0 else { return }
    add(Segment(start: from, bytes: [], cut: until - from, answers: answers, moment: moment), at: index)
  }

  private mutating func add(_ segment: Segment, at index: Int) {
    segments.insert(segment, at: index)
    cost += Self.cost(of: segment)
  }

  private func differences(_ bytes: Span<UInt8>, _ range: Range<Int>, _ segment: Segment, _ offset: Int) -> Int {
    guard segment.cut == 0 else { return 0 }
    var count = 0
    for i in 0..<range.count where bytes[range.lowerBound + i] != segment.bytes[offset + i] { count += 1 }
    return count
  }

  private static func cost(of segment: Segment) -> Int { segment.bytes.count + 128 }
}
