import Dialects
import Transcript
import Wire

extension Reading {
  /// `C` or `S`: a head with parts beside it, or, without a head, the parts as its value.
  func message(_ side: Side, _ value: Node, _ keys: Keys, _ dialect: any Dialect) -> Message? {
    let shapes = dialect.parts.filter { $0.sides.contains(side) }
    let names = Set(shapes.map(\.name))
    let own: Set<String> = side == .server ? Self.replyModifiers.union(["S"]) : ["C"]
    guard case .mapping(let pairs, _) = value else {
      keys.allow(Self.modifiers, own, names, in: "'\(side.letter)'") { belonging(of: $0, side, dialect) }
      guard let head = head(value, side) else { return nil }
      return Message(side, head, parts(keys, shapes, side))
    }
    keys.allow(Self.modifiers, own, in: "'\(side.letter)' without a head") {
      names.contains($0) ? "put it into the value of '\(side.letter)'" : belonging(of: $0, side, dialect)
    }
    // `{3}`: no mapping that somebody wrote has keys with nothing behind them.
    if let advice = texts.quoting(value), pairs.allSatisfy({ if case .scalar(let scalar) = $0.value { scalar.isNothing } else { false } }) {
      problems.add("YAML makes a mapping of a text that begins with '{'", at: value.place, hint: advice)
      return nil
    }
    return headless(value, side, shapes, dialect)
  }

  private func head(_ value: Node, _ side: Side) -> [Text]? {
    guard let head = texts.lines(ofText: value, "'\(side.letter)'") else { return nil }
    if side == .client, head.count > 1 {
      problems.add("a 'C' is one line", at: head[1].place, hint: "write one 'C' for each command")
    }
    return head.isEmpty ? [Text("", place: value.place)] : head
  }

  private func headless(_ value: Node, _ side: Side, _ shapes: [PartShape], _ dialect: any Dialect) -> Message? {
    guard let keys = Keys(value, "'\(side.letter)'", problems) else { return nil }
    let names = Set(shapes.map(\.name))
    if keys.names.contains(where: names.contains) {
      keys.allow(names, in: "a message of \(dialect.name) without a head") { belonging(of: $0, side, dialect) }
      return Message(side, [], parts(keys, shapes, side))
    }
    keys.allow(names, Self.payloadKeys, in: "a message of \(dialect.name) without a head") { belonging(of: $0, side, dialect) }
    // What has other keys only has been told.
    guard keys.all.isEmpty || keys.names.contains(where: Self.payloadKeys.contains) else { return nil }
    return Message(side, [], [Part(Part.raw, .payload(payload(keys, .part(side), at: value.place)))])
  }

  /// Where a key belongs that cannot stand here.
  private func belonging(of key: String, _ side: Side, _ dialect: any Dialect) -> String? {
    if side == .client, Self.replyModifiers.contains(key) { return "'\(key)' says what to expect: it belongs to 'S'" }
    if dialect.parts.contains(where: { $0.name == key && !$0.sides.contains(side) }) {
      return "in \(dialect.name), '\(key)' belongs to '\(side.other.letter)'"
    }
    guard Self.payloadKeys.contains(key) else { return nil }
    let payloads = dialect.parts.filter { ($0.content == .payload || $0.content == .text) && $0.sides.contains(side) }
    return payloads.first.map { "write it into '\($0.name)'" } ?? "without a head: '\(side.letter): {\(key): …}'"
  }

  private func parts(_ keys: Keys, _ shapes: [PartShape], _ side: Side) -> [Part] {
    keys.all.compactMap { pair in
      guard let shape = shapes.first(where: { $0.name == pair.key.text }) else { return nil }
      let what = "'\(shape.name)'"
      switch shape.content {
      case .lines: return texts.lines(pair.value, what).map { Part(shape.name, .lines($0)) }
      case .set: return Part(shape.name, .set(texts.list(pair.value, what)))
      case .fields: return fields(pair.value, what).map { Part(shape.name, .fields($0)) }
      case .payload, .text:
        return payload(pair.value, what, .part(side), isText: shape.content == .text).map { Part(shape.name, .payload($0)) }
      }
    }
  }

  /// `Name: value` or `Name: [first, second]`.
  func fields(_ node: Node, _ what: String) -> [Part.Field]? {
    guard let keys = Keys(node, what, problems, hint: "write 'Name: value' below it") else { return nil }
    return keys.all.compactMap { pair in
      let name = pair.key.text
      // RFC 5322 §3.6.8.
      guard !name.isEmpty, name.utf8.allSatisfy({ (33...126).contains($0) && $0 != UInt8(ascii: ":") }) else {
        problems.add("'\(name.shown)' is no name of a header field", at: pair.key.place)
        return nil
      }
      return Part.Field(name, texts.list(pair.value, "'\(name.shown)'"))
    }
  }
}
