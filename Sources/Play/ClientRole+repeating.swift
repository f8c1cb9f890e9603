import Dialects
import Results
import Transcript
import Wire

/// What a client that speaks in datagrams does where an answer gets lost, or does not fit: it asks again.
struct Repetition: Sendable {
  /// A question that is put again over a stream, because its answer did not fit into a datagram (RFC 7766 §5).
  struct OverStream: Sendable {
    /// The secondary connection that is the stream.
    let name: LineName
    var line: Line
    /// Of the question as it was put first.
    var ordinal: Int
    /// The answer that did not fit: it counts where no other one comes.
    var truncated: Heard
  }

  /// Whether an empty datagram was sent to see if anybody is there.
  var isProbing = false
  var overStream: OverStream?
  /// The step that waits, and how often its question was put again.
  private var waiting = (step: -1, times: 0)
  private var datagrams: [Int: [UInt8]] = [:]

  mutating func said(_ ordinal: Int, _ bytes: [UInt8]) { datagrams[ordinal] = bytes }
  mutating func answered(_ ordinal: Int) { datagrams[ordinal] = nil }

  /// The question's bytes, where it is time to put it again; and for how long the step will have waited when it is next.
  mutating func due(_ ordinal: Int, step: Int, waited: Duration) -> (bytes: [UInt8]?, next: Duration?) {
    guard let bytes = datagrams[ordinal] else { return (nil, nil) }
    if waiting.step != step { waiting = (step, 0) }
    guard waiting.times < Self.most else { return (nil, nil) }
    let isDue = waited >= Self.interval * (waiting.times + 1)
    if isDue { waiting.times += 1 }
    return (isDue ? bytes : nil, waiting.times < Self.most ? Self.interval * (waiting.times + 1) : nil)
  }

  /// RFC 1035 §4.2.1 recommends 2 to 5 seconds.
  static let interval = Duration.seconds(2)
  private static let most = 2
}

extension ClientRole {
  /// Whether nobody is to be there. Datagrams make no connection: only what comes back of one tells.
  mutating func probes(_ actions: inout [Action]) -> Bool {
    guard script.transport == .datagrams, case .connect? = script.steps.first?.action else { return false }
    repetition.isProbing = true
    actions.append(.send([]))
    _ = progress.waits(Repetition.interval, &actions)
    return true
  }

  /// True while it is waited for what comes back; silence means that nothing does.
  mutating func isProbing(_ event: Event, _ actions: inout [Action]) -> Bool {
    guard repetition.isProbing, case .reached = event else { return false }
    progress.rang()
    guard progress.waits(Repetition.interval, &actions) else { return true }
    actions.append(.close())
    failed(.timeout, "nothing came back within \(Repetition.interval.transcript)", &actions)
    return true
  }

  /// Puts the question again whose answer the present step waits for, where that has taken long enough to think it lost.
  mutating func askAgain(_ actions: inout [Action]) {
    guard script.transport == .datagrams, repetition.overStream == nil,
      let ordinal = script.answered[progress.cursor].flatMap({ ordinals[$0] })?.lowerBound
    else { return }
    let (bytes, next) = repetition.due(ordinal, step: progress.cursor, waited: progress.waited)
    if let bytes { actions.append(.send(bytes)) }
    if let next { progress.wake(at: progress.now + (next - progress.waited), &actions) }
  }

  /// Whether an answer is put off because the question is put again over a stream. Where the transcript's answer did not fit either, it is
  /// the one that is wanted.
  mutating func asksAgain(_ heard: Heard, _ actions: inout [Action]) -> Bool {
    guard let ordinal = heard.answer.ordinal else { return false }
    repetition.answered(ordinal)
    guard heard.effects.contains(.asksAgain), !script.truncated.contains(progress.cursor), let peer,
      repetition.overStream == nil, spoken.indices.contains(ordinal)
    else { return false }
    var line = Line(script, own: .client, payloadLimit: progress.options.payloadLimit, over: .stream)
    let question = line.write(spoken[ordinal].command)
    line.say(question, at: progress.now)
    let name = lines.add(by: ordinal, .announced(port: peer.port))
    lines[name]?.dial(&actions)
    lines[name]?.send(question, then: .wait, &actions)
    repetition.overStream = Repetition.OverStream(name: name, line: line, ordinal: ordinal, truncated: heard)
    return true
  }

  /// True where an event is of the stream over which a question is put again.
  mutating func heardOfStream(_ event: Event, on name: LineName, _ actions: inout [Action]) -> Bool {
    guard let stream = repetition.overStream, stream.name == name else { return false }
    lines[name]?.happened(event, &actions)
    switch event {
    case .failed(_, let why, _): takeTruncated(stream, why, &actions)
    case .ended: takeTruncated(stream, "the connection ended without an answer", &actions)
    default: break
    }
    return true
  }

  mutating func received(_ bytes: Span<UInt8>, onStream name: LineName, _ actions: inout [Action]) -> Bool {
    guard repetition.overStream?.name == name else { return false }
    repetition.overStream?.line.receive(bytes, at: progress.now)
    guard let stream = repetition.overStream else { return false }
    if var answer = stream.line.unread.first {
      answer.answer = .final(stream.ordinal)
      leave(stream, with: answer, &actions)
    } else if stream.line.noiseCount > 0 {
      takeTruncated(stream, "what is no answer", &actions)
    }
    return true
  }

  /// The answer that did not fit is all there is: a server has to serve both ways.
  private mutating func takeTruncated(_ stream: Repetition.OverStream, _ why: String, _ actions: inout [Action]) {
    var truncated = stream.truncated
    truncated.effects.removeAll { $0 == .asksAgain }
    leave(stream, with: truncated, &actions)
    let index = progress.nearest
    var difference = difference(index, .violation, "no-stream", expected: "an answer over TCP", observed: why)
    difference.rule = "RFC 7766 §5"
    tell(index, difference)
  }

  private mutating func leave(_ stream: Repetition.OverStream, with answer: Heard, _ actions: inout [Action]) {
    repetition.overStream = nil
    lines.remove(stream.name, &actions)
    progress.line.insert(answer)
  }
}
