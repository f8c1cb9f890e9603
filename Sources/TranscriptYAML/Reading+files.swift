import Dialects
import Transcript

/// Other files that a transcript names.
extension Reading {
  /// That file's steps, as if they stood here.
  mutating func included(_ path: Node, _ keys: Keys, _ dialect: inout (any Dialect)?) -> [Step] {
    keys.allow(["include", "vars"], in: "'include'")
    let beside = variables(keys)
    guard var reading = include(path), let root = reading.root() else { return [] }
    defer { sources += reading.sources }
    root.allow(Self.keysOfIncluded, in: "a file whose steps are included")
    guard let exchange = root["exchange"] else {
      problems.add("what is included has no 'exchange'", at: path.place)
      return []
    }
    if let node = root["protocol"], let other = reading.dialect(node), let own = dialect, other.name != own.name {
      problems.add("it speaks \(other.name), this conversation \(own.name)", at: path.place)
    }
    let own = reading.variables(root)
    reading.given = Self.byName(own)
    let steps = reading.steps(exchange, &dialect)
    for variable in beside { take(variable, isSaidHere: true) }
    let nearer = Self.byName(beside)
    for variable in own + reading.includedVariables.filter({ reading.given[$0.name] == nil }) where nearer[variable.name] == nil {
      take(variable, isSaidHere: false)
    }
    return steps
  }

  /// A name is one value to the end of the transcript: what this file says of it wins over what an included one does, and two that say
  /// different things are told.
  private mutating func take(_ variable: Variable, isSaidHere: Bool) {
    if let own = given[variable.name] {
      if isSaidHere, own.value != variable.value { tellConflict(variable, own) }
      return
    }
    if let earlier = includedByName[variable.name] {
      if earlier.value != variable.value { tellConflict(variable, earlier) }
      return
    }
    includedByName[variable.name] = variable
    includedVariables.append(variable)
  }

  private func tellConflict(_ variable: Variable, _ earlier: Variable) {
    problems.add(
      "the variable '\(variable.name.shown)' has another value already", at: variable.place,
      hint: "see \(earlier.place); a name is one value to the end of the transcript")
  }

  /// That file's conversation.
  mutating func included(_ path: Node, _ keys: Keys, _ defaults: Defaults) -> Conversation? {
    let beside = variables(keys)
    guard var reading = include(path) else { return nil }
    let before = problems.errorCount
    let transcript = reading.transcript()
    sources += reading.sources
    guard let transcript, transcript.conversations.count == 1, var conversation = transcript.conversations.first else {
      if problems.errorCount == before { problems.add("what is included as a conversation has one", at: path.place) }
      return nil
    }
    conversation.name = keys["name"].flatMap { texts.plain($0, "'name'") } ?? conversation.name
    let nearer = given.merging(Self.byName(beside)) { $1 }
    conversation.vars = (transcript.vars + conversation.vars).filter { nearer[$0.name] == nil } + beside
    conversation.grades = transcript.grades.merging(conversation.grades) { $1 }
    conversation.gate = conversation.gate ?? transcript.gate
    conversation.about = conversation.about ?? transcript.about
    conversation.cite = conversation.cite ?? transcript.cite
    if let dialect = library.dialects.first(where: { $0.name == conversation.dialect }) {
      fill(&conversation, from: defaults, dialect)
      if conversation.needs.isEmpty { conversation.needs = needs(from: defaults, dialect) }
    }
    return conversation
  }

  /// Another transcript, ready to be read; nil with the reason told.
  private func include(_ node: Node) -> Reading? {
    guard let path = resolved(node, "'include'"), mayInclude(path, node), let bytes = loaded(path, node) else {
      problems.isBlind = true
      return nil
    }
    guard library.included.takes(bytes.count) else {
      problems.add("more is included than \(Library.mostFiles) files or \(SourceText.mostBytes >> 20) MiB", at: node.place)
      problems.isBlind = true
      return nil
    }
    return Reading(SourceText(file: path, bytes: bytes), library, problems, including: including)
  }

  private func mayInclude(_ path: String, _ node: Node) -> Bool {
    if including.contains(path) {
      problems.add("the file includes itself", at: node.place, hint: (including + [path]).map(\.shown).joined(separator: " includes "))
    } else if including.count >= Self.mostIncluding {
      problems.add("files are included more than \(Self.mostIncluding) deep", at: node.place)
    } else {
      return true
    }
    return false
  }

  /// What is in a file; nil with the reason told.
  func loaded(_ path: String, _ node: Node) -> [UInt8]? {
    do throws(LoadError) { return try library.load(path) } catch {
      problems.add("\(error)", at: node.place)
      return nil
    }
  }

  /// Where the file is that is named here; nil with the reason told.
  func resolved(_ node: Node, _ what: String) -> String? {
    guard let path = texts.plain(node, what) else { return nil }
    do throws(Library.Refusal) { return try library.resolve(path, from: source.file) } catch {
      switch error {
      case .absolute: problems.add("a path is relative to the transcript, never absolute", at: node.place)
      case .outside: problems.add("the path leads out of the folder that the run was started on", at: node.place)
      case .odd: problems.add("'\(path.shown)' is no path of a file", at: node.place)
      }
      return nil
    }
  }

  private static let mostIncluding = 16
  /// What stands at the top of a transcript with one conversation.
  private static let keysOfIncluded = keys.union(conversationKeys)
}
