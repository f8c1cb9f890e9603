import Dialects
import Transcript
import Wire

/// A piece of a text as it is compared with another recording of the same: a word, what stands between words, or a hole.
enum Atom {
  case word([UInt8])
  case between([UInt8])
  case hole(Hole)

  /// Holes stay whole; literals are cut into words, such as `a@b.c` into `a`, `@`, `b.c`. A dot or hyphen behind a word belongs to the sentence;
  /// a date is one word.
  static func all(of text: Text) -> [Atom] {
    var out: [Atom] = []
    for piece in text.pieces {
      switch piece {
      case .hole(let hole): out.append(.hole(hole))
      case .literal(let bytes):
        var at = 0
        for date in FreeText.dates(bytes) {
          cut(Array(bytes[at..<date.lowerBound]), &out)
          out.append(.word(Array(bytes[date])))
          at = date.upperBound
        }
        cut(Array(bytes[at...]), &out)
      }
    }
    return out
  }

  private static func cut(_ bytes: [UInt8], _ out: inout [Atom]) {
    var at = 0
    while at < bytes.count {
      let start = at
      while at < bytes.count, !isMember(bytes, at) { at += 1 }
      if at > start { out.append(.between(Array(bytes[start..<at]))) }
      let word = at
      while at < bytes.count, isMember(bytes, at) { at += 1 }
      guard at > word else { continue }
      // `CODE-text` and `end.`: not the words' own. Cut off, they are the beginning of what stands behind.
      var end = at
      while end > word + 1, bytes[end - 1] == UInt8(ascii: ".") || bytes[end - 1] == UInt8(ascii: "-") { end -= 1 }
      out.append(.word(Array(bytes[word..<end])))
      guard end < at else { continue }
      while at < bytes.count, !isMember(bytes, at) { at += 1 }
      out.append(.between(Array(bytes[end..<at])))
    }
  }

  private static func isMember(_ bytes: [UInt8], _ at: Int) -> Bool {
    let byte = bytes[at]
    if byte.isLetterOrDigit || byte >= 0x80 || ".-_~+/".utf8.contains(byte) { return true }
    // `07:42:11`
    return byte == UInt8(ascii: ":") && at > 0 && bytes[at - 1].isDigit && at + 1 < bytes.count && bytes[at + 1].isDigit
  }

  var isBetween: Bool { if case .between = self { true } else { false } }

  /// Whether the two say the same, whatever was recorded for it. A secret is a secret, whosever it is.
  func agrees(with other: Atom) -> Bool {
    switch (self, other) {
    case (.word(let a), .word(let b)), (.between(let a), .between(let b)): a == b
    case (.hole(let a), .hole(let b)): a.isSecret && b.isSecret || a.name == b.name && a.content == b.content
    default: false
    }
  }

  /// What was recorded there; nil for a secret, and for what is made of others.
  func value(_ values: [String: [UInt8]]) -> [UInt8]? {
    switch self {
    case .word(let bytes), .between(let bytes): bytes
    case .hole(let hole): hole.isSecret ? nil : hole.example ?? hole.name.flatMap { values[$0] }
    }
  }
}

extension Text {
  /// Whether it gives a name to what the peer says.
  var binds: Bool { holes.contains { $0.name != nil && $0.content != .bound } }
}
