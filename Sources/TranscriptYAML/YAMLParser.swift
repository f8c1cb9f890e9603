import CYAML
import Transcript
import Wire

/// One YAML document as a tree, by libyaml's events. What a transcript must not have is refused as it comes: anchors, aliases, tags,
/// directives, a second document, nesting without end.
@safe struct YAMLParser {
  private let source: SourceText
  private var parser = unsafe yaml_parser_t()
  private var nodes = 0

  static func parse(_ bytes: [UInt8], _ source: SourceText) throws(Diagnostic) -> Node {
    try check(bytes, source)
    var text = bytes
    if text.starts(with: [0xef, 0xbb, 0xbf]) { text.removeFirst(3) }
    var parser = YAMLParser(source)
    return try parser.document(text)
  }

  private init(_ source: SourceText) { self.source = source }

  private mutating func document(_ bytes: [UInt8]) throws(Diagnostic) -> Node {
    guard unsafe yaml_parser_initialize(&parser) == 1 else { throw Diagnostic("out of memory", at: top) }
    defer { unsafe yaml_parser_delete(&parser) }
    // libyaml keeps the pointer until the parser is deleted.
    let buffer = UnsafeMutablePointer<UInt8>.allocate(capacity: max(1, bytes.count))
    defer { unsafe buffer.deallocate() }
    for (i, byte) in bytes.enumerated() { unsafe buffer[i] = byte }
    unsafe yaml_parser_set_input_string(&parser, buffer, bytes.count)
    unsafe yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING)

