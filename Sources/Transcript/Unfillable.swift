import Wire

/// Why a text cannot be sent, or a function has no result.
package enum Unfillable: Error, Sendable, Hashable, CustomStringConvertible {
  /// Nothing is bound to the name.
  case unbound(String)
  /// A secret that was not given.
  case secret(String)
  /// An expression without an example, so nothing says what to send. The name, if it has one.
  case expression(String, name: String?)
  /// A type of which no value can be made up, without an example.
  case type(ValueType, name: String?)
  /// An argument that the function cannot take.
  case argument(Function, String)

  package var description: String {
    switch self {
    case .unbound(let name): "nothing is bound to '\(name)'"
    case .secret(let name): "the secret '\(name.dropFirst(Hole.secretPrefix.count))' was not given"
    case .expression(let source, _): "an expression without an example cannot be sent: '/\(printable(source))/'"
    case .type(let type, _): "a value of type '\(type.rawValue)' cannot be made up, and there is no example"
    case .argument(let function, let why): "'\(function.rawValue)': \(why)"
    }
  }
}
