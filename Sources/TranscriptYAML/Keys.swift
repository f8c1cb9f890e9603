import Transcript

/// A mapping whose keys are asked for by name; what was not asked for is unknown.
struct Keys {
  let place: Place
  let all: [Node.Pair]
  private let problems: Problems

  init?(_ node: Node, _ what: String, _ problems: Problems, hint: String? = nil) {
    guard case .mapping(let pairs, let mark) = node else {
      problems.add("\(what) is a mapping, not \(node.kind)", at: node.place, hint: hint)
      return nil
    }
    place = mark.place
    self.problems = problems
    var seen: [String: Place] = [:]
    all = pairs.filter { pair in
      guard let earlier = seen.updateValue(pair.key.place, forKey: pair.key.text) else { return true }
      problems.add("the key '\(pair.key.text.shown)' stands twice", at: pair.key.place, hint: "first in line \(earlier.line)")
      return false
    }
  }

  var names: [String] { all.map(\.key.text) }
  var first: Node.Pair? { all.first }

  subscript(name: String) -> Node? { all.first { $0.key.text == name }?.value }
  func place(of name: String) -> Place { all.first { $0.key.text == name }?.key.place ?? place }

  /// Tells every key that is in none of these sets; `x-` keys are ignored.
  ///
  /// - Parameter elsewhere: says of a key that is known, but not here, where it belongs.
  func allow(_ known: Set<String>..., in what: String, elsewhere: (String) -> String? = { _ in nil }) {
    for pair in all where !known.contains(where: { $0.contains(pair.key.text) }) && !pair.key.text.hasPrefix("x-") {
      guard !problems.isFull else { return }
      let key = pair.key.text
      if key == "conn" {
        problems.add("'conn' is reserved for a later version", at: pair.key.place)
        continue
      }
      let names = known.reduce(Set()) { $0.union($1) }.sorted()
      problems.add(
        "\(what) has no key '\(key.shown)'", at: pair.key.place, hint: elsewhere(key) ?? suggestion(for: key, among: names, "keys are"))
    }
  }
}

/// `did you mean 'x'?`, or all there are.
func suggestion(for word: String, among names: [String], _ all: String) -> String {
  nearest(to: word, among: names).map { "did you mean '\($0)'?" } ?? "\(all) \(names.joined(separator: ", "))"
}
