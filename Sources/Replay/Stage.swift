import Glibc
import NIOCore
import NIOPosix
import Play
import Transcript
import Wire

/// One conversation on one event loop: tells the role what happens, does what it says, and nothing else.
final class Stage {
  private var role: any Role
  private let loop: any EventLoop
  private let done: EventLoopPromise<Outcome>
  private var channel: (any Channel)?
  private var actions: [Action] = []
  private var isPerforming = false
  private var alarm: Scheduled<Void>?

  init(_ role: any Role, on loop: any EventLoop, done: EventLoopPromise<Outcome>) {
    self.role = role
    self.loop = loop
    self.done = done
  }

  static var now: Instant { Instant(nanoseconds: Int64(bitPattern: NIODeadline.now().uptimeNanoseconds)) }

  /// Since the Unix epoch.
  static var wall: Instant {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Instant(nanoseconds: Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec))
  }

  func connected(_ channel: any Channel) {
    self.channel = channel
    tell(.connected)
  }

  func tell(_ event: Event) {
    role.happened(event, at: Self.now, &actions)
    perform()
  }

  func received(_ buffer: ByteBuffer) {
    role.received(buffer.readableBytesUInt8Span, at: Self.now, &actions)
    perform()
  }

  /// What an action causes at once adds its own actions behind those that are being done.
  private func perform() {
    guard !isPerforming else { return }
    isPerforming = true
    var next = 0
    while next < actions.count {
      perform(actions[next])
      next += 1
    }
    actions.removeAll(keepingCapacity: true)
    isPerforming = false
  }

  private func perform(_ action: Action) {
    switch action {
    case .send(let bytes):
      guard let channel else { return }
      channel.writeAndFlush(channel.allocator.buffer(bytes: bytes), promise: nil)
    case .wake(let instant):
      alarm?.cancel()
      let bound = NIOLoopBound(self, eventLoop: loop)
      alarm = loop.scheduleTask(deadline: .uptimeNanoseconds(UInt64(max(0, instant.nanoseconds)))) { bound.value.tell(.reached) }
    case .finishSending:
      afterWrites { $0.close(mode: .output, promise: nil) }
    case .close:
      // A plain close() drops writes that wait.
      afterWrites { $0.close(promise: nil) }
    case .reset:
      guard let channel else { return }
      // With a linger time of zero, the kernel sends RST (socket(7)).
      _ = (channel as? any SocketOptionProvider)?.setSoLinger(linger(l_onoff: 1, l_linger: 0))
      channel.close(promise: nil)
    case .finish:
      alarm?.cancel()
      done.succeed(role.outcome)
    }
  }

  private func afterWrites(_ act: @escaping @Sendable (any Channel) -> Void) {
    guard let channel else { return }
    channel.writeAndFlush(ByteBuffer()).whenComplete { _ in act(channel) }
  }
}

/// Hands a connection's events to its stage.
final class StageHandler: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer

  private let stage: Stage
  private var hasEnded = false

  init(_ stage: Stage) { self.stage = stage }

  func channelActive(context: ChannelHandlerContext) { stage.connected(context.channel) }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) { stage.received(unwrapInboundIn(data)) }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    if event as? ChannelEvent == .inputClosed { ended(.finished) }
    context.fireUserInboundEventTriggered(event)
  }

  func channelInactive(context: ChannelHandlerContext) { ended(.finished) }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    ended(.reset)
    context.close(promise: nil)
  }

  private func ended(_ ending: Ending) {
    guard !hasEnded else { return }
    hasEnded = true
    stage.tell(.ended(ending))
  }
}
