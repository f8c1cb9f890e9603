import Dialects

/// Messages that have come and that no step has looked at yet, in order.
struct Unread: Sendable {
  private var messages: [Heard] = []
  private var read = 0
  /// Read and forgotten.
  private var gone = 0

  /// All that ever came, and how many of them were read.
  var count: Int { gone + messages.count }
  var readCount: Int { gone + read }

  var isEmpty: Bool { read == messages.count }
  var first: Heard? { isEmpty ? nil : messages[read] }
  var last: Heard? { isEmpty ? nil : messages.last }

  func first(where predicate: (Heard) -> Bool) -> Heard? { messages[read...].first(where: predicate) }

  mutating func append(_ message: Heard) { messages.append(message) }

  mutating func bringForward(answerTo ordinals: ClosedRange<Int>) {
    guard let place = messages[read...].firstIndex(where: { $0.answer.ordinal.map(ordinals.contains) ?? false }) else { return }
    messages.insert(messages.remove(at: place), at: read)
  }

  /// In front of all others.
  mutating func insert(_ message: Heard) { messages.insert(message, at: read) }

  /// There must be one.
  mutating func removeFirst() {
    read += 1
    guard isEmpty else { return }
    gone += read
    messages.removeAll(keepingCapacity: true)
    read = 0
  }
}
