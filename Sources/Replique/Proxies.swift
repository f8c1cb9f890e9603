import Dialects
import Glibc
import Replay
import Transcript
import Wire

/// Which proxy a conversation goes through: what the call says, else, of a protocol that has proxies of its own, what the environment says, else what the
/// transcript says.
package struct Proxies: Sendable {
  private enum Named: Sendable { case none, proxy(Proxy) }

  private let named: Named?
  private let environment: Environment

  /// What an environment says of proxies, as curl reads it.
  struct Environment: Sendable {
    let value: @Sendable (String) -> String?

    init(_ value: @escaping @Sendable (String) -> String?) { self.value = value }

    static var actual: Self { Self { name in unsafe getenv(name).map { unsafe String(cString: $0) } } }

    /// The variable that names a scheme's proxy, and what it says.
    ///
    /// `HTTP_PROXY` is none: a web server makes it of what a client sends (RFC 3875 §4.1.18).
    func proxy(for scheme: String) -> (name: String, text: String)? {
      let own = "\(scheme)_proxy"
      return first([own] + (scheme == "http" ? [] : [own.uppercased()]) + ["all_proxy", "ALL_PROXY"])
    }

    var exceptions: NoProxy? { first(["no_proxy", "NO_PROXY"]).map { NoProxy($0.text) } }

    /// One with nothing behind it is none.
    private func first(_ names: [String]) -> (name: String, text: String)? {
      for name in names { if let text = value(name), !text.isEmpty { return (name, text) } }
      return nil
    }
  }

  /// - Parameter option: `http://[USER:PASSWORD@]HOST:PORT`, `HOST:PORT`, or `none`.
  package init(_ option: String?) throws(CallError) { try self.init(option, environment: .actual) }

  init(_ option: String?, environment: Environment) throws(CallError) {
    self.environment = environment
    switch option {
    case nil: named = nil
    case "none"?: named = Named.none
    case let text?:
      // What it says is not shown: there may be a password in it.
      guard let proxy = Proxy(text) else { throw CallError("--proxy: write http://HOST:PORT, HOST:PORT or none") }
      named = .proxy(proxy)
    }
  }

  /// Whether the call says that all goes directly.
  var areNone: Bool { if case .some(.none) = named { true } else { false } }

  /// The call's, without its password; empty where it names none.
  package var shown: String {
    switch named {
    case .some(.none): "none"
    case .proxy(let proxy)?: "\(proxy.destination)"
    case nil: ""
    }
  }

  enum Choice {
    /// As written, to the target.
    case none
    /// To the target, whatever the transcript's messages went through.
    case direct
    /// - Parameter isAsked: by the call or the transcript, not only by the environment.
    case proxy(Proxy, isAsked: Bool)
    case unreadable(String)
  }

  /// - Parameters:
  ///   - target: nil where there is none.
  ///   - own: the transcript's `proxy`, its patterns filled.
  func choose(_ dialect: any Dialect, to target: Destination?, own: [UInt8]?) -> Choice {
    switch named {
    case .some(.none): return .direct
    case .proxy(let proxy)?: return .proxy(proxy, isAsked: true)
    case nil: break
    }
    if let scheme = dialect.proxyScheme {
      if case .name(let host, _)? = target?.host, environment.exceptions?.covers(host) == true { return .none }
      if let (name, text) = environment.proxy(for: scheme) {
        return Proxy(text).map { .proxy($0, isAsked: false) }
          ?? .unreadable("\(name) names no proxy that can be used: write http://HOST:PORT")
      }
    }
    guard let own else { return .none }
    let text = String(decoding: own, as: UTF8.self)
    return Proxy(text).map { .proxy($0, isAsked: true) } ?? .unreadable("the transcript's proxy is none: write host:port")
  }
}
