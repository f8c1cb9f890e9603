import Dialects
import Transcript
import Wire

/// Conversations of one shape: the first one's transcript, and where others differ from it.
struct Group {
  private(set) var count = 1
  private var first: Transcript
  /// Places that differ, by the number of their slot. All others are as in the first.
  private var texts: [Int: MergedText] = [:]
  private var payloads: [Int: MergedPayload] = [:]
  private var columns = Columns()

  init(_ first: Transcript) { self.first = first }

  /// Takes in a conversation of the same shape.
  mutating func merge(_ other: Transcript) {
    count += 1
    defer { columns.endRow() }
    let names = (first: first.values, other: other.values)
    let others = other.conversations[0].slots
    var conversation = first.conversations[0]
    var number = 0
    conversation.visitSlots { slot, side, _ in
      defer { number += 1 }
      guard number < others.count else { return }
      switch (slot, others[number]) {
      case (.text(let own), .text(let text)): merge(own, text, at: number, of: side, names)
      case (.payload(let own), .payload(let payload)) where side == .server:
        guard payloads[number] != nil || own != payload else { return }
        payloads[number, default: MergedPayload()].merge(own, payload, names: names, &columns)
      default: break
      }
    }
    for (index, step) in other.conversations[0].steps.enumerated() where index < conversation.steps.count {
      guard let within = step.within else { continue }
      first.conversations[0].steps[index].within = max(within, conversation.steps[index].within ?? within)
    }
  }

  private mutating func merge(
    _ own: Text, _ other: Text, at number: Int, of side: Side, _ names: (first: [String: [UInt8]], other: [String: [UInt8]])
  ) {
    guard texts[number] != nil || own != other else { return }
    var merged = texts[number] ?? MergedText(own)
    guard merged.merge(other, names: names, mayOpen: side == .server && !own.binds, &columns) else { return }
    if merged.differs { texts[number] = merged }
  }

  /// One transcript for all of them.
  func transcript() -> Transcript {
    var out = first
    var source = first.conversations[0].source ?? Source()
    source.count = count
    out.conversations[0].source = source
    guard !texts.isEmpty || !payloads.isEmpty else { return out }
    var naming = Naming(columns: named(), taken: first.names)
    var number = 0
    out.conversations[0].visitSlots { slot, side, _ in
      defer { number += 1 }
      switch slot {
      case .text(let own): slot = .text(texts[number]?.text { naming.hole(for: $0) } ?? own)
      case .payload(let own): slot = .payload(payloads[number]?.payload(own) { naming.hole(for: $0) } ?? own)
      }
    }
    out.vars += naming.variables
    out.leaveOutUnknownParts()
    out.dropUnusedNames()
    return out
  }

  /// Columns that need a name, since a client says what is in them, and how they get it.
  private func named() -> [Int: Naming.Column] {
    var found: [Int: Naming.Column] = [:]
    var giving: Set<Int> = []
    var conversation = first.conversations[0]
    let steps = conversation.steps
    let dialect = Registry[conversation.dialect]
    var number = 0
    conversation.visitSlots { _, side, step in
      defer { number += 1 }
      guard let text = texts[number] else { return }
      for variation in text.variations where found[variation.column] == nil {
        if side == .client {
          let hint = steps[step].message.flatMap { dialect?.verb(of: $0) } ?? ""
          found[variation.column] = Naming.Column(hint: hint, isGiven: giving.contains(variation.column))
        } else if !steps[step].isOptional, !text.isOpen, Naming.comesAgain(variation.types.narrowest) {
          giving.insert(variation.column)
        }
      }
    }
    return found
  }
}
