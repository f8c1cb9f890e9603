/// Finds in free text what is another value in each run.
enum FreeText {
  /// Dates as RFC 5322 §3.3 writes them: `Thu, 04 Mar 2021 09:42:07 +0000 (GMT)`, the weekday and the comment optional.
  static func dates(_ bytes: [UInt8]) -> [Range<Int>] {
    var out: [Range<Int>] = []
    var at = 0
    while at < bytes.count {
      if at == 0 || !isWordByte(bytes[at - 1]), let end = date(bytes, at) {
        out.append(at..<end)
        at = end
      } else {
        at += 1
      }
    }
    return out
  }

  /// Words that look made up by a machine: letters and digits mixed, or many digits; no host names, no dotted numbers.
  static func identifiers(_ bytes: [UInt8]) -> [Range<Int>] {
    var out: [Range<Int>] = []
    var at = 0
    while at < bytes.count {
      guard isIdentifierByte(bytes[at]) else {
        at += 1
        continue
      }
      var end = at
      while end < bytes.count, isIdentifierByte(bytes[end]) { end += 1 }
      let isInAddress = at > 0 && bytes[at - 1] == UInt8(ascii: "@") || end < bytes.count && bytes[end] == UInt8(ascii: "@")
      var last = end
      while last > at, bytes[last - 1] == UInt8(ascii: ".") || bytes[last - 1] == UInt8(ascii: "-") { last -= 1 }
      if !isInAddress, isIdentifier(bytes[at..<last]) { out.append(at..<last) }
      at = end
    }
    return out
  }

  /// What stands between `<` and `>`, brackets included.
  static func bracketed(_ bytes: [UInt8], holding wanted: UInt8) -> Range<Int>? {
    guard let open = bytes.firstIndex(of: UInt8(ascii: "<")), let close = bytes[open...].firstIndex(of: UInt8(ascii: ">")),
      bytes[open..<close].contains(wanted)
    else { return nil }
    return open..<(close + 1)
  }

  private static func isIdentifier(_ word: ArraySlice<UInt8>) -> Bool {
    let digits = word.filter { (48...57).contains($0) }.count
    let letters = word.filter(isLetter).count
    guard digits > 0, letters > 0 ? word.count >= 6 : digits >= 8 else { return false }
    let labels = word.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    if labels.count > 1 {
      if labels.allSatisfy({ $0.allSatisfy { (48...57).contains($0) } }) { return false }
      // A host's last label has letters only.
      if labels.count > 2 || letters > digits, labels[labels.count - 1].count >= 2, labels[labels.count - 1].allSatisfy(isLetter) {
        return false
      }
    }
    return true
  }

  private static func date(_ bytes: [UInt8], _ start: Int) -> Int? {
    var at = start
    func blanks() -> Bool {
      let from = at
      while at < bytes.count, bytes[at] == 32 { at += 1 }
      return at > from
    }
    func digits(_ count: ClosedRange<Int>) -> Bool {
      let from = at
      while at < bytes.count, (48...57).contains(bytes[at]), at - from < count.upperBound { at += 1 }
      return count.contains(at - from)
    }
    func name(_ names: [String]) -> Bool {
      guard at + 3 <= bytes.count, names.contains(String(decoding: bytes[at..<(at + 3)], as: UTF8.self)) else { return false }
      at += 3
      return true
    }
    func byte(_ wanted: UInt8) -> Bool {
      guard at < bytes.count, bytes[at] == wanted else { return false }
      at += 1
      return true
    }
    if name(days) {
      guard byte(UInt8(ascii: ",")), blanks() else { return nil }
    }
    guard digits(1...2), blanks(), name(months), blanks(), digits(4...4), blanks(), digits(2...2), byte(UInt8(ascii: ":")), digits(2...2)
    else {
      return nil
    }
    if byte(UInt8(ascii: ":")), !digits(2...2) { return nil }
    let end = at
    guard blanks() else { return end }
    guard byte(UInt8(ascii: "+")) || byte(UInt8(ascii: "-")), digits(4...4) else { return end }
    let zone = at
    guard blanks(), byte(UInt8(ascii: "(")), let close = bytes[at...].firstIndex(of: UInt8(ascii: ")")), close - at <= 8 else {
      return zone
    }
    return close + 1
  }

  private static let days = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
  private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
  private static func isLetter(_ byte: UInt8) -> Bool { (65...90).contains(byte) || (97...122).contains(byte) }
  private static func isWordByte(_ byte: UInt8) -> Bool { isLetter(byte) || (48...57).contains(byte) }
  private static func isIdentifierByte(_ byte: UInt8) -> Bool {
    isWordByte(byte) || byte == UInt8(ascii: ".") || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_")
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
