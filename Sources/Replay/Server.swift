import Dialects
import Glibc
import NIOCore
import NIOPosix
package import Play
package import Transcript
import Wire

/// The scripted server: plays transcripts' servers for whoever connects.
package struct ScriptedServer: Sendable {
  /// Listens, and plays the server's role on every connection that comes.
  ///
  /// - Parameters:
  ///   - onListening: told the address once clients may come.
  ///   - once: stops after the first conversation.
  ///   - ended: told of every conversation that is over.
  /// - Throws: where it cannot listen there.
  package static func run(
    _ script: Script, bindings: Bindings, defaults: [String: [UInt8]], options: PlayOptions, faults: [Fault], at destination: Destination,
    once: Bool,
    interruption: Interruption, onListening: @escaping @Sendable (String) -> Void, ended: @escaping @Sendable (Outcome) -> Void
  ) async throws(ListenError) {
    if script.transport == .datagrams {
      return try await DatagramServer.run(
        at: destination, once: once, interruption: interruption, onListening: onListening, ended: ended
      ) {
        ServerRole(script, bindings: bindings, defaults: defaults, options: options, faults: faults, at: Stage.now, wall: WallClock.now)
      }
    }
    let group = MultiThreadedEventLoopGroup.singleton
    let over = group.next().makePromise(of: Void.self)
    let conversations = Conversations(on: group.next())
    // What ends the run ends every conversation.
    let ending = Interruption()
    let bootstrap = ServerBootstrap(group: group)
      .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
      .childChannelOption(.socketOption(.tcp_nodelay), value: 1)
      // Telnet's Synch, in front of ABOR, is sent as urgent data (RFC 854): in its place among the rest, none of it is lost.
      .childChannelOption(.socketOption(NIOBSDSocket.Option(rawValue: SO_OOBINLINE)), value: 1)
      .childChannelOption(.allowRemoteHalfClosure, value: true)
      .childChannelInitializer { channel in
        let loop = channel.eventLoop
        let done = loop.makePromise(of: Outcome.self)
        conversations.began()
        done.futureResult.whenSuccess { outcome in
          ended(outcome)
          conversations.ended()
          if once { over.succeed() }
        }
        return loop.makeCompletedFuture {
          let role = ServerRole(
            script, bindings: bindings, defaults: defaults, options: options, faults: faults, at: Stage.now, wall: WallClock.now)
          let stage = Stage(role, options, on: loop, done: done)
          let bound = NIOLoopBound(stage, eventLoop: loop)
          ending.watch(done.futureResult) { loop.execute { bound.value.tell(.interrupted) } }
          try channel.pipeline.syncOperations.addHandler(StageHandler(stage))
        }
      }
    do {
      let channel =
        switch destination.host {
        case .name(let name, let port): try await bootstrap.bind(host: name, port: Int(port)).get()
        case .socket(let path): try await bootstrap.bind(unixDomainSocketPath: path, cleanupExistingSocketFile: true).get()
        }
      interruption.watch(over.futureResult) { over.succeed() }
      onListening(channel.localAddress.map(describe) ?? "\(destination)")
      try await over.futureResult.get()
      try await channel.close()
      ending.come()
      try await conversations.drain().get()
    } catch {
      over.succeed()
      _ = conversations.drain()
      throw ListenError(description: "\(destination): cannot listen: \(error)")
    }
    if case .socket(let path) = destination.host { unlink(path) }
  }

  static func describe(_ address: SocketAddress) -> String {
    switch address {
    case .v4: "\(address.ipAddress ?? ""):\(address.port ?? 0)"
    case .v6: "[\(address.ipAddress ?? "")]:\(address.port ?? 0)"
    case .unixDomainSocket: "unix:\(address.pathname ?? "")"
    }
  }
}

package struct ListenError: Error, Sendable, CustomStringConvertible {
  package var description: String
}
