import NIOCore
import NIOPosix
package import Play
import Wire
package import Transcript

/// Plays roles over real sockets.
package enum Replayer {
  /// Plays a client's role against a server, once.
  ///
  /// - Parameter proxy: reached instead of the server, and passes on what is said; where that does not say itself where it goes to, through a
  ///   tunnel. A server that is the proxy itself is named by the messages. Datagrams and what is no host take no proxy.
  package static func play(
    _ script: Script, bindings: Bindings, options: PlayOptions, at destination: Destination, through proxy: Proxy? = nil,
    connectTimeout: Duration, interruption: Interruption
  ) async -> Outcome {
    let way = Way(script, to: destination, through: proxy)
    var (bindings, options) = (bindings, options)
    options.route = way.route ?? options.route
    for secret in proxy?.secrets ?? [] { bindings.hide(value: secret) }
    let (known, played) = (bindings, options)
    // Where it is called from an event loop, all of it happens there.
    let loop = MultiThreadedEventLoopGroup.singleton.any()
    let done = loop.makePromise(of: Outcome.self)
    loop.execute {
      let stage = Stage(
        ClientRole(script, bindings: known, options: played, at: Stage.now, wall: WallClock.now), played, on: loop, done: done,
        over: script.transport, through: way.gateway)
      let bound = NIOLoopBound(stage, eventLoop: loop)
      interruption.watch(done.futureResult) { loop.execute { bound.value.tell(.interrupted) } }
      if script.transport == .datagrams { return connect(bound, to: destination, on: loop) }
      let first = way.first
      let bootstrap = ClientBootstrap(group: loop).line(.main, of: bound, through: way.tunnel, timeout: connectTimeout)
      let connecting =
        switch (first.host, first.host.address) {
        case (_, let address?): bootstrap.connect(to: address)
        case (.name(let name, let port), nil): bootstrap.connect(host: name, port: Int(port))
        case (.socket(let path), nil): bootstrap.connect(unixDomainSocketPath: path)
        }
      connecting.whenFailure { error in
        let (how, why) = describe(error, way.isThroughProxy ? "the proxy \(first)" : "\(first)")
        bound.value.tell(.failed(how, why))
      }
    }
    do { return try await done.futureResult.get() } catch { preconditionFailure("a stage's promise is never failed") }
  }

  /// What went wrong, in words, and which kind of no connection it was.
  static func describe(_ error: any Error, _ destination: String) -> (Step.NoConnection, String) {
    switch error {
    case let error as IOError: return describe(error.errnoCode, destination)
    case let error as NIOConnectionError:
      if let attempt = error.connectionErrors.first { return describe(attempt.error, destination) }
      return (.unreachable, "\(destination): the name cannot be resolved")
    case ChannelError.connectTimeout(let limit):
      return (.timeout, "\(destination): no connection within \(Double(limit.nanoseconds) / 1_000_000_000) s")
    default: return (.unreachable, "\(destination): \(error)")
    }
  }

  private static func describe(_ code: CInt, _ destination: String) -> (Step.NoConnection, String) {
    switch code {
    case ECONNREFUSED: (.refused, "\(destination): connection refused")
    case ECONNRESET: (.refused, "\(destination): connection reset")
    case ETIMEDOUT: (.timeout, "\(destination): connection timed out")
    case EADDRINUSE: (.unreachable, "\(destination): the port is taken")
    case ENOENT: (.refused, "\(destination): there is no such socket")
    case EHOSTUNREACH, ENETUNREACH: (.unreachable, "\(destination): unreachable")
    default: (.unreachable, "\(destination): error \(code)")
    }
  }
}
