import Dialects
import Transcript
import Wire

/// What the values of one conversation are called: the same value has the same name everywhere.
///
/// Learns from every message first, then writes: whether a value comes again, and so needs a name, shows only later.
struct Names {
  /// A value that the server gave, another one in each run.
  private struct Varying {
    var hint: String
    /// Set once it is known to come again.
    var name: String?
  }

  private struct Secret {
    var name: String
    var owner: [UInt8]?
    var value: [UInt8]?
  }

  /// In the order in which they were first met.
  private(set) var variables: [(name: String, value: [UInt8])] = []
  private var variableNames: [[UInt8]: String] = [:]
  private var varying: [[UInt8]: Varying] = [:]
  /// The value last given for a hint: what `Mark.Argument.bound` means.
  private var latest: [String: [UInt8]] = [:]
  private var secrets: [Secret] = []
  private var taken: Set<String> = []
  private var lastUser: [UInt8]?

  // MARK: Learning

  /// A line, with the dialect's marks on it: what they stand for, and values between them that were given and come again.
  mutating func learn(_ line: [UInt8], _ marks: [Mark]) {
    var rest = line
    for mark in marks {
      learn(mark, Array(line[mark.range]))
      rest.replaceSubrange(mark.range, with: repeatElement(UInt8(ascii: " "), count: mark.range.count))
    }
    learn(text: rest)
  }

  private mutating func learn(_ mark: Mark, _ value: [UInt8]) {
    switch mark.meaning {
    case .names(let role): name(value, role)
    case .size, .endpoint: break
    case .varies(let type, let hint): vary(value, type, hint)
    case .matches(_, let hint): vary(value, .word, hint)
    case .secret(let owner): _ = secret(value, of: owner)
    case .givesSecret(let owner): _ = secret(value, of: owner)
    case .call(let function, let arguments): learn(function, arguments)
    }
  }

  /// A text in which values that were given may come again.
  private mutating func learn(text: [UInt8]) {
    for token in Tokens(text) where varying[Array(text[token])] != nil { use(Array(text[token])) }
  }

  private mutating func name(_ value: [UInt8], _ role: String) {
    if role == Self.userRole { lastUser = value }
    guard variableNames[value] == nil else { return }
    let name = unique(role)
    variables.append((name, value))
    variableNames[value] = name
  }

  private mutating func vary(_ value: [UInt8], _ type: ValueType, _ hint: String) {
    guard Self.comesAgain(type) else { return }
    latest[hint] = value
    if varying[value] == nil { varying[value] = Varying(hint: hint) } else { use(value) }
  }

  private mutating func use(_ value: [UInt8]) {
    guard let known = varying[value], known.name == nil else { return }
    let name = unique(known.hint)
    varying[value]?.name = name
  }

  private mutating func learn(_ function: Function, _ arguments: [Mark.Argument]) {
    for argument in arguments {
      switch argument {
      case .names(let role, let value): name(value, role)
      case .password(let value, let owner): _ = secret(value, of: owner)
      case .secret(let owner): _ = secret(nil, of: owner)
      case .bound(let hint): if let value = latest[hint] { use(value) }
      }
    }
  }

  /// The name of a secret: that of its owner. An owner with two secrets has two names.
  private mutating func secret(_ value: [UInt8]?, of owner: [UInt8]?) -> String {
    let owner = owner ?? lastUser
    if let known = secretName(value, of: owner) { return known }
    let index = secrets.firstIndex { $0.owner == owner && $0.value == nil }
    if let index, value != nil {
      secrets[index].value = value
      return secrets[index].name
    }
    let names = Set(secrets.map(\.name))
    let base = owner.flatMap(Self.plainName) ?? "password"
    let name = Self.first(of: base) { !names.contains($0) }
    secrets.append(Secret(name: name, owner: owner, value: value))
    return name
  }

  private func secretName(_ value: [UInt8]?, of owner: [UInt8]?) -> String? {
    secrets.last { $0.owner == owner && (value == nil || $0.value == value) }?.name
  }

  private mutating func unique(_ base: String) -> String {
    let name = Self.first(of: base) { !taken.contains($0) }
    taken.insert(name)
    return name
  }

  private static func first(of base: String, where isFree: (String) -> Bool) -> String {
    var number = 1
    while true {
      let name = number == 1 ? base : "\(base)-\(number)"
      if isFree(name) { return name }
      number += 1
    }
  }

  /// `etu1` for `etu1@local.demo`; nil where nothing is left that a name may hold.
  private static func plainName(_ user: [UInt8]) -> String? {
    let local = user.prefix { $0 != UInt8(ascii: "@") }
    let name = String(decoding: local.map { $0.isLetterOrDigit || $0 == UInt8(ascii: "_") ? $0 : UInt8(ascii: "-") }, as: UTF8.self)
    return name.contains { $0 != "-" } ? String(name.prefix(64)) : nil
  }

