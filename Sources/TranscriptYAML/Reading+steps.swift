import Dialects
import Transcript
import Wire

extension Reading {
  mutating func steps(_ node: Node, _ dialect: any Dialect) -> [Step] {
    guard case .sequence(let items, _) = node else {
      problems.add("'exchange' is a list of steps", at: node.place, hint: "each begins with '- '")
      return []
    }
    return items.flatMap { step($0, dialect) }
  }

  private mutating func step(_ node: Node, _ dialect: any Dialect) -> [Step] {
    guard let keys = Keys(node, "a step", problems) else { return [] }
    let kinds = keys.names.filter(Self.stepKeys.contains)
    guard let kind = kinds.first else {
      let near = keys.names.lazy.compactMap { name in nearest(to: name, among: Self.stepKeys.sorted()).map { (name, $0) } }.first
      problems.add(
        "this is no step", at: keys.first?.key.place ?? keys.place,
        hint: near.map { "did you mean '\($0.1)' for '\($0.0)'?" } ?? "a step has one of " + Self.stepKeys.sorted().joined(separator: ", "))
      return []
    }
    guard kinds.count == 1, let value = keys[kind] else {
      problems.add("a step has one of '\(kind)' and '\(kinds[1])', not both", at: keys.place(of: kinds[1]))
      return []
    }
    if kind == "include" { return included(value, keys, dialect) }
    guard let action = action(kind, value, keys, dialect) else { return [] }
    var step = Step(action, at: Self.place(of: value, keys.place(of: kind)))
    modify(&step, keys, kind)
    return [step]
  }

  private func action(_ kind: String, _ value: Node, _ keys: Keys, _ dialect: any Dialect) -> Step.Action? {
    switch kind {
    case "C", "S":
      let side: Side = kind == "C" ? .client : .server
      return message(side, value, keys, dialect).map { .say($0) }
    case "data":
      keys.allow(Self.modifiers.union(Self.payloadKeys).union(["data"]), in: "a transfer")
      guard let side = side(value, "'data'") else { return nil }
      return .data(side, payload(keys, at: value.place))
    case "close", "reset":
      keys.allow(Self.modifiers.union([kind]), in: "'\(kind)'")
      return side(value, "'\(kind)'").map { kind == "close" ? .close($0) : .reset($0) }
    case "silence", "pause":
      keys.allow(Self.modifiers.union([kind]), in: "'\(kind)'")
      return texts.duration(value, "'\(kind)'").map { kind == "silence" ? .silence($0) : .pause($0) }
    case "connect":
      keys.allow(Self.modifiers.union([kind]), in: "'connect'")
      guard let text = texts.plain(value, "'connect'") else { return nil }
      guard let how = Step.NoConnection(rawValue: text) else {
        problems.add("'connect' is refused, timeout or unreachable", at: value.place)
        return nil
      }
      return .connect(how)
    case "protocol":
      keys.allow(Self.modifiers.union([kind]), in: "'protocol'")
      return texts.plain(value, "'protocol'").map { .speak($0) }
    default:
      keys.allow(Self.modifiers.union(["tls", "sni", "verify", "alpn"]), in: "'tls'")
      if texts.plain(value, "'tls'") != "start" { problems.add("'tls' is 'start'", at: value.place) }
      var options = Step.TLSOptions()
      options.sni = keys["sni"].flatMap { texts.line($0, "'sni'") }
      options.verify = keys["verify"].map { texts.truth($0, "'verify'") }
      options.alpn = keys["alpn"].map { texts.names($0, "'alpn'") } ?? []
      return .tls(options)
    }
  }

  private func side(_ node: Node, _ what: String) -> Side? {
    switch texts.plain(node, what) {
    case "C"?: return .client
    case "S"?: return .server
    default:
      problems.add("\(what) is C or S", at: node.place)
      return nil
    }
  }

  // MARK: Messages

