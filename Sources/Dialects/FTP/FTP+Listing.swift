package import Transcript
import Wire

extension FTP {
  package func facets(ofTransfer lines: [Text], answering command: Message) -> [Facet]? {
    guard let format = ListingFormat(command, verb(of: command)) else { return nil }
    var directory = ""
    var facets: [Facet] = []
    facets.reserveCapacity(lines.count * 4)
    for (index, text) in lines.enumerated() {
      let anatomy = Anatomy(text)
      if let line = format.line(anatomy.bytes) {
        line.addFacets(anatomy, in: directory, index, to: &facets)
      } else if let label = Self.remark(anatomy.bytes) {
        facets.append(Facet("listing", key: label, text, .wording, part: Self.part, line: index))
      } else {
        // The heading of a directory's own listing, `sub:`, where all are listed. Each of its entries is called after it.
        if format == .long, anatomy.bytes.last == UInt8(ascii: ":"), anatomy.bytes.count <= Self.longestPath {
          directory = String(decoding: anatomy.bytes.dropLast(), as: UTF8.self) + "/"
        }
        facets.append(Facet("listing", key: String(decoding: anatomy.bytes, as: UTF8.self), text, .value, part: Self.part, line: index))
      }
    }
    return facets
  }

  package func marks(ofTransfer lines: [[UInt8]], answering command: Message) -> [Mark] {
    guard let format = ListingFormat(command, verb(of: command)) else { return [] }
    return lines.enumerated().flatMap { index, bytes -> [Mark] in
      format.line(bytes)?.marks(bytes, .part(Self.part, line: index)) ?? []
    }
  }

  /// No file system has longer ones.
  private static let longestPath = 4096
  /// Where the lines of a transfer stand.
  static let part = "data"

  /// `total 24`, whatever language that is in, and empty lines stand between entries: what such a line is called.
  private static func remark(_ line: [UInt8]) -> String? {
    let words = line.split(separator: UInt8(ascii: " "))
    guard words.isEmpty || words.count == 2 && words[1].allSatisfy(\.isDigit) else { return nil }
    return words.first.map { String(decoding: $0, as: UTF8.self) } ?? ""
  }
}

/// How the lines of a listing are written.
enum ListingFormat {
  /// LIST: for people.
  case long
  /// NLST: names alone.
  case names
  /// MLSD: for programs.
  case facts

  /// Nil where a command gives no listing.
  init?(_ command: Message, _ verb: String) {
    switch verb {
    case "LIST": self = .long
    case "MLSD": self = .facts
    case "NLST":
      // `NLST -la`: servers hand options to `ls`.
      let options = command.head.first.map { $0.words(limit: 3) } ?? []
      self = options.count > 1 && options[1].hasPrefix("-") && options[1].recorded.contains(UInt8(ascii: "l")) ? .long : .names
    default: return nil
    }
  }

  func line(_ bytes: [UInt8]) -> ListingLine? {
    switch self {
    case .long: ListingLine(bytes)
    case .names: ListingLine(name: bytes)
    case .facts: ListingLine(facts: bytes)
    }
  }
}

extension ListingLine {
  /// The facets of an entry in a listing. Those of dot files are details: servers differ in whether they show them.
  func addFacets(_ anatomy: Anatomy, in directory: String, _ line: Int, to facets: inout [Facet]) {
    let bytes = anatomy.bytes[name]
    let key = directory + String(decoding: bytes, as: UTF8.self)
    let base = bytes.lastIndex(of: UInt8(ascii: "/")).map { $0 + 1 } ?? bytes.startIndex
    let weight: Weight = base < bytes.endIndex && bytes[base] == UInt8(ascii: ".") ? .detail : .value
    facets.append(Facet("entry", key: key, anatomy[name], weight, part: FTP.part, line: line))
    addProperties(anatomy, key: key, weight, part: FTP.part, line: line, to: &facets)
  }

  /// Its type, its size, its date, and the rest.
  func addProperties(_ anatomy: Anatomy, key: String, _ weight: Weight, part: String?, line: Int, to facets: inout [Facet]) {
    func add(_ kind: String, _ key: String, _ value: Text, _ weight: Weight) {
      facets.append(Facet(kind, key: key, value, weight, part: part, line: line))
    }
    if let kind { add("entry-type", key, Text(kind.rawValue), weight) }
    if let size, kind == .file { add("entry-size", key, anatomy[size], weight) }
    if let date { add("entry-date", key, anatomy[date], .detail) }
    if let columns { add("entry-column", key, anatomy[columns], .wording) }
    if let target { add("entry-column", key, anatomy[target], .wording) }
    for fact in facts where !["type", "size", "modify"].contains(fact.name) {
      add("entry-fact", key.isEmpty ? fact.name : "\(fact.name) of \(key)", anatomy[fact.value], .wording)
    }
  }

  /// Dates, and identifiers that a server makes up.
  func marks(_ bytes: [UInt8], _ place: Mark.Place) -> [Mark] {
    var marks: [Mark] = []
    for date in [date, facts.first { $0.name == "create" }?.value].compactMap({ $0 }) where ValueType.date.fits(bytes[date]) {
      marks.append(Mark(place, date, .varies(.date, name: "date")))
    }
    for fact in facts where fact.name == "unique" && ValueType.token.fits(bytes[fact.value]) {
      marks.append(Mark(place, fact.value, .varies(.token, name: "unique")))
    }
    return marks
  }
}
