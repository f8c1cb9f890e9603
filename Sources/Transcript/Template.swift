import Wire

extension Text {
  /// How the characters of a written text stand in its file, from its first one on.
  package enum Layout: Sendable {
    /// Side by side.
    case line
    /// Lines below each other, each from the same column.
    case block
    /// For each character, and for the end, its column: some take more than one.
    case columns([Int])
  }

  /// Parses the written form, in which `${…}` is special and nothing else. `place` is where its first character stands; an error points
  /// at the offending pattern.
  package init(template: String, at place: Place, layout: Layout = .line) throws(Diagnostic) {
    self.init(pieces: [], place: place)
    let bytes = Array(template.utf8)
    defer { isBlock = isBlock(layout, of: bytes) }
    guard bytes.contains(UInt8(ascii: "$")) else {
      append(.literal(bytes))
      return
    }
    var scanner = TemplateScanner(bytes, place, layout)
    while let piece = try scanner.next() { append(piece) }
  }

  /// Whether that layout has it as a block; `${%x0A}` ends no line of a file.
  private func isBlock(_ layout: Layout, of template: [UInt8]) -> Bool {
    guard case .block = layout else { return false }
    return template.count { $0 == UInt8(ascii: "\n") } == pieces.reduce(0) { $0 + $1.lineEnds }
  }

  /// The written form: parses back to the same text.
  package var template: String { written(asLine: false) }

  /// The same for a line of a block, where an editor takes away blanks at the end: such a blank is `${%x20}`.
  package var lineTemplate: String { written(asLine: true) }

  private func written(asLine: Bool) -> String {
    var out: [UInt8] = []
    for (at, piece) in pieces.enumerated() {
      let isLast = at + 1 == pieces.count
      switch piece {
      case .literal(let bytes):
        // No two literals stand side by side.
        out += Text.escape(bytes, isBeforeHole: !isLast, isAtEnd: asLine && isLast)
      case .hole(let hole): out += Array(hole.template.utf8)
      }
    }
    return String(decoding: out, as: UTF8.self)
  }

  /// The written form of each of its lines.
  package var lineTemplates: [String] { lines.map(\.lineTemplate) }

  /// Its lines, cut at LF; a text that ends with LF has an empty last one. In a block each has its own place.
  package var lines: [Text] {
    var place = place
    var lines = [Text(pieces: [], place: place)]
    for piece in pieces {
      guard case .literal(let bytes) = piece else {
        lines[lines.count - 1].append(piece)
        continue
      }
      for (number, part) in bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).enumerated() {
        if number > 0 {
          if isBlock { place.line += 1 }
          lines.append(Text(pieces: [], place: place))
        }
        lines[lines.count - 1].append(.literal(Array(part)))
      }
    }
    return lines
  }

  /// Its lines; the end of the last one begins no other.
  package var endedLines: [Text] { lines.last?.pieces.isEmpty == true ? lines.dropLast() : lines }

  /// `${` doubled; what is not UTF-8, no character that a YAML file may hold, or a blank at a line's end, as `${%x…}`, and so is a `$` in
  /// front of a pattern or of such bytes, where it would make `$${` of it.
  private static func escape(_ bytes: [UInt8], isBeforeHole: Bool, isAtEnd: Bool) -> [UInt8] {
    var out: [UInt8] = []
    var odd: [UInt8] = []
    func flush() {
      guard !odd.isEmpty else { return }
      out += Array("${%x\(odd.map { ($0 < 16 ? "0" : "") + String($0, radix: 16, uppercase: true) }.joined(separator: "."))}".utf8)
      odd = []
    }
    func plainWidth(_ rest: ArraySlice<UInt8>) -> Int? {
      if isAtEnd, rest.count == 1, rest.first == UInt8(ascii: " ") || rest.first == UInt8(ascii: "\t") { return nil }
      return Text.plainWidth(rest)
    }
    var rest = bytes[...]
    while let first = rest.first {
      let dollars = rest.prefix { $0 == UInt8(ascii: "$") }
      let behind = rest.dropFirst(dollars.count)
      if !dollars.isEmpty, behind.isEmpty ? isBeforeHole : plainWidth(behind) == nil {
        odd += dollars
        rest = behind
      } else if !dollars.isEmpty {
        flush()
        out += dollars + (behind.first == UInt8(ascii: "{") ? dollars.prefix(1) : [])
        rest = behind
      } else if let width = plainWidth(rest) {
        flush()
        out += rest.prefix(width)
        rest = rest.dropFirst(width)
      } else {
        odd.append(first)
        rest = rest.dropFirst()
      }
    }
    flush()
    return out
  }

  /// Bytes of the character that comes next, if it can be written as it is.
  private static func plainWidth(_ bytes: ArraySlice<UInt8>) -> Int? {
    var decoder = UTF8()
    var iterator = bytes.makeIterator()
    guard case .scalarValue(let scalar) = decoder.decode(&iterator), isPlain(scalar) else { return nil }
    return UTF8.width(scalar)
  }

  /// Tab, and what YAML 1.1 calls printable, without line ends of any kind and without what would mislead a reader.
  private static func isPlain(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 9, 0x20...0x7e, 0xa0...0x200a, 0x2010...0x2027, 0x202f...0x205f, 0x2070...0xd7ff, 0xe000...0xfefe, 0xff00...0xfff8, 0xfffd,
      0x10000...0xdffff:
      true
    default: false
    }
  }
}

extension Text.Piece {
  fileprivate var lineEnds: Int { if case .literal(let bytes) = self { bytes.count { $0 == UInt8(ascii: "\n") } } else { 0 } }
}

extension Hole {
  package var template: String {
    var out = "${" + (name ?? "")
    switch content {
    case .bound: break
    case .type(let type): out += ":" + type.rawValue
    case .expression(let re): out += ":/" + escaping(re.utf8, "/") + "/"
    case .call(let function, let arguments):
      out += function.rawValue + "("
      out +=
        arguments.map {
          switch $0 {
          case .name(let name): name
          case .text(let bytes): "\"" + escaping(bytes, "\"") + "\""
          case .number(let number): String(number)
          }
        }.joined(separator: ", ") + ")"
    }
    if let example { out += "=" + escaping(example, "}") }
    return out + "}"
  }

  /// Byte by byte: a `}` with an accent on it is one character, and yet ends a pattern.
  private func escaping(_ bytes: some Sequence<UInt8>, _ end: Unicode.Scalar) -> String {
    String(decoding: bytes.flatMap { $0 == UInt8(ascii: end) ? [UInt8(ascii: "\\"), $0] : [$0] }, as: UTF8.self)
  }

  /// Whether an example can be written inside a pattern: UTF-8 on one line without control characters, and no backslash before the `}`.
  package static func canShow(_ example: [UInt8]) -> Bool {
    printable(example).utf8.elementsEqual(example) && example.last != UInt8(ascii: "\\")
  }
}
