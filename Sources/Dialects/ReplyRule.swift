/// What an RFC lists as replies to a command.
package struct ReplyRule: Sendable {
  /// Codes or indicators; none where any of the classes is as good.
  package var listed: [String]
  /// First characters of codes that the command may get; another one is a violation.
  package var classes: String
  package var rule: String

  package init(listed: [String], classes: String, rule: String) {
    self.listed = listed
    self.classes = classes
    self.rule = rule
  }

  package enum Finding: Sendable, Hashable {
    /// A class that the command may not get: a violation.
    case wrongClass
    /// Of a class that it may get, yet not listed.
    case unlisted

    /// The kind of difference that it makes.
    package var kind: String {
      switch self {
      case .wrongClass: "reply-class"
      case .unlisted: "unlisted-code"
      }
    }
  }

  /// What is to be said of a reply, by its `Head.label`; nil where it is listed.
  package func finding(_ label: String) -> Finding? {
    guard let first = label.first else { return nil }
    if !classes.contains(first) { return .wrongClass }
    return listed.isEmpty || listed.contains(label) ? nil : .unlisted
  }

  /// For people: `250, 550`, or `2yz, 3yz`.
  package var allowed: String {
    (listed.isEmpty ? classes.map { "\($0)yz" } : listed).joined(separator: ", ")
  }
}
