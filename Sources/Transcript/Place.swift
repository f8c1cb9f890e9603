import Wire

/// Where something stands in a transcript: what errors and differences point at.
package struct Place: Sendable, Hashable, Codable, CustomStringConvertible {
  /// The file as the user named it.
  package var file: String
  /// Counted from 1.
  package var line: Int
  /// In characters, counted from 1.
  package var column: Int
  /// In characters; the caret is at least one wide.
  package var length: Int

  package init(file: String, line: Int, column: Int, length: Int = 1) {
    self.file = file
    self.line = line
    self.column = column
    self.length = length
  }

  /// For what was not read from a file.
  package static let nowhere = Place(file: "", line: 0, column: 0)

  package var description: String { "\(file):\(line):\(column)" }
}

/// The text of a transcript file, kept so that a place in it can be shown.
package struct SourceText: Sendable, Hashable {
  package let file: String
  /// Without line ends.
  package let lines: [[UInt8]]

  package init(file: String, bytes: [UInt8]) {
    self.file = file
    lines = bytes.split(separator: 10, omittingEmptySubsequences: false).map { $0.last == 13 ? Array($0.dropLast()) : Array($0) }
  }

  /// The line at a place; nil where the place is in another file or beyond the text.
  package func line(at place: Place) -> String? {
    guard place.file == file, lines.indices.contains(place.line - 1) else { return nil }
    return String(decoding: lines[place.line - 1], as: UTF8.self)
  }

  /// The line at a place with a caret under it, each line behind `prefix`; empty where the place is in another file or beyond the text.
  ///
  ///     12 |   - S: 220 ${name
  ///        |            ^^^^^^
  package func excerpt(_ place: Place, prefix: String = "") -> String {
    line(at: place).map { place.excerpt($0, prefix: prefix) } ?? ""
  }
}

extension Place {
  /// The line at this place with a caret under what it means, each behind `prefix`.
  package func excerpt(_ text: String, prefix: String = "") -> String {
    let from = max(0, min(column - 1, text.count) - Self.widest / 2)
    let shown = text.dropFirst(from).prefix(Self.widest)
    let before = printable(String(shown.prefix(max(0, column - 1 - from))))
    let marked = printable(String(shown.dropFirst(max(0, column - 1 - from)).prefix(max(1, length))))
    let number = String(line)
    let margin = String(repeating: " ", count: number.count)
    return "\(prefix)\(number) | \(printable(String(shown)))\n"
      + "\(prefix)\(margin) | \(String(repeating: " ", count: columns(before)))\(String(repeating: "^", count: max(1, columns(marked))))"
  }

  /// Longer lines are shown around the place only.
  private static let widest = 160
}
