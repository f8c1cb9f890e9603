import Transcript
import Wire

/// What the way to the mailbox wrote into a mail: trace fields (RFC 5321 §4.4) and their kind. Another way, other values.
enum TraceMarks {
  /// - Parameter part: the name of the part that the mail is.
  static func marks(of mail: [UInt8], in part: String) -> [Mark] {
    var out: [Mark] = []
    var field = ""
    var number = 0
    var at = 0
    while at < min(mail.count, longestHeader) {
      let lf = mail[at...].firstIndex(of: 10) ?? mail.count
      let end = lf > at && lf <= mail.count && mail[lf - 1] == 13 ? lf - 1 : lf
      let line = Array(mail[at..<end])
      if line.isEmpty { break }
      if line[0] != 32, line[0] != 9 {
        field = String(decoding: line.prefix { $0 != UInt8(ascii: ":") }, as: UTF8.self).lowercased()
      }
      var marks = LineMarks(.part(part, line: number))
      mark(line, of: field, &marks)
      out += marks.marks
      number += 1
      at = lf + 1
    }
    return out
  }

  private static func mark(_ line: [UInt8], of field: String, _ marks: inout LineMarks) {
    switch field {
    case "received", "x-received", "delivery-date", "x-spam-checker-version":
      marks.add(FreeText.dates(line), .varies(.date, name: "date"))
      marks.add(FreeText.bracketedAddresses(line), .varies(.ip, name: "address"))
      guard field.hasSuffix("received") else { return }
      let words = wordRanges(line)
      for (word, next) in zip(words, words.dropFirst()) where line[word].elementsEqual("id".utf8) || line[word].elementsEqual("(qmail".utf8)
      {
        let end = line[next].lastIndex { $0 != UInt8(ascii: ";") && $0 != UInt8(ascii: ")") }.map { $0 + 1 } ?? next.lowerBound
        guard next.lowerBound < end else { continue }
        let isToken = ValueType.token.fits(line[next.lowerBound..<end])
        marks.add(next.lowerBound..<end, .varies(isToken ? .token : .word, name: "id"))
      }
    case "x-uidl":
      for word in wordRanges(line).dropFirst() { marks.add(word, .varies(.word, name: "uid")) }
    case "dkim-signature", "arc-seal", "arc-message-signature", "x-google-dkim-signature": markSignature(line, &marks)
    default: break
    }
  }

  /// When it was signed, until when it holds, and what it comes to (RFC 6376 §3.5), which is folded over several lines.
  private static func markSignature(_ line: [UInt8], _ marks: inout LineMarks) {
    var at = 0
    while at < line.count {
      let end = line[at...].firstIndex { $0 == UInt8(ascii: ";") || $0 == 32 || $0 == 9 } ?? line.count
      let equals = line[at..<end].firstIndex(of: UInt8(ascii: "="))
      let tag = equals.map { String(decoding: line[at..<$0], as: UTF8.self) } ?? ""
      if tag == "t" || tag == "x", let equals {
        marks.add((equals + 1)..<end, .varies(.number, name: "time"))
      } else if tag == "b" || tag == "bh", let equals {
        marks.add((equals + 1)..<end, .varies(.token, name: "signature"))
      } else if end - at >= 20, ValueType.token.fits(line[at..<end]), line[at..<end].contains(where: \.isUpper) {
        marks.add(at..<end, .varies(.token, name: "signature"))
      }
      at = end + 1
    }
  }

  /// No mail has more of it.
  private static let longestHeader = 1 << 18
}
