import Dialects
import NIOCore
import NIOPosix
import Play
import Wire

/// Hands one connection's events to its stage.
final class StageHandler: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer

  private let stage: Stage
  private let line: LineName
  private var hasEnded = false

  init(_ stage: Stage, _ line: LineName = .main) {
    self.stage = stage
    self.line = line
  }

  func channelActive(context: ChannelHandlerContext) { stage.connected(context.channel, line) }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    if !stage.hasLeft(context.channel) { stage.received(unwrapInboundIn(data), line) }
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    if event as? ChannelEvent == .inputClosed { ended(.finished, context) }
    context.fireUserInboundEventTriggered(event)
  }

  func channelInactive(context: ChannelHandlerContext) {
    ended(.finished, context)
    stage.closed(context.channel, line)
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    ended(.reset, context)
    context.close(promise: nil)
  }

  private func ended(_ ending: Ending, _ context: ChannelHandlerContext) {
    guard !hasEnded, !stage.hasLeft(context.channel) else { return }
    hasEnded = true
    stage.tell(.ended(ending, on: line))
  }
}

extension ClientBootstrap {
  /// - Parameter tunnel: what is asked for first of the proxy at the other end, if there is one; `timeout` is its, too.
  func line(_ line: LineName, of stage: NIOLoopBound<Stage>, through tunnel: Tunnel?, timeout: Duration) -> ClientBootstrap {
    channelOption(.socketOption(.tcp_nodelay), value: 1)
      .channelOption(.allowRemoteHalfClosure, value: true)
      .connectTimeout(.nanoseconds(timeout.nanoseconds))
      .channelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          let stage = stage.value
          if let tunnel {
            try channel.pipeline.syncOperations.addHandler(
              TunnelHandler(tunnel, within: .nanoseconds(timeout.nanoseconds)) { how, why in stage.failed(how, why, line) })
          }
          try channel.pipeline.syncOperations.addHandler(StageHandler(stage, line))
        }
      }
  }
}

extension ServerBootstrap {
  /// Whoever else than `peer` connects is sent away at once.
  func secondary(_ line: LineName, from peer: Address, of stage: NIOLoopBound<Stage>) -> ServerBootstrap {
    childChannelOption(.socketOption(.tcp_nodelay), value: 1)
      .childChannelOption(.allowRemoteHalfClosure, value: true)
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          guard channel.remoteAddress.flatMap(Endpoint.init)?.address == peer else { throw Stranger() }
          try channel.pipeline.syncOperations.addHandler(StageHandler(stage.value, line))
        }
      }
  }
}

/// Somebody connected who is not the peer.
private struct Stranger: Error {}
