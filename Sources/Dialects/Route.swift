import Wire

/// The way that a conversation's messages take to their server, where it is another one than the transcript's.
package enum Route: Sendable, Hashable {
  /// To the server itself, whatever proxy they were recorded on their way through.
  case direct
  /// To a forward proxy, which passes them on.
  /// - Parameters:
  ///   - server: where to; nil where the messages themselves say so.
  ///   - credentials: `user:password`, for the proxy alone.
  case proxied(to: Authority?, credentials: [UInt8]?)
}

/// A host and a port, as an URI writes them (RFC 3986 §3.2).
package struct Authority: Sendable, Hashable, CustomStringConvertible {
  /// A name, or an address without brackets.
  package var host: String
  package var port: UInt16

  package init(_ host: String, _ port: UInt16) {
    self.host = host
    self.port = port
  }

  /// The host as it stands before a port.
  package var writtenHost: String { host.contains(":") ? "[\(host)]" : host }

  package var description: String { "\(writtenHost):\(port)" }
}
