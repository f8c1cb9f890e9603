import NIOCore

/// Where a conversation goes to: a host name or address and a port.
package struct Destination: Sendable, Hashable, CustomStringConvertible {
  package enum Host: Sendable, Hashable {
    case name(String, port: UInt16)
    case socket(path: String)
  }

  package var host: Host

  package init(_ host: Host) { self.host = host }

  /// `host:port`, `[fd00::1]:25`, `unix:/path`; without a port, the one given.
  package init?(_ text: String, defaultPort: UInt16? = nil) { self.init(text, defaultPort: defaultPort, lowestPort: 1) }

  /// The same for listening, where port 0 takes a free one.
  package init?(listening text: String) { self.init(text, defaultPort: nil, lowestPort: 0) }

  private init?(_ text: String, defaultPort: UInt16?, lowestPort: UInt16) {
    if text.hasPrefix("unix:") {
      let path = String(text.dropFirst(5))
      guard !path.isEmpty else { return nil }
      self.init(.socket(path: path))
      return
    }
    var name = text[...]
    var port = defaultPort
    if let colon = text.lastIndex(of: ":"), !text[..<colon].contains(":") || text[..<colon].hasSuffix("]") {
      guard let number = UInt16(text[text.index(after: colon)...]), number >= lowestPort else { return nil }
      port = number
      name = text[..<colon]
    }
    if name.hasPrefix("["), name.hasSuffix("]") { name = name.dropFirst().dropLast() }
    guard let port, !name.isEmpty, name.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f && $0 != UInt8(ascii: "/") }) else { return nil }
    self.init(.name(String(name), port: port))
  }

  package var description: String {
    switch host {
    case .name(let name, let port): name.contains(":") ? "[\(name)]:\(port)" : "\(name):\(port)"
    case .socket(let path): "unix:\(path)"
    }
  }
}

extension Destination.Host {
  /// The address, where it is one already and no name.
  var address: SocketAddress? {
    switch self {
    case .name(let name, let port): try? SocketAddress(ipAddress: name, port: Int(port))
    case .socket(let path): try? SocketAddress(unixDomainSocketPath: path)
    }
  }
}
