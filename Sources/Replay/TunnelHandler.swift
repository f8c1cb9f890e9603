import Dialects
import NIOCore
import Transcript
import Wire

/// A proxy through which a stage reaches its server and nobody else, each connection in a tunnel of its own.
struct Gateway: Sendable {
  var proxy: Proxy
  var server: Authority

  /// - Parameter port: nil for the server's own.
  func tunnel(to port: UInt16? = nil) -> Tunnel {
    Tunnel(to: Authority(server.host, port ?? server.port), credentials: proxy.credentials)
  }
}

/// Makes a tunnel of a connection to a proxy; only then those behind it hear of the connection. Leaves once the tunnel stands.
final class TunnelHandler: ChannelInboundHandler, RemovableChannelHandler {
  typealias InboundIn = ByteBuffer
  typealias OutboundOut = ByteBuffer

  private var tunnel: Tunnel
  private let patience: TimeAmount
  private let refused: (Step.NoConnection, String) -> Void
  private var isOver = false
  private var deadline: Scheduled<Void>?

  /// - Parameter refused: told why no tunnel came about, once the connection is closed.
  init(_ tunnel: Tunnel, within patience: TimeAmount, refused: @escaping (Step.NoConnection, String) -> Void) {
    self.tunnel = tunnel
    self.patience = patience
    self.refused = refused
  }

  func channelActive(context: ChannelHandlerContext) {
    context.writeAndFlush(wrapOutboundOut(context.channel.allocator.buffer(bytes: tunnel.request)), promise: nil)
    let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
    deadline = context.eventLoop.scheduleTask(in: patience) {
      let (handler, context) = bound.value
      handler.fail(.timeout, "no answer to CONNECT", context)
    }
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    guard !isOver else { return }
    switch tunnel.receive(Array(unwrapInboundIn(data).readableBytesView)) {
    case .awaited: break
    case .refused(let line): fail(.unreachable, "the proxy answers '\(printable(line))'", context)
    case .open(let rest):
      end()
      context.fireChannelActive()
      if !rest.isEmpty { context.fireChannelRead(NIOAny(context.channel.allocator.buffer(bytes: rest))) }
      context.pipeline.syncOperations.removeHandler(self, promise: nil)
    }
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    guard !isOver, event as? ChannelEvent == .inputClosed else { return context.fireUserInboundEventTriggered(event) }
    fail(.unreachable, "the proxy ended the connection, and made no tunnel", context)
  }

  func channelInactive(context: ChannelHandlerContext) {
    fail(.unreachable, "the proxy ended the connection, and made no tunnel", context)
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    fail(.unreachable, "the proxy gave the connection up, and made no tunnel", context)
  }

  private func fail(_ how: Step.NoConnection, _ why: String, _ context: ChannelHandlerContext) {
    guard !isOver else { return }
    end()
    context.close().assumeIsolated().whenComplete { [self] _ in refused(how, "\(tunnel.server): \(why)") }
  }

  private func end() {
    isOver = true
    deadline?.cancel()
  }
}
