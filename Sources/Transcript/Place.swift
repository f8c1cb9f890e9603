import Wire

/// Where something stands in a transcript: what errors and differences point at.
package struct Place: Sendable, Hashable, Codable, CustomStringConvertible {
  /// The file as the user named it.
  package var file: String
  /// Counted from 1.
  package var line: Int
  /// In Unicode scalars, as YAML counts them, from 1.
  package var column: Int
  /// In Unicode scalars; the caret is at least one wide.
  package var length: Int

  package init(file: String, line: Int, column: Int, length: Int = 1) {
    self.file = file
    self.line = line
    self.column = column
    self.length = length
  }

  /// For what was not read from a file.
  package static let nowhere = Place(file: "", line: 0, column: 0)

  package var description: String { "\(printable(file)):\(line):\(column)" }
}
