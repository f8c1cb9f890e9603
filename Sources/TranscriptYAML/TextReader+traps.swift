import Transcript

extension TextReader {
  /// The scalar, where YAML has not changed what stands in the file; where it has, that is told.
  func exact(_ node: Node, _ what: String) -> Scalar? {
    guard case .scalar(let scalar) = node else {
      problems.add("\(what) is a text, not \(node.kind)", at: node.place, hint: quoting(node) ?? "put a text in quotes, or in a '|' block")
      return nil
    }
    switch scalar.style {
    case .literal: return scalar
    case .folded:
      problems.add("'>' folds lines into one", at: scalar.place, hint: Self.useBlock)
      return nil
    case .single, .double, .plain:
      guard scalar.isOnOneLine else {
        problems.add("a text over several lines is folded into one", at: scalar.place, hint: Self.useBlock)
        return nil
      }
      return scalar.style != .plain || isWhole(scalar) ? scalar : nil
    }
  }

  /// `"${:/\b/}"`: what was meant for the expression has become a control character.
  func tellLostBackslashes(of text: Text, _ scalar: Scalar) {
    guard scalar.style == .double else { return }
    for hole in text.holes {
      guard case .expression(let source) = hole.content, source.utf8.contains(where: { $0 < 0x20 || $0 == 0x7f }) else { continue }
      problems.add(
        "a backslash in double quotes is YAML's: the expression has a control character of it", at: hole.place,
        hint: "write backslashes in single quotes or in a '|' block")
    }
  }

  /// For a text that YAML takes for a list or a mapping because of how it begins: what to write.
  func quoting(_ node: Node) -> String? { node.mark.isFlow ? advice(from: node.mark) : nil }

  /// Whether not even a comment stands there, which might have been meant as a text.
  func hasNothingBehind(_ scalar: Scalar) -> Bool {
    let end = lineEnd(scalar.mark.place)
    return source.bytes[min(scalar.end, end)..<end].first { !$0.isBlank } != UInt8(ascii: "#")
  }

  /// Whether a plain text is all that its line has.
  private func isWhole(_ scalar: Scalar) -> Bool {
    let end = lineEnd(scalar.mark.place)
    let behind = source.bytes[min(scalar.end, end)..<end]
    let rest = behind.drop(while: \.isBlank)
    if rest.first == UInt8(ascii: "#"), scalar.isNothing || rest.startIndex > behind.startIndex {
      let blanks = behind.count - rest.count
      var place = scalar.mark.place
      place.column += scalar.text.unicodeScalars.count + blanks
      place.length = rest.count { $0 & 0xc0 != 0x80 }
      problems.add(
        "' #' begins a comment: what stands behind it would be lost", at: place,
        hint: (advice(from: scalar.mark).map { "\($0); comments" } ?? "put the text in quotes; comments") + " stand on lines of their own")
      return false
    }
    if scalar.isNothing {
      problems.add("nothing stands here", at: scalar.place, hint: "write \"\" for an empty line")
      return false
    }
    if rest.isEmpty, !behind.isEmpty {
      var place = scalar.mark.place
      place.column += scalar.text.unicodeScalars.count
      place.length = behind.count
      problems.add(
        "blanks at the end would be lost", at: place,
        hint: advice(from: scalar.mark, withBlanks: true).map { "\($0), or remove them" } ?? "put the text in quotes, or remove them")
      return false
    }
    return true
  }

  /// The line from there on, its key before it, in quotes.
  private func advice(from mark: Mark, withBlanks: Bool = false) -> String? {
    let end = lineEnd(mark.place)
    guard let line = source.line(mark.place.line), mark.offset <= end else { return nil }
    let before = source.bytes[line.startIndex..<mark.offset].trimmingBlanks
    let text = source.bytes[mark.offset..<end]
    // In brackets, the rest of the line is not the text's alone.
    guard !before.contains(where: { [UInt8]("[{".utf8).contains($0) }) else { return nil }
    return Quoting.advice(before, withBlanks ? text.drop(while: \.isBlank) : text.trimmingBlanks)
  }

  private func lineEnd(_ place: Place) -> Int { source.line(place.line)?.endIndex ?? source.bytes.count }

  private static let useBlock = "use a '|' block, which keeps each line as it is on the wire"
}
