import NIOCore
import NIOPosix
import Play
import Transcript
import Wire

extension Replayer {
  /// Opens a socket for datagrams that takes those of the destination only: connected, it hears nobody else.
  static func connect(_ stage: NIOLoopBound<Stage>, to destination: Destination, on loop: any EventLoop) {
    guard case .name(let name, let port) = destination.host else {
      return stage.value.tell(.failed(.unreachable, "\(destination): datagrams go to a host and a port"))
    }
    let shown = "\(destination)"
    let bootstrap = DatagramBootstrap(group: loop)
      .channelOption(.recvAllocator, value: FixedSizeRecvByteBufferAllocator(capacity: DatagramHandler.largest))
      .channelInitializer { channel in
        channel.eventLoop.makeCompletedFuture { try channel.pipeline.syncOperations.addHandler(DatagramHandler(stage.value, shown)) }
      }
    let connecting =
      if let address = destination.host.address { bootstrap.connect(to: address) } else {
        bootstrap.connect(host: name, port: Int(port))
      }
    connecting.assumeIsolated().whenComplete { result in
      switch result {
      case .success(let channel): stage.value.connected(channel, .main)
      case .failure(let error):
        let (how, why) = describe(error, shown)
        stage.value.tell(.failed(how, why))
      }
    }
  }
}

/// Hands the datagrams of one peer to a stage.
final class DatagramHandler: ChannelInboundHandler {
  typealias InboundIn = AddressedEnvelope<ByteBuffer>

  private let stage: Stage
  private let destination: String

  init(_ stage: Stage, _ destination: String) {
    self.stage = stage
    self.destination = destination
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) { stage.received(unwrapInboundIn(data).data, .main) }

  func channelInactive(context: ChannelHandlerContext) { stage.closed(context.channel, .main) }

  /// What ICMP reports of what was sent: nobody is there (RFC 1122 §4.1.3.3).
  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    stage.unreachable(error, destination, context.channel)
  }

  /// Bytes of a datagram.
  static let largest = 0xffff
}
