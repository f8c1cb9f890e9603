import Expressions

/// One piece of a text as the matcher sees it: everything known from the bindings is in it.
enum Element {
  /// These bytes.
  case literal([UInt8])
  /// The same value in whatever spelling.
  case value([UInt8], ValueType)
  case typed(ValueType, name: String?)
  case expression(Expression, name: String?)
  /// As little as possible, within the line unless it is all that there is.
  case any(name: String?, crossesLines: Bool)
  /// The value that an earlier hole of the same text took; its own type, if it says one.
  case again(String, ValueType?)
  /// The result for values that earlier holes of the same text took.
  case call(Function, [Hole.Argument])

  /// The name that it binds.
  var name: String? {
    switch self {
    case .typed(_, let name), .expression(_, let name), .any(let name, _): name
    case .literal, .value, .again, .call: nil
    }
  }

  /// The type of the value that it binds.
  var type: ValueType { if case .typed(let type, _) = self { type } else { .any } }

  /// Whether what it matches depends on what earlier elements took, and not only on where it begins.
  var isDependent: Bool {
    switch self {
    case .again, .call: true
    case .literal, .value, .typed, .expression, .any: false
    }
  }

  /// A value that is known: bytes, unless its type allows others for it.
  init(value: [UInt8], of type: ValueType) {
    self = type.hasSpellings && type.fits(value) ? .value(value, type) : .literal(value)
  }
}

/// Why a text cannot be compared with anything.
enum Unmatchable: Error {
  case unbound(String)
  /// A function has no result for its arguments: nothing equals it.
  case impossible
  /// An expression does not compile, which `Text.check` reports.
  case unusable
}

extension Text {
  /// Its pieces, one element each.
  func elements(_ bindings: Bindings) throws(Unmatchable) -> [Element] {
    var taken: Set<String> = []
    var out: [Element] = []
    out.reserveCapacity(pieces.count)
    for piece in pieces {
      switch piece {
      case .literal(let bytes): out.append(.literal(bytes))
      case .hole(let hole): out.append(try hole.element(bindings, &taken, isAlone: pieces.count == 1))
      }
    }
    return out
  }
}

extension Hole {
  /// `taken`: names that earlier holes of the same text bind.
  fileprivate func element(_ bindings: Bindings, _ taken: inout Set<String>, isAlone: Bool) throws(Unmatchable) -> Element {
    if case .call(let function, let arguments) = content { return try call(function, arguments, bindings, taken) }
    let ownType: ValueType? = if case .type(let type) = content { type } else { nil }
    if let name {
      if let binding = bindings[name] { return Element(value: binding.value, of: ownType ?? binding.type) }
      if taken.contains(name) { return .again(name, ownType) }
      taken.insert(name)
    }
    switch content {
    case .bound, .call:
      guard let name, bindings.open.contains(name) else { throw .unbound(name ?? "") }
      return .any(name: name, crossesLines: isAlone)
    case .type(.any): return .any(name: name, crossesLines: isAlone)
    case .type(let type): return .typed(type, name: name)
    case .expression(let source):
      guard let expression = ExpressionCache.shared.expression(source) else { throw .unusable }
      return .expression(expression, name: name)
    }
  }

  private func call(_ function: Function, _ arguments: [Argument], _ bindings: Bindings, _ taken: Set<String>) throws(Unmatchable) -> Element {
    let unknown = reads.filter { bindings[$0] == nil && !taken.contains($0) }
    if let name = unknown.first(where: { !bindings.open.contains($0) }) { throw .unbound(name) }
    guard unknown.isEmpty else { return .any(name: nil, crossesLines: false) }
    guard reads.allSatisfy({ bindings[$0] != nil }) else { return .call(function, arguments) }
    do throws(Unfillable) {
      return .literal(try function.result(arguments) { name throws(Unfillable) in try bindings.value(of: name) })
    } catch {
      throw .impossible
    }
  }
}
