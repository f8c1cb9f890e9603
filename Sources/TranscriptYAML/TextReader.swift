import Transcript
import Wire

/// Texts out of nodes: what one wants to be a line, a list, a time, is told where it is not.
struct TextReader {
  let source: SourceText
  let problems: Problems

  /// Any text: titles, names.
  func plain(_ node: Node, _ what: String) -> String? {
    guard case .scalar(let scalar) = node else {
      problems.add("\(what) is a text, not \(node.kind)", at: node.place)
      return nil
    }
    return scalar.text
  }

  /// One of a few words.
  func word(_ node: Node, _ what: String, of words: [String]) -> String? {
    guard let text = plain(node, what) else { return nil }
    guard words.contains(text) else {
      problems.add("\(what) is \(words.map { "'\($0)'" }.joined(separator: " or ")), not '\(text.shown)'", at: node.place)
      return nil
    }
    return text
  }

  /// A text of the conversation: one line, as on the wire, patterns read.
  func line(_ node: Node, _ what: String) -> Text? {
    guard let lines = lines(ofText: node, what) else { return nil }
    guard lines.count <= 1 else {
      problems.add("\(what) is one line", at: lines[1].place, hint: "a line end in the middle is written '${%x0A}'")
      return nil
    }
    return lines.first ?? Text("", place: node.place)
  }

  /// A block of lines, or a list of them.
  func lines(_ node: Node, _ what: String) -> [Text]? {
    if case .sequence(let items, _) = node { return items.compactMap { line($0, what) } }
    return lines(ofText: node, what)
  }

  /// The lines of a text. Nil where it is none, or where one of them is wrong.
  func lines(ofText node: Node, _ what: String) -> [Text]? { exact(node, what).flatMap(split) }

  /// A text with its line ends in it.
  func whole(_ node: Node, _ what: String) -> Text? {
    guard let scalar = exact(node, what), let text = text(scalar.text, at: scalar.place, layout(of: scalar)) else { return nil }
    tellLostBackslashes(of: text, scalar)
    return text
  }

  /// A list of texts; a text alone is a list of one.
  func list(_ node: Node, _ what: String) -> [Text] {
    if case .sequence(let items, _) = node { return items.compactMap { line($0, what) } }
    return line(node, what).map { [$0] } ?? []
  }

  /// The same of names, which hold no patterns.
  func names(_ node: Node, _ what: String) -> [String] {
    if case .sequence(let items, _) = node { return items.compactMap { exact($0, what)?.text } }
    return exact(node, what).map { [$0.text] } ?? []
  }

  func truth(_ node: Node, _ what: String) -> Bool { word(node, what, of: ["true", "false"]) == "true" }

  func duration(_ node: Node, _ what: String) -> Duration? {
    guard let text = plain(node, what) else { return nil }
    guard let duration = Duration(transcript: text) else {
      problems.add("\(what) is a time", at: node.place, hint: "write it like 500ms, 10s or 2m")
      return nil
    }
    return duration
  }

  func count(_ node: Node, _ what: String) -> Int? {
    guard let text = plain(node, what) else { return nil }
    guard let number = Int(text), number >= 0, text.utf8.allSatisfy(\.isDigit) else {
      problems.add("\(what) is a whole number", at: node.place)
      return nil
    }
    return number
  }

  /// A SHA-256, in lower case.
  func digest(_ node: Node, _ what: String) -> String? {
    guard let text = plain(node, what) else { return nil }
    guard text.utf8.count == 64, ValueType.hex.fits(Array(text.utf8)) else {
      problems.add("\(what) has 64 hexadecimal digits", at: node.place)
      return nil
    }
    return text.lowercased()
  }

  /// `host:port`, `[fd00::1]:25` or `unix:/path`; with patterns in it, only a run can tell.
  func endpoint(_ node: Node, _ what: String) -> Text? {
    guard let text = line(node, what) else { return nil }
    guard let bytes = text.literal, !isEndpoint(bytes) else { return text }
    problems.add("\(what) is no endpoint", at: node.place, hint: "write host:port, [ADDRESS]:port or unix:/path")
    return nil
  }

  private func isEndpoint(_ bytes: [UInt8]) -> Bool {
    if bytes.starts(with: "unix:".utf8) { return bytes.count > "unix:".utf8.count }
    guard let colon = bytes.lastIndex(of: UInt8(ascii: ":")) else { return false }
    return ValueType.host.fits(bytes[..<colon]) && ValueType.port.fits(bytes[(colon + 1)...])
  }

  // MARK: Texts

  /// The lines of a scalar, each with its own place; the end of the last line adds none.
  private func split(_ scalar: Scalar) -> [Text]? {
    if scalar.style == .literal, scalar.text.isEmpty { return [] }
    let layout = layout(of: scalar)
    var place = scalar.place
    var passed = 0
    var isWhole = true
    var out: [Text] = []
    var rest = scalar.text.utf8[...]
    repeat {
      let line = rest.prefix { $0 != UInt8(ascii: "\n") }
      rest = rest.dropFirst(line.count + 1)
      let characters = line.count { $0 & 0xc0 != 0x80 }
      var own = Text.Layout.line
      if case .columns(let columns) = layout {
        place.column = columns[passed]
        place.length = max(1, columns[passed + characters] - columns[passed])
        own = .columns(Array(columns[passed...(passed + characters)]))
      } else {
        place.length = max(1, characters)
      }
      if let text = text(String(Substring(line)), at: place, own) {
        tellLostBackslashes(of: text, scalar)
        out.append(text)
      } else {
        isWhole = false
      }
      if scalar.style == .literal { place.line += 1 }
      passed += characters + 1
    } while !rest.isEmpty
    return isWhole ? out : nil
  }

  private func text(_ template: String, at place: Place, _ layout: Text.Layout) -> Text? {
    do throws(Diagnostic) { return try Text(template: template, at: place, layout: layout) } catch {
      problems.add(error)
      return nil
    }
  }

  private func layout(of scalar: Scalar) -> Text.Layout {
    if scalar.style == .literal { return .block }
    guard scalar.style == .single || scalar.style == .double else { return .line }
    let written = source.bytes[scalar.mark.offset..<scalar.end].dropFirst().dropLast()
    guard written.contains(UInt8(ascii: scalar.style == .single ? "'" : "\\")) else { return .line }
    return .columns(Self.columns(of: written, scalar.style, from: scalar.place.column))
  }

  /// For each character that a quoted text stands for, and for its end, the column at which it is written.
  private static func columns(of written: ArraySlice<UInt8>, _ style: Scalar.Style, from first: Int) -> [Int] {
    var columns: [Int] = []
    var column = first
    var rest = written
    while let byte = rest.first {
      columns.append(column)
      let width =
        switch (style, byte) {
        case (.single, UInt8(ascii: "'")): 2
        case (.double, UInt8(ascii: "\\")): escapes[rest.dropFirst().first ?? 0] ?? 2
        default: 1
        }
      column += width
      rest = rest.dropFirst(width).drop { $0 & 0xc0 == 0x80 }
    }
    return columns + [column]
  }

  /// Characters of the escapes that are longer than two.
  private static let escapes: [UInt8: Int] = [UInt8(ascii: "x"): 4, UInt8(ascii: "u"): 6, UInt8(ascii: "U"): 10]
}
