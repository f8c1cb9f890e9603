import Glibc
import NIOCore
import NIOPosix
import Play
import Results
import Transcript
import Wire

/// One conversation on one event loop: tells the role what happens, does what it says, and nothing else. Its promise is kept once the
/// connection is closed, too.
final class Stage {
  private var role: any Role
  private let loop: NIOIsolatedEventLoop
  private let done: EventLoopPromise<Outcome>
  private var channel: (any Channel)?
  private var actions: [Action] = []
  private var isPerforming = false
  private var hasFinished = false
  private var alarm: NIOScheduledCallback?

  /// On its event loop.
  init(_ role: any Role, on loop: any EventLoop, done: EventLoopPromise<Outcome>) {
    self.role = role
    self.loop = loop.assumeIsolated()
    self.done = done
  }

  static var now: Instant { Instant(nanoseconds: Int64(bitPattern: NIODeadline.now().uptimeNanoseconds)) }

  func connected(_ channel: any Channel) {
    self.channel = channel
    // Given up while the connection was being made.
    if hasFinished { return channel.close(promise: nil) }
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

  /// The connection is closed, both ways.
  func closed() {
    channel = nil
    if hasFinished { leave() }
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
    case .confirm: afterWrites { [self] _ in tell(.sent) }
    case .wake(let instant): ring(at: NIODeadline.uptimeNanoseconds(UInt64(max(0, instant.nanoseconds))))
    case .finishSending: afterWrites { $0.close(mode: .output, promise: nil) }
    // A plain close() drops writes that wait.
    case .close: afterWrites { $0.close(promise: nil) }
    case .reset:
      guard let channel else { return }
      // With a linger time of zero, the kernel sends RST (socket(7)).
      _ = (channel as? any SocketOptionProvider)?.setSoLinger(linger(l_onoff: 1, l_linger: 0))
      channel.close(promise: nil)
    case .finish:
      hasFinished = true
      if channel == nil { leave() } else { ring(at: .now() + Self.lingering) }
    }
  }

  private func afterWrites(_ act: @escaping (any Channel) -> Void) {
    guard let channel else { return }
    channel.writeAndFlush(ByteBuffer()).assumeIsolated().whenSuccess { act(channel) }
  }

  private func leave() {
    if let alarm { loop.cancelScheduledCallback(alarm) }
    alarm = nil
    done.succeed(role.outcome)
  }

  private func ring(at deadline: NIODeadline) {
    if let alarm { loop.cancelScheduledCallback(alarm) }
    do { alarm = try loop.scheduleCallback(at: deadline, handler: self) } catch {
      // Only a loop that is shut down takes no more: nothing here does that.
      preconditionFailure("no alarm could be set: \(error)")
    }
  }

  /// A peer that does not take what is sent is given that long once all is over; then the rest is dropped.
  private static let lingering = TimeAmount.seconds(2)
}

extension Stage: NIOScheduledCallbackHandler {
  func handleScheduledCallback(eventLoop: some EventLoop) {
    alarm = nil
    if hasFinished { channel?.close(promise: nil) } else { tell(.reached) }
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

  func channelInactive(context: ChannelHandlerContext) {
    ended(.finished)
    stage.closed()
  }

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
