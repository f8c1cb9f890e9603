import Dialects
import Transcript
import Wire

extension Reading {
  /// - Parameter dialect: what the connection speaks, from one `protocol:` to the next; nil once that is not known, and then nothing more
  ///   can be read.
  mutating func steps(_ node: Node, _ dialect: inout (any Dialect)?) -> [Step] {
    guard case .sequence(let items, _) = node else {
      problems.add("'exchange' is a list of steps, not \(node.kind)", at: node.place, hint: "each begins with '- '")
      return []
    }
    var out: [Step] = []
    out.reserveCapacity(items.count)
    for item in items {
      guard dialect != nil, !problems.isFull else { break }
      out += step(item, &dialect)
    }
    return out
  }

  private mutating func step(_ node: Node, _ dialect: inout (any Dialect)?) -> [Step] {
    guard let keys = Keys(node, "a step", problems, hint: "write 'C: …' or 'S: …'"), let current = dialect else { return [] }
    let kinds = keys.all.filter { Self.stepKeys.contains($0.key.text) }
    guard let kind = kinds.first?.key, let value = kinds.first?.value else {
      tellNoStep(keys)
      return []
    }
    guard kinds.count == 1 else {
      problems.add(
        "a step has one of '\(kind.text)' and '\(kinds[1].key.text)', not both", at: kinds[1].key.place, hint: "each step begins with '- '")
      return []
    }
    if kind.text == "include" { return included(value, keys, &dialect) }
    guard let action = action(kind.text, value, keys, current) else { return [] }
    if case .speak = action { dialect = self.dialect(value) }
    if case .say(let message) = action { for complaint in current.complaints(about: message) { problems.add(complaint) } }
    var step = Step(action, at: Self.place(of: value, kind.place))
    modify(&step, keys, kind.text, current)
    return [step]
  }

  private func tellNoStep(_ keys: Keys) {
    let names = Self.stepKeys.sorted()
    let near = keys.names.lazy.compactMap { name in nearest(to: name, among: names).map { "did you mean '\($0)' for '\(name.shown)'?" } }
      .first
    problems.add(
      "this is no step", at: keys.first?.key.place ?? keys.place, hint: near ?? "a step has one of \(names.joined(separator: ", "))")
  }

  private func action(_ kind: String, _ value: Node, _ keys: Keys, _ dialect: any Dialect) -> Step.Action? {
    let known = Self.modifiers.union([kind])
    switch kind {
    case "C": return message(.client, value, keys, dialect).map { .say($0) }
    case "S": return message(.server, value, keys, dialect).map { .say($0) }
    case "data":
      guard dialect.hasTransfers else {
        problems.add(
          "\(dialect.name) has no data connections", at: keys.place(of: kind), hint: "what a side says is 'C' or 'S', with parts beside it")
        return nil
      }
      keys.allow(known, ["within"], Self.payloadKeys, in: "a transfer")
      guard let side = side(value, "'data'") else { return nil }
      return .data(side, payload(keys, .transfer(side), at: value.place))
    case "close", "reset":
      keys.allow(known, ["within"], in: "'\(kind)'")
      return side(value, "'\(kind)'").map { kind == "close" ? .close($0) : .reset($0) }
    case "silence", "pause":
      keys.allow(known, in: "'\(kind)'")
      return texts.duration(value, "'\(kind)'").map { kind == "silence" ? .silence($0) : .pause($0) }
    case "connect":
      keys.allow(known, in: "'connect'")
      return texts.word(value, "'connect'", of: Step.NoConnection.allCases.map(\.rawValue)).flatMap(Step.NoConnection.init).map {
        .connect($0)
      }
    case "protocol":
      keys.allow(known, in: "'protocol'")
      return texts.plain(value, "'protocol'").map { .speak($0) }
    default:
      keys.allow(known, ["sni", "verify", "alpn"], in: "'tls'")
      _ = texts.word(value, "'tls'", of: ["start"])
      var options = Step.TLSOptions()
      options.sni = keys["sni"].flatMap { texts.line($0, "'sni'") }
      options.verify = keys["verify"].map { texts.truth($0, "'verify'") }
      options.alpn = keys["alpn"].map { texts.names($0, "'alpn'") } ?? []
      return .tls(options)
    }
  }

  private func side(_ node: Node, _ what: String) -> Side? {
    texts.word(node, what, of: ["C", "S"]).map { $0 == "C" ? .client : .server }
  }

  /// What stands beside a step's key; `allow` has told what may.
  private func modify(_ step: inout Step, _ keys: Keys, _ kind: String, _ dialect: any Dialect) {
    if kind == "S" {
      step.alternatives = keys["or"].map { expectations($0, "'or'") } ?? []
      for head in step.alternatives {
        if !isReply(head, dialect) { problems.add("no reply of \(dialect.name) begins like that", at: head.place) }
        for complaint in dialect.complaints(about: Message(.server, [head])) { problems.add(complaint) }
      }
      step.has = keys["has"].map { expectations($0, "'has'") } ?? []
      step.lacks = keys["lacks"].map { expectations($0, "'lacks'") } ?? []
      step.isOptional = keys["optional"].map { texts.truth($0, "'optional'") } ?? false
      step.unordered = keys["unordered"].map { texts.truth($0, "'unordered'") } ?? false
      step.exact = keys["exact"].map { texts.truth($0, "'exact'") } ?? false
    }
    if kind != "C" { step.within = keys["within"].flatMap { texts.duration($0, "'within'") } }
    step.grades = keys["grades"].map(grades) ?? [:]
    step.name = keys["name"].flatMap { texts.plain($0, "'name'") }
    step.cite = keys["cite"].flatMap { texts.plain($0, "'cite'") }
    step.about = keys["about"].flatMap { texts.plain($0, "'about'") }
  }

  /// Texts to look for, one at least.
  func expectations(_ node: Node, _ what: String) -> [Text] {
    if case .sequence(let items, _) = node, items.isEmpty { problems.add("\(what) is empty: there is nothing to check", at: node.place) }
    return texts.list(node, what)
  }

  /// Whether a server could say that: its dialect's session cuts it without finding it broken. `5yz` is any code of its class; with
  /// patterns in it, only a run can tell.
  private func isReply(_ head: Text, _ dialect: any Dialect) -> Bool {
    guard let bytes = head.literal else { return true }
    if bytes.count == 3, bytes[0].isDigit, bytes[1...].elementsEqual("yz".utf8) { return true }
    var session = dialect.begin(dialect.transports[0])
    let written = session.write(Message(.server, [head]))
    // An answer to nothing is one all the same.
    guard case .broken(let violation, _) = session.cut(.server, written.span, searched: 0, ending: .open, quiet: true) else { return true }
    return violation.kind == "unsolicited"
  }

  /// Where a difference in a step points: at its text.
  private static func place(of node: Node, _ key: Place) -> Place {
    if case .mapping = node { return key }
    return node.place
  }

  static let stepKeys: Set<String> = ["C", "S", "data", "connect", "tls", "protocol", "close", "reset", "silence", "pause", "include"]
  /// On any step.
  static let modifiers: Set<String> = ["grades", "name", "cite", "about"]
  /// On what is expected of the server.
  static let replyModifiers: Set<String> = ["or", "has", "lacks", "optional", "unordered", "exact", "within"]
}
