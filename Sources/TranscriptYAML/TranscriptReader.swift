package import Dialects
package import Transcript
import Wire

/// Why a file that a transcript names cannot be loaded.
package struct LoadError: Error, Sendable, CustomStringConvertible {
  package var description: String
  package init(description: String) { self.description = description }
}

/// Reads transcripts. What comes out can be played; what is wrong is told with its place, all of it at once.
package struct TranscriptReader {
  package typealias Load = (_ path: String) throws(LoadError) -> [UInt8]

  private let dialects: [any Dialect]
  private let load: Load

  /// - Parameter load: reads a file that the transcript names, its path put together with the transcript's folder.
  package init(dialects: [any Dialect] = Registry.all, load: @escaping Load) {
    self.dialects = dialects
    self.load = load
  }

  /// - Parameter file: the transcript's name, for places and for finding what it names.
  /// - Returns: the transcript, unless there was an error; and errors and warnings in the order of the file.
  package func read(_ bytes: [UInt8], file: String) -> (Transcript?, [Diagnostic]) {
    let problems = Problems()
    var reading = Reading(file: file, bytes: bytes, dialects: dialects, load: load, problems: problems)
    let transcript = reading.transcript()
    let sorted = problems.diagnostics.enumerated().sorted { ($0.element.place.line, $0.offset) < ($1.element.place.line, $1.offset) }.map(
      \.element)
    return (problems.hasErrors ? nil : transcript, sorted)
  }
}

/// One file being read, and what it includes.
struct Reading {
  let file: String
  let dialects: [any Dialect]
  let load: TranscriptReader.Load
  let problems: Problems
  let texts: TextReader
  private let bytes: [UInt8]
  var sources: [SourceText]
  /// Of files whose steps stand in a conversation.
  var includedVariables: [Variable] = []
  /// Files that are being included, outermost first.
  let including: [String]

  init(
    file: String, bytes: [UInt8], dialects: [any Dialect], load: @escaping TranscriptReader.Load, problems: Problems,
    including: [String] = []
  ) {
    self.file = file
    self.bytes = bytes
    self.dialects = dialects
    self.load = load
    self.problems = problems
    self.including = including + [file]
    let source = SourceText(file: file, bytes: bytes.starts(with: [0xef, 0xbb, 0xbf]) ? Array(bytes.dropFirst(3)) : bytes)
    sources = [source]
    texts = TextReader(source: source, problems: problems)
  }

  func root() -> Keys? {
    do throws(Diagnostic) { return Keys(try YAMLParser.parse(bytes, sources[0]), "a transcript", problems) } catch {
      problems.add(error)
      return nil
    }
  }

  mutating func transcript() -> Transcript? {
    guard let keys = root() else { return nil }
    checkVersion(keys)
    let isSingle = keys["conversations"] == nil
    keys.allow(Self.keys.union(isSingle ? Self.conversationKeys : ["conversations"]), in: "a transcript")
    var transcript = Transcript(conversations: [])
    transcript.title = keys["title"].flatMap { texts.plain($0, "'title'") }
    transcript.about = keys["about"].flatMap { texts.plain($0, "'about'") }
    transcript.tags = keys["tags"].map { texts.names($0, "a tag") } ?? []
    transcript.cite = keys["cite"].flatMap { texts.plain($0, "'cite'") }
    transcript.vars = variables(keys)
    transcript.gate = keys["gate"].flatMap(texts.grade)
    transcript.grades = keys["grades"].map(texts.grades) ?? [:]
    transcript.locks = keys["locks"].map { texts.names($0, "a lock") } ?? []
    if isSingle {
      if keys["exchange"] == nil { problems.add("'exchange' is missing: the steps of the conversation", at: keys.place) }
      if var conversation = conversation(keys, isTop: true) {
        // What stands at the top is said once; the file's own variables win over those of what it includes.
        conversation.vars.removeAll { variable in transcript.vars.contains { $0.name == variable.name } }
        conversation.gate = nil
        conversation.grades = [:]
        transcript.conversations = [conversation]
      }
    } else if let node = keys["conversations"] {
      guard case .sequence(let items, _) = node else {
        problems.add("'conversations' is a list", at: node.place)
        return nil
      }
      if items.isEmpty { problems.add("there is no conversation", at: node.place) }
      transcript.conversations = items.compactMap { conversation($0) }
      repeated(transcript.conversations.compactMap { conversation in conversation.name.map { ($0, conversation.place) } }, "conversation")
    }
    transcript.sources = sources
    if !problems.hasErrors { NameCheck(transcript, problems).run() }
    return transcript
  }