  /// Two values of these types are the same by chance.
  private static func comesAgain(_ type: ValueType) -> Bool {
    switch type {
    case .date, .time, .number, .port, .any: false
    case .word, .token, .hex, .base64, .uuid, .host, .ip, .path: true
    }
  }

  private static let userRole = "user"

  // MARK: Writing

  /// What was learnt stays; who was named last is told again.
  mutating func beginWriting() {
    lastUser = nil
    latest = [:]
  }

  /// The hole that stands for what a mark is on; nil where the recorded bytes say it best.
  mutating func hole(for mark: Mark, _ value: [UInt8]) -> Hole? {
    switch mark.meaning {
    case .names(let role):
      if role == Self.userRole { lastUser = value }
      return variableNames[value].map { Hole($0) }
    case .size: return Hole(Message.sizeName)
    case .endpoint: return Hole(Hole.endpointName)
    case .varies(let type, let hint):
      latest[hint] = value
      return varyingHole(value, .type(type.fits(value) ? type : ValueType.word.fits(value) ? .word : .any))
    case .matches(let expression, let hint):
      latest[hint] = value
      return varyingHole(value, .expression(expression))
    case .secret(let owner): return secretHole(value, of: owner)
    case .givesSecret(let owner): return givenSecret(secret(value, of: owner), value)
    case .call(let function, let arguments): return call(function, arguments, value)
    }
  }

  private var given: Set<String> = []

  /// The first time it is bound; then its name stands for it.
  private mutating func givenSecret(_ name: String, _ value: [UInt8]) -> Hole {
    let type: ValueType = ValueType.token.fits(value) ? .token : ValueType.word.fits(value) ? .word : .any
    said.insert(name)
    let name = Hole.secretPrefix + name
    return given.insert(name).inserted ? Hole(name, .type(type)) : Hole(name)
  }

  /// The first time it is bound, if it comes again; then its name stands for it.
  private mutating func varyingHole(_ value: [UInt8], _ content: Hole.Content) -> Hole? {
    guard Hole.canShow(value) else { return nil }
    guard let name = varying[value]?.name else { return Hole(nil, content, example: value) }
    return given.insert(name).inserted ? Hole(name, content, example: value) : Hole(name)
  }

  /// The function, if it gives what was recorded; else all of it is a secret.
  private mutating func call(_ function: Function, _ arguments: [Mark.Argument], _ value: [UInt8]) -> Hole {
    var out: [Hole.Argument] = []
    var values: [[UInt8]] = []
    for argument in arguments {
      switch argument {
      case .names(let role, let value):
        if role == Self.userRole { lastUser = value }
        out.append(.name(variableNames[value] ?? role))
        values.append(value)
      case .password(let value, let owner):
        let name = secret(value, of: owner)
        said.insert(name)
        out.append(.name(Hole.secretPrefix + name))
        values.append(value)
      case .secret(let owner): out.append(.name(Hole.secretPrefix + secret(nil, of: owner)))
      case .bound(let hint):
        guard let value = latest[hint], let name = varying[value]?.name, given.contains(name) else {
          return secretHole(value, of: lastUser)
        }
        out.append(.name(name))
      }
    }
    if values.count == arguments.count, (try? function.result(values)) != value {
      return secretHole(value, of: lastUser)
    }
    return Hole(nil, .call(function, out))
  }

  private mutating func secretHole(_ value: [UInt8], of owner: [UInt8]?) -> Hole {
    let name = secret(value, of: owner)
    said.insert(name)
    return Hole(Hole.secretPrefix + name)
  }

  /// Secrets that were said by now: before, no server knows one, and its word `password` is just a word.
  private var said: Set<String> = []

  private func isKnown(_ secret: Secret, to side: Side) -> Bool { side == .client || said.contains(secret.name) }

  /// The hole for a word that stands somewhere in a text of a side, if it is a value that has a name by now.
  func hole(forWord word: [UInt8], of side: Side) -> Hole? {
    if variableNames[word] == nil, let secret = secrets.last(where: { $0.value == word && isKnown($0, to: side) }) {
      return Hole(Hole.secretPrefix + secret.name)
    }
    if let name = varying[word]?.name { return given.contains(name) ? Hole(name) : nil }
    return Self.isDistinct(word) ? variableNames[word].map { Hole($0) } : nil
  }

  /// Passwords that must not stand anywhere in what is written of a side. One that somebody's name gives away already is none.
  func passwords(of side: Side) -> [(name: String, value: [UInt8])] {
    secrets.compactMap { secret in
      guard let value = secret.value, variableNames[value] == nil, isKnown(secret, to: side) else { return nil }
      return (Hole.secretPrefix + secret.name, value)
    }
  }

  /// Whether a value is found in free text by no accident: an address, a host's name, a name with digits.
  private static func isDistinct(_ word: [UInt8]) -> Bool {
    word.count >= 4 && word.contains { !$0.isLetter } && word.contains { $0.isLetter || $0 == UInt8(ascii: ":") || $0 == UInt8(ascii: ".") }
  }
}
