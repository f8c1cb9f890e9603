/// Every dialect there is. Adding a protocol is a folder beside this file and a line in this list.
package enum Registry {
  package static let all: [any Dialect] = [SMTP.smtp, SMTP.lmtp, POP3(), FTP(), DNS(), HTTP()]

  package static subscript(name: String) -> (any Dialect)? { all.first { $0.name == name } }

  /// The dialect that the first words fit best; nil where none does, two do equally, or the client begins with TLS: that hides what is
  /// spoken, whatever the server made of it.
  package static func recognise(_ glimpse: Glimpse) -> (any Dialect)? {
    guard glimpse.command?.starts(with: handshake) != true else { return nil }
    let ranked = all.map { ($0, $0.likeness(glimpse)) }.filter { $0.1 > 0 }.sorted { $0.1 > $1.1 }
    guard let best = ranked.first, ranked.count == 1 || ranked[1].1 < best.1 else { return nil }
    return best.0
  }

  /// A record of TLS that begins one (RFC 8446 §5.1).
  private static let handshake: [UInt8] = [22, 3]
}
