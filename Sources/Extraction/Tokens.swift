import Wire

/// Where the words of a text stand that could be a value on their own: addresses, host names, ids, numbers, without what surrounds them.
/// Of an address with `@` the host behind it comes, too, as a word of its own.
struct Tokens: Sequence, IteratorProtocol {
  private let text: [UInt8]
  private var at = 0
  private var waiting: Range<Int>?

  init(_ text: [UInt8]) { self.text = text }

  mutating func next() -> Range<Int>? {
    if let host = waiting {
      waiting = nil
      return host
    }
    while at < text.count, !Self.isMember(text[at]) { at += 1 }
    guard at < text.count else { return nil }
    let start = at
    while at < text.count, Self.isMember(text[at]) { at += 1 }
    var end = at
    // A sentence's end belongs to no value.
    while end > start + 1, text[end - 1] == UInt8(ascii: ".") || text[end - 1] == UInt8(ascii: "-") { end -= 1 }
    if let sign = text[start..<end].lastIndex(of: UInt8(ascii: "@")), sign > start, sign + 1 < end { waiting = (sign + 1)..<end }
    return start..<end
  }

  private static func isMember(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "+"), UInt8(ascii: "~"), UInt8(ascii: "/"),
      UInt8(ascii: "@"):
      true
    default: byte.isLetterOrDigit || byte >= 0x80
    }
  }
}
