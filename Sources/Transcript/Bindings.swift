/// A name and the value that it stands for.
package struct Binding: Sendable, Hashable {
  package var name: String
  package var value: [UInt8]
  /// Says when another text is the same value; `any` means byte for byte.
  package var type: ValueType

  package init(_ name: String, _ value: [UInt8], _ type: ValueType = .any) {
    self.name = name
    self.value = value
    self.type = type
  }
}

/// What every name stands for by now, in one run of one transcript.
///
/// It knows which values nobody may see: those of `secret.…`, those bound as secret, and the results of functions of them. `redactor` takes
/// them out of whatever is shown; it is always up to date.
package struct Bindings: Sendable {
  private var bound: [String: Binding] = [:]
  /// Names without a value that take whatever the peer says and keep it: variables and secrets not given while a server is played, and
  /// names that a dialect reads itself. Where something is sent, they are as unbound as any other.
  package var open: Set<String> = []
  private var secret: Set<String> = []
  package private(set) var redactor = Redactor()

  package init() {}

  package subscript(name: String) -> Binding? { bound[name] }

  /// All of them, by name.
  package var all: [Binding] { bound.values.sorted { $0.name < $1.name } }

  /// From now on the name stands for that value, whatever it stood for before.
  package mutating func bind(_ name: String, _ value: [UInt8], as type: ValueType = .any) {
    bound[name] = Binding(name, value, type)
    if isSecret(name) { redactor.insert(value) }
  }

  /// Takes over what a match has bound and seen.
  package mutating func bind(_ match: Match) {
    for binding in match.bindings { bind(binding.name, binding.value, as: binding.type) }
    for secret in match.secrets { redactor.insert(secret) }
  }

  /// The name stands for nothing any more; a secret that it was stays hidden.
  package mutating func unbind(_ name: String) { bound[name] = nil }

  /// Whatever the name is or will be bound to is a secret, too.
  package mutating func hide(_ name: String) {
    secret.insert(name)
    if let binding = bound[name] { redactor.insert(binding.value) }
  }

  /// From now on no output may show these bytes.
  package mutating func hide(value: [UInt8]) { redactor.insert(value) }

  package func isSecret(_ name: String) -> Bool { Hole.isSecret(name) || secret.contains(name) }

  /// Whether what stands in such a hole must not be shown.
  func isSecret(_ hole: Hole) -> Bool { hole.name.map(isSecret) ?? false || hole.reads.contains(where: isSecret) }
}
