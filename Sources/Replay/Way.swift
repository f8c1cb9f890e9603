import Dialects
import Play
import Wire

/// How a conversation gets to its server.
struct Way: Sendable {
  /// What is connected to.
  let first: Destination
  /// Where it is a proxy that reads what is said.
  private(set) var route: Route?
  /// Where it is a proxy that makes tunnels, and the server's port behind it.
  private(set) var gateway: Gateway?

  init(_ script: Script, to destination: Destination, through proxy: Proxy?) {
    guard let proxy, script.transport == .stream, case .name(let host, let port) = destination.host else {
      first = destination
      return
    }
    first = proxy.destination
    if script.dialect.proxyScheme != nil {
      route = .proxied(to: destination == proxy.destination ? nil : Authority(host, port), credentials: proxy.credentials)
    } else {
      gateway = Gateway(proxy: proxy, server: Authority(host, port))
    }
  }

  var isThroughProxy: Bool { route != nil || gateway != nil }
  /// What is asked for first.
  var tunnel: Tunnel? { gateway?.tunnel() }
}
