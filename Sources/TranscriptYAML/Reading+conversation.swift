import Dialects
import Transcript
import Wire

extension Reading {
  /// What stands above several conversations and holds for each that does not say otherwise.
  struct Defaults {
    var target: Text?
    var proxy: Text?
    var transport: Node?
    var within: Duration?
    var needs: [String] = []
  }

  func defaults(_ keys: Keys) -> Defaults {
    Defaults(
      target: keys["target"].flatMap { texts.endpoint($0, "'target'") }, proxy: keys["proxy"].flatMap { texts.endpoint($0, "'proxy'") },
      transport: keys["transport"], within: keys["within"].flatMap { texts.duration($0, "'within'") },
      needs: keys["needs"].map { texts.names($0, "what is needed") } ?? [])
  }

  func fill(_ conversation: inout Conversation, from defaults: Defaults, _ dialect: any Dialect) {
    conversation.target = conversation.target ?? defaults.target
    conversation.proxy = conversation.proxy ?? defaults.proxy
    conversation.transport = conversation.transport ?? defaults.transport.flatMap { transport($0, dialect) }
    conversation.within = conversation.within ?? defaults.within
  }

  /// Only where the dialect has a way to ask for them.
  func needs(from defaults: Defaults, _ dialect: any Dialect) -> [String] { dialect.capabilities == nil ? [] : defaults.needs }

  /// One of several.
  mutating func conversation(_ node: Node, _ defaults: Defaults) -> Conversation? {
    guard let keys = Keys(node, "a conversation", problems) else { return nil }
    if let path = keys["include"] {
      keys.allow(["name", "include", "vars"], in: "a conversation that is included")
      return included(path, keys, defaults)
    }
    keys.allow(Self.conversationKeys, ["vars", "gate", "grades", "name", "about", "cite"], in: "a conversation")
    let own = variables(keys)
    given.merge(Self.byName(own)) { $1 }
    guard var conversation = conversation(keys, defaults, at: keys.place) else { return nil }
    conversation.name = keys["name"].flatMap { texts.plain($0, "'name'") }
    conversation.about = keys["about"].flatMap { texts.plain($0, "'about'") }
    conversation.cite = keys["cite"].flatMap { texts.plain($0, "'cite'") }
    conversation.vars += own
    return conversation
  }

  /// What a conversation has wherever it stands; `vars` are those of what its steps include.
  mutating func conversation(_ keys: Keys, _ defaults: Defaults, at place: Place) -> Conversation? {
    if keys["exchange"] == nil { problems.add("'exchange' is missing: the steps of the conversation", at: keys.place) }
    guard let protocolNode = keys["protocol"] else {
      problems.add("'protocol' is missing", at: keys.place, hint: "one of \(library.dialects.map(\.name).joined(separator: ", "))")
      return nil
    }
    guard let dialect = dialect(protocolNode) else { return nil }
    var conversation = Conversation(dialect: dialect.name, steps: [], at: place)
    conversation.target = keys["target"].flatMap { texts.endpoint($0, "'target'") }
    conversation.proxy = keys["proxy"].flatMap { texts.endpoint($0, "'proxy'") }
    conversation.transport = keys["transport"].flatMap { transport($0, dialect) }
    conversation.gate = keys["gate"].flatMap(grade)
    conversation.grades = keys["grades"].map(grades) ?? [:]
    conversation.within = keys["within"].flatMap { texts.duration($0, "'within'") }
    conversation.needs = keys["needs"].map { texts.names($0, "what is needed") } ?? needs(from: defaults, dialect)
    conversation.retry = keys["retry"].flatMap { texts.duration($0, "'retry'") }
    conversation.source = keys["source"].flatMap(origin)
    fill(&conversation, from: defaults, dialect)
    guard let exchange = keys["exchange"] else { return nil }
    includedVariables = []
    includedByName = [:]
    var speaking: (any Dialect)? = dialect
    let before = problems.errorCount
    conversation.steps = steps(exchange, &speaking)
    if conversation.steps.isEmpty, problems.errorCount == before { problems.add("there is no step", at: exchange.place) }
    conversation.vars = includedVariables.filter { given[$0.name] == nil }
    Course(problems).check(conversation.steps)
    tellRepeated(conversation.steps.compactMap { step in step.name.map { ($0, step.place) } }, "step")
    return conversation
  }

  /// The dialect of that name; nil with the reason told.
  func dialect(_ node: Node) -> (any Dialect)? {
    guard let name = texts.plain(node, "'protocol'") else { return nil }
    guard let dialect = library.dialects.first(where: { $0.name == name }) else {
      problems.add(
        "this version does not speak '\(name.shown)'", at: node.place,
        hint: suggestion(for: name, among: library.dialects.map(\.name), "it speaks"))
      return nil
    }
    return dialect
  }

  private func transport(_ node: Node, _ dialect: any Dialect) -> Transport? {
    guard let text = texts.word(node, "'transport'", of: ["tcp", "udp"]) else { return nil }
    let transport: Transport = text == "tcp" ? .stream : .datagrams
    guard dialect.transports.contains(transport) else {
      problems.add("\(dialect.name) does not run over \(text)", at: node.place)
      return nil
    }
    return transport
  }

  private func origin(_ node: Node) -> Source? {
    guard let keys = Keys(node, "'source'", problems) else { return nil }
    keys.allow(["capture", "sha256", "at", "client", "server", "stream", "by", "count"], in: "'source'")
    var source = Source()
    source.capture = keys["capture"].flatMap { texts.plain($0, "'capture'") }
    source.sha256 = keys["sha256"].flatMap { texts.digest($0, "'sha256'") }
    source.at = keys["at"].flatMap { texts.plain($0, "'at'") }
    source.client = keys["client"].flatMap { texts.plain($0, "'client'") }
    source.server = keys["server"].flatMap { texts.plain($0, "'server'") }
    source.stream = keys["stream"].flatMap { texts.count($0, "'stream'") }
    source.by = keys["by"].flatMap { texts.plain($0, "'by'") }
    source.count = keys["count"].flatMap { texts.count($0, "'count'") }
    return source
  }
}
