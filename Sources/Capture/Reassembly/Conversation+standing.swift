import Wire

extension Conversation {
  /// Whose a packet is that has this conversation's endpoints.
  enum Standing {
    case own
    /// Nobody's: late, or not answered yet.
    case stray
    /// Another conversation's, that begins with it.
    case successor
    /// Another conversation's, that began with the rival.
    case rivals
  }

  /// A SYN, or the answer to one that was not captured, that would begin another conversation while this one is open.
  struct Rival {
    var header: TCPHeader
    var sender: Side
    var at: Instant
    /// Who dials, and where what it says begins.
    var client: Side
    var beginning: SequenceNumber
  }

  /// To be asked where the packet is a SYN, where there is a rival, and where the conversation is not open.
  ///
  /// A SYN into an open connection proves nothing, whoever sent it (RFC 5961 §4): the conversation goes on until the other side answers that
  /// SYN, or who sent it goes on from there.
  mutating func standing(of header: TCPHeader, from side: Side, at instant: Instant) -> Standing {
    if header.isSYN {
      return header.acknowledgement.map { standing(ofAnswer: header, acknowledging: $0, from: side, at: instant) }
        ?? standing(ofDialling: header, from: side, at: instant)
    }
    switch phase {
    case .closed: return .stray
    case .dialling: return header.isRST || isPlausible(header, from: side) ? .own : .stray
    case .open:
      guard let rival, rival.client == side, header.acknowledgement != nil, !header.isRST else { return .own }
      return header.sequence == rival.beginning && next(of: side) != header.sequence ? .rivals : .own
    }
  }

  private mutating func standing(ofDialling header: TCPHeader, from side: Side, at instant: Instant) -> Standing {
    let beginning = header.sequence + 1
    let known = self.beginning(of: side)
    if known == beginning { return phase == .closed ? .stray : .own }
    if phase == .closed || isReset { return .successor }
    // Nothing was heard from there yet: both dial at once (RFC 9293 §3.5).
    if known == nil { return .own }
    if phase == .dialling { return .successor }
    rival = Rival(header: header, sender: side, at: instant, client: side, beginning: beginning)
    return .stray
  }

  private mutating func standing(
    ofAnswer header: TCPHeader, acknowledging acknowledgement: SequenceNumber, from side: Side, at instant: Instant
  ) -> Standing {
    func answers(_ beginning: SequenceNumber) -> Bool { (0...Self.dataWithSYN).contains(acknowledgement - beginning) }
    let isKnown = beginning(of: side).map { $0 == header.sequence + 1 }
    let isAnswer = beginning(of: side.other).map(answers) ?? true
    switch phase {
    case .dialling: return isAnswer ? .own : .stray
    case .closed: return wasRefused || isKnown == false ? .successor : .stray
    case .open:
      if isKnown ?? true { return .own }
      if let rival, rival.client == side.other, answers(rival.beginning) { return .rivals }
      if !isAnswer { rival = Rival(header: header, sender: side, at: instant, client: side.other, beginning: acknowledgement) }
      return .stray
    }
  }

  /// Whether a packet shows that the connection was made although the answer to the SYN was not captured. What answers for an older
  /// connection on the same endpoints, which its side still holds open, does not (RFC 9293 §3.5.1).
  private func isPlausible(_ header: TCPHeader, from side: Side) -> Bool {
    let (place, client) = side == .client ? (header.sequence, Side.client) : (header.acknowledgement ?? header.sequence, .client)
    guard let beginning = beginning(of: client) else { return true }
    return (0...Self.lostWithAnswer).contains(place - beginning)
  }

  /// At most so many bytes come with a SYN (RFC 7413).
  private static let dataWithSYN = 0xffff
  private static let lostWithAnswer = 1 << 20
}
