package import Transcript
import Wire

// A request through a forward proxy names its server in absolute form, one to the server itself only what it asks of it (RFC 9112 §3.2).

extension HTTP {
  package var proxyScheme: String? { "http" }

  package func routed(_ message: Message, over route: Route) -> Message {
    guard message.side == .client, message[part: Part.raw] == nil, let line = message.head.first?.literal,
      let target = RequestTarget(of: line)
    else { return message }
    var out = message
    switch route {
    case .proxied(let server, let credentials):
      let authority = server.map { $0.port == 80 ? $0.writtenHost : "\($0)" }.map { Array($0.utf8) }
      if let authority = authority ?? message.header("host").first?.literal, let absolute = target.absolute(at: authority) {
        out.head[0] = Text(target.line(with: absolute), place: message.head[0].place)
      }
      if let credentials, message.header("proxy-authorization").isEmpty {
        out.add(Part.Field("Proxy-Authorization", [Text(Array("Basic ".utf8) + Base64.encode(credentials))]))
      }
    case .direct:
      // What was for the proxy is nobody else's.
      out.removeFields(["proxy-authorization", "proxy-connection"])
      guard let (authority, origin) = target.origin else { break }
      out.head[0] = Text(target.line(with: origin), place: message.head[0].place)
      if message.header("host").isEmpty { out.add(Part.Field("Host", [Text(authority)])) }
    }
    return out
  }

  package func asksForTunnel(_ command: Message) -> Bool { verb(of: command) == "CONNECT" }

  /// It asks for credentials, refuses a tunnel, or says that it could not reach the server.
  ///
  /// Squid says so in a field of its own, others in one of all (RFC 9209); what a proxy passes on bears its `Via` (RFC 9110 §7.6.3).
  package func isOfProxy(_ reply: Message, answering command: Message?) -> Bool {
    guard let status = HTTPStatus(reply), status.code >= 400 else { return false }
    if status.code == 407 { return true }
    guard let command, let line = command.head.first?.recorded, let target = RequestTarget(of: line) else { return false }
    if asksForTunnel(command) { return true }
    guard target.origin != nil else { return false }
    if !reply.header("x-squid-error").isEmpty { return true }
    if reply.header("proxy-status").contains(where: { String(decoding: $0.recorded, as: UTF8.self).contains("error=") }) { return true }
    return (status.code == 502 || status.code == 504) && reply.header("via").isEmpty
  }
}

/// What a request line asks for, and where that stands in it.
private struct RequestTarget {
  private let bytes: [UInt8]
  private let range: Range<Int>

  /// Between the first blank and the last one.
  init?(of line: [UInt8]) {
    guard let first = line.firstIndex(of: 32), let last = line.lastIndex(of: 32), first + 1 < last else { return nil }
    bytes = line
    range = (first + 1)..<last
  }

  func line(with target: [UInt8]) -> [UInt8] { bytes[..<range.lowerBound] + target + bytes[range.upperBound...] }

  /// Of a target in origin form, or in asterisk form, which is about the server as a whole (§3.2.4). Nil where it names its server already.
  func absolute(at authority: [UInt8]) -> [UInt8]? {
    let target = bytes[range]
    if target.elementsEqual("*".utf8) { return Self.scheme + authority }
    return target.first == UInt8(ascii: "/") ? Self.scheme + authority + target : nil
  }

  /// Of a target in absolute form; nil for any other. User and password have no place in a Host field.
  var origin: (authority: [UInt8], target: [UInt8])? {
    let target = bytes[range]
    guard target.prefix(Self.scheme.count).map(\.lowercased) == Self.scheme else { return nil }
    let rest = target.dropFirst(Self.scheme.count)
    let named = rest.prefix { $0 != UInt8(ascii: "/") && $0 != UInt8(ascii: "?") }
    let authority = Array(named.split(separator: UInt8(ascii: "@"), omittingEmptySubsequences: false).last ?? [])
    let path = rest.dropFirst(named.count)
    if path.isEmpty, bytes.starts(with: "OPTIONS ".utf8) { return (authority, Array("*".utf8)) }
    return (authority, (path.first == UInt8(ascii: "/") ? [] : [UInt8(ascii: "/")]) + path)
  }

  private static let scheme = Array("http://".utf8)
}

extension Message {
  /// Behind the other fields.
  fileprivate mutating func add(_ field: Part.Field) {
    if let index = parts.firstIndex(where: { $0.name == HTTP.headersPart }), case .fields(let fields) = parts[index].content {
      parts[index].content = .fields(fields + [field])
    } else {
      parts.insert(Part(HTTP.headersPart, .fields([field])), at: 0)
    }
  }

  fileprivate mutating func removeFields(_ names: [String]) {
    guard let index = parts.firstIndex(where: { $0.name == HTTP.headersPart }), case .fields(let fields) = parts[index].content else {
      return
    }
    parts[index].content = .fields(fields.filter { field in !names.contains { field.isNamed($0) } })
  }
}
