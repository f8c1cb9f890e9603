import Capture
import Dialects
import Wire

/// A TCP connection over which one side alone has spoken so far, and so might be a data connection: what it carried, until a control
/// conversation claims it or can no more.
struct DataConnection {
  private(set) var origin: Origin
  /// Who sends, as `origin` has the sides.
  private(set) var sender: Side?
  /// Empty where they are not kept: then `digest` knows of them.
  private(set) var bytes: [UInt8] = []
  private(set) var size = 0
  /// Bytes that are missing.
  private(set) var lost = 0
  private var digest: Digest?
  private var volume = Sides(client: 0, server: 0)
  private var endings = Sides(client: Ending.open, server: Ending.open)
  /// In the order in which the sides ended.
  private var ends: [(side: Side, ending: Ending)] = []
  private(set) var closing: Closing?
  /// When the last of it was captured.
  private(set) var last: Instant

  /// Control conversations that announced its endpoint, by number.
  var announcers: [Int] = []
  /// The protocol of one that is over, and announced it at another time.
  var lateAnnouncer: String?
  /// The control conversation that it belongs to.
  var owner: Int?
  /// What it is if nobody claims it, from its end on, and the bytes that are kept for that.
  private(set) var guess: Recorded?
  private(set) var heldForGuess = 0

  init(_ origin: Origin) {
    self.origin = origin
    last = origin.at
  }

  var number: Int { origin.number }
  var isOver: Bool { closing != nil }
  /// Whether somebody announced it, or has it.
  var isClaimed: Bool { owner != nil || !announcers.isEmpty }
  var ports: [UInt16] { origin.listeningPorts }
  /// Bytes that are kept.
  var held: Int { bytes.count }

  /// - Returns: false where the other side has spoken: that is no data connection.
  mutating func receive(_ more: Span<UInt8>, from side: Side, at now: Instant) -> Bool {
    last = now
    volume[side] += more.count
    if sender == nil { sender = side }
    guard sender == side else { return false }
    size += more.count
    if digest != nil {
      digest?.update(more.array)
    } else if lost == 0 {
      more.withUnsafeBufferPointer { bytes.append(contentsOf: $0) }
    }
    return true
  }

  mutating func lose(_ count: Int, from side: Side, at now: Instant) -> Bool {
    last = now
    if sender == nil { sender = side }
    guard sender == side else { return false }
    lost += count
    // What is not whole cannot be compared.
    bytes = []
    digest = nil
    return true
  }

  mutating func end(_ side: Side, _ ending: Ending, at now: Instant) {
    last = now
    endings[side] = ending
    ends.append((side, ending))
  }

  mutating func close(_ how: Closing, _ guess: Recorded?, held: Int) {
    closing = how
    self.guess = guess
    heldForGuess = held
  }

  /// From now on only its size and its digest are known.
  mutating func condense() {
    guard digest == nil, lost == 0 else { return }
    var digest = Digest()
    digest.update(bytes)
    self.digest = digest
    bytes = []
  }

  /// The sides change places: who was taken for the client had been dialled.
  mutating func turn() {
    swap(&origin.client, &origin.server)
    swap(&volume.client, &volume.server)
    swap(&endings.client, &endings.server)
    sender = sender?.other
    for index in ends.indices { ends[index].side = ends[index].side.other }
  }

  /// What it carried to a transfer, whoever dialled.
  var carried: Recorded.Carried {
    Recorded.Carried(
      stream: origin.stream, bytes: bytes, size: size, digest: digest?.hex, lost: lost, lacksBeginning: origin.isPartial, course: course,
      began: origin.at, ended: last)
  }

  private var course: Recorded.Carried.Course {
    let sender = sender ?? ends.first?.side ?? .server
    if endings[sender] == .finished { return .finished }
    if endings[sender] == .reset { return .resetBySender }
    return endings[sender.other] == .reset ? .resetByReceiver : .open
  }

  /// The connection as a conversation of its own.
  func recorded(_ skip: Recorded.Skip) -> Recorded {
    var recorded = Recorded(origin: origin)
    recorded.skip = skip
    recorded.volume = volume
    recorded.closing = closing
    recorded.entries = ends.map { .ended($0.side, $0.ending) }
    if origin.isPartial { recorded.missing.append(.beginning) }
    if lost > 0 { recorded.missing.append(.bytes(lost, from: sender ?? .server)) }
    if ends.isEmpty, closing != nil { recorded.missing.append(.end) }
    return recorded
  }
}

extension Origin {
  /// Where somebody listened; where it was not seen who dialled, at either end.
  var listeningPorts: [UInt16] {
    isPartial && client.port != server.port ? [server.port, client.port] : [server.port]
  }
}
