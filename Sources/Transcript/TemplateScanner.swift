import Wire

/// Walks over the written form, one piece at a time.
struct TemplateScanner {
  private let bytes: [UInt8]
  private let place: Place
  private let layout: Text.Layout
  private var at = 0
  /// Where the pattern begins that is being read.
  private var start = Cursor()

  init(_ bytes: [UInt8], _ place: Place, _ layout: Text.Layout) {
    self.bytes = bytes
    self.place = place
    self.layout = layout
  }

  mutating func next() throws(Diagnostic) -> Text.Piece? {
    guard at < bytes.count else { return nil }
    if starts(with: "$${") {
      at += 3
      return .literal(Array("${".utf8))
    }
    if starts(with: "${") {
      start.move(to: at, in: bytes, layout)
      var piece = try pattern()
      if case .hole(var hole) = piece {
        hole.place = here
        piece = .hole(hole)
      }
      return piece
    }
    let begin = at
    at += 1
    while at < bytes.count, bytes[at] != UInt8(ascii: "$") { at += 1 }
    return .literal(Array(bytes[begin..<at]))
  }

  private mutating func pattern() throws(Diagnostic) -> Text.Piece {
    at += 2
    if starts(with: "%x") { return .literal(try codes()) }
    let name = take { $0.isNameByte || $0 == UInt8(ascii: ".") }
    guard at < bytes.count else { throw unclosed }
    switch bytes[at] {
    case UInt8(ascii: "}"):
      at += 1
      guard !name.isEmpty else { throw error("'${}' names nothing", hint: "write '${name}', '${:type}' or '${name:type=example}'") }
      return .hole(Hole(try checked(name)))
    case UInt8(ascii: "("): return .hole(try call(name))
    case UInt8(ascii: ":"):
      at += 1
      return .hole(try typed(name.isEmpty ? nil : try checked(name)))
    case UInt8(ascii: "="):
      throw error("an example needs a type: '${\(name.shown):TYPE=…}'", hint: "'${\(name.shown):any=…}' takes whatever comes")
    default:
      throw error(
        "'\(printable(character))' cannot stand in a pattern's name", hint: "write '$${' for the characters '${' themselves")
    }
  }

  private mutating func typed(_ name: String?) throws(Diagnostic) -> Hole {
    let content: Hole.Content
    if at < bytes.count, bytes[at] == UInt8(ascii: "/") {
      at += 1
      content = .expression(try until(UInt8(ascii: "/"), what: "the expression"))
    } else {
      let word = take { $0.isNameByte }
      guard let type = ValueType(rawValue: word) else {
        let hint = nearest(to: word, among: ValueType.allCases.map(\.rawValue)).map { "did you mean '\($0)'?" }
        throw error(
          word.isEmpty ? "a type is missing behind ':'" : "there is no type '\(word.shown)'",
          hint: hint ?? "types are " + ValueType.allCases.map(\.rawValue).joined(separator: ", "))
      }
      content = .type(type)
    }
    var example: [UInt8]?
    if at < bytes.count, bytes[at] == UInt8(ascii: "=") {
      at += 1
      example = Array(try until(UInt8(ascii: "}"), what: "the pattern").utf8)
    } else {
      guard at < bytes.count else { throw unclosed }
      guard bytes[at] == UInt8(ascii: "}") else {
        throw error("'\(printable(character))' is not expected here", hint: "a pattern is '${name:type=example}'")
      }
      at += 1
    }
    return Hole(name, content, example: example)
  }

