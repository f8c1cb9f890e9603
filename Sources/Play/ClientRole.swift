import Dialects
import Results
package import Transcript
import Verification
package import Wire

/// Plays a transcript's client against a server: sends each `C`, hears each `S`, compares, and goes on as long as that makes sense.
package struct ClientRole: Role {
  var progress: Progress
  var verifier: Verifier
  /// What was said, in the order in which the session heard it: replies name what they answer by its number here.
  var spoken: [Spoken] = []
  /// For each step, the numbers of its messages: one, but for raw bytes.
  var ordinals: [ClosedRange<Int>?]
  /// The last step that said something: what becomes whole belongs to it.
  var lastSaid = 0
  var lastMessage = Message(.client, [])
  /// Commands and what became of them, for the dialect to tell what makes no sense any more.
  var history: [Turn] = []
  /// Whether any command failed that was to succeed.
  var hasFailed = false
  /// The last message that was said when a reply looked like the next one's: replies to what was said by then may all be shifted.
  var shiftedUntil: Int?
  /// The last message that got its last reply.
  var lastAnswered: Int?
  var lastReplyFailed = false
  var serverLeaves = false
  var connection = Connection.awaited
  /// The other end of the main line.
  var peer: Endpoint?
  /// How messages get to the server; nil where they are said as they are written.
  var route: Route?
  /// A connection ended between two commands, and another one was made.
  var hasRedialled = false
  var outbox: [UInt8] = []
  /// Secondary connections; and the transfers that run over them, by the numbers of their commands in `spoken`.
  var lines = DataLines()
  var running: [Int: Running] = [:]
  /// Where the server was told to dial, by which command.
  var announced: (port: UInt16, command: Int)?
  /// Those that came to nothing: what is said of them afterwards follows from that.
  var brokenTransfers: Set<Int> = []
  /// Those that we cut: whether the server had said all before it knew is a race.
  var cutTransfers: Set<Int> = []
  /// Connections over which too much came.
  var flooded: Set<LineName> = []
  /// Over datagrams: questions that may have to be put again.
  var repetition = Repetition()

  enum Connection: Sendable { case awaited, up, over }

  struct Spoken: Sendable {
    var step: Int
    /// What a reply to it answers: the command itself, or the one that it continues.
    var command: Message
  }

  /// - Parameter wall: `now` on the clock on the wall, from the Unix epoch.
  package init(_ script: Script, bindings: Bindings, options: PlayOptions, at now: Instant, wall: Instant) {
    progress = Progress(script, own: .client, options, at: now, wall: wall)
    verifier = Verifier(script.dialect, bindings: bindings, needed: script.needed, commands: script.commands)
    ordinals = Array(repeating: nil, count: script.steps.count)
    route = options.route
  }

  package var outcome: Outcome { progress.outcome(verifier.bindings) }

  package mutating func happened(_ event: Event, at now: Instant, _ actions: inout [Action]) {
    guard !progress.isFinished else { return }
    progress.now = now
    if isProbing(event, &actions) { return }
    switch event {
    case .connected(.main, _, let peer):
      self.peer = peer
      if probes(&actions) { return }
      connection = .up
      if !hasRedialled { progress.began = now }
      if case .connect? = script.steps.first?.action { return hasConnected(&actions) }
    case .failed(let how, let why, .main): return failed(how, why, &actions)
    case .ended(let ending, .main): progress.line.end(ending, at: now)
    case .reached: progress.rang()
    case .sent(.main): return
    case .sent(let name), .listening(_, let name), .connected(let name, _, _), .failed(_, _, let name), .ended(_, let name):
      if !heardOfStream(event, on: name, &actions) { happened(event, on: name, &actions) }
    case .interrupted:
      progress.reason = Reason(.interrupted, "the run was interrupted")
      return finish(&actions)
    }
    advance(&actions)
  }

  package mutating func received(_ bytes: Span<UInt8>, on line: LineName, at now: Instant, _ actions: inout [Action]) {
    guard !progress.isFinished else { return }
    progress.now = now
    guard line == .main else {
      if !received(bytes, onStream: line, &actions) { received(bytes, on: line, &actions) }
      return advance(&actions)
    }
    if repetition.isProbing { return hasConnected(&actions) }
    progress.line.receive(bytes, at: now)
    takeUtterances()
    advance(&actions)
    if progress.isFinished { return }
    let (line, options) = (progress.line, progress.options)
    if line.unreadBytes > options.unreadLimit {
      tell(
        progress.nearest,
        difference(progress.nearest, .divergence, "flood", observed: "\(line.unreadBytes) bytes that nobody asked for"))
      giveUp(&actions)
    } else if line.noiseCount >= options.brokenLimit {
      giveUp(&actions)
    }
  }

  /// There is somebody where nobody was to be.
  private mutating func hasConnected(_ actions: inout [Action]) {
    guard case .connect(let expected)? = script.steps.first?.action else { return }
    connection = .up
    progress.settle(difference(0, .divergence, "connected", expected: expected.rawValue, observed: "a connection"))
    finish(&actions)
  }

  mutating func advance(_ actions: inout [Action]) {
    guard connection == .up else { return }
    while !progress.isFinished {
      progress.tellNoise(fault: .server)
      guard !progress.isOver else { return finish(&actions) }
      if !play(script.steps[progress.cursor], &actions) { return flush(&actions) }
    }
  }

  /// Plays the present step; false where it must wait, or all is over.
  private mutating func play(_ step: Step, _ actions: inout [Action]) -> Bool {
    switch step.action {
    case .say(let message) where message.side == .client: return speak(message, &actions)
    case .say(let message): return hear(step, message, &actions)
    case .close(.server), .reset(.server): return awaitEnd(step, &actions)
    case .close: return endSending(&actions)
    case .reset:
      flush(&actions)
      connection = .over
      progress.settle()
      actions.append(.reset())
      return true
    case .silence(let duration): return keepSilent(duration, &actions)
    case .pause(let duration):
      guard progress.waits(duration, &actions) else { return false }
      progress.settle()
      return true
    case .data(_, let payload): return transfer(step, payload, &actions)
    case .speak: return speakAnother(&actions)
    case .connect, .tls:
      progress.settle()
      return true
    }
  }

  var script: Script { progress.script }

  func difference(
    _ index: Int, _ grade: Grade, _ kind: String, expected: String? = nil, observed: String? = nil, hint: String? = nil
  ) -> Difference {
    progress.difference(index, grade, kind, expected: expected, observed: observed, hint: hint, fault: .server)
  }

  mutating func tell(_ index: Int, _ difference: Difference, follows: Bool = false) {
    progress.ledger.add(difference, to: index, follows: follows)
  }
}
