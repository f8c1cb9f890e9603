import Transcript
import Wire

/// What is secret in an exchange of SASL (RFC 4422), which SMTP and POP3 carry alike.
enum AuthMarks {
  /// The answer that a line of the exchange is, or that stands in the command.
  ///
  /// - Parameters:
  ///   - mechanism: upper case.
  ///   - step: of the client's answers, counted from 1; an initial response is the first.
  static func marks(_ response: [UInt8], at range: Range<Int>, mechanism: String, step: Int) -> [Mark] {
    func mark(_ meaning: Mark.Meaning) -> [Mark] { [Mark(.head(0), range, meaning)] }
    // `=` is an empty response, `*` gives up.
    if response == [UInt8(ascii: "=")] || response == [UInt8(ascii: "*")] || response.isEmpty { return [] }
    guard let decoded = Base64.decode(response), !decoded.isEmpty else { return mark(.secret(of: nil)) }
    switch mechanism {
    case "PLAIN":
      // RFC 4616: [authzid] NUL authcid NUL passwd.
      let parts = decoded.split(separator: 0, omittingEmptySubsequences: false)
      guard parts.count == 3, !parts[1].isEmpty else { return mark(.secret(of: nil)) }
      let user = Array(parts[1])
      let identity: [Mark.Argument] = parts[0].isEmpty ? [] : [.names("authzid", Array(parts[0]))]
      return mark(.call(.plain, [.names("user", user), .password(Array(parts[2]), of: user)] + identity))
    case "LOGIN": return mark(.call(.base64, [step == 1 ? .names("user", decoded) : .password(decoded, of: nil)]))
    case "CRAM-MD5":
      // RFC 2195: user name, blank, digest
      guard let blank = decoded.lastIndex(of: 32) else { return mark(.secret(of: nil)) }
      let user = Array(decoded[..<blank])
      return mark(.call(.cramMD5, [.bound("challenge"), .names("user", user), .secret(of: user)]))
    case "XOAUTH2", "OAUTHBEARER": return mark(.secret(of: bearer(decoded)))
    default: return mark(.secret(of: nil))
    }
  }

  /// The command's own line: `AUTH PLAIN AHVzZXIAc2VjcmV0`.
  static func command(_ line: [UInt8]) -> [Mark] {
    let words = wordRanges(line)
    guard words.count > 2 else { return [] }
    // A blank has no place in a response; whatever stands there is no more for other eyes than one.
    let range = words[2].lowerBound..<words[words.count - 1].upperBound
    return marks(Array(line[range]), at: range, mechanism: Words.upper(Array(line[words[1]])).first ?? "", step: 1)
  }

  /// The server's challenge, which begins at an offset. Prompts are the same in each run.
  static func challenge(_ line: [UInt8], from start: Int) -> [Mark] {
    guard let range = wordRanges(line, from: start).first, LoginPrompt(Array(line[range])) == nil else { return [] }
    return [Mark(.head(0), range, .varies(ValueType.base64.fits(line[range]) ? .base64 : .word, name: "challenge"))]
  }

  /// A line that is no command of the protocol and may be an answer that came too early, or typed in the wrong place: base 64 of a text.
  static func isStray(_ line: [UInt8]) -> Bool {
    let words = wordRanges(line)
    guard words.count == 1, words[0].count >= 4, let decoded = Base64.decode(line[words[0]]), !decoded.isEmpty else { return false }
    return decoded.allSatisfy { $0 <= 1 || (32...126).contains($0) }
  }

  /// `user=` of XOAUTH2, `a=` of OAUTHBEARER (RFC 7628 §3.1).
  private static func bearer(_ response: [UInt8]) -> [UInt8]? {
    for field in response.split(whereSeparator: { $0 == 1 || $0 == UInt8(ascii: ",") }) {
      for key in ["user=", "a="] where field.starts(with: key.utf8) && field.count > key.utf8.count {
        return Array(field.dropFirst(key.utf8.count))
      }
    }
    return nil
  }
}
