import Wire

extension Place {
  /// The line at this place with a caret under what it means, each behind `prefix`. Of a long line, what stands around the place.
  package func excerpt(_ text: String, prefix: String = "") -> String {
    let (before, marked, behind) = shown(text.unicodeScalars)
    let number = String(line)
    let margin = String(repeating: " ", count: number.count)
    let caret = String(repeating: " ", count: before.cells) + String(repeating: "^", count: max(1, marked.cells))
    return "\(prefix)\(number) | \(before)\(marked)\(behind)\n\(prefix)\(margin) | \(caret)"
  }

  /// What of the line is shown: before the place, at it, behind it.
  private func shown(_ line: String.UnicodeScalarView) -> (before: String, marked: String, behind: String) {
    let isShort = line.index(line.startIndex, offsetBy: Self.widest, limitedBy: line.endIndex).map { $0 == line.endIndex } ?? true
    let place = line.index(line.startIndex, offsetBy: max(0, column - 1), limitedBy: line.endIndex) ?? line.endIndex
    let before = line[..<place]
    let cut = isShort ? before : before.suffix(Self.widest / 2)
    let room = Self.widest - cut.count
    let marked = line[place...].prefix(min(max(1, length), room))
    let rest = line[marked.endIndex...]
    let behind = isShort ? rest : rest.prefix(room - marked.count)
    return (
      (cut.count < before.count ? "…" : "") + printable(String(cut)), printable(String(marked)),
      printable(String(behind)) + (behind.count < rest.count ? "…" : "")
    )
  }

  /// In Unicode scalars.
  private static let widest = 160
}

extension String {
  /// How many columns of a terminal it takes.
  fileprivate var cells: Int { unicodeScalars.reduce(0) { $0 + $1.cells } }
}

extension Unicode.Scalar {
  fileprivate var cells: Int {
    if value < 0x300 { return 1 }
    switch properties.generalCategory {
    case .nonspacingMark, .enclosingMark: return 0
    default: return isWide || properties.isEmojiPresentation ? 2 : 1
    }
  }

  /// The blocks of Chinese, Japanese and Korean writing, and their full-width forms (UAX #11).
  private var isWide: Bool {
    switch value {
    case 0x1100...0x115f, 0x2e80...0x303e, 0x3041...0xa4cf, 0xac00...0xd7a3, 0xf900...0xfaff, 0xfe30...0xfe6f, 0xff00...0xff60,
      0xffe0...0xffe6, 0x20000...0x3fffd:
      true
    default: false
    }
  }
}
