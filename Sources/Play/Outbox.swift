import Wire

/// What the scripted server has to say, and when: faults make it late, or slow.
struct Outbox: Sendable {
  private struct Piece: Sendable {
    var bytes: [UInt8]
    var due: Instant
    /// Between one byte and the next; nil for all at once.
    var pause: Duration?
    var said = 0
  }

  private var pieces: [Piece] = []

  var isEmpty: Bool { pieces.isEmpty }

  mutating func append(_ bytes: [UInt8], at due: Instant, dripping pause: Duration? = nil) {
    if !bytes.isEmpty { pieces.append(Piece(bytes: bytes, due: due, pause: pause)) }
  }

  /// Sends what is due; the instant of what comes next, if anything does.
  mutating func release(at now: Instant, _ actions: inout [Action]) -> Instant? {
    while let first = pieces.first {
      guard first.due <= now else { return first.due }
      guard let pause = first.pause else {
        actions.append(.send(first.bytes))
        pieces.removeFirst()
        continue
      }
      actions.append(.send([first.bytes[first.said]]))
      pieces[0].said += 1
      pieces[0].due = first.due + pause
      if pieces[0].said == first.bytes.count { pieces.removeFirst() }
    }
    return nil
  }
}
