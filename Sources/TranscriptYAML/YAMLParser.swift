import CYAML
import Transcript

/// One YAML document as a tree, by libyaml's events. What a transcript must not have is refused as it comes: anchors, aliases, tags,
/// directives, a second document, nesting without end.
@safe struct YAMLParser {
  private let source: SourceText
  private let offsets: CharacterOffsets
  private var parser = unsafe yaml_parser_t()
  private var nodes = 0

  /// - Parameter source: a text that passed `Screening`.
  static func parse(_ source: SourceText) throws(Diagnostic) -> Node {
    // libyaml wants a pointer even to nothing.
    guard !source.bytes.isEmpty else { throw empty(source) }
    return unsafe try source.bytes.withUnsafeBufferPointer { (buffer) throws(Diagnostic) in
      var parser = YAMLParser(source)
      return unsafe try parser.document(buffer)
    }
  }

  private init(_ source: SourceText) {
    self.source = source
    offsets = CharacterOffsets(source.bytes)
  }

  private mutating func document(_ bytes: UnsafeBufferPointer<UInt8>) throws(Diagnostic) -> Node {
    guard unsafe yaml_parser_initialize(&parser) == 1 else { throw Diagnostic("out of memory", at: top) }
    defer { unsafe yaml_parser_delete(&parser) }
    unsafe yaml_parser_set_input_string(&parser, bytes.baseAddress, bytes.count)
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
        guard let root else { throw Self.empty(source) }
        return root
      default: throw Diagnostic("this is no YAML document", at: place(unsafe event.start_mark))
      }
    }
  }

  /// The next node; nil where a list or mapping ends.
  private mutating func node(depth: Int) throws(Diagnostic) -> Node? {
    var event = unsafe try next()
    defer { unsafe yaml_event_delete(&event) }
    let start = unsafe event.start_mark
    nodes += 1
    guard depth <= Self.depthLimit else { throw Diagnostic("nested more than \(Self.depthLimit) deep", at: place(start)) }
    guard nodes <= Self.nodeLimit else { throw Diagnostic("more than \(Self.nodeLimit) texts, lists and mappings", at: place(start)) }
    switch unsafe event.type {
    case YAML_SCALAR_EVENT:
      let scalar = unsafe event.data.scalar
      unsafe try refuse(scalar.anchor, scalar.tag, start)
      return .scalar(unsafe self.scalar(scalar, start, event.end_mark))
    case YAML_SEQUENCE_START_EVENT:
      let sequence = unsafe event.data.sequence_start
      unsafe try refuse(sequence.anchor, sequence.tag, start)
      var items: [Node] = []
      while let item = try node(depth: depth + 1) { items.append(item) }
      return .sequence(items, mark(start, isFlow: unsafe sequence.style == YAML_FLOW_SEQUENCE_STYLE))
    case YAML_MAPPING_START_EVENT:
      let mapping = unsafe event.data.mapping_start
      unsafe try refuse(mapping.anchor, mapping.tag, start)
      var pairs: [Node.Pair] = []
      while let key = try key(depth: depth + 1) {
        guard let value = try node(depth: depth + 1) else { throw Diagnostic("the key has no value", at: key.place) }
        pairs.append(Node.Pair(key: key, value: value))
      }
      return .mapping(pairs, mark(start, isFlow: unsafe mapping.style == YAML_FLOW_MAPPING_STYLE))
    case YAML_SEQUENCE_END_EVENT, YAML_MAPPING_END_EVENT: return nil
    case YAML_ALIAS_EVENT:
      throw Diagnostic("aliases ('*name') are not allowed", at: place(start), hint: "quote a text that begins with '*'")
    default: throw Diagnostic("the document ends too early", at: place(start))
    }
  }

  private mutating func key(depth: Int) throws(Diagnostic) -> Scalar? {
    guard let node = try node(depth: depth) else { return nil }
    guard case .scalar(let key) = node else {
      throw Diagnostic("a key must be a text, not \(node.kind)", at: node.place, hint: "quote a text that begins with '[' or '{'")
    }
    guard key.text != "<<" || key.style != .plain else { throw Diagnostic("merge keys ('<<') are not allowed", at: key.place) }
    return key
  }

  private func refuse(_ anchor: UnsafeMutablePointer<UInt8>?, _ tag: UnsafeMutablePointer<UInt8>?, _ mark: yaml_mark_t) throws(Diagnostic) {
    if unsafe anchor != nil {
      throw Diagnostic("anchors ('&name') are not allowed", at: place(mark), hint: "quote a text that begins with '&'")
    }
    if unsafe tag != nil { throw Diagnostic("tags ('!name') are not allowed", at: place(mark), hint: "quote a text that begins with '!'") }
  }

  private func scalar(_ scalar: yaml_event_s.__Unnamed_union_data.__Unnamed_struct_scalar, _ start: yaml_mark_t, _ end: yaml_mark_t)
    -> Scalar
  {
    let text = unsafe String(decoding: UnsafeBufferPointer(start: scalar.value, count: scalar.length), as: UTF8.self)
    let style: Scalar.Style =
      switch unsafe scalar.style {
      case YAML_SINGLE_QUOTED_SCALAR_STYLE: .single
      case YAML_DOUBLE_QUOTED_SCALAR_STYLE: .double
      case YAML_LITERAL_SCALAR_STYLE: .literal
      case YAML_FOLDED_SCALAR_STYLE: .folded
      default: .plain
      }
    let isOnOneLine = start.line == end.line
    var place = place(start)
    if isOnOneLine { place.length = max(1, Int(end.column) - Int(start.column)) }
    let mark = mark(start)
    switch style {
    case .single, .double:
      place.column += 1
      place.length = max(1, place.length - 2)
    case .literal: place = blockPlace(text, place)
    case .plain, .folded: break
    }
    return Scalar(text: text, style: style, place: place, mark: mark, end: offset(end), isOnOneLine: isOnOneLine)
  }

  /// Where the first line of a block begins. Its indentation is what the file has before a line of it.
  private func blockPlace(_ text: String, _ header: Place) -> Place {
    var number = header.line
    var rest = text.utf8[...]
    while !rest.isEmpty {
      number += 1
      let line = rest.prefix { $0 != UInt8(ascii: "\n") }
      if !line.isEmpty, let written = source.line(number) {
        return Place(file: source.file, line: header.line + 1, column: written.count - line.count + 1)
      }
      rest = rest.dropFirst(line.count + 1)
    }
    return text.isEmpty ? header : Place(file: source.file, line: header.line + 1, column: 1)
  }

  private mutating func next() throws(Diagnostic) -> yaml_event_t {
    var event = unsafe yaml_event_t()
    guard unsafe yaml_parser_parse(&parser, &event) == 1 else { throw failure() }
    return unsafe event
  }

  private func failure() -> Diagnostic {
    YAMLProblem(
      problem: unsafe parser.problem.map { unsafe String(cString: $0) } ?? "not understood",
      place: place(unsafe parser.problem_mark), context: unsafe parser.context.map { unsafe String(cString: $0) } ?? "",
      begin: place(unsafe parser.context_mark), source: source
    ).diagnostic
  }

  private static func empty(_ source: SourceText) -> Diagnostic {
    Diagnostic(
      "the file is empty", at: Place(file: source.file, line: 1, column: 1), hint: "a transcript begins with 'replique: 1'")
  }

  private func offset(_ mark: yaml_mark_t) -> Int { offsets.offset(of: Int(mark.index)) }
  private func mark(_ mark: yaml_mark_t, isFlow: Bool = false) -> Mark { Mark(place: place(mark), offset: offset(mark), isFlow: isFlow) }
  /// libyaml sees a line's end behind the last one: what is there is at the end of the file.
  private func place(_ mark: yaml_mark_t) -> Place {
    let line = Int(mark.line) + 1
    guard line > source.lineCount, let last = source.line(source.lineCount) else {
      return Place(file: source.file, line: line, column: Int(mark.column) + 1)
    }
    return Place(file: source.file, line: source.lineCount, column: last.count { $0 & 0xc0 != 0x80 } + 1)
  }

  private var top: Place { Place(file: source.file, line: 1, column: 1) }

  private static let depthLimit = 32
  private static let nodeLimit = 1_000_000
}
