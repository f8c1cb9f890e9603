/// A forward proxy, as a user names it.
package struct Proxy: Sendable, Hashable {
  package var destination: Destination
  /// `user:password`.
  package var credentials: [UInt8]?

  package init(_ destination: Destination, credentials: [UInt8]? = nil) {
    self.destination = destination
    self.credentials = credentials
  }

  /// `http://[USER:PASSWORD@]HOST[:PORT]`, or without the scheme; without a port, curl's. Nil for anything else: one that wants TLS, or
  /// speaks SOCKS, is not spoken to.
  package init?(_ text: String) {
    var rest = text[...]
    if let scheme = rest.firstRange(of: "://") {
      guard rest[..<scheme.lowerBound].lowercased() == "http" else { return nil }
      rest = rest[scheme.upperBound...]
    }
    // A path says nothing.
    rest = rest.prefix { $0 != "/" }
    if let at = rest.lastIndex(of: "@") {
      let named = Self.decoded(rest[..<at])
      credentials = named.contains(UInt8(ascii: ":")) ? named : named + [UInt8(ascii: ":")]
      rest = rest[rest.index(after: at)...]
    }
    guard let destination = Destination(String(rest), defaultPort: Self.usualPort), case .name = destination.host else { return nil }
    self.destination = destination
  }

  /// What nobody may see: the password, and what holds it.
  var secrets: [[UInt8]] {
    guard let credentials else { return [] }
    return [credentials, Array(credentials.drop { $0 != UInt8(ascii: ":") }.dropFirst())]
  }

  /// Percent signs undone (RFC 3986 §2.1); one that stands for nothing is one.
  private static func decoded(_ text: Substring) -> [UInt8] {
    let bytes = Array(text.utf8)
    var out: [UInt8] = []
    var at = 0
    while at < bytes.count {
      if bytes[at] == UInt8(ascii: "%"), at + 2 < bytes.count,
        let byte = UInt8(String(decoding: bytes[(at + 1)...(at + 2)], as: UTF8.self), radix: 16)
      {
        out.append(byte)
        at += 3
      } else {
        out.append(bytes[at])
        at += 1
      }
    }
    return out
  }

  /// As curl has it.
  private static let usualPort: UInt16 = 1080
}
