import Transcript
import Wire

/// What makes a file no YAML of ours before a parser has seen it: its size, its encoding, characters that YAML does not take or takes for
/// line ends, the marks of a merge. All of it in one pass.
struct Screening {
  private let source: SourceText
  private let problems: Problems

  /// Whether the rest can be read.
  static func passes(_ source: SourceText, _ problems: Problems) -> Bool {
    let before = problems.errorCount
    Screening(source: source, problems: problems).run()
    return problems.errorCount == before
  }

  private func run() {
    let bytes = source.bytes
    if bytes.starts(with: [0xff, 0xfe]) || bytes.starts(with: [0xfe, 0xff]) {
      return add("the file is UTF-16; a transcript is UTF-8", line: 1)
    }
    guard bytes.count <= SourceText.mostBytes else {
      return add("the file is larger than \(SourceText.mostBytes >> 20) MiB", line: 1, hint: Self.keepApart)
    }
    guard source.lineCount <= SourceText.mostLines else {
      return add("the file has more than \(SourceText.mostLines) lines", line: 1, hint: Self.keepApart)
    }
    var told = 0
    for number in 1...source.lineCount {
      guard let line = source.line(number) else { continue }
      if screen(line, number) { told += 1 }
      // A file of another kind is wrong on every line.
      guard told < Self.mostTold else { return }
    }
  }

  /// Whether something was wrong.
  private func screen(_ line: ArraySlice<UInt8>, _ number: Int) -> Bool {
    guard line.count <= Self.mostBytesOfLine else {
      add("the line is longer than \(Self.mostBytesOfLine >> 20) MiB", line: number, hint: Self.keepApart)
      return true
    }
    if Self.isConflict(line) {
      add("a merge conflict was left in the file", line: number, length: line.count)
      return true
    }
    if line.allSatisfy({ (0x20..<0x7f).contains($0) || $0 == 9 }) { return false }
    var rest = line
    var column = 1
    while !rest.isEmpty {
      var decoder = UTF8()
      var iterator = rest.makeIterator()
      guard case .scalarValue(let scalar) = decoder.decode(&iterator) else {
        let byte = rest[rest.startIndex]
        add("not UTF-8: the byte \(printable([byte]))", line: number, column: column, hint: "write '\(Self.escape([byte]))' for it")
        return true
      }
      guard Self.isAllowed(scalar) else {
        let name =
          scalar == "\0"
          ? "a NUL byte" : scalar.value < 0x80 ? "a control character" : "a character that YAML takes for a line's end, or not at all"
        add(name, line: number, column: column, hint: "write '\(Self.escape(Array(String(scalar).utf8)))' for it")
        return true
      }
      rest = rest.dropFirst(UTF8.width(scalar))
      column += 1
    }
    return false
  }

  /// What Git leaves at a line's start; a text of ours never stands there.
  private static func isConflict(_ line: ArraySlice<UInt8>) -> Bool {
    conflicts.contains { line.starts(with: $0) } || line.elementsEqual("=======".utf8)
  }

  /// What libyaml takes (YAML 1.1 §4.1), but for what it would make a line's end of.
  private static func isAllowed(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 9, 0x20...0x7e, 0xa0...0x2027, 0x202a...0xd7ff, 0xe000...0xfffd, 0x10000...0x10ffff: true
    default: false
    }
  }

  /// `${%xE9}`
  private static func escape(_ bytes: [UInt8]) -> String { Text(bytes).template }

  private func add(_ message: String, line: Int, column: Int = 1, length: Int = 1, hint: String? = nil) {
    problems.add(message, at: Place(file: source.file, line: line, column: column, length: length), hint: hint)
  }

  private static let conflicts = ["<<<<<<< ", ">>>>>>> ", "||||||| "].map { Array($0.utf8) }
  private static let keepApart = "keep large content in a file of its own: 'file: NAME'"
  private static let mostBytesOfLine = 8 << 20
  private static let mostTold = 20
}
