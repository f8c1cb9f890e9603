import Wire

extension Text {
  /// Parses the written form, in which `${…}` is special and nothing else. `place` is where its first character stands; an error points
  /// at the offending pattern, on the same line.
  package init(template: String, at place: Place) throws(Diagnostic) {
    self.init(pieces: [], place: place)
    var scanner = Scanner(Array(template.utf8), place)
    while let piece = try scanner.next() { append(piece) }
  }

  /// The written form: parses back to the same text.
  package var template: String {
    var out: [UInt8] = []
    for (at, piece) in pieces.enumerated() {
      switch piece {
      case .literal(let bytes):
        // `$` in front of a pattern would make it `$${`, the characters.
        let isBeforeHole = at + 1 < pieces.count && bytes.last == UInt8(ascii: "$")
        out += Text.escape(isBeforeHole ? bytes.dropLast() : bytes[...]) + (isBeforeHole ? Array("${%x24}".utf8) : [])
      case .hole(let hole): out += Array(hole.template.utf8)
      }
    }
    return String(decoding: out, as: UTF8.self)
  }

  /// `${` doubled; what is not UTF-8, or no character that a YAML file may hold, as `${%x…}`.
  private static func escape(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
    var out: [UInt8] = []
    var odd: [UInt8] = []
    func flushed() -> [UInt8] {
      odd.isEmpty ? [] : Array("${%x\(odd.map { ($0 < 16 ? "0" : "") + String($0, radix: 16, uppercase: true) }.joined(separator: "."))}".utf8)
    }
    var rest = bytes
    while let first = rest.first {
      var decoder = UTF8()
      var iterator = rest.makeIterator()
      guard case .scalarValue(let scalar) = decoder.decode(&iterator), isPlain(scalar) else {
        odd.append(first)
        rest.removeFirst()
        continue
      }
      out += flushed()
      odd = []
      let width = UTF8.width(scalar)
      if first == UInt8(ascii: "$"), rest.dropFirst().first == UInt8(ascii: "{") {
        out.append(UInt8(ascii: "$"))
      }
      out += rest.prefix(width)
      rest = rest.dropFirst(width)
    }
    return out + flushed()
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

extension Hole {
  package var template: String {
    var out = "${" + (name ?? "")
    switch content {
    case .bound: break
    case .type(let type): out += ":" + type.rawValue
    case .expression(let re): out += ":/" + escaping(re.utf8, "/") + "/"
    case .call(let function, let arguments):
      out += function.rawValue + "("
      out += arguments.map {
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

  /// Whether an example can be written inside a pattern: UTF-8 on one line without control characters.
  package static func canShow(_ example: [UInt8]) -> Bool {
    printable(example).utf8.elementsEqual(example) && example.last != UInt8(ascii: "\\") && !example.contains(UInt8(ascii: "\\"))
  }
}

/// Walks over the written form, one piece at a time.
private struct Scanner {
  private let bytes: [UInt8]
  private let place: Place
  private var at = 0

  init(_ bytes: [UInt8], _ place: Place) {
    self.bytes = bytes
    self.place = place
  }

  mutating func next() throws(Diagnostic) -> Text.Piece? {
    guard at < bytes.count else { return nil }
    if starts(with: "$${") {
      at += 3
      return .literal(Array("${".utf8))
    }
    if starts(with: "${") {
      let start = at
      var piece = try pattern()
      if case .hole(var hole) = piece {
        hole.place = here(from: start)
        piece = .hole(hole)
      }
      return piece
    }
    let start = at
    at += 1
    while at < bytes.count, bytes[at] != UInt8(ascii: "$") { at += 1 }
    return .literal(Array(bytes[start..<at]))
  }

  private mutating func pattern() throws(Diagnostic) -> Text.Piece {
    let start = at
    at += 2
    if starts(with: "%x") { return .literal(try codes(from: start)) }
    let name = take { $0.isNameByte || $0 == UInt8(ascii: ".") }
    guard at < bytes.count else { throw unclosed(start) }
    switch bytes[at] {
    case UInt8(ascii: "}"):
      at += 1
      guard !name.isEmpty else { throw error("'${}' names nothing", start, hint: "write '${name}', '${:type}' or '${name:type=example}'") }
      return .hole(Hole(try checked(name, start)))
    case UInt8(ascii: "("): return .hole(try call(name, start))
    case UInt8(ascii: ":"):
      at += 1
      return .hole(try typed(name.isEmpty ? nil : try checked(name, start), start))
    case UInt8(ascii: "="):
      throw error("an example needs a type: '${\(name):TYPE=…}'", start, hint: "'${\(name):any=…}' takes whatever comes")
    default:
      throw error("'\(printable(character))' cannot stand in a pattern's name", start, hint: "write '$${' for the characters '${' themselves")
    }
  }

  private mutating func typed(_ name: String?, _ start: Int) throws(Diagnostic) -> Hole {
    let content: Hole.Content
    if at < bytes.count, bytes[at] == UInt8(ascii: "/") {
      at += 1
      content = .expression(try until(UInt8(ascii: "/"), start, what: "the expression"))
    } else {
      let word = take { $0.isNameByte }
      guard let type = ValueType(rawValue: word) else {
        let hint = nearest(to: word, among: ValueType.allCases.map(\.rawValue)).map { "did you mean '\($0)'?" }
        throw error(
          word.isEmpty ? "a type is missing behind ':'" : "there is no type '\(word)'", start,
          hint: hint ?? "types are " + ValueType.allCases.map(\.rawValue).joined(separator: ", "))
      }
      content = .type(type)
    }
    var example: [UInt8]?
    if at < bytes.count, bytes[at] == UInt8(ascii: "=") {
      at += 1
      example = Array(try until(UInt8(ascii: "}"), start, what: "the pattern").utf8)
    } else {
      guard at < bytes.count else { throw unclosed(start) }
      guard bytes[at] == UInt8(ascii: "}") else {
        throw error("'\(printable(character))' is not expected here", start, hint: "a pattern is '${name:type=example}'")
      }
      at += 1
    }
    return Hole(name, content, example: example)
  }

  private mutating func call(_ word: String, _ start: Int) throws(Diagnostic) -> Hole {
    guard let function = Function(rawValue: word) else {
      let names = Function.allCases.map(\.rawValue)
      throw error(
        "there is no function '\(word)'", start,
        hint: nearest(to: word, among: names).map { "did you mean '\($0)'?" } ?? "functions are " + names.joined(separator: ", "))
    }
    at += 1
    var arguments: [Hole.Argument] = []
    repeat {
      skipBlanks()
      guard at < bytes.count else { throw unclosed(start) }
      if bytes[at] == UInt8(ascii: "\"") {
        at += 1
        arguments.append(.text(Array(try until(UInt8(ascii: "\""), start, what: "the quoted text").utf8)))
      } else {
        let word = take { $0.isNameByte || $0 == UInt8(ascii: ".") }
        guard !word.isEmpty else { throw error("an argument of '\(function.rawValue)' is missing", start, hint: "arguments are names or quoted texts") }
        if let number = Int(word) { arguments.append(.number(number)) } else { arguments.append(.name(try checked(word, start))) }
      }
      skipBlanks()
    } while take(",")
    guard at < bytes.count else { throw unclosed(start) }
    guard take(")") else { throw error("'\(printable(character))' is not expected here", start, hint: "arguments stand between '(' and ')', with ',' between them") }
    guard take("}") else {
      guard at < bytes.count else { throw unclosed(start) }
      throw error("'\(printable(character))' is not expected here", start, hint: "a function stands alone: '${\(function.rawValue)(…)}'")
    }
    guard arguments.count == function.argumentCount else {
      throw error("'\(function.rawValue)' takes \(function.argumentCount) arguments, not \(arguments.count)", start)
    }
    return Hole(nil, .call(function, arguments))
  }

  /// `${%x0D.0A}`
  private mutating func codes(from start: Int) throws(Diagnostic) -> [UInt8] {
    at += 2
    var out: [UInt8] = []
    repeat {
      let digits = take { $0.isHexDigit }
      guard digits.count == 2, let byte = UInt8(digits, radix: 16) else {
        throw error("a byte is two hexadecimal digits: '${%x0D.0A}'", start)
      }
      out.append(byte)
    } while take(".")
    guard at < bytes.count else { throw unclosed(start) }
    guard take("}") else { throw error("'\(printable(character))' is not expected here", start, hint: "a byte is two hexadecimal digits: '${%x0D.0A}'") }
    return out
  }

  /// What stands before the first `end` that is not behind a backslash; the escape is undone, other backslashes stay.
  private mutating func until(_ end: UInt8, _ start: Int, what: String) throws(Diagnostic) -> String {
    var out: [UInt8] = []
    while at < bytes.count {
      let byte = bytes[at]
      at += 1
      if byte == end { return String(decoding: out, as: UTF8.self) }
      if byte == UInt8(ascii: "\\"), at < bytes.count, bytes[at] == end {
        out.append(end)
        at += 1
      } else {
        out.append(byte)
      }
    }
    throw error("\(what) is never closed", start, hint: "a '\(printable([end]))' that belongs to it is written '\\\(printable([end]))'")
  }

  private func checked(_ name: String, _ start: Int) throws(Diagnostic) -> String {
    let rest = name.hasPrefix(Hole.secretPrefix) ? name.dropFirst(Hole.secretPrefix.count) : name[...]
    guard !rest.isEmpty, !rest.contains(".") else {
      throw error("'\(name)' is no name", start, hint: "names are letters, digits, '-' and '_'; only secrets have a dot: 'secret.user'")
    }
    return name
  }

  private func unclosed(_ start: Int) -> Diagnostic {
    error("'${' is never closed", start, hint: "write '$${' for the characters themselves")
  }

  private func error(_ message: String, _ start: Int, hint: String? = nil) -> Diagnostic {
    Diagnostic(message, at: here(from: start), hint: hint)
  }

  /// From there to where the scanner is, in characters.
  private func here(from start: Int) -> Place {
    var place = place
    place.column += String(decoding: bytes[..<start], as: UTF8.self).count
    place.length = String(decoding: bytes[start..<max(start + 1, min(at, bytes.count))], as: UTF8.self).count
    return place
  }

  /// The character at which the scanner is, as a message quotes it.
  private var character: String { String(decoding: bytes[at...].prefix(16), as: UTF8.self).prefix(1).description }

  private func starts(with text: String) -> Bool { bytes[at...].starts(with: text.utf8) }
  private mutating func skipBlanks() { while at < bytes.count, bytes[at] == UInt8(ascii: " ") { at += 1 } }
  private mutating func take(_ text: String) -> Bool {
    guard starts(with: text) else { return false }
    at += text.utf8.count
    return true
  }
  private mutating func take(while isMember: (UInt8) -> Bool) -> String {
    let start = at
    while at < bytes.count, isMember(bytes[at]) { at += 1 }
    return String(decoding: bytes[start..<at], as: UTF8.self)
  }
}

extension UInt8 {
  fileprivate var isHexDigit: Bool { (48...57).contains(self) || (65...70).contains(self) || (97...102).contains(self) }
  fileprivate var isNameByte: Bool {
    (48...57).contains(self) || (65...90).contains(self) || (97...122).contains(self) || self == UInt8(ascii: "-") || self == UInt8(ascii: "_")
  }
}
