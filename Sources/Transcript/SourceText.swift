/// The text of a transcript file, kept so that a place in it can be shown.
package struct SourceText: Sendable, Hashable {
  package let file: String
  /// Without a byte order mark.
  package let bytes: [UInt8]
  /// Where each line begins.
  private let starts: [Int]

  /// Of a file with more lines than `mostLines`, the rest is taken for one line, and one with more than `mostBytes` for a single one: no
  /// transcript is as large, and whoever reads it is to say so.
  package init(file: String, bytes: [UInt8]) {
    self.file = file
    let text = bytes.starts(with: Self.byteOrderMark) ? Array(bytes.dropFirst(Self.byteOrderMark.count)) : bytes
    self.bytes = text
    var starts = [0]
    let indexed = text.count <= Self.mostBytes ? text[...] : []
    for (at, byte) in indexed.enumerated() where byte == lf || byte == cr && !(at + 1 < text.count && text[at + 1] == lf) {
      guard starts.count <= Self.mostLines else { break }
      starts.append(at + 1)
    }
    self.starts = starts
  }

  package var lineCount: Int { starts.count }

  /// A line without its end, which is LF, CRLF or CR; nil where there is none. Counted from 1.
  package func line(_ number: Int) -> ArraySlice<UInt8>? {
    guard starts.indices.contains(number - 1) else { return nil }
    guard number < starts.count else { return bytes[starts[number - 1]...] }
    let line = bytes[starts[number - 1]..<(starts[number] - 1)]
    return line.last == cr && bytes[line.endIndex] == lf ? line.dropLast() : line
  }

  /// The line at a place; nil where the place is in another file or beyond the text.
  package func line(at place: Place) -> String? {
    guard place.file == file else { return nil }
    return line(place.line).map { String(decoding: $0, as: UTF8.self) }
  }

  /// The line at a place with a caret under it, each line behind `prefix`; empty where the place is in another file or beyond the text.
  ///
  ///     12 |   - S: 220 ${name
  ///        |            ^^^^^^
  package func excerpt(_ place: Place, prefix: String = "") -> String {
    line(at: place).map { place.excerpt($0, prefix: prefix) } ?? ""
  }

  package static let mostBytes = 64 << 20
  package static let mostLines = 1_000_000
  private static let byteOrderMark: [UInt8] = [0xef, 0xbb, 0xbf]
}

private let lf = UInt8(ascii: "\n")
private let cr = UInt8(ascii: "\r")
