import Transcript
import Wire

/// The request for a tunnel through a forward proxy, and what came of it (CONNECT, RFC 9110 §9.3.6). What goes through it is anybody's protocol.
package struct Tunnel: Sendable {
  package enum State: Sendable, Hashable {
    /// The proxy has not said all yet.
    case awaited
    /// It stands; these bytes came through it already.
    case open([UInt8])
    /// The proxy's status line, or why there is none that could be read.
    case refused([UInt8])
  }

  package let server: Authority
  private let credentials: [UInt8]?
  private var received: [UInt8] = []

  /// - Parameter credentials: `user:password`, for the proxy alone.
  package init(to server: Authority, credentials: [UInt8]? = nil) {
    self.server = server
    self.credentials = credentials
  }

  /// To be sent first.
  package var request: [UInt8] {
    var fields = [Part.Field("Host", [Text("\(server)")])]
    if let credentials { fields.append(Part.Field("Proxy-Authorization", [Text(Array("Basic ".utf8) + Base64.encode(credentials))])) }
    return HTTPSession().write(Message(.client, [Text("CONNECT \(server) HTTP/1.1")], [Part(HTTP.headersPart, .fields(fields))]))
  }

  /// What the proxy says; not asked again once it is decided.
  package mutating func receive(_ bytes: [UInt8]) -> State {
    received += bytes
    while let end = endOfHead {
      guard let (line, status) = HTTPStartLine.response(received.span) else { return .refused(firstLine) }
      switch status {
      // Interim ones decide nothing (RFC 9110 §15.2).
      case 100..<200: received.removeFirst(end)
      // A success has no body, whatever it says (§9.3.6).
      case 200..<300: return .open(Array(received[end...]))
      default: return .refused(Array(received[..<line.end]))
      }
    }
    if received.count > Self.longest { return .refused(firstLine) }
    return .awaited
  }

  private var firstLine: [UInt8] { Array(received.prefix { $0 != 10 && $0 != 13 }.prefix(Self.shown)) }

  /// Behind the empty line.
  private var endOfHead: Int? {
    var start = 0
    while let lf = received[start...].firstIndex(of: 10) {
      let isEmpty = lf == start || lf == start + 1 && received[start] == 13
      if isEmpty, start > 0 { return lf + 1 }
      start = lf + 1
    }
    return nil
  }

  /// Bytes of a head.
  private static let longest = 64 << 10
  /// Bytes of a line that is none.
  private static let shown = 200
}
