package import Dialects
package import Results
package import Transcript
import Wire

/// Compares what was expected with what was heard, and grades every difference. Knows no protocol: it asks the dialect for facets,
/// weights and tables.
package struct Verifier: Sendable {
  package private(set) var dialect: any Dialect
  /// Its parts that hold more than a transcript names.
  private(set) var openParts: Set<String>
  /// Everything bound so far; grows as messages match.
  package var bindings: Bindings
  /// The first pattern that was given up at a limit of the matcher: nothing can be said about what was compared with it.
  package internal(set) var exhausted: Place?
  /// Names that something sent or compared later needs: a pattern that should bind one and does not match is more than a note.
  let needed: Set<String>
  /// The client's messages: what is announced counts by what they make use of.
  let commands: [Message]
  /// The last reply that may have announced keywords, not looked at before somebody has to know.
  private var announcement: (reply: Message, command: Message?)?
  private var offered: Set<String> = []

  package init(_ dialect: any Dialect, bindings: Bindings, needed: Set<String>, commands: [Message]) {
    self.dialect = dialect
    openParts = Self.openParts(of: dialect)
    self.bindings = bindings
    self.needed = needed
    self.commands = commands
  }

  /// From here on messages are another dialect's, which knows nothing of what was announced.
  package mutating func speak(_ dialect: any Dialect) {
    self.dialect = dialect
    openParts = Self.openParts(of: dialect)
    announcement = nil
    offered = []
  }

  private static func openParts(of dialect: any Dialect) -> Set<String> { Set(dialect.parts.filter(\.isOpen).map(\.name)) }

  /// What came of comparing a message with a step.
  package struct Comparison: Sendable {
    package var differences: [Difference]
    /// Whether the message has the outcome that the step, or one of its alternatives, wants.
    package var hasOutcome: Bool
  }

  /// Whether a message has the outcome that a step expects, alternatives included: an optional step is passed over where it has not.
  package mutating func fits(_ step: Step, _ heard: Heard, answering command: Message?) -> Bool {
    guard let expected = step.message else { return false }
    if expected.head.isEmpty || expected.head[0].isAnything { return true }
    return claim(step, facets(of: expected, command), heard.message, facets(of: heard.message, command), command) != .none
  }

  /// Every difference between a step that expects a message and the message that came.
  ///
  /// - Parameters:
  ///   - command: the command that it answers, as it was sent; nil for a greeting.
  ///   - later: the index in `commands` from which they are still to come.
  package mutating func compare(_ step: Step, _ heard: Heard, answering command: Message?, later: Int) -> Comparison {
    guard let expected = step.message else { return Comparison(differences: [], hasOutcome: false) }
    var found = Findings(step)
    // What `${size}` stands for in this message, and in no other.
    let size = bindings[Message.sizeName]
    bindings.bind(Message.sizeName, Array(String(heard.sentSize).utf8), as: .number)
    defer {
      bindings.unbind(Message.sizeName)
      if let size { bindings.bind(size.name, size.value, as: size.type) }
    }
    let verdict = compareHeads(step, expected, heard.message, answering: command, later: later, &found)
    if verdict.comparesParts { compareParts(step, expected, heard, command, covered: verdict.coveredParts, &found) }
    if verdict.keepsOutcome { requireTexts(step, heard.message, answering: command, &found) }
    if heard.isCutShort, !expected.endsEarly {
      found.add(.divergence, "cut-short", observed: Self.firstLine(heard.message), hint: "the connection ended in the middle of it")
    }
    checkReply(heard, answering: command, recorded: expected, &found)
    for violation in heard.violations {
      found.add(violation.isRemark ? .note : .violation, violation.kind, observed: Self.firstLine(heard.message), rule: violation.rule)
    }
    // Keywords stand on lines of their own.
    if heard.message.head.count > 1 || !heard.message.parts.isEmpty { announcement = (heard.message, command) }
    return Comparison(differences: found.differences, hasOutcome: verdict.hasOutcome)
  }

  mutating func facets(of message: Message, _ command: Message?) -> [Facet] {
    if let (reply, question) = announcement {
      announcement = nil
      let keywords = dialect.facets(of: reply, in: Context(answering: question, offered: offered)).filter { $0.kind == Self.keywordKind }
      if !keywords.isEmpty { offered = Set(keywords.map(\.key)) }
    }
    return dialect.facets(of: message, in: Context(answering: command, offered: offered))
  }

  // MARK: Matching

  enum Fit { case fits, differs, undecided }

  /// Matches a text and binds what it binds. Tells a date in another notation, and why nothing can be said: a name without a value, a limit.
  mutating func match(_ text: Text, _ bytes: [UInt8], _ found: inout Findings) -> Fit {
    take(text.match(bytes, bindings), of: text, bytes, &found)
  }

  mutating func take(_ result: MatchResult, of text: Text, _ bytes: [UInt8], _ found: inout Findings) -> Fit {
    switch result {
    case .matched(let match):
      bindings.bind(match)
      if !match.notes.isEmpty {
        found.add(.note, Self.notationKind, at: text.place, expected: Array(text.template.utf8), observed: bytes)
      }
      return .fits
    case .differs: return .differs
    case .unbound(let name):
      // What was to bind it has been told already.
      found.add(
        .note, "unbound", at: text.place, expected: Array(text.template.utf8), observed: Array(bytes.prefix(Self.shownBytes)),
        hint: "nothing is bound to '\(name)', so this cannot be compared")
      return .undecided
    case .limit:
      exhausted = exhausted ?? text.place
      found.add(
        .note, Self.limitKind, at: text.place, expected: Array(text.template.utf8), observed: Array(bytes.prefix(Self.shownBytes)),
        hint: "the pattern took too many steps on this text: nothing can be said about it", fault: .us)
      return .undecided
    }
  }

  static func firstLine(_ message: Message) -> [UInt8] { message.head.first?.recorded ?? [] }

  static let codeKind = "reply-code"
  static let versionKind = "version"
  static let keywordKind = "keyword"
  static let notationKind = "date-notation"
  static let limitKind = "match-limit"
  /// Of a payload that differs, that many bytes are shown.
  static let shownBytes = 200
}

extension Message {
  /// Whether its payload is to be cut before its end.
  fileprivate var endsEarly: Bool {
    parts.contains { if case .payload(let payload) = $0.content { payload.endsEarly } else { false } }
  }
}

extension Text {
  /// Whether it matches another text, which has no holes; binds nothing.
  func matches(_ other: Text, _ bindings: Bindings) -> Bool {
    guard let bytes = other.literal, case .matched = match(bytes, bindings) else { return false }
    return true
  }
}
