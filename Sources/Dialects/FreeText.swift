import Transcript
import Wire

/// Finds in free text what is another value in each run.
package enum FreeText {
  /// Dates in any notation that a `date` may have, but DOS's, which numbers resemble; in a long line near its beginning only.
  package static func dates(_ bytes: [UInt8]) -> [Range<Int>] {
    var out: [Range<Int>] = []
    var at = 0
    while at < min(bytes.count, longestLine) {
      if bytes[at].isDigit || bytes[at].isUpper, at == 0 || !bytes[at - 1].isWord, DateNotation.mayBegin(at: bytes[at...]),
        let end = date(bytes, at)
      {
        out.append(at..<end)
        at = end
      } else {
        at += 1
      }
    }
    return out
  }

  /// The end of the longest date that begins there.
  private static func date(_ bytes: [UInt8], _ start: Int) -> Int? {
    guard bytes.count - start >= 10 else { return nil }
    var end = min(bytes.count, start + longestDate)
    while end >= start + 10 {
      if end == bytes.count || !bytes[end].isWord, bytes[end - 1].isWord || bytes[end - 1] == UInt8(ascii: ")"),
        let notation = DateNotation(of: bytes[start..<end]), notation != .dos
      {
        return end
      }
      end -= 1
    }
    return nil
  }

  private static let longestDate = 64
  /// No protocol that has dates in its lines allows longer ones.
  private static let longestLine = 1024

  /// Addresses of hosts in brackets, `[192.0.2.1]` and `[IPv6:2001:db8::1]`, without what is around them.
  static func bracketedAddresses(_ bytes: [UInt8]) -> [Range<Int>] {
    var out: [Range<Int>] = []
    var rest = bytes[...]
    while let open = rest.firstIndex(of: UInt8(ascii: "[")), let close = bytes[open...].firstIndex(of: UInt8(ascii: "]")) {
      let from = bytes[(open + 1)...].starts(with: "IPv6:".utf8) ? open + 6 : open + 1
      if from < close, ValueType.ip.fits(bytes[from..<close]) { out.append(from..<close) }
      rest = bytes[(open + 1)...]
    }
    return out
  }

  /// Words that look made up by a machine: letters and digits mixed, or many digits; no host names, no dotted numbers, no addresses.
  ///
  /// - Parameter mixed: how long a word of letters and digits must be at least.
  static func identifiers(_ bytes: [UInt8], from start: Int = 0, mixed: Int = 6) -> [Range<Int>] {
    var out: [Range<Int>] = []
    var at = start
    while at < bytes.count {
      guard bytes[at].isIdentifier else {
        at += 1
        continue
      }
      var end = at
      while end < bytes.count, bytes[end].isIdentifier { end += 1 }
      let isInAddress = at > 0 && bytes[at - 1] == UInt8(ascii: "@") || end < bytes.count && bytes[end] == UInt8(ascii: "@")
      var last = end
      while last > at, bytes[last - 1] == UInt8(ascii: ".") || bytes[last - 1] == UInt8(ascii: "-") { last -= 1 }
      if !isInAddress, isIdentifier(bytes[at..<last], mixed) { out.append(at..<last) }
      at = end
    }
    return out
  }

  private static func isIdentifier(_ word: ArraySlice<UInt8>, _ mixed: Int) -> Bool {
    let digits = word.count(where: \.isDigit)
    let letters = word.count(where: \.isLetter)
    guard digits > 0, letters > 0 ? word.count >= mixed && (mixed <= 6 || digits >= 3) : digits >= 8 else { return false }
    let labels = word.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    guard labels.count > 1 else { return true }
    if labels.allSatisfy({ $0.allSatisfy(\.isDigit) }) { return false }
    return !isHost(word)
  }

  /// What stands between `<` and `>`, brackets included.
  static func bracketed(_ bytes: [UInt8], holding wanted: UInt8, from start: Int = 0) -> Range<Int>? {
    guard let open = bytes[min(start, bytes.count)...].firstIndex(of: UInt8(ascii: "<")),
      let close = bytes[open...].firstIndex(of: UInt8(ascii: ">")), bytes[open..<close].contains(wanted)
    else { return nil }
    return open..<(close + 1)
  }

  /// A host's name with a dot in it, the last label of letters.
  static func isHost(_ word: ArraySlice<UInt8>) -> Bool {
    let labels = word.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    guard labels.count > 1, let last = labels.last, last.count >= 2, last.allSatisfy(\.isLetter) else { return false }
    return labels.allSatisfy { !$0.isEmpty && $0.allSatisfy { $0.isWord || $0 == UInt8(ascii: "-") } }
  }

  /// Where a text stands in another, without case.
  static func occurrences(of wanted: [UInt8], in bytes: [UInt8], from start: Int = 0) -> [Range<Int>] {
    guard !wanted.isEmpty else { return [] }
    var out: [Range<Int>] = []
    var at = start
    while at + wanted.count <= bytes.count {
      if zip(wanted, bytes[at...]).allSatisfy({ $0.lowercased == $1.lowercased }) {
        out.append(at..<(at + wanted.count))
        at += wanted.count
      } else {
        at += 1
      }
    }
    return out
  }
}

/// Where the blank-separated words of a line stand.
func wordRanges(_ bytes: [UInt8], from start: Int = 0) -> [Range<Int>] {
  var out: [Range<Int>] = []
  var at = start
  while at < bytes.count {
    if bytes[at] == 32 || bytes[at] == 9 {
      at += 1
      continue
    }
    let from = at
    while at < bytes.count, bytes[at] != 32, bytes[at] != 9 { at += 1 }
    out.append(from..<at)
  }
  return out
}

extension UInt8 {
  /// Of a word that is not cut.
  var isWord: Bool { isLetter || isDigit || self == UInt8(ascii: "_") }
  fileprivate var isIdentifier: Bool { isWord || self == UInt8(ascii: ".") || self == UInt8(ascii: "-") || self == UInt8(ascii: "+") }
}

/// Marks on one line, none on another.
struct LineMarks {
  private(set) var marks: [Mark] = []
  private let place: Mark.Place

  init(_ place: Mark.Place) { self.place = place }

  mutating func add(_ range: Range<Int>, _ meaning: Mark.Meaning) {
    guard !range.isEmpty, !marks.contains(where: { $0.range.overlaps(range) }) else { return }
    marks.append(Mark(place, range, meaning))
  }

  mutating func add(_ ranges: [Range<Int>], _ meaning: Mark.Meaning) { for range in ranges { add(range, meaning) } }
}
