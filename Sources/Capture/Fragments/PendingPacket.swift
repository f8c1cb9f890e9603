import Wire

/// A packet of which pieces have come. They stand in order, and none overlaps another.
struct PendingPacket {
  enum State {
    case open
    /// It was put together, and is remembered: what comes again is not the beginning of another.
    case whole
    /// Two pieces said different things.
    case contradictory
  }

  private struct Piece {
    var offset: Int
    var bytes: [UInt8]

    var end: Int { offset + bytes.count }
  }

  let key: Fragment.Key
  let since: Instant
  private(set) var state = State.open
  /// Packets that brought its pieces.
  private(set) var arrivals = 0
  /// What keeping it takes, in bytes.
  private(set) var cost = Self.overhead

  private var pieces: [Piece] = []
  private var held = 0
  /// How long the packet is, once its last piece has come.
  private var total: Int?
  private var kind: UInt8 = 0

  init(_ key: Fragment.Key, _ now: Instant) {
    self.key = key
    since = now
  }

  /// Whether a piece is one of what was put together.
  func contains(_ fragment: Fragment, _ bytes: Span<UInt8>) -> Bool {
    guard state == .whole, let piece = pieces.first, fragment.range.upperBound <= piece.end else { return false }
    for i in bytes.indices where bytes[i] != piece.bytes[fragment.range.lowerBound + i] { return false }
    return true
  }

  /// - Parameter bytes: what was captured of the piece; where some are missing, the packet is never whole.
  /// - Returns: the packet, if this was the last missing piece of it.
  mutating func take(_ fragment: Fragment, _ bytes: Span<UInt8>) -> WholePacket? {
    arrivals += 1
    if fragment.isLast {
      if total ?? fragment.range.upperBound != fragment.range.upperBound { return contradict() }
      total = fragment.range.upperBound
    }
    if fragment.range.lowerBound == 0 { kind = fragment.kind }
    guard insert(bytes, at: fragment.range.lowerBound), pieces.last.map({ $0.end <= total ?? .max }) ?? true else { return contradict() }
    guard held == total else { return nil }
    var whole: [UInt8] = []
    whole.reserveCapacity(held)
    for piece in pieces { whole += piece.bytes }
    pieces = [Piece(offset: 0, bytes: whole)]
    cost = Self.overhead + held
    state = .whole
    return WholePacket(source: key.source, destination: key.destination, kind: kind, bytes: whole)
  }

  private mutating func contradict() -> WholePacket? {
    state = .contradictory
    pieces = []
    cost = Self.overhead
    return nil
  }

  /// Keeps what is not there yet.
  ///
  /// - Returns: whether what is there already says the same.
  private mutating func insert(_ bytes: Span<UInt8>, at start: Int) -> Bool {
    let end = start + bytes.count
    var index = pieces.count
    while index > 0, pieces[index - 1].end > start { index -= 1 }
    var at = start
    while at < end {
      if index < pieces.count, pieces[index].offset <= at {
        let until = min(pieces[index].end, end)
        for place in at..<until where bytes[place - start] != pieces[index].bytes[place - pieces[index].offset] { return false }
        at = until
        index += 1
      } else {
        let until = index < pieces.count ? min(pieces[index].offset, end) : end
        pieces.insert(Piece(offset: at, bytes: bytes.extracting(at - start..<until - start).copy), at: index)
        held += until - at
        cost += until - at + Self.overhead
        at = until
        index += 1
      }
    }
    return true
  }

  /// Bytes, for each packet and each piece.
  private static let overhead = 96
}
