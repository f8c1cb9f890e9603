import Dialects
import Transcript
import Wire

extension Message {
  /// The message with every hole filled, ready to be written. `${size}` is the length of its payload as it is sent. `wall` counts from the
  /// Unix epoch.
  ///
  /// - Parameter endpoint: what `${data}` is, as the dialect writes it in this message.
  /// - Throws: where a value is missing that was neither given nor bound.
  func filled(
    _ bindings: inout Bindings, at wall: Instant, _ dialect: any Dialect, endpoint: [UInt8]? = nil
  ) throws(Unfillable) -> Message {
    var out = self
    for i in out.parts.indices where out.parts[i].content.isPayload { try out.fill(part: i, &bindings, wall) }
    var own: [Binding] = []
    if out.readsSize, let size = dialect.sentSize(of: out) {
      own.append(Binding(Self.sizeName, Array(String(size).utf8), .number))
    }
    if let endpoint, out.needsEndpoint { own.append(Binding(Hole.endpointName, endpoint)) }
    let before = own.map { bindings[$0.name] }
    var local = bindings
    for binding in own { local.bind(binding.name, binding.value, as: binding.type) }
    try out.fillFields(&local, wall)
    // What is this message's own is nobody else's.
    for (binding, before) in zip(own, before) {
      local.unbind(binding.name)
      if let before { local.bind(before.name, before.value, as: before.type) }
    }
    bindings = local
    return out
  }

  /// Everything but payloads.
  private mutating func fillFields(_ bindings: inout Bindings, _ wall: Instant) throws(Unfillable) {
    head = try head.filled(&bindings, at: wall)
    for i in parts.indices where !parts[i].content.isPayload { try fill(part: i, &bindings, wall) }
  }

  private mutating func fill(part i: Int, _ bindings: inout Bindings, _ wall: Instant) throws(Unfillable) {
    parts[i].content = try parts[i].content.filled(&bindings, at: wall)
  }

  /// Whether its head, or a field, names the length of its payload.
  var readsSize: Bool {
    head.contains(where: \.readsSize)
      || parts.contains { part in
        if case .fields(let fields) = part.content { fields.contains { $0.values.contains(where: \.readsSize) } } else { false }
      }
  }

  /// Whether it names where a secondary connection is made: `PORT ${data}`, `227 Entering Passive Mode (${data})`. Who sends it listens first.
  var needsEndpoint: Bool { head.contains(where: \.readsEndpoint) }
}

extension Text {
  /// Whether it names the length of the payload beside it.
  var readsSize: Bool { !isLiteral && holes.contains { $0.name == Message.sizeName && $0.content == .bound } }
  /// Whether it names the endpoint of a secondary connection.
  var readsEndpoint: Bool { !isLiteral && holes.contains(where: \.isEndpoint) }
}

extension [Text] {
  fileprivate func filled(_ bindings: inout Bindings, at wall: Instant) throws(Unfillable) -> [Text] {
    var out: [Text] = []
    out.reserveCapacity(count)
    for text in self { out.append(text.isLiteral ? text : Text(try text.fill(&bindings, at: wall), place: text.place)) }
    return out
  }
}

extension Part.Content {
  fileprivate func filled(_ bindings: inout Bindings, at wall: Instant) throws(Unfillable) -> Part.Content {
    switch self {
    case .lines(let lines): .lines(try lines.filled(&bindings, at: wall))
    case .set(let texts): .set(try texts.filled(&bindings, at: wall))
    case .fields(let fields):
      .fields(try fields.map { (field) throws(Unfillable) in Part.Field(field.name, try field.values.filled(&bindings, at: wall)) })
    case .payload(var payload):
      .payload(try payload.fill(&bindings, at: wall))
    }
  }
}

extension Payload {
  mutating func fill(_ bindings: inout Bindings, at wall: Instant) throws(Unfillable) -> Payload {
    switch content {
    case .lines(let lines)?: content = .lines(try lines.filled(&bindings, at: wall))
    case .chunks(let texts)?: content = .chunks(try texts.filled(&bindings, at: wall))
    case .text(let text)?: content = .text(Text(try text.fill(&bindings, at: wall), place: text.place))
    case .json(let text)?: content = .json(Text(try text.fill(&bindings, at: wall), place: text.place))
    case .bytes?, .file?, .fields?, nil: break
    }
    return self
  }
}
