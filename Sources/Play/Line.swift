import Dialects
import Transcript
import Wire

/// The connection as a role sees it: what the peer has said, what we have said, how it stands. Both sides run through one follower.
struct Line: Sendable {
  /// Bytes that are no message, and how many messages came before them.
  struct Noise: Sendable {
    var violation: Violation
    var bytes: [UInt8]
    fileprivate var place: Int
  }

  /// One of our own messages, as the session heard it.
  struct Utterance: Sendable {
    var label: String
    var answer: Answer
    var effects: [Effect]
    /// Empty unless it was asked for.
    var head: [Text]
  }

  /// How the peer's direction stands.
  private(set) var ending = Ending.open
  private(set) var unread = Unread()
  /// The beginning of a message which the end of the connection left without an end.
  private(set) var fragment: [UInt8] = []
  /// Stretches of bytes that were no message.
  private(set) var noiseCount = 0
  private var noise: [Noise] = []
  private var follower: Follower
  private var hearing: Hearing
  private var received = 0
  private var lastInstant = Instant(nanoseconds: 0)
  /// What came through a tunnel of which nobody has said yet what it speaks.
  private var tunnelled: [UInt8] = []

  /// - Parameter transport: where it is not the script's.
  init(_ script: Script, own: Side, payloadLimit: Int, over transport: Transport? = nil) {
    let transport = transport ?? script.transport
    follower = Follower(script.dialect.begin(transport), over: transport)
    hearing = Hearing(own: own, ear: Ear(script.dialect, payloadLimit: payloadLimit))
  }

  /// What came last, unless it was looked at.
  var lastUnread: Heard? { unread.last }
  /// Whether nobody can follow any more what is said: it is TLS's.
  var isOpaque: Bool { follower.isOpaque }
  /// Bytes of the peer's that are no whole message yet.
  var pending: Int { follower.pending(hearing.own.other) }
  /// Bytes that came while messages waited to be looked at.
  var unreadBytes: Int { tunnelled.count + (unread.isEmpty ? 0 : received) }
  /// Whether another dialect is to be spoken from here on.
  var isTunnel: Bool { follower.isTunnel }

  /// A new connection in the place of the one that ended: nothing has been said on it.
  mutating func begin(_ dialect: any Dialect, _ transport: Transport) {
    ending = .open
    fragment = []
    tunnelled = []
    speak(dialect, transport)
  }

  /// From here on another dialect, which knows nothing of what was said before.
  mutating func speak(_ dialect: any Dialect, _ transport: Transport) {
    let rest = tunnelled
    tunnelled = []
    follower = Follower(dialect.begin(transport), over: transport)
    hearing = Hearing(own: hearing.own, ear: Ear(dialect, payloadLimit: hearing.ear.payloadLimit))
    if !rest.isEmpty { receive(rest.span, at: lastInstant) }
    if ending != .open { end(ending, at: lastInstant) }
  }

  mutating func receive(_ bytes: Span<UInt8>, at now: Instant) {
    received = unread.isEmpty ? bytes.count : received + bytes.count
    lastInstant = now
    hearing.ear.now = now
    follower.receive(bytes, from: hearing.own.other, into: &hearing)
    takeSounds()
  }

  mutating func end(_ ending: Ending, at now: Instant) {
    let peer = hearing.own.other
    self.ending = ending
    lastInstant = now
    hearing.ear.now = now
    follower.end(peer, ending, into: &hearing)
    hearing.ear.abandon(peer)
    takeSounds()
  }

  mutating func removeFirst() { unread.removeFirst() }

  /// What answers one of these is looked at next, if it has come.
  mutating func bringForward(answerTo ordinals: ClosedRange<Int>) { unread.bringForward(answerTo: ordinals) }
  /// A message that came another way is looked at next.
  mutating func insert(_ heard: Heard) { unread.insert(heard) }

  /// What was no message and came before the one that is looked at next.
  mutating func takeNoise() -> [Noise] {
    guard !noise.isEmpty else { return [] }
    let due = noise.prefix { $0.place <= unread.readCount }
    noise.removeFirst(due.count)
    return Array(due)
  }

  // MARK: Our own side

  func admits(_ message: Message) -> Admission { follower.admits(message) }
  func write(_ message: Message) -> [UInt8] { follower.write(message) }

  /// Follows what we say; what it completes is found in `takeUtterances`.
  mutating func say(_ bytes: [UInt8], at now: Instant, keepsText: Bool = false) {
    hearing.keepsText = keepsText
    hearing.ear.now = now
    follower.receive(bytes.span, from: hearing.own, into: &hearing)
    takeSounds()
  }

  /// Our messages that became whole since the last call.
  mutating func takeUtterances() -> [Utterance] {
    guard !hearing.utterances.isEmpty else { return [] }
    defer { hearing.utterances.removeAll(keepingCapacity: true) }
    return hearing.utterances
  }

  /// What the peer would take it for, were it said now: the label of its first message; nil where it would not be a whole one.
  func label(of bytes: [UInt8]) -> String? {
    var trial = self
    _ = trial.takeUtterances()
    trial.say(bytes, at: hearing.ear.now)
    return trial.takeUtterances().first?.label
  }

  private mutating func takeSounds() {
    guard !hearing.ear.sounds.isEmpty else { return }
    for sound in hearing.ear.takeSounds() {
      switch sound {
      // The beginning of a message is none.
      case .message(let heard) where heard.isCutShort && heard.label.isEmpty && heard.message.parts.isEmpty:
        fragment = heard.message.head.first?.recorded ?? []
      case .message(let heard): unread.append(heard)
      case .broken(_, let violation, let bytes):
        noiseCount += 1
        noise.append(Noise(violation: violation, bytes: bytes, place: unread.count))
      case .tunnelled(_, let bytes): tunnelled += bytes
      case .opaque: break
      }
    }
  }
}

/// Hears the peer with an ear; of ourselves only which messages we said, since we know what is in them.
private struct Hearing: Listener, Sendable {
  let own: Side
  var ear: Ear
  var keepsText = false
  var utterances: [Line.Utterance] = []

  mutating func heard(_ head: Head, from side: Side, _ raw: Span<UInt8>) {
    guard side == own else { return ear.heard(head, from: side, raw) }
    let text = keepsText ? ear.message(head, from: side, raw).head : []
    utterances.append(Line.Utterance(label: head.label, answer: head.answer, effects: head.effects, head: text))
  }

  mutating func heard(_ piece: Piece, from side: Side, _ content: Span<UInt8>) {
    if side != own { ear.heard(piece, from: side, content) }
  }

  mutating func broken(_ violation: Violation, from side: Side, _ raw: Span<UInt8>) {
    if side != own { ear.broken(violation, from: side, raw) }
  }

  mutating func cutShort(from side: Side, _ raw: Span<UInt8>) {
    if side != own { ear.cutShort(from: side, raw) }
  }

  mutating func opaque(from side: Side, _ raw: Span<UInt8>) {
    if side != own { ear.opaque(from: side, raw) }
  }

  mutating func tunnelled(from side: Side, _ raw: Span<UInt8>) {
    if side != own { ear.tunnelled(from: side, raw) }
  }
}