  private func message(_ side: Side, _ value: Node, _ keys: Keys, _ dialect: any Dialect) -> Message? {
    let shapes = dialect.parts.filter { $0.sides.contains(side) }
    let beside = Self.modifiers.union([side.letter]).union(side == .server ? Self.replyModifiers : []).union(shapes.map(\.name))
    if case .mapping = value {
      // No head line: the parts are the value.
      keys.allow(Self.modifiers.union([side.letter]).union(side == .server ? Self.replyModifiers : []), in: "'\(side.letter)'")
      guard let parts = Keys(value, "'\(side.letter)'", problems) else { return nil }
      parts.allow(Set(shapes.map(\.name)).union(Self.rawKeys), in: "a message of \(dialect.name)")
      if let raw = parts.names.first(where: Self.rawKeys.contains) {
        return Message(side, [], [Part(Part.raw, .payload(payload(parts, at: parts.place(of: raw))))])
      }
      let found = self.parts(parts, shapes)
      if found.isEmpty { problems.add("there is nothing to send or expect", at: value.place) }
      return Message(side, [], found)
    }
    keys.allow(beside, in: "'\(side.letter)'")
    guard var head = texts.lines(value, "'\(side.letter)'") else { return nil }
    if head.isEmpty { head = [Text("", place: value.place)] }
    if side == .client, head.count > 1 {
      problems.add("a 'C' is one line", at: head[1].place, hint: "write one 'C' for each command")
    }
    return Message(side, head, self.parts(keys, shapes))
  }

  private func parts(_ keys: Keys, _ shapes: [PartShape]) -> [Part] {
    keys.all.compactMap { key, value in
      guard let shape = shapes.first(where: { $0.name == key.text }) else { return nil }
      switch shape.content {
      case .lines: return texts.lines(value, "'\(key.text)'").map { Part(key.text, .lines($0)) }
      case .set: return Part(key.text, .set(texts.list(value, "'\(key.text)'")))
      case .fields: return fields(value, "'\(key.text)'").map { Part(key.text, .fields($0)) }
      case .payload: return payload(value, key.text).map { Part(key.text, .payload($0)) }
      }
    }
  }

  private func fields(_ node: Node, _ what: String) -> [Part.Field]? {
    guard let keys = Keys(node, what, problems) else { return nil }
    return keys.all.map { Part.Field($0.key.text, texts.list($0.value, "'\($0.key.text)'")) }
  }

  // MARK: Payloads

  /// A payload that is a part's value: a text, a list of lines, or a mapping of payload keys.
  private func payload(_ node: Node, _ name: String) -> Payload? {
    switch node {
    case .scalar, .sequence:
      return texts.lines(node, "'\(name)'").map { Payload(.lines($0), place: $0.first?.place ?? node.place) }
    case .mapping:
      guard let keys = Keys(node, "'\(name)'", problems) else { return nil }
      let isMail = keys["headers"] != nil || keys["body"] != nil
      keys.allow(isMail ? ["headers", "body"] : Self.payloadKeys, in: "'\(name)'")
      guard isMail else { return payload(keys, at: node.place) }
      let headers = keys["headers"].flatMap { fields($0, "'headers'") } ?? []
      let body = keys["body"].flatMap { payload($0, "body") }
      return Payload(.fields(headers: headers, body: body.map(Payload.Box.init)), place: node.place)
    }
  }

  func payload(_ keys: Keys, at place: Place) -> Payload {
    var payload = Payload(place: place)
    let contents = keys.names.filter(Self.contentKeys.contains)
    if contents.count > 1 {
      problems.add("'\(contents[0])' and '\(contents[1])' both say what the content is", at: keys.place(of: contents[1]))
    }
    if let name = contents.first, let node = keys[name] { payload.content = content(name, node) }
    payload.sha256 = keys["sha256"].flatMap { texts.plain($0, "'sha256'") }
    if let digest = payload.sha256, digest.count != 64 || !digest.allSatisfy(\.isHexDigit) {
      problems.add("a SHA-256 has 64 hexadecimal digits", at: keys["sha256"]?.place ?? place)
    }
    payload.size = keys["size"].flatMap { texts.count($0, "'size'") }
    payload.has = keys["has"].map { texts.list($0, "'has'") } ?? []
    payload.lacks = keys["lacks"].map { texts.list($0, "'lacks'") } ?? []
    payload.unordered = keys["unordered"].map { texts.truth($0, "'unordered'") } ?? false
    payload.exact = keys["exact"].map { texts.truth($0, "'exact'") } ?? false
    if let node = keys["ends"] {
      if texts.plain(node, "'ends'") != "early" { problems.add("'ends' is 'early'", at: node.place) }
      payload.endsEarly = true
    }
    return payload
  }

