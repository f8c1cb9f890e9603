import Dialects
import Glibc
import Replay
import Transcript
import Wire

/// Values that a call gives: variables and secrets, in the order of precedence that FORMAT.md states.
package struct Inputs: Sendable {
  var vars: [String: String]
  var secrets: [String: String]
  private let environment: [String: String]

  /// - Parameters:
  ///   - vars: `NAME=VALUE` each.
  ///   - secrets: `NAME=VALUE` each.
  ///   - secretsFile: a file of such lines; empty lines and those with `#` in front are left out.
  package init(vars: [String], secrets: [String], secretsFile: String?) throws(CallError) {
    self.vars = [:]
    self.secrets = [:]
    environment = Self.readEnvironment()
    for text in vars {
      let (name, value) = try Self.pair(text, option: "--var")
      self.vars[name] = value
    }
    if let secretsFile {
      let lines = String(decoding: try FileSystem.read(secretsFile, limit: 1 << 20), as: UTF8.self).split(whereSeparator: \.isNewline)
      for (index, line) in lines.enumerated() where !line.hasPrefix("#") && !line.allSatisfy(\.isWhitespace) {
        guard let equals = line.firstIndex(of: "="), equals > line.startIndex else {
          throw CallError("\(printable(secretsFile)): entry \(index + 1) is not NAME=VALUE")
        }
        self.secrets[Self.plainName(line[..<equals])] = String(line[line.index(after: equals)...])
      }
    }
    for text in secrets {
      let (name, value) = try Self.pair(text, option: "--secret")
      self.secrets[Self.plainName(name[...])] = value
    }
  }

  /// The value that a call gives a variable, over what the file says.
  func value(of name: String) -> String? { vars[name] ?? environment["REPLIQUE_VAR_" + Self.shouted(name)] }

  func secret(_ name: String) -> String? { secrets[name] ?? environment["REPLIQUE_SECRET_" + Self.shouted(name)] }

  private static func pair(_ text: String, option: String) throws(CallError) -> (String, String) {
    guard let equals = text.firstIndex(of: "="), equals > text.startIndex else {
      throw CallError("\(option): write NAME=VALUE")
    }
    return (String(text[..<equals]), String(text[text.index(after: equals)...]))
  }

  /// `secret.` in front is allowed and means nothing.
  private static func plainName(_ name: Substring) -> String {
    String(name.hasPrefix(Hole.secretPrefix) ? name.dropFirst(Hole.secretPrefix.count) : name)
  }

  private static func shouted(_ name: String) -> String { String(name.uppercased().map { $0 == "-" || $0 == "." ? "_" : $0 }) }

  private static func readEnvironment() -> [String: String] {
    var out: [String: String] = [:]
    var entry = unsafe environ
    while let text = unsafe entry.pointee {
      let line = unsafe String(cString: text)
      if line.hasPrefix("REPLIQUE_"), let equals = line.firstIndex(of: "=") {
        out[String(line[..<equals])] = String(line[line.index(after: equals)...])
      }
      unsafe entry += 1
    }
    return out
  }
}

/// Which endpoint a conversation goes to.
package struct Targets: Sendable {
  private var named: [String: Destination] = [:]
  private var general: Destination?
  private var allowed: Set<String> = []

  /// - Parameters:
  ///   - texts: `HOST:PORT`, or `NAME=HOST:PORT` for a conversation or a protocol.
  ///   - allowed: hosts that a transcript's own `target` may name.
  package init(_ texts: [String], allowed: [String]) throws(CallError) {
    for text in texts {
      var name: String?
      var rest = text
      if let equals = text.firstIndex(of: "="), !text.hasPrefix("unix:") {
        name = String(text[..<equals])
        rest = String(text[text.index(after: equals)...])
      }
      let port = name.flatMap { Registry[$0]?.ports.first }
      guard let destination = Destination(rest, defaultPort: port) else {
        throw CallError("--target \(printable(text)): write HOST:PORT, [ADDRESS]:PORT or unix:PATH, or NAME=HOST:PORT")
      }
      if let name {
        named[name] = destination
      } else if general == nil {
        general = destination
      } else {
        throw CallError("--target is given twice; write NAME=HOST:PORT for conversations or protocols")
      }
      if case .name(let host, _) = destination.host { self.allowed.insert(host) }
    }
    self.allowed.formUnion(allowed)
  }

  enum Choice { case destination(Destination), none, forbidden(String), unreadable(String), unbound(String) }

  /// - Parameter own: the transcript's `target`, its patterns filled; `isBound` where one of them came from a reply.
  func choose(_ conversation: Conversation, own: [UInt8]?, isBound: Bool) -> Choice {
    if let name = conversation.name, let found = named[name] { return .destination(found) }
    if let found = named[conversation.dialect] ?? general { return .destination(found) }
    guard let own else { return .none }
    let text = String(decoding: own, as: UTF8.self)
    guard let destination = Destination(text, defaultPort: Registry[conversation.dialect]?.ports.first) else {
      return .unreadable(printable(text))
    }
    if isBound, case .name(let host, _) = destination.host, !allowed.contains(host), !(Address(host)?.isLoopback ?? (host == "localhost")) {
      return .forbidden("\(destination)")
    }
    return .destination(destination)
  }

  /// Conversations and protocols that have a target of their own.
  var names: [String] { named.keys.sorted() }

  /// Whether one unnamed target is to serve several conversations.
  var hasOnlyGeneral: Bool { general != nil && named.isEmpty }
}
