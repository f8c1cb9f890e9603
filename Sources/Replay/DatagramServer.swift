import NIOCore
import NIOPosix
import Play
import Wire

/// The scripted server over datagrams: a conversation for each address that sends any, all on one event loop.
final class DatagramServer: ChannelInboundHandler {
  typealias InboundIn = AddressedEnvelope<ByteBuffer>

  private let loop: any EventLoop
  private let makeRole: () -> any Role
  private let ended: (Outcome) -> Void
  private let empty: EventLoopPromise<Void>
  private var conversations: [SocketAddress: DatagramConversation] = [:]
  private var isClosing = false

  private init(on loop: any EventLoop, _ makeRole: @escaping () -> any Role, _ ended: @escaping (Outcome) -> Void) {
    self.loop = loop
    self.makeRole = makeRole
    self.ended = ended
    empty = loop.makePromise()
  }

  /// Listens, and plays a role for each client until told to stop; see `ScriptedServer.run`.
  static func run(
    at destination: Destination, once: Bool, interruption: Interruption, onListening: @escaping @Sendable (String) -> Void,
    ended: @escaping @Sendable (Outcome) -> Void, _ makeRole: @escaping @Sendable () -> ServerRole
  ) async throws(ListenError) {
    guard case .name(let name, let port) = destination.host else {
      throw ListenError(description: "\(destination): datagrams are listened for at a host and a port")
    }
    let loop = MultiThreadedEventLoopGroup.singleton.next()
    let over = loop.makePromise(of: Void.self)
    do {
      let server = try await loop.submit {
        let server = DatagramServer(on: loop, makeRole) { outcome in
          ended(outcome)
          if once { over.succeed() }
        }
        return NIOLoopBound(server, eventLoop: loop)
      }.get()
      let channel = try await DatagramBootstrap(group: loop)
        .channelOption(.socketOption(.so_reuseaddr), value: 1)
        .channelOption(.recvAllocator, value: FixedSizeRecvByteBufferAllocator(capacity: DatagramHandler.largest))
        .channelInitializer { channel in
          channel.eventLoop.makeCompletedFuture { try channel.pipeline.syncOperations.addHandler(server.value) }
        }
        .bind(host: name, port: Int(port)).get()
      interruption.watch(over.futureResult) { over.succeed() }
      onListening(channel.localAddress.map(ScriptedServer.describe) ?? "\(destination)")
      try await over.futureResult.get()
      try await loop.flatSubmit { server.value.drain() }.get()
      try await channel.close()
    } catch {
      over.succeed()
      throw ListenError(description: "\(destination): cannot listen: \(error)")
    }
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    let envelope = unwrapInboundIn(data)
    guard !isClosing else { return }
    let client = envelope.remoteAddress
    if let known = conversations[client] { return known.received(envelope.data) }
    // Whoever comes when all places are taken comes again, or not.
    guard conversations.count < Self.most else { return }
    let channel = context.channel
    let conversation = DatagramConversation(makeRole(), on: loop.assumeIsolated()) { bytes in
      channel.writeAndFlush(AddressedEnvelope(remoteAddress: client, data: channel.allocator.buffer(bytes: bytes)), promise: nil)
    } ended: { [self] outcome in
      conversations[client] = nil
      ended(outcome)
      if isClosing, conversations.isEmpty { empty.succeed() }
    }
    conversations[client] = conversation
    conversation.tell(.connected())
    conversation.received(envelope.data)
  }

  /// What was sent before may have found nobody: that is no end of anything.
  func errorCaught(context: ChannelHandlerContext, error: any Error) {}

  private func drain() -> EventLoopFuture<Void> {
    isClosing = true
    if conversations.isEmpty { empty.succeed() }
    for conversation in Array(conversations.values) { conversation.tell(.interrupted) }
    return empty.futureResult
  }

  /// Clients at once.
  private static let most = 10_000
}

/// One client's conversation, on the event loop of them all.
private final class DatagramConversation {
  private var role: any Role
  private let loop: NIOIsolatedEventLoop
  private let send: ([UInt8]) -> Void
  private let ended: (Outcome) -> Void
  private var alarm: NIOScheduledCallback?
  private var isOver = false

  init(
    _ role: any Role, on loop: NIOIsolatedEventLoop, send: @escaping ([UInt8]) -> Void, ended: @escaping (Outcome) -> Void
  ) {
    self.role = role
    self.loop = loop
    self.send = send
    self.ended = ended
  }

  func tell(_ event: Event) {
    guard !isOver else { return }
    var actions: [Action] = []
    role.happened(event, at: Stage.now, &actions)
    perform(actions)
  }

  func received(_ buffer: ByteBuffer) {
    var actions: [Action] = []
    role.received(buffer.readableBytesUInt8Span, on: .main, at: Stage.now, &actions)
    perform(actions)
  }

  private func perform(_ actions: [Action]) {
    for action in actions where !isOver {
      switch action {
      case .send(let bytes, .main): send(bytes)
      case .wake(let instant): ring(at: .uptimeNanoseconds(UInt64(max(0, instant.nanoseconds))))
      // Not at once: it would be asked for again while it is told.
      case .confirm(.main): loop.execute { self.tell(.sent()) }
      case .finish: finish()
      // Datagrams have no connection to do anything with.
      case .dial, .redial, .listen, .send, .confirm, .finishSending, .close, .reset: break
      }
    }
  }

  private func finish() {
    isOver = true
    if let alarm { loop.cancelScheduledCallback(alarm) }
    alarm = nil
    ended(role.outcome)
  }

  private func ring(at deadline: NIODeadline) {
    if let alarm { loop.cancelScheduledCallback(alarm) }
    do { alarm = try loop.scheduleCallback(at: deadline, handler: self) } catch {
      // Only a loop that is shut down takes no more: nothing here does that.
      preconditionFailure("no alarm could be set: \(error)")
    }
  }
}

extension DatagramConversation: NIOScheduledCallbackHandler {
  func handleScheduledCallback(eventLoop: some EventLoop) {
    alarm = nil
    tell(.reached)
  }
}
