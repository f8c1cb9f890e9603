import Transcript
import Wire

extension POP3 {
  package func marks(of heard: Heard, answering answered: Heard?) -> [Mark] {
    heard.side == .client ? clientMarks(heard) : serverMarks(heard, answered)
  }

  private func clientMarks(_ heard: Heard) -> [Mark] {
    guard let line = heard.message.head.first?.literal else { return [] }
    if heard.label.hasPrefix("*") {
      return AuthMarks.marks(
        line, at: 0..<line.count, mechanism: String(heard.label.dropFirst().dropLast()), step: heard.label.last?.wholeNumberValue ?? 1)
    }
    let words = wordRanges(line)
    switch heard.label {
    case "USER": return words.count > 1 ? [Mark(.head(0), words[1], .names("user"))] : []
    // All of the line behind the blank: a password may hold blanks (RFC 1939 §7).
    case "PASS": return line.count > 5 ? [Mark(.head(0), 5..<line.count, .secret(of: nil))] : []
    case "APOP":
      guard words.count > 2 else { return [] }
      let user = Array(line[words[1]])
      return [Mark(.head(0), words[1], .names("user")), Mark(.head(0), words[2], .call(.apop, [.bound("stamp"), .secret(of: user)]))]
    case "AUTH":
      guard words.count > 2 else { return [] }
      return AuthMarks.marks(Array(line[words[2]]), at: words[2], mechanism: Words.upper(Array(line[words[1]])).first ?? "", step: 1)
    default: return []
    }
  }

  private func serverMarks(_ heard: Heard, _ answered: Heard?) -> [Mark] {
    guard let line = heard.message.head.first?.literal else { return [] }
    var marks: [Mark] = []
    let words = wordRanges(line)
    switch answered?.label {
    case nil:
      // The time stamp that APOP needs (RFC 1939 §7): a message-id.
      if let stamp = FreeText.bracketed(line, holding: UInt8(ascii: "@")) {
        marks.append(Mark(.head(0), stamp, .matches("<[^>]+>", name: "stamp")))
      }
      for range in FreeText.dates(line) { marks.append(Mark(.head(0), range, .varies(.date, name: "date"))) }
    case "UIDL"?:
      if words.count > 2, words[2].count > 1 { marks.append(Mark(.head(0), words[2], .varies(.token, name: "uid"))) }
      if case .lines(let lines)? = heard.message[part: "lines"] {
        for (number, text) in lines.enumerated() {
          let bytes = text.recorded
          let words = wordRanges(bytes)
          if words.count > 1 { marks.append(Mark(.part("lines", line: number), words[1], .varies(.token, name: "uid"))) }
        }
      }
    case "RETR"?, "TOP"?: marks += mailMarks(heard)
    case let asked? where asked == "AUTH" || asked.hasPrefix("*"):
      if heard.label == "+", words.count > 1, answered?.message.head.first.map({ Words.upper($0.recorded).last == "CRAM-MD5" }) == true {
        marks.append(Mark(.head(0), words[1], .varies(.base64, name: "challenge")))
      }
    default: break
    }
    return marks
  }

  /// What the way to the mailbox wrote into a mail: ids and dates of its trace fields (RFC 5321 §4.4).
  private func mailMarks(_ heard: Heard) -> [Mark] {
    guard case .payload(let payload)? = heard.message[part: "message"] else { return [] }
    var marks: [Mark] = []
    var isTrace = false
    for (number, text) in lines(payload.bytes).enumerated() {
      let line = text.recorded
      if line.isEmpty { break }
      if line[0] != 32, line[0] != 9 {
        let name = String(decoding: line.prefix { $0 != UInt8(ascii: ":") }, as: UTF8.self).lowercased()
        isTrace = ["received", "delivery-date", "x-received", "arc-seal", "x-spam-checker-version"].contains(name)
      }
      guard isTrace else { continue }
      let place = Mark.Place.part("message", line: number)
      for range in FreeText.dates(line) { marks.append(Mark(place, range, .varies(.date, name: "date"))) }
      let words = wordRanges(line)
      for (word, next) in zip(words, words.dropFirst()) where line[word] == ArraySlice("id".utf8) {
        let end = line[next].last == UInt8(ascii: ";") ? next.upperBound - 1 : next.upperBound
        if end > next.lowerBound { marks.append(Mark(place, next.lowerBound..<end, .varies(.token, name: "id"))) }
      }
    }
    return marks
  }
}
