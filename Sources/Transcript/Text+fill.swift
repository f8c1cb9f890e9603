package import Wire

extension Text {
  /// The bytes to send: for each hole the value bound to its name, else its example, else a new value of its type. What a named hole
  /// becomes is bound to the name, so the rest of the run means the same by it. `now` counts from the Unix epoch.
  ///
  /// If it throws, nothing was bound.
  package func fill(_ bindings: inout Bindings, at now: Instant, using generator: inout some RandomNumberGenerator) throws(Unfillable) -> [UInt8] {
    if let literal { return literal }
    var draft = bindings
    var out: [UInt8] = []
    for piece in pieces {
      switch piece {
      case .literal(let bytes): out += bytes
      case .hole(let hole): out += try hole.fill(&draft, at: now, using: &generator)
      }
    }
    bindings = draft
    return out
  }

  /// The same with the system's random numbers.
  package func fill(_ bindings: inout Bindings, at now: Instant) throws(Unfillable) -> [UInt8] {
    var generator = SystemRandomNumberGenerator()
    return try fill(&bindings, at: now, using: &generator)
  }
}

extension Hole {
  fileprivate func fill(_ bindings: inout Bindings, at now: Instant, using generator: inout some RandomNumberGenerator) throws(Unfillable) -> [UInt8] {
    if case .call(let function, let arguments) = content {
      let result = try function.result(arguments) { name throws(Unfillable) in try bindings.value(of: name) }
      if bindings.isSecret(self) { bindings.hide(value: result) }
      return result
    }
    if let name, let binding = bindings[name] { return binding.value }
    let (value, type) = try made(at: now, using: &generator)
    if let name { bindings.bind(name, value, as: type) }
    return value
  }

  private func made(at now: Instant, using generator: inout some RandomNumberGenerator) throws(Unfillable) -> ([UInt8], ValueType) {
    switch content {
    // A secret is given or received, never made up.
    case _ where isSecret: throw .secret(name ?? "")
    case .bound, .call: throw .unbound(name ?? "")
    case .expression(let source):
      guard let example else { throw .expression(source, name: name) }
      return (example, .any)
    case .type(let type):
      guard let value = example ?? type.fresh(at: now, using: &generator) else { throw .type(type, name: name) }
      return (value, type)
    }
  }
}

extension Bindings {
  /// The value bound to a name, for a function.
  func value(of name: String) throws(Unfillable) -> [UInt8] {
    guard let binding = self[name] else { throw Hole.isSecret(name) ? .secret(name) : .unbound(name) }
    return binding.value
  }
}