  private func checkVersion(_ keys: Keys) {
    guard let first = keys.first, first.key.text == "replique" else {
      problems.add("a transcript begins with 'replique: 1'", at: keys.first?.key.place ?? keys.place)
      return
    }
    guard let version = texts.plain(first.value, "the version"), version != "1" else { return }
    problems.add(
      "version \(printable(version)) of the format is not known", at: first.value.place, hint: "this version reads 'replique: 1'")
  }

  func variables(_ keys: Keys) -> [Variable] {
    guard let node = keys["vars"], let vars = Keys(node, "'vars'", problems) else { return [] }
    return vars.all.compactMap { key, value in
      guard key.text.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-" || $0 == "_") }), !key.text.isEmpty else {
        problems.add("'\(printable(key.text))' is no name", at: key.place, hint: "names are letters, digits, '-' and '_'")
        return nil
      }
      if case .scalar(let scalar) = value, scalar.isEmptyPlain || scalar.style == .plain && scalar.text == "~" {
        return Variable(key.text, nil, at: key.place)
      }
      guard let text = texts.line(value, "a variable") else { return nil }
      return Variable(key.text, text, at: key.place)
    }
  }

  private mutating func conversation(_ node: Node) -> Conversation? {
    guard let keys = Keys(node, "a conversation", problems) else { return nil }
    if let path = keys["include"] {
      keys.allow(["name", "include", "vars"], in: "a conversation that is included")
      return included(path, keys)
    }
    keys.allow(Self.conversationKeys.union(["vars", "gate", "grades", "name", "title", "about", "cite"]), in: "a conversation")
    if keys["exchange"] == nil { problems.add("'exchange' is missing: the steps of the conversation", at: keys.place) }
    return conversation(keys, isTop: false)
  }

  private mutating func conversation(_ keys: Keys, isTop: Bool) -> Conversation? {
    guard let node = keys["protocol"] else {
      problems.add("'protocol' is missing", at: keys.place, hint: "one of " + dialects.map(\.name).joined(separator: ", "))
      return nil
    }
    guard let name = texts.plain(node, "'protocol'") else { return nil }
    guard let dialect = dialects.first(where: { $0.name == name }) else {
      let names = dialects.map(\.name)
      problems.add(
        "there is no protocol '\(printable(name))'", at: node.place,
        hint: nearest(to: name, among: names).map { "did you mean '\($0)'?" } ?? "protocols are " + names.joined(separator: ", "))
      return nil
    }
    var conversation = Conversation(dialect: name, steps: [], at: isTop ? keys.place(of: "exchange") : keys.place)
    conversation.name = isTop ? nil : keys["name"].flatMap { texts.plain($0, "'name'") }
    conversation.target = keys["target"].flatMap { texts.line($0, "'target'") }
    conversation.proxy = keys["proxy"].flatMap { texts.line($0, "'proxy'") }
    if let node = keys["transport"], let text = texts.plain(node, "'transport'") {
      let transport: Transport? = text == "tcp" ? .stream : text == "udp" ? .datagrams : nil
      if transport == nil || !dialect.transports.contains(transport ?? .stream) {
        problems.add("\(name) does not run over '\(printable(text))'", at: node.place)
      }
      conversation.transport = transport
    }
    conversation.gate = keys["gate"].flatMap(texts.grade)
    conversation.grades = keys["grades"].map(texts.grades) ?? [:]
    conversation.within = keys["within"].flatMap { texts.duration($0, "'within'") }
    conversation.needs = keys["needs"].map { texts.names($0, "what is needed") } ?? []
    conversation.retry = keys["retry"].flatMap { texts.duration($0, "'retry'") }
    conversation.vars = isTop ? [] : variables(keys)
    conversation.source = keys["source"].flatMap(origin)
    guard let exchange = keys["exchange"] else { return nil }
    includedVariables = []
    conversation.steps = steps(exchange, dialect)
    let known = Set(conversation.vars.map(\.name))
    var included: [Variable] = []
    for variable in includedVariables where !known.contains(variable.name) && !included.contains(where: { $0.name == variable.name }) {
      included.append(variable)
    }
    conversation.vars = included + conversation.vars
    if conversation.steps.isEmpty, !problems.hasErrors { problems.add("there is no step", at: exchange.place) }
    for (index, step) in conversation.steps.enumerated() where index > 0 {
      if case .connect = step.action { problems.add("'connect' can be the first step only", at: step.place) }
    }
    repeated(conversation.steps.compactMap { step in step.name.map { ($0, step.place) } }, "step")
    return conversation
  }

  private func origin(_ node: Node) -> Source? {
    guard let keys = Keys(node, "'source'", problems) else { return nil }
    keys.allow(["capture", "sha256", "at", "client", "server", "stream", "by", "count"], in: "'source'")
    var source = Source()
    source.capture = keys["capture"].flatMap { texts.plain($0, "'capture'") }
    source.sha256 = keys["sha256"].flatMap { texts.plain($0, "'sha256'") }
    source.at = keys["at"].flatMap { texts.plain($0, "'at'") }
    source.client = keys["client"].flatMap { texts.plain($0, "'client'") }
    source.server = keys["server"].flatMap { texts.plain($0, "'server'") }
    source.stream = keys["stream"].flatMap { texts.count($0, "'stream'") }
    source.by = keys["by"].flatMap { texts.plain($0, "'by'") }
    source.count = keys["count"].flatMap { texts.count($0, "'count'") }
    return source
  }

  private func repeated(_ names: [(String, Place)], _ what: String) {
    var seen: Set<String> = []
    for (name, place) in names where !seen.insert(name).inserted {
      problems.add("two \(what)s have the name '\(printable(name))'", at: place)
    }
  }

  // MARK: Other files

  private mutating func included(_ node: Node, _ keys: Keys) -> Conversation? {
    guard var reading = include(node) else { return nil }
    guard let transcript = reading.transcript(), transcript.conversations.count == 1, var conversation = transcript.conversations.first
    else {
      sources += reading.sources
      problems.add("what is included as a conversation has one", at: node.place)
      return nil
    }
    sources += reading.sources
    conversation.name = keys["name"].flatMap { texts.plain($0, "'name'") } ?? conversation.name
    // What stands beside the include wins.
    let own = variables(keys)
    conversation.vars = transcript.vars.filter { variable in !own.contains { $0.name == variable.name } } + own
    conversation.grades = transcript.grades
    conversation.gate = transcript.gate
    return conversation
  }

  /// Another file, ready to be read; nil with the reason told.
  func include(_ node: Node) -> Reading? {
    guard let path = resolved(node, "'include'") else { return nil }
    guard !including.contains(path) else {
      problems.add("the file includes itself", at: node.place)
      return nil
    }
    guard including.count < Self.includeDepth else {
      problems.add("files are included more than \(Self.includeDepth) deep", at: node.place)
      return nil
    }
    guard let bytes = loaded(path, node) else { return nil }
    return Reading(file: path, bytes: bytes, dialects: dialects, load: load, problems: problems, including: including)
  }

  func loaded(_ path: String, _ node: Node) -> [UInt8]? {
    do throws(LoadError) { return try load(path) } catch {
      problems.add("\(error)", at: node.place)
      return nil
    }
  }

  /// A path relative to this file's folder, which must not lead out of the folder that the run was started on.
  func resolved(_ node: Node, _ what: String) -> String? {
    guard let path = texts.plain(node, what) else { return nil }
    guard !path.isEmpty, !path.hasPrefix("/") else {
      problems.add("a path is relative to the transcript, never absolute", at: node.place)
      return nil
    }
    let folder = file.split(separator: "/", omittingEmptySubsequences: false).dropLast().map(String.init)
    var parts = folder
    var depth = 0
    for part in path.split(separator: "/") where part != "." {
      if part == ".." {
        depth -= 1
        guard depth >= -(including.count - 1), !parts.isEmpty, parts.last != "..", including.count > 1 else {
          problems.add("the path leads out of the transcript's folder", at: node.place)
          return nil
        }
        parts.removeLast()
      } else {
        depth += 1
        parts.append(String(part))
      }
    }
    return parts.joined(separator: "/")
  }

  private static let includeDepth = 16
  private static let keys: Set<String> = ["replique", "title", "about", "tags", "cite", "vars", "gate", "grades", "locks"]
  private static let conversationKeys: Set<String> = [
    "protocol", "target", "transport", "proxy", "within", "needs", "retry", "source", "exchange",
  ]
}
