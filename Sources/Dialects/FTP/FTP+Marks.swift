import Transcript
import Wire

extension FTP {
  package func marks(of heard: Heard, answering answered: Heard?) -> [Mark] {
    heard.side == .client ? clientMarks(heard) : serverMarks(heard, answered)
  }

  // MARK: The client

  private func clientMarks(_ heard: Heard) -> [Mark] {
    guard let line = heard.message.head.first?.literal else { return [] }
    let words = wordRanges(line, from: Telnet.commands(line))
    guard let first = words.first else { return [] }
    func argument(from word: Int, _ meaning: Mark.Meaning) -> [Mark] {
      // All of the line behind the blank: a name or a password may hold blanks, and begin with them.
      let start = min(line.count, words[min(word, words.count) - 1].upperBound + 1)
      return start < line.count ? [Mark(.head(0), start..<line.count, meaning)] : []
    }
    let verb = Words.upper(Array(line[first])).first ?? ""
    switch verb {
    case "USER": return argument(from: 1, .names("user"))
    case "PASS", "ACCT", "ADAT": return argument(from: 1, .secret(of: nil))
    // What some servers have for changing a password.
    case "SITE" where words.count > 1 && Self.secretSites.contains(Words.upper(Array(line[words[1]]))[0]):
      return argument(from: 2, .secret(of: nil))
    case "PORT", "EPRT", "LPRT": return endpoint(verb, line, from: min(line.count, first.upperBound + 1), .head(0))
    default:
      return heard.isCutShort && !Self.commands.contains(verb) ? [Mark(.head(0), 0..<line.count, .secret(of: nil))] : []
    }
  }

  private static let secretSites: Set<String> = ["PSWD", "PASS", "PASSWD", "GPASS", "CPWD"]

  private func endpoint(_ label: String, _ line: [UInt8], from start: Int, _ place: Mark.Place) -> [Mark] {
    guard let notation = DataEndpoint.Notation(label), let endpoint = DataEndpoint(notation, in: line, from: start) else { return [] }
    return [Mark(place, endpoint.range, .endpoint)]
  }

  // MARK: The server

  private func serverMarks(_ heard: Heard, _ answered: Heard?) -> [Mark] {
    let verb = answered?.label ?? ""
    var isAnnounced = false
    return heard.message.head.enumerated().flatMap { number, text -> [Mark] in
      guard let line = text.literal else { return [] }
      let place = Mark.Place.head(number)
      if !isAnnounced, ["227", "228", "229"].contains(heard.label) {
        let found = endpoint(heard.label, line, from: min(line.count, Telnet.commands(line) + 4), place)
        isAnnounced = !found.isEmpty
        return found
      }
      switch verb {
      case "SIZE", "MDTM", "PWD", "XPWD", "CWD", "FEAT": return []
      case "MLST": return facts(line, place)
      case "STOU": return Self.uniqueName(line).map { [Mark(place, $0, .varies(.path, name: "file"))] } ?? []
      case "", "USER", "PASS", "ACCT", "HOST", "REIN", "QUIT", "STAT":
        var marks = LineMarks(place)
        if verb == "USER" { marks.add(Self.user(in: line, answered), .names("user")) }
        marks.add(FreeText.dates(line), .varies(.date, name: "date"))
        return marks.marks
      default: return []
      }
    }
  }

  /// Where a reply to USER names him: `331 Password required for etu1`.
  private static func user(in line: [UInt8], _ answered: Heard?) -> [Range<Int>] {
    guard let command = answered?.message.head.first?.literal, let verb = wordRanges(command).first else { return [] }
    let user = Array(command.dropFirst(verb.upperBound + 1))
    // A shorter one may be any word.
    guard user.count > 2 else { return [] }
    return line.ranges(of: user).filter { range in
      (range.lowerBound == 0 || !line[range.lowerBound - 1].isWord) && (range.upperBound == line.count || !line[range.upperBound].isWord)
    }
  }

  /// A line of facts has a blank in front (RFC 3659 §7.2).
  private func facts(_ line: [UInt8], _ place: Mark.Place) -> [Mark] {
    let start = line.prefix { $0 == UInt8(ascii: " ") }.count
    return ListingLine(facts: Array(line[start...]))?.marks(Array(line[start...]), place).map {
      Mark(place, ($0.range.lowerBound + start)..<($0.range.upperBound + start), $0.meaning)
    } ?? []
  }

  /// What the server called the file: `FILE: name` (RFC 1123 §4.1.2.9); older ones have it in brackets at the end.
  private static func uniqueName(_ line: [UInt8]) -> Range<Int>? {
    if let label = FreeText.occurrences(of: Array("FILE: ".utf8), in: line).first, label.upperBound < line.count {
      return label.upperBound..<line.count
    }
    guard let label = FreeText.occurrences(of: Array("unique file name:".utf8), in: line).first,
      let close = line.lastIndex(of: UInt8(ascii: ")")), label.upperBound < close
    else { return nil }
    return label.upperBound..<close
  }
}
