import Transcript
import Wire

extension SMTP {
  package func marks(of heard: Heard, answering answered: Heard?) -> [Mark] {
    heard.side == .client ? clientMarks(heard) : serverMarks(heard, answered)
  }

  private func clientMarks(_ heard: Heard) -> [Mark] {
    guard let line = heard.message.head.first?.literal else { return [] }
    if heard.label.hasPrefix("*") {
      let step = heard.label.last?.wholeNumberValue ?? 1
      return AuthMarks.marks(line, at: 0..<line.count, mechanism: String(heard.label.dropFirst().dropLast()), step: step)
    }
    let words = wordRanges(line)
    switch heard.label {
    case "EHLO", "HELO", "LHLO": return words.count > 1 ? [Mark(.head(0), words[1], .names("client"))] : []
    case "MAIL": return path(line, named: "from")
    case "RCPT": return path(line, named: "to")
    case "AUTH":
      guard words.count > 2 else { return [] }
      return AuthMarks.marks(Array(line[words[2]]), at: words[2], mechanism: Words.upper(Array(line[words[1]])).first ?? "", step: 1)
    default: return []
    }
  }

  private func path(_ line: [UInt8], named name: String) -> [Mark] {
    guard let open = line.firstIndex(of: UInt8(ascii: "<")), let close = line[open...].firstIndex(of: UInt8(ascii: ">")), close > open + 1
    else { return [] }
    return [Mark(.head(0), (open + 1)..<close, .names(name))]
  }

  private func serverMarks(_ heard: Heard, _ answered: Heard?) -> [Mark] {
    var marks: [Mark] = []
    let asked = answered?.label
    for (number, text) in heard.message.head.enumerated() {
      guard let line = text.literal, line.count > 4 else { continue }
      let words = wordRanges(line, from: 4)
      let isGreeting = answered == nil && heard.answer == .none && heard.label == "220"
      if number == 0, isGreeting || ["EHLO", "HELO", "LHLO"].contains(asked), heard.label.hasPrefix("2"), let first = words.first,
        isHost(line[first])
      {
        marks.append(Mark(.head(number), first, .names("server")))
      }
      if number == 0, let address = bracketedAddress(line) {
        marks.append(Mark(.head(number), address, .varies(.ip, name: "client-address")))
      }
      for range in FreeText.dates(line) { marks.append(Mark(.head(number), range, .varies(.date, name: "date"))) }
      if asked == "AUTH" || asked?.hasPrefix("*") == true, heard.label == "334", let first = words.first {
        // Only a challenge that is not one of LOGIN's prompts is another one in each run.
        let isPrompt = ["VXNlcm5hbWU6", "UGFzc3dvcmQ6", "VXNlciBOYW1lAA==", "UGFzc3dvcmQA"].contains(
          String(decoding: line[first], as: UTF8.self))
        if !isPrompt { marks.append(Mark(.head(number), first, .varies(.base64, name: "challenge"))) }
      }
      // Where a message was taken, and at the end, servers name the session or the message.
      if asked == "" || asked == "BDAT" || heard.label == "221" || heard.label == "421" {
        for range in FreeText.identifiers(line)
        where range.lowerBound >= 4 && !marks.contains(where: { $0.place == .head(number) && $0.range.overlaps(range) }) {
          marks.append(Mark(.head(number), range, .varies(.token, name: "id")))
        }
      }
    }
    return marks
  }

  private func isHost(_ word: ArraySlice<UInt8>) -> Bool {
    word.contains(UInt8(ascii: "."))
      && word.allSatisfy { (48...57).contains($0) || (65...90).contains($0) || (97...122).contains($0) || $0 == 45 || $0 == 46 }
  }

  /// `Hello client [192.0.2.1]`
  private func bracketedAddress(_ line: [UInt8]) -> Range<Int>? {
    guard let open = line.firstIndex(of: UInt8(ascii: "[")), let close = line[open...].firstIndex(of: UInt8(ascii: "]")),
      Address(String(decoding: line[(open + 1)..<close], as: UTF8.self)) != nil
    else { return nil }
    return (open + 1)..<close
  }
}
