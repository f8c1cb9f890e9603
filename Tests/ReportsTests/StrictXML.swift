/// A node of a document, read as strictly as XML 1.0 §2 wants of a document without a DTD.
struct XMLNode: Equatable {
  var name: String
  var attributes: [String: String] = [:]
  var children: [XMLNode] = []
  /// All of the text directly in it.
  var text = ""

  func children(_ name: String) -> [XMLNode] { children.filter { $0.name == name } }
}

struct XMLError: Error { let what: String }

/// Reads what is well-formed, and nothing else.
struct StrictXML {
  private var rest: Substring.UnicodeScalarView

  static func parse(_ bytes: [UInt8]) throws -> XMLNode {
    guard let text = String(validating: bytes, as: UTF8.self) else { throw XMLError(what: "not UTF-8") }
    for scalar in text.unicodeScalars {
      switch scalar.value {
      case 0x9, 0xa, 0xd, 0x20...0xd7ff, 0xe000...0xfffd, 0x10000...0x10ffff: break
      default: throw XMLError(what: "no character of XML: \(scalar.value)")
      }
    }
    var parser = StrictXML(rest: text[...].unicodeScalars)
    try parser.take("<?xml version=\"1.0\" encoding=\"UTF-8\"?>")
    parser.skipBlanks()
    let root = try parser.element()
    parser.skipBlanks()
    guard parser.rest.isEmpty else { throw XMLError(what: "something behind the root") }
    return root
  }

  private mutating func element() throws -> XMLNode {
    try take("<")
    var node = XMLNode(name: try name())
    while true {
      let hadBlank = skipBlanks()
      if rest.starts(with: "/>".unicodeScalars) {
        try take("/>")
        return node
      }
      if rest.first == ">" {
        try take(">")
        break
      }
      guard hadBlank else { throw XMLError(what: "no blank before an attribute") }
      let key = try name()
      try take("=\"")
      var value = ""
      while let next = rest.first, next != "\"" {
        guard next != "<", next != "\n", next != "\t" else { throw XMLError(what: "\(next.value) in an attribute") }
        value.unicodeScalars.append(try character())
      }
      try take("\"")
      guard node.attributes.updateValue(value, forKey: key) == nil else { throw XMLError(what: "\(key) twice") }
    }
    while !rest.starts(with: "</".unicodeScalars) {
      guard let next = rest.first else { throw XMLError(what: "\(node.name) has no end") }
      if next == "<" {
        node.children.append(try element())
      } else {
        guard !rest.starts(with: "]]>".unicodeScalars) else { throw XMLError(what: "]]> in a text") }
        guard next != "\r" else { throw XMLError(what: "a CR that a parser would change") }
        node.text.unicodeScalars.append(try character())
      }
    }
    try take("</\(node.name)>")
    return node
  }

  private mutating func character() throws -> Unicode.Scalar {
    guard rest.first == "&" else { return rest.removeFirst() }
    let end = try unwrap(rest.firstIndex(of: ";"), "an entity without end")
    let entity = String(rest[rest.index(after: rest.startIndex)..<end])
    rest = rest[rest.index(after: end)...]
    if entity.hasPrefix("#") { return try unwrap(UInt32(entity.dropFirst()).flatMap { Unicode.Scalar($0) }, "&\(entity);") }
    return try unwrap(["amp": "&", "lt": "<", "gt": ">", "quot": "\""][entity], "&\(entity);")
  }

  private mutating func name() throws -> String {
    var name = ""
    while let next = rest.first, next.isASCII, next.properties.isAlphabetic || next == "-" {
      name.unicodeScalars.append(next)
      rest.removeFirst()
    }
    guard !name.isEmpty else { throw XMLError(what: "no name at \(String(rest.prefix(20)))") }
    return name
  }

  @discardableResult
  private mutating func skipBlanks() -> Bool {
    let before = rest.count
    while let next = rest.first, [" ", "\n", "\t"].contains(next) { rest.removeFirst() }
    return rest.count < before
  }

  private mutating func take(_ text: String) throws {
    guard rest.starts(with: text.unicodeScalars) else { throw XMLError(what: "\(text) expected at \(String(rest.prefix(20)))") }
    rest.removeFirst(text.unicodeScalars.count)
  }

  private func unwrap<T>(_ value: T?, _ what: String) throws -> T {
    guard let value else { throw XMLError(what: what) }
    return value
  }
}
