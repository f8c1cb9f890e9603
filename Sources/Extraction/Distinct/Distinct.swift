package import Transcript

/// Groups transcripts whose conversations have the same shape, and makes one of each group: the first one's text, with a pattern or a variable
/// in every place where others differ from it.
///
/// What is kept is one transcript for each group, however many conversations there are.
package struct Distinct {
  package struct Limits: Sendable {
    /// Shapes; a conversation of a further one stays as it is, a group of its own that no other joins.
    package var groups = 16_384
    /// Bytes of text and payload of all first conversations; the same where they would be more.
    package var bytes = 128 << 20

    package init() {}
  }

  package enum Outcome: Sendable, Hashable {
    /// The first of its shape; groups are numbered from 0 in the order of their first conversations.
    case began(Int)
    case joined(Int)
    /// A limit was reached: it is not kept.
    case alone
  }

  private let limits: Limits
  private var numbers: [Shape: Int] = [:]
  private var groups: [Group] = []
  private var held = 0
  /// Conversations that were not kept because a limit was reached.
  package private(set) var alone = 0

  package init(_ limits: Limits = Limits()) { self.limits = limits }

  /// - Parameter transcript: of one conversation, as extraction writes it.
  package mutating func add(_ transcript: Transcript) -> Outcome {
    let shape = Shape(transcript)
    if let number = numbers[shape] {
      groups[number].merge(transcript)
      return .joined(number)
    }
    let weight = transcript.weight
    guard groups.count < limits.groups, held + weight <= limits.bytes else {
      alone += 1
      return .alone
    }
    held += weight
    numbers[shape] = groups.count
    groups.append(Group(transcript))
    return .began(groups.count - 1)
  }

  /// The transcript of a group, with the number of its conversations in its source.
  package subscript(group: Int) -> Transcript { groups[group].transcript() }
}

extension Transcript {
  /// Bytes that it holds, roughly.
  fileprivate var weight: Int {
    conversations.flatMap(\.slots).reduce(0) { sum, slot in
      switch slot {
      case .text(let text): sum + text.recorded.count + Self.ofEachText
      case .payload(let payload): sum + payload.bytes.count + Self.ofEachText
      }
    }
  }

  private static let ofEachText = 128
}
