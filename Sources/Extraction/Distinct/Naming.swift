import Transcript
import Wire

/// Names for what differs within a group and is said by the client, so that it can be said again: a variable with the first conversation's
/// value; where the server had said it before, what it says is bound.
struct Naming {
  struct Column {
    /// What the name is made of.
    var hint: String
    /// Whether the server says it first.
    var isGiven: Bool
  }

  private let columns: [Int: Column]
  private var taken: Set<String>
  private var names: [Int: String] = [:]
  private(set) var variables: [Variable] = []

  init(columns: [Int: Column], taken: Set<String>) {
    self.columns = columns
    self.taken = taken.union(Self.reserved)
  }

  mutating func hole(for variation: MergedText.Variation) -> Hole {
    let type = variation.types.narrowest
    guard let column = columns[variation.column] else { return Hole(showing: variation.value, type) }
    if let name = names[variation.column] { return Hole(name) }
    let name = unique(column.hint)
    names[variation.column] = name
    if column.isGiven { return Hole(name, showing: variation.value, type) }
    variables.append(Variable(name, variation.value.map { Text($0) }))
    return Hole(name)
  }

  private mutating func unique(_ hint: String) -> String {
    let letters = hint.lowercased().utf8.prefix { $0.isLetterOrDigit }
    let base = letters.isEmpty || letters.count > Self.longest ? "value" : String(decoding: Array(letters), as: UTF8.self)
    var name = base
    var number = 1
    while !taken.insert(name).inserted {
      number += 1
      name = "\(base)-\(number)"
    }
    return name
  }

  /// Two values of the other types are the same by chance.
  static func comesAgain(_ type: ValueType) -> Bool {
    switch type {
    case .date, .time, .number, .port, .any: false
    case .word, .token, .hex, .base64, .uuid, .host, .ip, .path: true
    }
  }

  private static let longest = 32
  /// What the format gives a meaning to.
  private static let reserved: Set<String> = [Hole.endpointName, Message.sizeName]
}

extension Transcript {
  /// Every name that is in it.
  var names: Set<String> {
    var names = Set(vars.map(\.name))
    for hole in conversations.flatMap(\.steps).flatMap(\.texts).flatMap(\.holes) {
      names.formUnion(hole.reads)
      if let name = hole.name { names.insert(name) }
    }
    return names
  }

  /// What was recorded for its names. Secrets are not in it.
  var values: [String: [UInt8]] {
    var values: [String: [UInt8]] = [:]
    for variable in vars { values[variable.name] = variable.value?.recorded }
    for hole in conversations.flatMap(\.steps).flatMap(\.texts).flatMap(\.holes) {
      if let name = hole.name, !hole.isSecret, let example = hole.example { values[name] = example }
    }
    return values
  }

  /// Parts of which nothing is known are left out; a transfer stays one. The size that such a message names is any; served without the part,
  /// it is none.
  mutating func leaveOutUnknownParts() {
    for conversation in conversations.indices {
      for index in conversations[conversation].steps.indices {
        guard case .say(var message) = conversations[conversation].steps[index].action, message.side == .server else { continue }
        let count = message.parts.count
        message.parts.removeAll { part in
          if case .payload(let payload) = part.content { payload.isUnknown } else { false }
        }
        guard message.parts.count < count else { continue }
        message.mapTexts { $0.withAnySize }
        conversations[conversation].steps[index].action = .say(message)
      }
    }
  }

  /// Variables that nothing reads any more, and names given to what nobody asks for again.
  mutating func dropUnusedNames() {
    var uses: [String: Int] = [:]
    for hole in conversations.flatMap(\.steps).flatMap(\.texts).flatMap(\.holes) {
      for name in Set(hole.reads + [hole.name].compactMap(\.self)) { uses[name, default: 0] += 1 }
    }
    vars.removeAll { uses[$0.name] == nil }
    func nameless(_ text: Text) -> Text {
      guard text.binds else { return text }
      return Text(
        pieces: text.pieces.map { piece in
          guard case .hole(var hole) = piece, let name = hole.name, !hole.isSecret, hole.content != .bound, uses[name] == 1 else {
            return piece
          }
          hole.name = nil
          return .hole(hole)
        })
    }
    for conversation in conversations.indices {
      conversations[conversation].visitSlots { slot, side, _ in
        guard side == .server else { return }
        switch slot {
        case .text(let text): slot = .text(nameless(text))
        case .payload(var payload):
          switch payload.content {
          case .lines(let lines)?: payload.content = .lines(lines.map(nameless))
          case .text(let text)?: payload.content = .text(nameless(text))
          default: break
          }
          slot = .payload(payload)
        }
      }
    }
  }
}

extension Payload {
  /// Whether nothing at all is said of it.
  fileprivate var isUnknown: Bool { content == nil && sha256 == nil && size == nil && has.isEmpty && lacks.isEmpty }
}

extension Text {
  fileprivate var withAnySize: Text {
    guard holes.contains(where: \.isSize) else { return self }
    return Text(
      pieces: pieces.map { piece in
        if case .hole(let hole) = piece, hole.isSize { .hole(Hole(showing: [UInt8(ascii: "0")], .number)) } else { piece }
      })
  }
}

extension Hole {
  fileprivate var isSize: Bool { name == Message.sizeName && content == .bound }
}

extension Message {
  fileprivate mutating func mapTexts(_ change: (Text) -> Text) {
    head = head.map(change)
    for part in parts.indices {
      guard case .fields(let fields) = parts[part].content else { continue }
      parts[part].content = .fields(fields.map { Part.Field($0.name, $0.values.map(change)) })
    }
  }
}