    var root: Node?
    while true {
      var event = unsafe try next()
      defer { unsafe yaml_event_delete(&event) }
      switch unsafe event.type {
      case YAML_STREAM_START_EVENT, YAML_DOCUMENT_END_EVENT: break
      case YAML_DOCUMENT_START_EVENT:
        let start = unsafe event.data.document_start
        if unsafe start.version_directive != nil || start.tag_directives.start != start.tag_directives.end {
          throw Diagnostic("directives ('%…') are not allowed", at: place(unsafe event.start_mark))
        }
        if root != nil {
          throw Diagnostic("a second document: a transcript is one", at: place(unsafe event.start_mark), hint: "remove the '---'")
        }
        root = try node(depth: 0)
      case YAML_STREAM_END_EVENT:
        guard let root else { throw Diagnostic("the file is empty", at: top, hint: "a transcript begins with 'replique: 1'") }
        return root
      default: throw Diagnostic("this is no YAML document", at: place(unsafe event.start_mark))
      }
    }
  }

  /// The next node; nil where a list or mapping ends.
  private mutating func node(depth: Int) throws(Diagnostic) -> Node? {
    var event = unsafe try next()
    defer { unsafe yaml_event_delete(&event) }
    let mark = unsafe event.start_mark
    nodes += 1
    guard depth <= Self.depthLimit else { throw Diagnostic("nested more than \(Self.depthLimit) deep", at: place(mark)) }
    guard nodes <= Self.nodeLimit else { throw Diagnostic("more than \(Self.nodeLimit) texts, lists and mappings", at: place(mark)) }
    switch unsafe event.type {
    case YAML_SCALAR_EVENT:
      let scalar = unsafe event.data.scalar
      unsafe try refuse(scalar.anchor, scalar.tag, mark)
      return .scalar(unsafe self.scalar(scalar, event))
    case YAML_SEQUENCE_START_EVENT:
      let start = unsafe event.data.sequence_start
      unsafe try refuse(start.anchor, start.tag, mark)
      var items: [Node] = []
      while let item = try node(depth: depth + 1) { items.append(item) }
      return .sequence(items, place(mark))
    case YAML_MAPPING_START_EVENT:
      let start = unsafe event.data.mapping_start
      unsafe try refuse(start.anchor, start.tag, mark)
      var pairs: [(key: Scalar, value: Node)] = []
      while let key = try node(depth: depth + 1) {
        guard case .scalar(let scalar) = key else {
          throw Diagnostic("a key must be a text, not \(key.kind)", at: key.place, hint: "quote a text that begins with '[' or '{'")
        }
        guard scalar.text != "<<" || scalar.style != .plain else { throw Diagnostic("merge keys ('<<') are not allowed", at: scalar.place) }
        guard let value = try node(depth: depth + 1) else { throw Diagnostic("the key has no value", at: scalar.place) }
        pairs.append((scalar, value))
      }
      return .mapping(pairs, place(mark))
    case YAML_SEQUENCE_END_EVENT, YAML_MAPPING_END_EVENT: return nil
    case YAML_ALIAS_EVENT:
      throw Diagnostic("aliases ('*name') are not allowed", at: place(mark), hint: "quote a text that begins with '*'")
    default: throw Diagnostic("the document ends too early", at: place(mark))
    }
  }

  private func refuse(_ anchor: UnsafeMutablePointer<UInt8>?, _ tag: UnsafeMutablePointer<UInt8>?, _ mark: yaml_mark_t) throws(Diagnostic) {
    if unsafe anchor != nil {
      throw Diagnostic("anchors ('&name') are not allowed", at: place(mark), hint: "quote a text that begins with '&'")
    }
    if unsafe tag != nil { throw Diagnostic("tags ('!name') are not allowed", at: place(mark), hint: "quote a text that begins with '!'") }
  }

  private func scalar(_ scalar: yaml_event_s.__Unnamed_union_data.__Unnamed_struct_scalar, _ event: yaml_event_t) -> Scalar {
    let text = unsafe String(decoding: UnsafeBufferPointer(start: scalar.value, count: scalar.length), as: UTF8.self)
    let start = unsafe event.start_mark
    let end = unsafe event.end_mark
    let style: Scalar.Style =
      switch unsafe scalar.style {
      case YAML_SINGLE_QUOTED_SCALAR_STYLE: .single
      case YAML_DOUBLE_QUOTED_SCALAR_STYLE: .double
      case YAML_LITERAL_SCALAR_STYLE: .literal
      case YAML_FOLDED_SCALAR_STYLE: .folded
      default: .plain
      }
    var place = place(start)
    switch style {
    case .plain: place.length = start.line == end.line ? max(1, Int(end.column) - Int(start.column)) : max(1, text.count)
    case .single, .double:
      place.column += 1
      place.length = max(1, text.count)
    case .literal, .folded: place = blockPlace(Int(start.line), place)
    }
    return Scalar(
      text: text, style: style, place: place, start: (Int(start.line), Int(start.column)), end: (Int(end.line), Int(end.column)))
  }

  /// Where the first line of a block begins: behind the indentation of its first line that is not empty.
  private func blockPlace(_ line: Int, _ fallback: Place) -> Place {
    let indentation = source.lines.dropFirst(line + 1).first { !$0.allSatisfy { $0 == 32 } }.map { $0.prefix { $0 == 32 }.count }
    guard let indentation else { return fallback }
    let indicator = source.lines[line].last { (49...57).contains($0) }
    let given = indicator.flatMap { digit in source.lines[line].suffix(3).contains(digit) && hasIndicator(line) ? Int(digit - 48) : nil }
    let parent = source.lines[line].prefix { $0 == 32 || $0 == UInt8(ascii: "-") }.count
    return Place(file: source.file, line: line + 2, column: (given.map { min(indentation, parent + $0) } ?? indentation) + 1, length: 1)
  }

  private func hasIndicator(_ line: Int) -> Bool {
    guard let bar = source.lines[line].lastIndex(where: { $0 == UInt8(ascii: "|") || $0 == UInt8(ascii: ">") }) else { return false }
    return source.lines[line][bar...].contains { (49...57).contains($0) }
  }

  private mutating func next() throws(Diagnostic) -> yaml_event_t {
    var event = unsafe yaml_event_t()
    guard unsafe yaml_parser_parse(&parser, &event) == 1 else { throw failure() }
    return unsafe event
  }

  private func failure() -> Diagnostic {
    let problem = unsafe parser.problem.map { unsafe String(cString: $0) } ?? "not understood"
    return YAMLProblem.explain(
      problem, at: place(unsafe parser.problem_mark), context: unsafe parser.context.map { unsafe String(cString: $0) }, source)
  }

  private func place(_ mark: yaml_mark_t) -> Place { Place(file: source.file, line: Int(mark.line) + 1, column: Int(mark.column) + 1) }
  private var top: Place { Place(file: source.file, line: 1, column: 1) }

  // MARK: Before libyaml sees it

  private static func check(_ bytes: [UInt8], _ source: SourceText) throws(Diagnostic) {
    func fail(_ message: String, line: Int, before: ArraySlice<UInt8>, hint: String? = nil) -> Diagnostic {
      Diagnostic(message, at: Place(file: source.file, line: line, column: String(decoding: before, as: UTF8.self).count + 1), hint: hint)
    }
    if bytes.starts(with: [0xff, 0xfe]) || bytes.starts(with: [0xfe, 0xff]) {
      throw fail("the file is UTF-16; a transcript is UTF-8", line: 1, before: [])
    }
    guard bytes.count <= sizeLimit else { throw fail("the file is larger than \(sizeLimit >> 20) MiB", line: 1, before: []) }
    for (index, line) in source.lines.enumerated() {
      guard line.count <= lineLimit else {
        throw fail(
          "the line is longer than \(lineLimit >> 20) MiB", line: index + 1, before: [],
          hint: "keep large content in a file of its own: 'file: NAME'")
      }
      if let nul = line.firstIndex(of: 0) {
        throw fail("a NUL byte", line: index + 1, before: line[..<nul], hint: "write '${%x00}' for it")
      }
      if ["<<<<<<< ", ">>>>>>> ", "||||||| "].contains(where: { line.starts(with: $0.utf8) }) || line == Array("=======".utf8) {
        throw fail("a merge conflict was left in the file", line: index + 1, before: [])
      }
      if let bad = firstInvalid(line) {
        throw fail(
          "not UTF-8: the byte \(printable([line[bad]]))", line: index + 1, before: line[..<bad],
          hint: "write '${%x\(String(line[bad], radix: 16, uppercase: true))}' for it")
      }
    }
  }

  private static func firstInvalid(_ line: [UInt8]) -> Int? {
    if line.allSatisfy({ $0 < 0x80 }) { return nil }
    var rest = line[...]
    while !rest.isEmpty {
      var decoder = UTF8()
      var iterator = rest.makeIterator()
      guard case .scalarValue(let scalar) = decoder.decode(&iterator) else { return rest.startIndex }
      rest = rest.dropFirst(UTF8.width(scalar))
    }
    return nil
  }

  private static let sizeLimit = 64 << 20
  private static let lineLimit = 8 << 20
  private static let depthLimit = 32
  private static let nodeLimit = 2_000_000
}
