import Dialects
import Results
import Transcript
import Wire

/// One file being read, and what it includes.
struct Reading {
  let source: SourceText
  let library: Library
  let problems: Problems
  let texts: TextReader
  /// Files that are being included, outermost first.
  let including: [String]
  /// This one, and those that it includes.
  var sources: [SourceText]
  /// What names the conversation at hand has values for in this file: those of its own win over those of an included file.
  var given: [String: Variable] = [:]
  /// Of files whose steps stand in the conversation at hand.
  var includedVariables: [Variable] = []
  var includedByName: [String: Variable] = [:]

  init(_ source: SourceText, _ library: Library, _ problems: Problems, including: [String] = []) {
    self.source = source
    self.library = library
    self.problems = problems
    self.including = including + [source.file]
    sources = [source]
    texts = TextReader(source: source, problems: problems)
    problems.open(source.file)
  }

  mutating func transcript() -> Transcript? {
    guard let keys = root() else { return nil }
    let isSingle = keys["conversations"] == nil
    keys.allow(
      Self.keys, Self.conversationKeys.subtracting(isSingle ? [] : Self.apart), isSingle ? [] : ["conversations"], in: "a transcript"
    ) {
      Self.apart.contains($0) ? "each of the 'conversations' has its own" : nil
    }
    var transcript = Transcript(conversations: [])
    transcript.title = keys["title"].flatMap { texts.plain($0, "'title'") }
    transcript.about = keys["about"].flatMap { texts.plain($0, "'about'") }
    transcript.tags = keys["tags"].map { texts.names($0, "a tag") } ?? []
    transcript.cite = keys["cite"].flatMap { texts.plain($0, "'cite'") }
    transcript.vars = variables(keys)
    transcript.gate = keys["gate"].flatMap(grade)
    transcript.grades = keys["grades"].map(grades) ?? [:]
    transcript.locks = keys["locks"].map { texts.names($0, "a lock") } ?? []
    given = Self.byName(transcript.vars)
    transcript.conversations = isSingle ? single(keys) : several(keys)
    transcript.sources = sources
    return transcript
  }

  /// The file's mapping, if it has one and it is of this version.
  func root() -> Keys? {
    guard Screening.passes(source, problems) else {
      problems.isBlind = true
      return nil
    }
    let node: Node
    do throws(Diagnostic) { node = try YAMLParser.parse(source) } catch {
      problems.add(error)
      problems.isBlind = true
      return nil
    }
    guard let keys = Keys(node, "a transcript", problems, hint: Self.beginning) else { return nil }
    guard let version = keys["replique"] else {
      let near = keys.first.flatMap { nearest(to: $0.key.text, among: ["replique"]) }
      problems.add(
        "a transcript begins with 'replique: 1'", at: keys.first?.key.place ?? keys.place, hint: near.map { "did you mean '\($0)'?" })
      return nil
    }
    if keys.first?.key.text != "replique" { problems.add("'replique: 1' comes first", at: keys.place(of: "replique")) }
    guard let text = texts.plain(version, "the version"), text != "1" else { return keys }
    problems.add("version '\(text.shown)' of the format is not known", at: version.place, hint: "this version reads 'replique: 1'")
    // What another version means by its keys, nobody knows.
    return nil
  }

  private mutating func single(_ keys: Keys) -> [Conversation] {
    guard var conversation = conversation(keys, Defaults(), at: keys.place(of: "exchange")) else { return [] }
    // What stands at the top is said once.
    conversation.gate = nil
    conversation.grades = [:]
    return [conversation]
  }

  private mutating func several(_ keys: Keys) -> [Conversation] {
    guard let node = keys["conversations"] else { return [] }
    guard case .sequence(let items, _) = node else {
      problems.add("'conversations' is a list, not \(node.kind)", at: node.place, hint: "each begins with '- '")
      return []
    }
    if items.isEmpty { problems.add("there is no conversation", at: node.place) }
    let defaults = defaults(keys)
    let common = given
    let conversations = items.compactMap { item in
      given = common
      return conversation(item, defaults)
    }
    tellRepeated(conversations.compactMap { conversation in conversation.name.map { ($0, conversation.place) } }, "conversation")
    return conversations
  }

  func tellRepeated(_ names: [(String, Place)], _ what: String) {
    var seen: Set<String> = []
    for (name, place) in names where !seen.insert(name).inserted {
      problems.add("two \(what)s have the name '\(name.shown)'", at: place)
    }
  }

  // MARK: Values

  func variables(_ keys: Keys) -> [Variable] {
    guard let node = keys["vars"], let vars = Keys(node, "'vars'", problems) else { return [] }
    return vars.all.compactMap { pair in
      let name = pair.key.text
      guard !name.isEmpty, name.utf8.allSatisfy(\.isNameByte) else {
        problems.add("'\(name.shown)' is no name", at: pair.key.place, hint: "names are letters, digits, '-' and '_'")
        return nil
      }
      if case .scalar(let scalar) = pair.value, scalar.isNothing, texts.hasNothingBehind(scalar) {
        return Variable(name, nil, at: pair.key.place)
      }
      return texts.line(pair.value, "a variable").map { Variable(name, $0, at: pair.key.place) }
    }
  }

  static func byName(_ variables: [Variable]) -> [String: Variable] {
    Dictionary(variables.map { ($0.name, $0) }) { first, _ in first }
  }

  func grade(_ node: Node) -> Grade? {
    guard let text = texts.plain(node, "a grade") else { return nil }
    guard let grade = Grade(rawValue: text) else {
      problems.add(
        "there is no grade '\(text.shown)'", at: node.place,
        hint: suggestion(for: text, among: Grade.allCases.map(\.rawValue), "grades are"))
      return nil
    }
    return grade
  }

  func grades(_ node: Node) -> [String: Grade] {
    guard let keys = Keys(node, "'grades'", problems, hint: "write 'grades: {KIND: GRADE}'") else { return [:] }
    var out: [String: Grade] = [:]
    for pair in keys.all where !pair.key.text.hasPrefix("x-") {
      if !DifferenceKind.all.contains(pair.key.text), !problems.isFull {
        problems.add(
          "there is no kind of difference '\(pair.key.text.shown)'", at: pair.key.place,
          hint: suggestion(for: pair.key.text, among: DifferenceKind.all, "kinds are"))
      }
      out[pair.key.text] = grade(pair.value)
    }
    return out
  }

  private static let beginning = "it begins with 'replique: 1', then 'protocol: …' and 'exchange:'"
  static let keys: Set<String> = ["replique", "title", "about", "tags", "cite", "vars", "gate", "grades", "locks"]
  static let conversationKeys: Set<String> = [
    "protocol", "target", "transport", "proxy", "within", "needs", "retry", "source", "exchange",
  ]
  /// What stands in each of several conversations, and not above them.
  private static let apart: Set<String> = ["protocol", "exchange", "retry", "source"]
}

extension UInt8 {
  var isNameByte: Bool {
    switch self {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
      UInt8(ascii: "-"), UInt8(ascii: "_"):
      true
    default: false
    }
  }
}
