import Dialects
import Glibc
import NIOCore
import NIOPosix
import Play
import Results
import Transcript
import Wire

/// One conversation on one event loop: tells the role what happens, does what it says, and nothing else. Its promise is kept once all its
/// connections are closed, too.
final class Stage {
  private var role: any Role
  private let options: PlayOptions
  let loop: NIOIsolatedEventLoop
  private let done: EventLoopPromise<Outcome>
  private var main: (any Channel)?
  /// Where connections go through a proxy, as tunnels.
  private let gateway: Gateway?
  /// Whether the main line is one of datagrams, which leave at once.
  private let isOfDatagrams: Bool
  /// Where the main line leads, and the channels that it had before.
  private var peer: SocketAddress?
  private var left: [ObjectIdentifier: any Channel] = [:]
  /// Secondary connections, and those that are being made or waited for.
  private var secondary: [LineName: Secondary] = [:]
  private var actions: [Action] = []
  private var isPerforming = false
  private var hasFinished = false
  private var alarm: NIOScheduledCallback?

  /// On its event loop.
  init(
    _ role: any Role, _ options: PlayOptions, on loop: any EventLoop, done: EventLoopPromise<Outcome>, over transport: Transport = .stream,
    through gateway: Gateway? = nil
  ) {
    self.gateway = gateway
    isOfDatagrams = transport == .datagrams
    self.role = role
    self.options = options
    self.loop = loop.assumeIsolated()
    self.done = done
  }

  static var now: Instant { Instant(nanoseconds: Int64(bitPattern: NIODeadline.now().uptimeNanoseconds)) }

  func connected(_ channel: any Channel, _ line: LineName) {
    // Given up while the connection was being made.
    if hasFinished { return channel.close(promise: nil) }
    if line == .main {
      main = channel
      peer = channel.remoteAddress ?? peer
    } else if !take(channel, line) {
      return channel.close(promise: nil)
    }
    // At the other end is the proxy: nobody knows the server's address.
    let peer = gateway == nil ? channel.remoteAddress.flatMap(Endpoint.init) : nil
    tell(.connected(on: line, own: channel.localAddress.flatMap(Endpoint.init), peer: peer))
  }

  func tell(_ event: Event) {
    role.happened(event, at: Self.now, &actions)
    perform()
  }

  func received(_ buffer: ByteBuffer, _ line: LineName) {
    role.received(buffer.readableBytesUInt8Span, on: line, at: Self.now, &actions)
    perform()
  }

