package import Capture
package import Dialects
import Wire

/// Listens to a capture and hands over each of its conversations as it ends.
package struct Extractor: CaptureListener {
  /// Which dialect a conversation speaks, whatever its first words; nil lets them decide.
  package typealias Choice = (Origin) -> (any Dialect)?

  private let choice: Choice
  private let limits: ExtractionLimits
  private let deliver: (Recorded) -> Void
  private var open: [Int: Recording] = [:]
  private var held = 0
  /// Conversations that were cut because all together held too much.
  package private(set) var crowdedOut = 0

  package init(
    limits: ExtractionLimits = ExtractionLimits(), choice: @escaping Choice = { _ in nil }, deliver: @escaping (Recorded) -> Void
  ) {
    self.limits = limits
    self.choice = choice
    self.deliver = deliver
  }

  package mutating func heard(_ event: CaptureEvent, _ bytes: Span<UInt8>) {
    switch event {
    case .opened(let origin): open[origin.number] = Recording(origin, limits, choice(origin))
    case .refused(let origin, let how):
      var recording = Recording(origin, limits, choice(origin))
      deliver(recording.refused(how))
    case .bytes(let number, let side, let now), .datagram(let number, let side, let now):
      if held > limits.total {
        crowdedOut += 1
        change(number) { $0.giveUp() }
      }
      change(number) { $0.receive(bytes, from: side, at: now) }
    case .gap(let number, let side, let count, let now): change(number) { $0.lost(count, from: side, at: now) }
    case .ended(let number, let side, let ending, let now): change(number) { $0.end(side, ending, at: now) }
    case .closed(let number, let how, let now):
      guard var recording = open.removeValue(forKey: number) else { return }
      held -= recording.held
      deliver(recording.closed(how, at: now))
    }
  }

  private mutating func change(_ number: Int, _ change: (inout Recording) -> Void) {
    guard let index = open.index(forKey: number) else { return }
    let before = open.values[index].held
    change(&open.values[index])
    held += open.values[index].held - before
  }
}
