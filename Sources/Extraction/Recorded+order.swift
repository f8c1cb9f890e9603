import Capture
import Dialects
import Wire

extension Recorded {
  /// Answers in the order of their questions: which answer came first is an accident, and read in order each is known for what it answers.
  /// Of datagrams, a question that nobody answered is left out where others were: it got lost, and was put again in other words.
  mutating func arrange() {
    guard dialect?.answersInAnyOrder == true else { return }
    let slots = entries.indices.filter { ordinal(answeredBy: entries[$0]) != nil }
    let sorted = slots.map { entries[$0] }.enumerated().sorted { a, b in
      let (first, second) = (ordinal(answeredBy: a.element) ?? 0, ordinal(answeredBy: b.element) ?? 0)
      return (first, a.offset) < (second, b.offset)
    }
    for (slot, answer) in zip(slots, sorted) { entries[slot] = answer.element }
    guard origin.transport == .datagrams, !slots.isEmpty else { return }
    let answered = Set(slots.compactMap { ordinal(answeredBy: entries[$0]) })
    let before = entries.count
    entries.removeAll { entry in
      if case .message(let heard) = entry { heard.side == .client && !answered.contains(heard.ordinal) } else { false }
    }
    if entries.count < before { missing.append(.unanswered(before - entries.count)) }
  }

  private func ordinal(answeredBy entry: Entry) -> Int? {
    if case .message(let heard) = entry, heard.side == .server { heard.answer.ordinal } else { nil }
  }
}
