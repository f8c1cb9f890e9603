package import Capture
package import Dialects
package import Wire

/// Listens to a capture and hands over each of its conversations when it is over, those that have data connections when these are over, too.
package struct Extractor: CaptureListener {
  /// Which dialect a conversation speaks, whatever its first words; nil lets them decide.
  package typealias Choice = (Origin) -> (any Dialect)?

  private let choice: Choice
  private let limits: ExtractionLimits
  private let deliver: (Recorded) -> Void
  private var open: [Int: Recording] = [:]
  private var held = 0
  private var ties: Ties
  /// Conversations that were cut because all together held too much.
  package private(set) var crowdedOut = 0

  package init(
    limits: ExtractionLimits = ExtractionLimits(), choice: @escaping Choice = { _ in nil }, deliver: @escaping (Recorded) -> Void
  ) {
    self.limits = limits
    self.choice = choice
    self.deliver = deliver
    ties = Ties(limits)
  }

  package mutating func heard(_ event: CaptureEvent, _ bytes: Span<UInt8>) {
    switch event {
    case .opened(let origin):
      open[origin.number] = Recording(origin, limits, choice(origin))
      if origin.transport == .stream { ties.open(origin) }
    case .refused(let origin, let how):
      var recording = Recording(origin, limits, choice(origin))
      deliver(ties.refuse(origin, how) ?? recording.refused(how))
    case .bytes(let number, let side, let now):
      ties.receive(bytes, number, from: side, at: now, isCrowded: isCrowded)
      receive(bytes, number, side, now)
    case .datagram(let number, let side, let now): receive(bytes, number, side, now)
    case .gap(let number, let side, let count, let now):
      ties.lose(count, number, from: side, at: now)
      change(number) { $0.lost(count, from: side, at: now) }
    case .ended(let number, let side, let ending, let now):
      ties.end(number, side, ending, at: now)
      change(number) { $0.end(side, ending, at: now) }
    case .closed(let number, let how, let now): close(number, how, now)
    }
  }

  package mutating func passed(to now: Instant) {
    ties.pass(to: now)
    deliverReady()
  }

  /// The capture is over: what waited for more of it is handed over.
  package mutating func finish() {
    ties.finish()
    deliverReady()
  }

  private var isCrowded: Bool { held + ties.held > limits.total }

  private mutating func receive(_ bytes: Span<UInt8>, _ number: Int, _ side: Side, _ now: Instant) {
    if isCrowded {
      ties.finish()
      deliverReady()
    }
    if isCrowded {
      crowdedOut += 1
      change(number) { $0.giveUp() }
    }
    change(number) { $0.receive(bytes, from: side, at: now) }
  }

  private mutating func change(_ number: Int, _ change: (inout Recording) -> Void) {
    guard let index = open.index(forKey: number) else { return }
    let before = open.values[index].held
    change(&open.values[index])
    held += open.values[index].held - before
    for signal in open.values[index].takeSignals() { ties.take(signal, of: number) }
    dropClaimed()
  }

  /// What is somebody's data connection is not followed as anything else.
  private mutating func dropClaimed() {
    for number in ties.takeClaimed() { if let recording = open.removeValue(forKey: number) { held -= recording.held } }
  }

  private mutating func close(_ number: Int, _ how: Closing, _ now: Instant) {
    var recording = open.removeValue(forKey: number)
    let kept = recording?.held ?? 0
    held -= kept
    let recorded = recording?.closed(how, at: now)
    for signal in recording?.takeSignals() ?? [] { ties.take(signal, of: number) }
    if ties.isControl(number), let recorded {
      ties.close(number, recorded, held: kept, at: now)
    } else if !ties.close(number, how, recorded, held: kept, at: now), let recorded {
      deliver(recorded)
    }
    deliverReady()
  }

  private mutating func deliverReady() {
    dropClaimed()
    for recorded in ties.takeReady() { deliver(recorded) }
  }
}
