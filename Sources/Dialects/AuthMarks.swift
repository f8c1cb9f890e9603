import Transcript
import Wire

/// What is secret in an exchange of SASL (RFC 4422), which SMTP and POP3 carry alike.
enum AuthMarks {
  /// - Parameters:
  ///   - mechanism: upper case.
  ///   - step: of the client's answers, counted from 1; an initial response is the first.
  static func marks(_ response: [UInt8], at range: Range<Int>, mechanism: String, step: Int) -> [Mark] {
    func mark(_ meaning: Mark.Meaning) -> [Mark] { [Mark(.head(0), range, meaning)] }
    // `=` is an empty response, `*` gives up.
    if response == [UInt8(ascii: "=")] || response == [UInt8(ascii: "*")] || response.isEmpty { return [] }
    let decoded = Base64.decode(response)
    switch mechanism {
    case "PLAIN":
      // RFC 4616: [authzid] NUL authcid NUL passwd
      guard let parts = decoded?.split(separator: 0, omittingEmptySubsequences: false), parts.count == 3, parts[0].isEmpty,
        !parts[1].isEmpty
      else {
        return mark(.secret(of: nil))
      }
      let user = Array(parts[1])
      return mark(.call(.plain, [.names("user", user), .password(Array(parts[2]), of: user)]))
    case "LOGIN":
      guard let decoded, !decoded.isEmpty else { return mark(.secret(of: nil)) }
      return mark(.call(.base64, [step == 1 ? .names("user", decoded) : .password(decoded, of: nil)]))
    case "CRAM-MD5":
      // RFC 2195: user name, blank, digest
      guard let decoded, let blank = decoded.lastIndex(of: 32) else { return mark(.secret(of: nil)) }
      let user = Array(decoded[..<blank])
      return mark(.call(.cramMD5, [.bound("challenge"), .names("user", user), .secret(of: user)]))
    default: return mark(.secret(of: nil))
    }
  }
}
