import Transcript

/// Everything found wrong while reading one file; reading goes on, so that all of it is told at once.
final class Problems {
  private(set) var diagnostics: [Diagnostic] = []

  func add(_ message: String, at place: Place, hint: String? = nil, severity: Diagnostic.Severity = .error) {
    add(Diagnostic(message, at: place, hint: hint, severity: severity))
  }

  func add(_ diagnostic: Diagnostic) {
    if diagnostics.count < Self.limit, !diagnostics.contains(diagnostic) { diagnostics.append(diagnostic) }
  }

  var hasErrors: Bool { diagnostics.contains { $0.severity == .error } }

  /// More are not told.
  private static let limit = 100
}

/// A mapping whose keys are asked for by name; what was not asked for is unknown.
struct Keys {
  let place: Place
  private let pairs: [(key: Scalar, value: Node)]
  private let problems: Problems

  init?(_ node: Node, _ what: String, _ problems: Problems) {
    guard case .mapping(let pairs, let place) = node else {
      problems.add("\(what) is a mapping, not \(node.kind)", at: node.place)
      return nil
    }
    self.place = place
    self.problems = problems
    var seen: Set<String> = []
    self.pairs = pairs.filter { pair in
      let isNew = seen.insert(pair.key.text).inserted
      if !isNew { problems.add("the key '\(pair.key.text)' stands twice", at: pair.key.place) }
      return isNew
    }
  }

  var names: [String] { pairs.map(\.key.text) }
  var first: (key: Scalar, value: Node)? { pairs.first }
  var all: [(key: Scalar, value: Node)] { pairs }

  subscript(name: String) -> Node? { pairs.first { $0.key.text == name }?.value }
  func place(of name: String) -> Place { pairs.first { $0.key.text == name }?.key.place ?? place }

  /// Tells every key that is none of these; `x-` keys are kept and ignored.
  func allow(_ known: Set<String>, in what: String) {
    for (key, _) in pairs where !known.contains(key.text) && !key.text.hasPrefix("x-") {
      if key.text == "conn" {
        problems.add("'conn' is reserved for a later version", at: key.place)
        continue
      }
      let near = nearest(to: key.text, among: known.sorted()).map { "did you mean '\($0)'?" }
      problems.add("\(what) has no key '\(key.text)'", at: key.place, hint: near ?? "keys are " + known.sorted().joined(separator: ", "))
    }
  }
}
