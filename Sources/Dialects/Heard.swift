package import Transcript
package import Wire

/// A message of a recording or a replay, whole.
package struct Heard: Sendable {
  package var message: Message
  package var side: Side { message.side }
  /// Counted from 0 for each side. What is cut short before its head was whole counts as nothing: it has the number of the next one.
  package var ordinal: Int
  /// See `Head.label`. Empty for a payload alone, and for what is cut short before its head was whole.
  package var label: String
  package var answer: Answer
  package var violations: [Violation]
  package var effects: [Effect]
  /// When its first and last byte came.
  package var began: Instant
  package var ended: Instant
  /// Whether its end is missing: the side ended, or bytes were lost.
  package var isCutShort = false
  /// Of the payload, its encodings undone: in bytes, and its SHA-256 where it was too large to keep. Then the message holds what fitted.
  package var payloadSize = 0
  /// The payload as it was sent, encodings not undone: what `${size}` stands for.
  package var sentSize = 0
  package var payloadDigest: String?
}

/// What an ear puts together, in order.
package enum Sound: Sendable {
  case message(Heard)
  /// Bytes that are no message.
  case broken(Side, Violation, [UInt8])
  /// The first bytes that nobody can read, once for each side.
  case opaque(Side)
  /// Bytes that went through a tunnel.
  case tunnelled(Side, [UInt8])
}

/// Puts messages together from what a follower tells: texts are built here, and only for who wants them.
package struct Ear: Listener, Sendable {
  /// The instant of the bytes that are being received.
  package var now = Instant(nanoseconds: 0)
  package private(set) var sounds: [Sound] = []
  /// What is beyond is counted and digested, not kept.
  package let payloadLimit: Int

  private let dialect: any Dialect
  private var open = Sides<Open?>(client: nil, server: nil)
  private var counts = Sides(client: 0, server: 0)
  private var wentOpaque = Sides(client: false, server: false)

  package init(_ dialect: any Dialect, payloadLimit: Int) {
    self.dialect = dialect
    self.payloadLimit = payloadLimit
  }

  /// Hands over what was heard since the last call.
  package mutating func takeSounds() -> [Sound] {
    defer { sounds.removeAll(keepingCapacity: true) }
    return sounds
  }

  package mutating func heard(_ head: Head, from side: Side, _ raw: Span<UInt8>) {
    let heard = Heard(
      message: message(head, from: side, raw), ordinal: counts[side], label: head.label, answer: head.answer,
      violations: head.violations,
      effects: head.effects, began: now, ended: now)
    counts[side] += 1
    if let part = head.payload {
      open[side] = Open(heard: heard, part: part)
    } else {
      sounds.append(.message(heard))
    }
  }

  /// What a head says, without payload.
  package func message(_ head: Head, from side: Side, _ raw: Span<UInt8>) -> Message {
    head.isRaw ? Message(side, [], [Part(Part.raw, .payload(Payload(.bytes(raw.array))))]) : dialect.message(raw.array, from: side)
  }

  package mutating func heard(_ piece: Piece, from side: Side, _ content: Span<UInt8>) {
    guard open[side] != nil else { return }
    if piece.isTrailers {
      let trailers = dialect.trailers(content.array)
      open[side]?.trailers = trailers
    } else {
      let limit = payloadLimit
      open[side]?.append(content, limit: limit)
    }
    open[side]?.heard.violations += piece.violations
    guard piece.isLast else { return }
    open[side]?.heard.effects += piece.effects
    close(side)
  }

  package mutating func broken(_ violation: Violation, from side: Side, _ raw: Span<UInt8>) {
    sounds.append(.broken(side, violation, raw.extracting(..<min(raw.count, Self.shownOfBroken)).array))
  }

  package mutating func cutShort(from side: Side, _ raw: Span<UInt8>) {
    if open[side] != nil {
      let limit = payloadLimit
      open[side]?.append(raw, limit: limit)
      open[side]?.heard.isCutShort = true
      close(side)
    } else if raw.count > 0 {
      var heard = Heard(
        message: Message(side, lines(raw.array)), ordinal: counts[side], label: "", answer: .none, violations: [], effects: [], began: now,
        ended: now)
      heard.isCutShort = true
      sounds.append(.message(heard))
    }
  }

  package mutating func opaque(from side: Side, _ raw: Span<UInt8>) {
    guard !wentOpaque[side] else { return }
    wentOpaque[side] = true
    sounds.append(.opaque(side))
  }

  package mutating func tunnelled(from side: Side, _ raw: Span<UInt8>) { sounds.append(.tunnelled(side, raw.array)) }

  /// The conversation is over, or bytes are missing: what is open of a payload is reported as cut short.
  package mutating func abandon(_ side: Side) {
    guard open[side] != nil else { return }
    open[side]?.heard.isCutShort = true
    close(side)
  }

  private mutating func close(_ side: Side) {
    guard var whole = open[side]?.whole(dialect, payloadLimit) else { return }
    whole.ended = now
    open[side] = nil
    sounds.append(.message(whole))
  }

  /// Of bytes that are no message, that many are kept to be shown.
  private static let shownOfBroken = 1024
}

/// A message whose payload is still coming.
private struct Open: Sendable {
  var heard: Heard
  var part: PayloadPart
  var trailers: Part?
  private var intake = Intake()

  init(heard: Heard, part: PayloadPart) {
    self.heard = heard
    self.part = part
  }

  mutating func append(_ content: Span<UInt8>, limit: Int) { intake.append(content, limit: limit) }

  func whole(_ dialect: any Dialect, _ limit: Int) -> Heard {
    var heard = heard
    // What was not kept whole cannot be decoded: it is known as it was sent.
    let content =
      intake.digest.map { Decoded(intake.bytes, size: intake.size, digest: $0) }
      ?? dialect.decoded(intake.bytes, of: heard.message, limit: limit)
    heard.sentSize = intake.size
    heard.payloadSize = content.size
    heard.payloadDigest = content.digest
    // Of a message that was cut short no encoding is whole.
    if !heard.isCutShort, let violation = content.violation { heard.violations.append(violation) }
    let payload = content.bytes
    heard.message.parts.append(Part(part.name, part.isLines ? .lines(lines(payload)) : .payload(Payload(.bytes(payload)))))
    if let trailers { heard.message.parts.append(trailers) }
    return heard
  }
}

/// The lines of a text, line ends left out: CR LF, or LF alone; what stands behind the last line end is a line, too, if there is anything.
package func lines(_ bytes: [UInt8]) -> [Text] {
  var out: [Text] = []
  var start = 0
  for i in bytes.indices where bytes[i] == 10 {
    out.append(Text(Array(bytes[start..<(i > start && bytes[i - 1] == 13 ? i - 1 : i)])))
    start = i + 1
  }
  if start < bytes.count { out.append(Text(Array(bytes[start...]))) }
  return out
}

extension Span<UInt8> {
  package var array: [UInt8] {
    withUnsafeBufferPointer { Array($0) }
  }
}
