import Transcript
import Wire

/// One line of a listing, by where its columns stand.
struct ListingLine {
  enum Kind: String {
    case file, directory = "dir", link, device, other
  }

  /// A fact of MLSD (RFC 3659 §7.5), and where its value stands.
  struct Fact {
    /// Lower case: names of facts have none (RFC 3659 §7.5).
    var name: String
    var value: Range<Int>
  }

  /// Nil where it does not say.
  var kind: Kind?
  var name: Range<Int>
  /// In bytes, where it tells one.
  var size: Range<Int>?
  var date: Range<Int>?
  /// Permissions, links, owner, group: what is not compared by itself.
  var columns: Range<Int>?
  /// What a link points to.
  var target: Range<Int>?
  var facts: [Fact] = []

  private init(name: Range<Int>) { self.name = name }

  /// What LIST gives is the server's own (RFC 959 §4.1.3): as `ls -l` has it, as DOS has it, or as EPLF; nil where it is none of them.
  init?(_ line: [UInt8]) {
    guard let parsed = Self.unix(line) ?? Self.dos(line) ?? Self.eplf(line) else { return nil }
    self = parsed
  }

  /// A name and nothing else, as NLST gives it.
  init?(name line: [UInt8]) {
    guard !line.isEmpty else { return nil }
    self.init(name: 0..<line.count)
  }

  // MARK: MLSD and MLST

  /// `type=file;size=4;modify=20240305102000; name` (RFC 3659 §7.2).
  init?(facts line: [UInt8]) {
    guard let blank = line.firstIndex(of: UInt8(ascii: " ")) else { return nil }
    var start = 0
    var facts: [Fact] = []
    while start < blank {
      guard let end = line[start..<blank].firstIndex(of: UInt8(ascii: ";")),
        let equals = line[start..<end].firstIndex(of: UInt8(ascii: "=")), equals > start, facts.count < Self.mostFacts
      else { return nil }
      facts.append(Fact(name: String(decoding: line[start..<equals].map(\.lowercased), as: UTF8.self), value: (equals + 1)..<end))
      start = end + 1
    }
    guard blank + 1 < line.count else { return nil }
    self.init(name: (blank + 1)..<line.count)
    self.facts = facts
    kind = facts.first { $0.name == "type" }.map { Self.kind(line[$0.value].map(\.lowercased)) }
    size = facts.first { $0.name == "size" }?.value
    date = facts.first { $0.name == "modify" }?.value
  }

  /// RFC 3659 knows eight, servers a dozen of their own.
  private static let mostFacts = 100

  private static func kind(_ type: [UInt8]) -> Kind {
    switch String(decoding: type, as: UTF8.self) {
    case "file": .file
    case "dir", "cdir", "pdir": .directory
    case let type where type.contains("link"): .link
    default: .other
    }
  }

  // MARK: Unix

  /// `-rw-r--r--   1 owner group   4 Mar 05  2024 name`, `lrwxrwxrwx … name -> target`; groups, links and even owners may be missing, devices
  /// have two numbers for a size.
  private static func unix(_ line: [UInt8]) -> ListingLine? {
    let words = wordRanges(line)
    guard words.count >= 5, let kind = unixKind(line[words[0]]) else { return nil }
    // The first date behind a number: whoever owns it may have blanks in his name.
    for at in 2..<words.count where line[words[at - 1]].allSatisfy(\.isDigit) {
      guard let last = lastWordOfDate(line, words, at), last + 1 < words.count else { continue }
      let start = words[last].upperBound + 1
      var out = ListingLine(name: start..<line.count)
      out.kind = kind
      out.date = words[at].lowerBound..<words[last].upperBound
      if kind == .file { out.size = words[at - 1] }
      out.columns = (words[0].lowerBound + 1)..<words[at - 2].upperBound
      if kind == .link, let arrow = line[start...].firstRange(of: Array(" -> ".utf8)) {
        out.name = start..<arrow.lowerBound
        out.target = arrow.upperBound..<line.count
      }
      return out.name.isEmpty ? nil : out
    }
    return nil
  }

  /// `drwxr-xr-x`, with a sign for what else limits access.
  private static func unixKind(_ mode: ArraySlice<UInt8>) -> Kind? {
    guard (10...11).contains(mode.count), mode.dropFirst().prefix(9).allSatisfy({ "rwxsStTlL-".utf8.contains($0) }),
      mode.count == 10 || "+.@".utf8.contains(mode[mode.endIndex - 1])
    else { return nil }
    switch mode[mode.startIndex] {
    case UInt8(ascii: "-"): return .file
    case UInt8(ascii: "d"): return .directory
    case UInt8(ascii: "l"): return .link
    case UInt8(ascii: "b"), UInt8(ascii: "c"): return .device
    case UInt8(ascii: "p"), UInt8(ascii: "s"), UInt8(ascii: "D"): return .other
    default: return nil
    }
  }

