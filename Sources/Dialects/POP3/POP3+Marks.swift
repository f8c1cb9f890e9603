import Transcript
import Wire

extension POP3 {
  package func marks(of heard: Heard, answering answered: Heard?) -> [Mark] {
    heard.side == .client ? clientMarks(heard) : serverMarks(heard, answered)
  }

  // MARK: The client

  private func clientMarks(_ heard: Heard) -> [Mark] {
    guard let line = heard.message.head.first?.literal else { return [] }
    if let (mechanism, step) = SASLExchange.answer(heard.label) {
      return AuthMarks.marks(line, at: 0..<line.count, mechanism: mechanism, step: step)
    }
    let words = wordRanges(line)
    switch words.first.map({ Words.upper(Array(line[$0]))[0] }) ?? "" {
    case "USER": return words.count > 1 ? [Mark(.head(0), words[1], .names("user"))] : []
    case "PASS":
      // All of the line behind the blank: a password may hold blanks (RFC 1939 §7).
      let start = words[0].upperBound + 1
      return start < line.count ? [Mark(.head(0), start..<line.count, .secret(of: nil))] : []
    case "APOP":
      guard words.count > 2 else { return heard.isCutShort && words.count > 1 ? [Mark(.head(0), words[1], .secret(of: nil))] : [] }
      let user = Array(line[words[1]])
      return [
        Mark(.head(0), words[1], .names("user")),
        Mark(.head(0), words[2].lowerBound..<words[words.count - 1].upperBound, .call(.apop, [.bound("stamp"), .secret(of: user)])),
      ]
    case "LOGIN" where words.count > 2:
      // IMAP's, in the wrong place.
      return [
        Mark(.head(0), words[1], .names("user")), Mark(.head(0), words[2].lowerBound..<line.count, .secret(of: Array(line[words[1]]))),
      ]
    case "AUTH": return AuthMarks.command(line)
    case let verb where Self.commands.contains(verb): return []
    default: return heard.isCutShort || AuthMarks.isStray(line) ? [Mark(.head(0), 0..<line.count, .secret(of: nil))] : []
    }
  }

  // MARK: The server

  private func serverMarks(_ heard: Heard, _ answered: Heard?) -> [Mark] {
    guard let line = heard.message.head.first?.literal else { return [] }
    if heard.label == "+" { return AuthMarks.challenge(line, from: 1) }
    var marks = LineMarks(.head(0))
    switch answered?.label {
    case nil: markGreeting(line, &marks)
    case "STAT"?, "LIST"?: return []
    case "UIDL"?: return uidMarks(heard, line)
    default: break
    }
    marks.add(FreeText.bracketedAddresses(line), .varies(.ip, name: "client-address"))
    marks.add(FreeText.dates(line), .varies(.date, name: "date"))
    if heard.label == "-ERR" || answered == nil || answered?.label == "QUIT" {
      let asked = answered?.message.head.first?.literal ?? []
      for id in FreeText.identifiers(line, from: min(4, line.count), mixed: 10)
      where FreeText.occurrences(of: Array(line[id]), in: asked).isEmpty {
        marks.add(id, .varies(.token, name: "id"))
      }
    }
    if case .payload(let payload)? = heard.message[part: "message"] {
      return marks.marks + TraceMarks.marks(of: payload.bytes, in: "message")
    }
    return marks.marks
  }

  private func markGreeting(_ line: [UInt8], _ marks: inout LineMarks) {
    // The time stamp that APOP needs (RFC 1939 §7): a message-id.
    if let stamp = FreeText.bracketed(line, holding: UInt8(ascii: "@")) { marks.add(stamp, .matches("<[^>]+>", name: "stamp")) }
    for word in wordRanges(line, from: min(4, line.count)) {
      if FreeText.isHost(line[word]) {
        marks.add(word, .names("server"))
      } else if word.count >= 7, ValueType.ip.fits(line[word]) {
        marks.add(word, .varies(.ip, name: "client-address"))
      }
    }
  }

  /// A unique id stands behind each number (RFC 1939 §7).
  private func uidMarks(_ heard: Heard, _ line: [UInt8]) -> [Mark] {
    func mark(_ place: Mark.Place, _ line: [UInt8], _ range: Range<Int>) -> Mark {
      Mark(place, range, .varies(ValueType.token.fits(line[range]) ? .token : .word, name: "uid"))
    }
    guard case .lines(let lines)? = heard.message[part: "lines"] else {
      let words = wordRanges(line)
      return heard.label == "+OK" && words.count == 3 ? [mark(.head(0), line, words[2])] : []
    }
    return lines.enumerated().compactMap { number, text in
      let line = text.recorded
      let words = wordRanges(line)
      return words.count > 1 ? mark(.part("lines", line: number), line, words[1]) : nil
    }
  }
}
