import Wire

/// An element of an XML 1.0 document. Names are written in the source; whatever else goes in is escaped on its way out, and what XML has
/// no way to say (most control characters, U+FFFE) is shown like a peer's bytes on a terminal: `\x00`, `\u{fffe}`.
struct Element {
  private enum Content {
    case element(Element)
    case text(String)
  }

  private let name: StaticString
  private let attributes: [(name: StaticString, value: String)]
  private var contents: [Content] = []

  init(_ name: StaticString, _ attributes: [(StaticString, String)] = [], text: String? = nil) {
    self.name = name
    self.attributes = attributes
    if let text { contents.append(.text(text)) }
  }

  mutating func append(_ element: Element) { contents.append(.element(element)) }

  /// The whole document with this as its root.
  var document: [UInt8] {
    var out = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
    write(to: &out, indent: "")
    return Array(out.utf8)
  }

  private func write(to out: inout String, indent: String) {
    out += "\(indent)<\(name)"
    for (name, value) in attributes {
      out += " \(name)=\""
      Element.escape(value, isAttribute: true, to: &out)
      out += "\""
    }
    guard !contents.isEmpty else {
      out += "/>\n"
      return
    }
    out += ">"
    for (index, content) in contents.enumerated() {
      switch content {
      case .text(let text): Element.escape(text, isAttribute: false, to: &out)
      case .element(let element):
        if index == 0 { out += "\n" }
        element.write(to: &out, indent: indent + "  ")
        if index == contents.count - 1 { out += indent }
      }
    }
    out += "</\(name)>\n"
  }

  /// XML 1.0 §2.2 (characters), §2.4 (`]]>`), §2.11 and §3.3.3 (line ends and blanks that a parser would change).
  private static func escape(_ text: String, isAttribute: Bool, to out: inout String) {
    for scalar in text.unicodeScalars {
      switch scalar.value {
      case 0x26: out += "&amp;"
      case 0x3c: out += "&lt;"
      case 0x3e: out += "&gt;"
      case 0x22 where isAttribute: out += "&quot;"
      case 0x9, 0xa: if isAttribute { out += "&#\(scalar.value);" } else { out.unicodeScalars.append(scalar) }
      case 0xd: out += "&#13;"
      case 0..<0x20, 0x7f..<0xa0: out += printable(String(scalar))
      case 0xfffe, 0xffff: out += "\\u{\(String(scalar.value, radix: 16))}"
      default: out.unicodeScalars.append(scalar)
      }
    }
  }
}