  /// The last word of a date that begins with that word: `Mar 05 2024`, `5 mars 07:34`, `2024-03-05 10:20`.
  private static func lastWordOfDate(_ line: [UInt8], _ words: [Range<Int>], _ at: Int) -> Int? {
    func word(_ offset: Int) -> ArraySlice<UInt8> { at + offset < words.count ? line[words[at + offset]] : [] }
    if isDay(word(0), dashed: true), isClock(word(1)) {
      // Some say in which zone: `+0100`.
      let zone = word(2)
      return zone.count == 5 && zone.dropFirst().allSatisfy(\.isDigit) && "+-".utf8.contains(zone.first ?? 0) ? at + 2 : at + 1
    }
    let isMonthFirst = isMonth(word(0)) && isDay(word(1))
    guard isMonthFirst || isDay(word(0)) && isMonth(word(1)) else { return nil }
    if isClock(word(2)) {
      // `Mar 05 10:20:00 2024`
      return isYear(word(3)) && word(2).count > 5 ? at + 3 : at + 2
    }
    return isYear(word(2)) ? at + 2 : nil
  }

  /// In whatever language, so long as it has a letter in it: `Mar`, `févr.`, `3月`.
  private static func isMonth(_ word: ArraySlice<UInt8>) -> Bool {
    (2...16).contains(word.count) && word.contains { $0.isLetter || $0 >= 128 }
      && word.allSatisfy { $0.isLetterOrDigit || $0 >= 128 || $0 == UInt8(ascii: ".") }
  }

  private static func isDay(_ word: ArraySlice<UInt8>) -> Bool {
    let digits = word.last == UInt8(ascii: ".") ? word.dropLast() : word
    return UInt8(decimal: digits).map { (1...31).contains($0) } ?? false
  }

  /// `2024-03-05`.
  private static func isDay(_ word: ArraySlice<UInt8>, dashed: Bool) -> Bool {
    word.count == 10 && DateNotation(of: word) == .iso8601
  }

  private static func isYear(_ word: ArraySlice<UInt8>) -> Bool { word.count == 4 && word.allSatisfy(\.isDigit) }

  /// `07:34`, `7:34`, `07:34:41.005757`.
  private static func isClock(_ word: ArraySlice<UInt8>) -> Bool {
    guard let colon = word.firstIndex(of: UInt8(ascii: ":")), (1...2).contains(colon - word.startIndex) else { return false }
    return word[..<colon].allSatisfy(\.isDigit)
      && word[colon...].allSatisfy { $0.isDigit || $0 == UInt8(ascii: ":") || $0 == UInt8(ascii: ".") }
      && word.count > 3
  }

  // MARK: DOS

  /// `02-23-05  10:22AM       <DIR>          name`, `02-23-2005  10:22PM   1234 name`.
  private static func dos(_ line: [UInt8]) -> ListingLine? {
    let words = wordRanges(line)
    guard words.count >= 4, DateNotation(of: line[words[0].lowerBound..<words[1].upperBound]) == .dos else { return nil }
    let word = line[words[2]]
    var out: ListingLine
    // A name may begin with a blank; behind `<DIR>` are blanks in any case.
    if word.first == UInt8(ascii: "<"), word.last == UInt8(ascii: ">") {
      out = ListingLine(name: words[3].lowerBound..<line.count)
      out.kind = word.elementsEqual("<DIR>".utf8) ? .directory : .link
    } else {
      guard word.allSatisfy(\.isDigit) else { return nil }
      out = ListingLine(name: (words[2].upperBound + 1)..<line.count)
      out.kind = .file
      out.size = words[2]
    }
    out.date = words[0].lowerBound..<words[1].upperBound
    return out
  }

  // MARK: EPLF

  /// `+i8388621.48594,m825718503,r,s280,<TAB>name`: Bernstein's, for programs.
  private static func eplf(_ line: [UInt8]) -> ListingLine? {
    guard line.first == UInt8(ascii: "+"), let tab = line.firstIndex(of: 9), tab + 1 < line.count else { return nil }
    var out = ListingLine(name: (tab + 1)..<line.count)
    out.kind = .other
    var start = 1
    while start < tab, let end = line[start..<tab].firstIndex(of: UInt8(ascii: ",")) {
      switch line[start] {
      case UInt8(ascii: "/"): out.kind = .directory
      case UInt8(ascii: "r"): out.kind = .file
      case UInt8(ascii: "s"): out.size = (start + 1)..<end
      case UInt8(ascii: "m"): out.date = (start + 1)..<end
      default: break
      }
      start = end + 1
    }
    return out
  }
}
