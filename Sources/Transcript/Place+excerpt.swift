import Wire

extension Place {
  /// The line at this place with a caret under what it means, each behind `prefix`. Of a long line, what stands around the place.
  package func excerpt(_ text: String, prefix: String = "") -> String {
    let (before, marked, behind) = shown(text.unicodeScalars)
    let number = String(line)
    let margin = String(repeating: " ", count: number.count)
    let caret = String(repeating: " ", count: columns(before)) + String(repeating: "^", count: max(1, columns(marked)))
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
