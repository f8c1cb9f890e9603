/// Text as a transcript holds it: bytes, and holes that vary from run to run. What a peer sent is the same without holes.
///
/// Two texts are equal if their pieces are; where they stand does not count.
package struct Text: Sendable {
  package enum Piece: Sendable, Hashable {
    case literal([UInt8])
    case hole(Hole)
  }

  /// No two literals side by side, none empty.
  package private(set) var pieces: [Piece]
  package var place: Place
  /// Whether each LF in it is the end of a line of its file, too: then its lines stand below each other, from `place` on.
  package var isBlock = false

  package init(pieces: [Piece], place: Place = .nowhere) {
    self.pieces = []
    self.place = place
    for piece in pieces { append(piece) }
  }

  package init(_ bytes: [UInt8], place: Place = .nowhere) { self.init(pieces: [.literal(bytes)], place: place) }
  package init(_ text: String, place: Place = .nowhere) { self.init(Array(text.utf8), place: place) }

  package mutating func append(_ piece: Piece) {
    guard case .literal(let bytes) = piece else { return pieces.append(piece) }
    guard !bytes.isEmpty else { return }
    guard case .literal(var before)? = pieces.last else { return pieces.append(piece) }
    // Taken out, so that a text of many pieces does not copy itself for each.
    pieces.removeLast()
    before += bytes
    pieces.append(.literal(before))
  }

  /// The bytes, where there is no hole.
  package var literal: [UInt8]? {
    if pieces.isEmpty { return [] }
    if pieces.count == 1, case .literal(let bytes) = pieces[0] { return bytes }
    return nil
  }

  package var isLiteral: Bool { literal != nil }

  /// The holes, in order.
  package var holes: [Hole] {
    pieces.compactMap { if case .hole(let hole) = $0 { hole } else { nil } }
  }

  /// The text with each hole's example in its place; a hole without one is nothing. What the recording said.
  package var recorded: [UInt8] {
    if let literal { return literal }
    return pieces.flatMap { piece in
      switch piece {
      case .literal(let bytes): bytes
      case .hole(let hole): hole.example ?? []
      }
    }
  }

  /// Whether it is `${:any}` alone: whatever comes.
  package var isAnything: Bool {
    if pieces.count == 1, case .hole(let hole) = pieces[0], case .type(.any) = hole.content { true } else { false }
  }

  /// The first blank-separated words, and what is behind them, at most `limit` texts; a hole is never cut, so an expected text has the
  /// same anatomy as an observed one.
  package func words(limit: Int = .max) -> [Text] {
    var out = [Text(pieces: [], place: place)]
    for piece in pieces {
      guard case .literal(let bytes) = piece else {
        out[out.count - 1].append(piece)
        continue
      }
      let parts = bytes.split(separator: UInt8(ascii: " "), maxSplits: max(0, limit - out.count), omittingEmptySubsequences: false)
      for (i, part) in parts.enumerated() {
        if i > 0 { out.append(Text(pieces: [], place: place)) }
        out[out.count - 1].append(.literal(Array(part)))
      }
    }
    return out
  }

  /// The text without its first `count` bytes, which must be literal; nil where they are not.
  package func dropping(_ count: Int) -> Text? {
    guard count > 0 else { return self }
    guard case .literal(let bytes)? = pieces.first, bytes.count >= count else { return nil }
    return Text(pieces: [.literal(Array(bytes.dropFirst(count)))] + pieces.dropFirst(), place: place)
  }

  package func hasPrefix(_ prefix: String) -> Bool {
    if prefix.isEmpty { return true }
    if case .literal(let bytes)? = pieces.first { return bytes.starts(with: prefix.utf8) }
    return false
  }
}

extension Text: Hashable {
  package static func == (a: Text, b: Text) -> Bool { a.pieces == b.pieces }
  package func hash(into hasher: inout Hasher) { hasher.combine(pieces) }
}

extension Text: ExpressibleByStringLiteral {
  /// The characters as they are: `${` is not special here.
  package init(stringLiteral text: String) { self.init(text) }
}

/// `${…}`: a place in a text that is not fixed.
///
/// Two holes are equal if they say the same; where they stand does not count.
package struct Hole: Sendable {
  package enum Content: Sendable, Hashable {
    /// `${name}`: the value bound to the name.
    case bound
    /// `${name:type}`
    case type(ValueType)
    /// `${name:/re/}`: a PCRE2 expression, without its slashes, `\/` undone.
    case expression(String)
    /// `${f(a, b)}`
    case call(Function, [Argument])
  }

  package enum Argument: Sendable, Hashable {
    case name(String)
    case text([UInt8])
    case number(Int)
  }

  package var name: String?
  package var content: Content
  /// What the recording had there.
  package var example: [UInt8]?
  /// Where the pattern stands, as far as a parser knows it.
  package var place = Place.nowhere

  package init(_ name: String? = nil, _ content: Content = .bound, example: [UInt8]? = nil) {
    self.name = name
    self.content = content
    self.example = example
  }

  /// Whether the name is one of `secret.…`.
  package var isSecret: Bool { name.map(Hole.isSecret) ?? false }
  package static func isSecret(_ name: String) -> Bool { name.hasPrefix(secretPrefix) }
  package static let secretPrefix = "secret."

  /// `${data}`: the endpoint of the next secondary connection, as its message writes it. Nobody's variable: whoever sends it listens there.
  package var isEndpoint: Bool { name == Hole.endpointName && content == .bound }
  package static let endpointName = "data"

  /// Names whose values it needs.
  package var reads: [String] {
    switch content {
    case .bound: name.map { [$0] } ?? []
    case .type, .expression: []
    case .call(_, let arguments): arguments.compactMap { if case .name(let name) = $0 { name } else { nil } }
    }
  }
}

extension Hole: Hashable {
  package static func == (a: Hole, b: Hole) -> Bool { a.name == b.name && a.content == b.content && a.example == b.example }
  package func hash(into hasher: inout Hasher) {
    hasher.combine(name)
    hasher.combine(content)
    hasher.combine(example)
  }
}

/// The functions that a pattern may call.
package enum Function: String, Sendable, Hashable, CaseIterable {
  case base64, plain, basic, apop, cramMD5 = "cram-md5", `repeat`

  package var argumentCounts: ClosedRange<Int> {
    switch self {
    case .base64: 1...1
    case .basic, .apop, .repeat: 2...2
    case .plain: 2...3
    case .cramMD5: 3...3
    }
  }

  /// What is wrong with a number of arguments; nil where nothing is.
  func complaint(about count: Int) -> String? {
    let counts = argumentCounts
    guard !counts.contains(count) else { return nil }
    let wanted = counts.count == 1 ? "\(counts.lowerBound)" : "\(counts.lowerBound) or \(counts.upperBound)"
    return "takes \(wanted) argument\(wanted == "1" ? "" : "s"), not \(count)"
  }
}

/// The types that a pattern may name.
package enum ValueType: String, Sendable, Hashable, CaseIterable {
  case any, word, token, number, hex, base64, uuid, host, ip, port, path, time, date
}