  private func content(_ name: String, _ node: Node) -> Payload.Content? {
    switch name {
    case "lines": return texts.lines(node, "'lines'").map { .lines($0) }
    case "bytes":
      guard let text = texts.plain(node, "'bytes'") else { return nil }
      var bytes: [UInt8] = []
      for scalar in text.unicodeScalars {
        guard let byte = UInt8(exactly: scalar.value) else {
          problems.add("'bytes' are characters up to U+00FF, one for each byte", at: node.place, hint: "write \"\\xe9\" for a byte")
          return nil
        }
        bytes.append(byte)
      }
      return .bytes(bytes)
    case "base64":
      guard let text = texts.plain(node, "'base64'") else { return nil }
      guard let bytes = Base64.decode(Array(text.utf8).filter { $0 != 10 && $0 != 32 }) else {
        problems.add("this is not base 64", at: node.place)
        return nil
      }
      return .bytes(bytes)
    case "file":
      guard let path = resolved(node, "'file'"), let bytes = loaded(path, node), let name = texts.plain(node, "'file'") else { return nil }
      return .file(name, bytes)
    default:
      guard let text = texts.plain(node, "'\(name)'"), let parsed = texts.text(text, at: node.place) else { return nil }
      return name == "json" ? .json(parsed) : .text(parsed)
    }
  }

  // MARK: Modifiers

  private func modify(_ step: inout Step, _ keys: Keys, _ kind: String) {
    if kind == "C" {
      for name in Self.replyModifiers.sorted() where keys[name] != nil {
        problems.add("'\(name)' says what to expect, and 'C' is sent", at: keys.place(of: name))
      }
    }
    if kind == "S" {
      step.alternatives = keys["or"].map { texts.list($0, "'or'") } ?? []
      step.has = keys["has"].map { texts.list($0, "'has'") } ?? []
      step.lacks = keys["lacks"].map { texts.list($0, "'lacks'") } ?? []
      step.isOptional = keys["optional"].map { texts.truth($0, "'optional'") } ?? false
      step.unordered = keys["unordered"].map { texts.truth($0, "'unordered'") } ?? false
      step.exact = keys["exact"].map { texts.truth($0, "'exact'") } ?? false
    }
    step.within = keys["within"].flatMap { texts.duration($0, "'within'") }
    step.grades = keys["grades"].map(texts.grades) ?? [:]
    step.name = keys["name"].flatMap { texts.plain($0, "'name'") }
    step.cite = keys["cite"].flatMap { texts.plain($0, "'cite'") }
    step.about = keys["about"].flatMap { texts.plain($0, "'about'") }
  }

  // MARK: Includes

  private mutating func included(_ value: Node, _ keys: Keys, _ dialect: any Dialect) -> [Step] {
    keys.allow(["include", "vars"], in: "'include'")
    guard var reading = include(value), let root = reading.root() else { return [] }
    guard let exchange = root["exchange"] else {
      problems.add("what is included has no 'exchange'", at: value.place)
      return []
    }
    if let node = root["protocol"], let name = texts.plain(node, "'protocol'"), name != dialect.name {
      problems.add("it speaks \(printable(name)), this conversation \(dialect.name)", at: value.place)
    }
    let own = variables(keys)
    let values = reading.variables(root).filter { variable in !own.contains { $0.name == variable.name } } + own
    let steps = reading.steps(exchange, dialect)
    sources += reading.sources
    includedVariables += values
    return steps
  }

  /// Where a difference in a step points: at its text.
  private static func place(of node: Node, _ key: Place) -> Place {
    if case .mapping = node { return key }
    return node.place
  }

  static let stepKeys: Set<String> = ["C", "S", "data", "connect", "tls", "protocol", "close", "reset", "silence", "pause", "include"]
  private static let modifiers: Set<String> = ["within", "grades", "name", "cite", "about"]
  private static let replyModifiers: Set<String> = ["or", "has", "lacks", "optional", "unordered", "exact"]
  private static let rawKeys: Set<String> = ["bytes", "base64", "text", "file"]
  private static let contentKeys: Set<String> = ["text", "lines", "file", "bytes", "base64", "json"]
  private static let payloadKeys: Set<String> = contentKeys.union(["sha256", "size", "has", "lacks", "unordered", "exact", "ends"])
}
