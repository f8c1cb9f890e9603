import Transcript
import Wire

/// Texts out of nodes, with an eye on what YAML changes without a word.
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

  /// A text of the conversation: one line, as on the wire, patterns read.
  func line(_ node: Node, _ what: String) -> Text? {
    guard let scalar = exact(node, what) else { return nil }
    guard !scalar.text.contains("\n") else {
      problems.add("\(what) is one line", at: scalar.place, hint: "a line end in the middle is written '${%x0A}'")
      return nil
    }
    return text(scalar.text, at: scalar.place)
  }

  /// One line or a block of lines.
  func lines(_ node: Node, _ what: String) -> [Text]? {
    if case .sequence(let items, _) = node { return items.compactMap { line($0, what) } }
    guard let scalar = exact(node, what) else { return nil }
    return split(scalar)
  }

  /// The lines of a block, each with its own place; the end of the last line adds none.
  func split(_ scalar: Scalar) -> [Text] {
    var lines = scalar.text.split(separator: "\n", omittingEmptySubsequences: false)
    if scalar.text.hasSuffix("\n") { lines.removeLast() }
    if scalar.style == .literal, scalar.text.isEmpty { return [] }
    return lines.enumerated().compactMap { number, line in
      var place = scalar.place
      if scalar.style == .literal { place.line += number }
      place.length = max(1, line.count)
      return text(String(line), at: place)
    }
  }

  func text(_ template: String, at place: Place) -> Text? {
    do throws(Diagnostic) { return try Text(template: template, at: place) } catch {
      problems.add(error)
      return nil
    }
  }

  /// A list of texts; a text alone is a list of one.
  func list(_ node: Node, _ what: String) -> [Text] {
    if case .sequence(let items, _) = node { return items.compactMap { line($0, what) } }
    return line(node, what).map { [$0] } ?? []
  }

  func names(_ node: Node, _ what: String) -> [String] {
    if case .sequence(let items, _) = node { return items.compactMap { plain($0, what) } }
    return plain(node, what).map { [$0] } ?? []
  }

  func truth(_ node: Node, _ what: String) -> Bool {
    guard let text = plain(node, what) else { return false }
    if text != "true", text != "false" { problems.add("\(what) is 'true' or 'false'", at: node.place) }
    return text == "true"
  }

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
    guard let number = Int(text), number >= 0 else {
      problems.add("\(what) is a whole number", at: node.place)
      return nil
    }
    return number
  }

  func grade(_ node: Node) -> Grade? {
    guard let text = plain(node, "a grade") else { return nil }
    guard let grade = Grade(rawValue: text) else {
      let names = Grade.allCases.map(\.rawValue)
      problems.add(
        "there is no grade '\(printable(text))'", at: node.place,
        hint: nearest(to: text, among: names).map { "did you mean '\($0)'?" } ?? "grades are " + names.joined(separator: ", "))
      return nil
    }
    return grade
  }

  func grades(_ node: Node) -> [String: Grade] {
    guard let keys = Keys(node, "'grades'", problems) else { return [:] }
    var out: [String: Grade] = [:]
    for (key, value) in keys.all { out[key.text] = grade(value) }
    return out
  }

  /// The scalar, where YAML has not changed what stands in the file.
  private func exact(_ node: Node, _ what: String) -> Scalar? {
    guard case .scalar(let scalar) = node else {
      problems.add("\(what) is a text, not \(node.kind)", at: node.place, hint: "quote a text that begins with '{' or '['")
      return nil
    }
    switch scalar.style {
    case .literal: return scalar
    case .folded:
      problems.add("'>' folds lines into one", at: scalar.place, hint: "use '|', which keeps each line as it is on the wire")
      return nil
    case .single, .double:
      guard scalar.start.line == scalar.end.line else {
        problems.add(
          "a quoted text over several lines is folded into one", at: scalar.place,
          hint: "use a '|' block, which keeps each line as it is on the wire")
        return nil
      }
      return scalar
    case .plain: return plain(scalar) ? scalar : nil
    }
  }

  private func plain(_ scalar: Scalar) -> Bool {
    guard !scalar.text.isEmpty else {
      problems.add("nothing stands here", at: scalar.place, hint: "write \"\" for an empty line")
      return false
    }
    guard scalar.start.line == scalar.end.line else {
      problems.add(
        "a text over several lines is folded into one", at: scalar.place,
        hint: "use a '|' block, which keeps each line as it is on the wire")
      return false
    }
    let line = String(decoding: source.lines[scalar.start.line], as: UTF8.self)
    let behind = line.dropFirst(scalar.end.column)
    let rest = behind.drop { $0 == " " || $0 == "\t" }
    if rest.first == "#" {
      let whole = line.dropFirst(scalar.start.column)
      problems.add(
        "' #' begins a comment: what stands behind it would be lost",
        at: Place(file: source.file, line: scalar.start.line + 1, column: line.count - rest.count + 1, length: rest.count),
        hint: "write \(Quoting.quoted(String(whole))); comments stand on lines of their own")
      return false
    }
    if rest.isEmpty, !behind.isEmpty {
      problems.add(
        "blanks at the end would be lost",
        at: Place(file: source.file, line: scalar.start.line + 1, column: scalar.end.column + 1, length: behind.count),
        hint: "write \(Quoting.quoted(scalar.text + behind)), or remove them")
      return false
    }
    return true
  }
}
