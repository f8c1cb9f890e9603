/// What the client has asked and is still waiting for, oldest first. Constant time each, however long one lags behind the other.
struct Unanswered<Question: Sendable>: Sendable {
  struct Entry: Sendable {
    /// Of the client's messages, counted from 0; nil for the greeting, which nobody asked for.
    var ordinal: Int?
    var question: Question
  }

  private var entries: [Entry]
  private var start = 0
  /// How many messages the client has sent.
  private(set) var asked = 0

  init() { entries = [] }
  init(greeting: Question) { entries = [Entry(ordinal: nil, question: greeting)] }

  var count: Int { entries.count - start }
  var first: Entry? { start < entries.count ? entries[start] : nil }
  var second: Entry? { start + 1 < entries.count ? entries[start + 1] : nil }
  /// Whether the client has to wait for a reply before more of what it says is looked at.
  var isFull: Bool { count >= Self.limit }

  mutating func ask(_ question: Question) {
    entries.append(Entry(ordinal: asked, question: question))
    asked += 1
  }

  /// What was asked while the first was being answered is answered before it ends.
  mutating func removeSecond() {
    guard start + 1 < entries.count else { return }
    entries.swapAt(start, start + 1)
    removeFirst()
  }

  mutating func removeFirst(_ count: Int = 1) {
    start = min(start + count, entries.count)
    // What is answered is moved out of the way once it is half of all: each entry is moved once on average.
    guard start * 2 >= entries.count else { return }
    entries.removeFirst(start)
    start = 0
  }

  /// No client pipelines as many.
  private static var limit: Int { 1 << 16 }
}
