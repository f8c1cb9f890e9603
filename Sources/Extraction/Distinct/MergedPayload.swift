import Transcript
import Wire

/// One payload of a group. What a server sends is merged line by line, where all conversations have as many; else its content is left out. What
/// a client sends stays that of the first conversation: it has to be sent again.
struct MergedPayload {
  /// By index; those that are the same everywhere are not here.
  private(set) var lines: [Int: MergedText] = [:]
  private(set) var isLeftOut = false
  private var hasFacts = true

  mutating func merge(
    _ first: Payload, _ other: Payload, names: (first: [String: [UInt8]], other: [String: [UInt8]]), _ columns: inout Columns
  ) {
    guard !isLeftOut, first != other else { return }
    if first.sha256 != other.sha256 || first.size != other.size { hasFacts = false }
    switch (first.content, other.content) {
    case (.lines(let own), .lines(let others)) where own.count == others.count:
      for (at, (line, text)) in zip(own, others).enumerated() { merge(line, text, at, true, names, &columns) }
    case (.text(let own), .text(let text)): isLeftOut = !merge(own, text, 0, false, names, &columns)
    case (let own, let content) where own == content: break
    default: isLeftOut = true
    }
    if isLeftOut { lines = [:] }
  }

  @discardableResult
  private mutating func merge(
    _ own: Text, _ other: Text, _ at: Int, _ mayOpen: Bool, _ names: (first: [String: [UInt8]], other: [String: [UInt8]]),
    _ columns: inout Columns
  ) -> Bool {
    guard lines[at] != nil || own != other else { return true }
    var merged = lines[at] ?? MergedText(own)
    guard merged.merge(other, names: names, mayOpen: mayOpen && !own.binds, &columns) else { return false }
    if merged.differs { lines[at] = merged }
    return true
  }

  func payload(_ first: Payload, _ hole: (MergedText.Variation) -> Hole) -> Payload {
    var payload = first
    if isLeftOut { payload.content = nil }
    if isLeftOut || !hasFacts {
      payload.sha256 = nil
      payload.size = nil
    }
    switch payload.content {
    case .lines(var texts)?:
      for at in texts.indices { if let line = lines[at] { texts[at] = line.text(hole) } }
      payload.content = .lines(texts)
    case .text?: if let text = lines[0] { payload.content = .text(text.text(hole)) }
    default: break
    }
    return payload
  }

  /// In the order of the lines.
  var variations: [MergedText.Variation] { lines.sorted { $0.key < $1.key }.flatMap(\.value.variations) }
}
