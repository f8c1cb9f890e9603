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

  func first(where predicate: (Heard) -> Bool) -> Heard? { messages[read...].first(where: predicate) }

  mutating func append(_ message: Heard) { messages.append(message) }

  /// There must be one.
  mutating func removeFirst() {
    read += 1
    guard isEmpty else { return }
    gone += read
    messages.removeAll(keepingCapacity: true)
    read = 0
  }
}
