import Wire

@testable import Capture

/// One TCP conversation, packet by packet. Places are counted from each side's first byte: -1 is its SYN.
struct Talk {
  struct Segment {
    var side: Side
    var place: Int
    var answers: Int?
    var flags: Packets.Flags
    var text: String
  }

  static let client = Endpoint(Address(v4: 0x0a00_0001), 40_000)
  static let server = Endpoint(Address(v4: 0x0a00_0002), 25)

  var first = Sides<UInt32>(client: 1_001, server: 900_001)
  var told = Transcriber()
  var connections: Connections
  /// Milliseconds; each packet comes one later.
  var clock = 0
  var now: Instant { Instant(nanoseconds: Int64(clock) * 1_000_000) }
  var ends = Sides(client: Talk.client, server: Talk.server)
  /// Only so many bytes of each packet are captured.
  var snapLength = Int.max

  init(_ limits: CaptureLimits = CaptureLimits()) { connections = Connections(limits) }

  /// With the three packets of a handshake.
  static func open(_ limits: CaptureLimits = CaptureLimits()) -> Talk {
    var talk = Talk(limits)
    talk.shakeHands()
    return talk
  }

  mutating func shakeHands() {
    c(-1, nil, .syn)
    s(-1, 0, [.syn, .ack])
    c(0, 0)
  }

  /// The client sends.
  mutating func c(_ place: Int, _ answers: Int?, _ flags: Packets.Flags = .ack, _ text: String = "", window: UInt16 = 0xffff) {
    send(Segment(side: .client, place: place, answers: answers, flags: flags, text: text), window: window)
  }

  /// The server sends.
  mutating func s(_ place: Int, _ answers: Int?, _ flags: Packets.Flags = .ack, _ text: String = "", window: UInt16 = 0xffff) {
    send(Segment(side: .server, place: place, answers: answers, flags: flags, text: text), window: window)
  }

  mutating func c(_ place: Int, _ answers: Int, _ text: String) { c(place, answers, .ack, text) }
  mutating func s(_ place: Int, _ answers: Int, _ text: String) { s(place, answers, .ack, text) }

  mutating func send(_ segment: Segment, window: UInt16 = 0xffff) { feed(packet(segment, window: window)) }

  func packet(_ segment: Segment, window: UInt16 = 0xffff) -> [UInt8] {
    let side = segment.side
    let answers = segment.answers.map { first[side.other] &+ UInt32(truncatingIfNeeded: $0) }
    return Packets.tcp(
      from: ends[side], to: ends[side.other], sequence: first[side] &+ UInt32(truncatingIfNeeded: segment.place),
      acknowledgement: answers ?? 0,
      segment.flags.union(answers == nil ? [] : .ack), window: window, Array(segment.text.utf8))
  }

  mutating func feed(_ packet: [UInt8]) {
    clock += 1
    let captured = Array(packet.prefix(snapLength))
    guard let taken = try? Packet(captured.span, length: packet.count, link: .raw, .ignored) else { return }
    connections.take(taken, captured.span, at: now, &told)
  }

  /// What was told of each conversation once the capture is over.
  mutating func over() -> [[String]] {
    connections.finish(&told)
    return told.lines
  }
}