  /// A connection is closed, both ways.
  func closed(_ channel: any Channel, _ line: LineName) {
    if left.removeValue(forKey: ObjectIdentifier(channel)) != nil { return }
    if line == .main { main = nil } else { secondary[line] = nil }
    leaveIfOver()
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
    case .redial: redial()
    case .dial(let port, let line): dial(port, line)
    case .listen(let line, let port): listen(line, at: port)
    case .send(let bytes, let line):
      guard let channel = channel(line) else { return }
      let buffer = channel.allocator.buffer(bytes: bytes)
      guard line == .main, isOfDatagrams else { return channel.writeAndFlush(buffer, promise: nil) }
      // What ICMP reported of the last one is told with the next.
      channel.writeAndFlush(buffer).assumeIsolated().whenFailure { [self] error in
        let peer = channel.remoteAddress.flatMap(Endpoint.init).map { "\($0)" }
        unreachable(error, peer ?? "the peer", channel)
      }
    case .confirm(let line): confirm(line)
    case .wake(let instant): ring(at: NIODeadline.uptimeNanoseconds(UInt64(max(0, instant.nanoseconds))))
    case .finishSending(let line): afterWrites(line) { $0.close(mode: .output, promise: nil) }
    // A plain close() drops writes that wait.
    case .close(let line): if channel(line) == nil { abandon(line) } else { afterWrites(line) { $0.close(promise: nil) } }
    case .reset(let line):
      guard let channel = channel(line) else { return abandon(line) }
      // With a linger time of zero, the kernel sends RST (socket(7)).
      _ = (channel as? any SocketOptionProvider)?.setSoLinger(linger(l_onoff: 1, l_linger: 0))
      channel.close(promise: nil)
    case .finish:
      hasFinished = true
      for line in secondary.keys { perform(.close(on: line)) }
      ring(at: .now() + Self.lingering)
      leaveIfOver()
    }
  }

  /// Nobody is there to take datagrams.
  func unreachable(_ error: any Error, _ destination: String, _ channel: any Channel) {
    let (how, why) = Replayer.describe(error, destination)
    tell(.failed(how, why))
    channel.close(promise: nil)
  }

  private func channel(_ line: LineName) -> (any Channel)? {
    if line == .main { return main }
    if case .up(let channel)? = secondary[line] { return channel }
    return nil
  }

  private func afterWrites(_ line: LineName, _ act: @escaping (any Channel) -> Void) {
    guard let channel = channel(line) else { return }
    written(channel, line).whenSuccess { act(channel) }
  }

  /// Succeeds once all that was sent so far is on its way.
  private func written(_ channel: any Channel, _ line: LineName) -> EventLoopFuture<Void>.Isolated {
    // Nothing, written over a stream, waits its turn; in a datagram it would be one.
    if line == .main, isOfDatagrams { return loop.makeSucceededFuture(()).assumeIsolated() }
    return channel.writeAndFlush(ByteBuffer()).assumeIsolated()
  }

  /// A peer that takes nothing more has given the connection up, even if it ended before as one does who is only done with sending.
  private func confirm(_ line: LineName) {
    guard let channel = channel(line) else { return tell(.ended(.reset, on: line)) }
    written(channel, line).whenComplete { [self] result in
      switch result {
      case .success: tell(.sent(on: line))
      case .failure: tell(.ended(.reset, on: line))
      }
    }
  }

  private func leaveIfOver() {
    guard hasFinished, main == nil, secondary.isEmpty else { return }
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

  // MARK: The main connection, again

  /// Whether a channel is one that the main line had before: what happens on it is nobody's business any more.
  func hasLeft(_ channel: any Channel) -> Bool { left[ObjectIdentifier(channel)] != nil }

  private func redial() {
    if let main {
      // Kept until it is closed: until then nobody else can have its identity.
      left[ObjectIdentifier(main)] = main
      main.close(promise: nil)
    }
    main = nil
    guard let peer else { return tell(.failed(.unreachable, "the connection has no address")) }
    let bound = NIOLoopBound(self, eventLoop: loop.nonisolated())
    ClientBootstrap(group: loop.nonisolated())
      .line(.main, of: bound, through: gateway?.tunnel(), timeout: options.timeout)
      .connect(to: peer)
      .whenFailure { error in
        let (how, why) = Replayer.describe(error, "\(peer)")
        bound.value.tell(.failed(how, why))
      }
  }

  // MARK: Secondary connections

  private enum Secondary {
    case dialling
    /// Not bound yet, or waiting for the peer.
    case listening((any Channel)?)
    case up(any Channel)
  }

  private func dial(_ port: UInt16, _ line: LineName) {
    guard let peer = main?.remoteAddress.flatMap(Endpoint.init) else {
      return tell(.failed(.unreachable, "the connection has no address of IP", on: line))
    }
    let endpoint = Endpoint(peer.address, gateway == nil ? port : peer.port)
    secondary[line] = .dialling
    let bound = NIOLoopBound(self, eventLoop: loop.nonisolated())
    ClientBootstrap(group: loop.nonisolated())
      .line(line, of: bound, through: gateway?.tunnel(to: port), timeout: options.timeout)
      .connect(to: SocketAddress(endpoint))
      .whenFailure { error in
        // Who refuses sends a reset, too, but that is told as a refusal: this connection was made, and is gone before we knew.
        if (error as? IOError)?.errnoCode == ECONNRESET { return bound.value.wasReset(line) }
        let (how, why) = Replayer.describe(error, "\(endpoint)")
        bound.value.failed(how, why, line)
      }
  }

  private func listen(_ line: LineName, at port: UInt16?) {
    guard gateway == nil else { return tell(.failed(.unreachable, "no server can connect to us through a proxy", on: line)) }
    guard let own = main?.localAddress.flatMap(Endpoint.init), let peer = main?.remoteAddress.flatMap(Endpoint.init) else {
      return tell(.failed(.unreachable, "the connection has no address of IP", on: line))
    }
    secondary[line] = .listening(nil)
    bind(line, own.address, from: peer.address, ports: port.map { [$0] } ?? options.dataPorts.map { Array($0.shuffled()) } ?? [0])
  }

  /// Takes the first port that is free.
  private func bind(_ line: LineName, _ own: Address, from peer: Address, ports: [UInt16]) {
    guard let port = ports.first else {
      return failed(.unreachable, "\(own): no port is free where a connection could be waited for", line)
    }
    let bound = NIOLoopBound(self, eventLoop: loop.nonisolated())
    ServerBootstrap(group: loop.nonisolated())
      .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
      .serverChannelOption(.backlog, value: 4)
      .secondary(line, from: peer, of: bound)
      .bind(to: SocketAddress(Endpoint(own, port)))
      .assumeIsolated()
      .whenComplete { [self] result in
        switch result {
        case .success(let channel):
          guard case .listening? = secondary[line], !hasFinished, let endpoint = channel.localAddress.flatMap(Endpoint.init) else {
            return channel.close(promise: nil)
          }
          secondary[line] = .listening(channel)
          tell(.listening(endpoint, on: line))
        case .failure(let error as IOError) where error.errnoCode == EADDRINUSE && ports.count > 1:
          bind(line, own, from: peer, ports: Array(ports.dropFirst()))
        case .failure(let error): failed(.unreachable, Replayer.describe(error, "\(own)").1, line)
        }
      }
  }

  /// Takes a secondary connection that came about; false where nobody waits for one any more.
  private func take(_ channel: any Channel, _ line: LineName) -> Bool {
    switch secondary[line] {
    case .dialling?: break
    case .listening(let listener)?: listener?.close(promise: nil)
    case .up?, nil: return false
    }
    secondary[line] = .up(channel)
    return true
  }

  /// No connection could be made, or waited for.
  func failed(_ how: Step.NoConnection, _ why: String, _ line: LineName) {
    if line == .main { return tell(.failed(how, why)) }
    guard secondary.removeValue(forKey: line) != nil else { return }
    if hasFinished { leaveIfOver() } else { tell(.failed(how, why, on: line)) }
  }

  private func wasReset(_ line: LineName) {
    guard secondary.removeValue(forKey: line) != nil else { return }
    if hasFinished { return leaveIfOver() }
    tell(.connected(on: line))
    tell(.ended(.reset, on: line))
  }

  /// A connection that is not up will not be waited for any more.
  private func abandon(_ line: LineName) {
    if case .listening(let listener)? = secondary.removeValue(forKey: line) { listener?.close(promise: nil) }
  }
}

extension Stage: NIOScheduledCallbackHandler {
  func handleScheduledCallback(eventLoop: some EventLoop) {
    alarm = nil
    guard hasFinished else { return tell(.reached) }
    main?.close(promise: nil)
    for case .up(let channel) in secondary.values { channel.close(promise: nil) }
  }
}
