import NIOCore
import NIOPosix
package import Play
import Wire
package import Transcript

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

/// Plays roles over real sockets.
package enum Replayer {
  /// Plays a client's role against a server, once.
  package static func play(
    _ script: Script, bindings: Bindings, options: PlayOptions, at destination: Destination, connectTimeout: Duration,
    interruption: Interruption
  ) async -> Outcome {
    let loop = MultiThreadedEventLoopGroup.singleton.any()
    let done = loop.makePromise(of: Outcome.self)
    loop.execute {
      let stage = Stage(ClientRole(script, bindings: bindings, options: options, at: Stage.now, wall: Stage.wall), on: loop, done: done)
      let bound = NIOLoopBound(stage, eventLoop: loop)
      interruption.watch(done.futureResult) { loop.execute { bound.value.tell(.interrupted) } }
      let bootstrap = ClientBootstrap(group: loop)
        .channelOption(.socketOption(.tcp_nodelay), value: 1)
        .channelOption(.allowRemoteHalfClosure, value: true)
        .connectTimeout(.nanoseconds(connectTimeout.nanoseconds))
        .channelInitializer { channel in
          channel.eventLoop.makeCompletedFuture { try channel.pipeline.syncOperations.addHandler(StageHandler(bound.value)) }
        }
      let connecting =
        switch destination.host {
        case .name(let name, let port): bootstrap.connect(host: name, port: Int(port))
        case .socket(let path): bootstrap.connect(unixDomainSocketPath: path)
        }
      connecting.whenFailure { error in
        let (how, why) = describe(error, destination)
        bound.value.tell(.failed(how, why))
      }
    }
    do { return try await done.futureResult.get() } catch { preconditionFailure("a stage's promise is never failed") }
  }

  /// What went wrong, in words, and which kind of no connection it was.
  private static func describe(_ error: any Error, _ destination: Destination) -> (Step.NoConnection, String) {
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

  private static func describe(_ code: CInt, _ destination: Destination) -> (Step.NoConnection, String) {
    switch code {
    case ECONNREFUSED: (.refused, "\(destination): connection refused")
    case ETIMEDOUT: (.timeout, "\(destination): connection timed out")
    case ENOENT: (.refused, "\(destination): there is no such socket")
    case EHOSTUNREACH, ENETUNREACH: (.unreachable, "\(destination): unreachable")
    default: (.unreachable, "\(destination): error \(code)")
    }
  }
}