  private mutating func call(_ word: String) throws(Diagnostic) -> Hole {
    guard let function = Function(rawValue: word) else {
      let names = Function.allCases.map(\.rawValue)
      throw error(
        "there is no function '\(word.shown)'",
        hint: nearest(to: word, among: names).map { "did you mean '\($0)'?" } ?? "functions are " + names.joined(separator: ", "))
    }
    at += 1
    var arguments: [Hole.Argument] = []
    repeat {
      skipBlanks()
      guard at < bytes.count else { throw unclosed }
      if bytes[at] == UInt8(ascii: "\"") {
        at += 1
        arguments.append(.text(Array(try until(UInt8(ascii: "\""), what: "the quoted text").utf8)))
      } else {
        let word = take { $0.isNameByte || $0 == UInt8(ascii: ".") }
        guard !word.isEmpty else {
          throw error("an argument of '\(function.rawValue)' is missing", hint: "arguments are names or quoted texts")
        }
        if let number = Int(word) { arguments.append(.number(number)) } else { arguments.append(.name(try checked(word))) }
      }
      skipBlanks()
    } while take(",")
    guard at < bytes.count else { throw unclosed }
    guard take(")") else {
      throw error(
        "'\(printable(character))' is not expected here", hint: "arguments stand between '(' and ')', with ',' between them")
    }
    guard take("}") else {
      guard at < bytes.count else { throw unclosed }
      throw error("'\(printable(character))' is not expected here", hint: "a function stands alone: '${\(function.rawValue)(…)}'")
    }
    if let complaint = function.complaint(about: arguments.count) { throw error("'\(function.rawValue)' \(complaint)") }
    return Hole(nil, .call(function, arguments))
  }

  /// `${%x0D.0A}`
  private mutating func codes() throws(Diagnostic) -> [UInt8] {
    at += 2
    var out: [UInt8] = []
    repeat {
      let digits = take { $0.isHexadecimal }
      guard digits.count == 2, let byte = UInt8(digits, radix: 16) else {
        throw error("a byte is two hexadecimal digits: '${%x0D.0A}'")
      }
      out.append(byte)
    } while take(".")
    guard at < bytes.count else { throw unclosed }
    guard take("}") else {
      throw error("'\(printable(character))' is not expected here", hint: "a byte is two hexadecimal digits: '${%x0D.0A}'")
    }
    return out
  }

  /// What stands before the first `end` that is not behind a backslash; the escape is undone, other backslashes stay.
  private mutating func until(_ end: UInt8, what: String) throws(Diagnostic) -> String {
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
    throw error("\(what) is never closed", hint: "a '\(printable([end]))' that belongs to it is written '\\\(printable([end]))'")
  }

  private func checked(_ name: String) throws(Diagnostic) -> String {
    let rest = name.hasPrefix(Hole.secretPrefix) ? name.dropFirst(Hole.secretPrefix.count) : name[...]
    guard !rest.isEmpty, !rest.contains(".") else {
      throw error("'\(name.shown)' is no name", hint: "names are letters, digits, '-' and '_'; only secrets have a dot: 'secret.user'")
    }
    return name
  }

  private var unclosed: Diagnostic {
    error("'${' is never closed", hint: "write '$${' for the characters themselves")
  }

  private func error(_ message: String, hint: String? = nil) -> Diagnostic {
    Diagnostic(message, at: here, hint: hint)
  }

  /// From the pattern's beginning to where the scanner is, on the same line.
  private var here: Place {
    var end = start
    end.move(to: min(max(start.at + 1, at), bytes.count), in: bytes, layout)
    var place = place
    place.line += start.line
    switch layout {
    case .columns(let columns) where end.column < columns.count:
      place.column = columns[start.column]
      place.length = columns[end.column] - columns[start.column]
    default:
      place.column += start.column
      place.length = end.line == start.line ? end.column - start.column : 2
    }
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

/// A place in the written form, counted from its beginning.
private struct Cursor {
  var at = 0
  var line = 0
  /// In Unicode scalars.
  var column = 0

  mutating func move(to end: Int, in bytes: [UInt8], _ layout: Text.Layout) {
    let hasLines = if case .block = layout { true } else { false }
    for byte in bytes[at..<end] {
      if hasLines, byte == UInt8(ascii: "\n") {
        line += 1
        column = 0
      } else if byte & 0xc0 != 0x80 {
        column += 1
      }
    }
    at = end
  }
}

extension UInt8 {
  fileprivate var isNameByte: Bool { isLetterOrDigit || self == UInt8(ascii: "-") || self == UInt8(ascii: "_") }
}
