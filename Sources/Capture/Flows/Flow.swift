import Wire

/// A conversation as the table holds it.
struct Flow {
  enum Outcome {
    /// The segment was its own.
    case taken(Conversation.Outcome)
    /// Nobody's.
    case stray
    /// Another conversation's, that begins with it, or began with the rival.
    case successor, rivals
  }

  var conversation: Conversation
  /// Whether the client is the lower end of its key.
  let isClientLow: Bool
  /// When it began to wait, or was looked at last.
  var waitingSince = Instant(nanoseconds: 0)
  /// What it takes of `Connections.kept`.
  var kept = 0
  /// Bytes that came again after they were told, and differed.
  private var repeated = 0
  /// Each side's last entry in the journal.
  private var latest = Sides(client: Journal.none, server: Journal.none)

  init(_ conversation: Conversation, isClientLow: Bool) {
    self.conversation = conversation
    self.isClientLow = isClientLow
  }

  /// Bytes that came twice and differed.
  var conflicts: Int { conversation.conflicts + repeated }

  func side(isFromLow: Bool) -> Side { isFromLow == isClientLow ? .client : .server }

  /// All that is to be done with most segments: so that the table is looked into once.
  ///
  /// - Parameter cut: so many more bytes were sent behind `payload`, and not captured.
  mutating func take(
    _ header: TCPHeader, isFromLow: Bool, _ payload: Span<UInt8>, cut: Int, at now: Instant, _ journal: inout Journal,
    _ listener: inout some CaptureListener
  ) -> Outcome {
    let side = side(isFromLow: isFromLow)
    if header.isSYN || conversation.phase != .open || conversation.rival != nil {
      switch conversation.standing(of: header, from: side, at: now) {
      case .own: break
      case .stray: return .stray
      case .successor: return .successor
      case .rivals: return .rivals
      }
    }
    let told = conversation.next(of: side)
    let outcome = conversation.take(header, from: side, payload, cut: cut, at: now, &listener)
    if payload.count > 0, !header.isRST { compare(header, side, payload, told: told, &journal) }
    return .taken(outcome)
  }

  /// Compares with what was told before, and writes down what was told of this segment.
  ///
  /// - Parameter told: what was told before it came ended here.
  private mutating func compare(
    _ header: TCPHeader, _ side: Side, _ payload: Span<UInt8>, told: SequenceNumber?, _ journal: inout Journal
  ) {
    guard let next = conversation.next(of: side) else { return }
    let start = header.isSYN ? header.sequence + 1 : header.sequence
    let old = told.map { $0 - start } ?? 0
    // A keep-alive's byte is any (RFC 1122 §4.2.3.6).
    if old > 0, payload.count > 1 || old > 1 {
      repeated += journal.differences(payload.extracting(..<min(old, payload.count)), at: start, latest: latest[side])
    }
    guard old >= 0, old < payload.count, next - start >= payload.count else { return }
    latest[side] = journal.append(payload.extracting(old...), at: start + old, after: latest[side])
  }
}
