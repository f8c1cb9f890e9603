import Wire

/// What is left of a printable text in so many columns, `…` in place of the rest.
func clipped(_ text: some Collection<Character>, to width: Int) -> String {
  var used = 0
  var end = text.startIndex
  while end < text.endIndex {
    let next = used + columns(text[end])
    // The last column is the ellipsis's, unless the text ends in it.
    if next > width - 1, next > width || text.index(after: end) < text.endIndex { return String(text[..<end]) + "…" }
    used = next
    text.formIndex(after: &end)
  }
  return String(text)
}

/// What a peer said, printable, in so many columns. However long it is, only its beginning is looked at.
func clipped(_ bytes: [UInt8], to width: Int) -> String { clipped(printable(bytes.prefix(4 * width + 4)), to: width) }

extension String {
  func padded(to width: Int) -> String { self + String(repeating: " ", count: max(0, width - columns(self))) }
  func indented(to width: Int) -> String { String(repeating: " ", count: max(0, width - columns(self))) + self }
}
