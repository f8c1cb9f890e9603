import CPcap
import Glibc
package import Wire

/// An interface whose packets are read as they come. Opening it takes a capability; reading it takes none, so that can be given up before.
@safe package final class LiveCapture {
  package let interface: String
  /// Ends the reading, from any thread.
  package let stop: StopSignal

  private let handle: OpaquePointer
  private let link: LinkLayer
  private let type: LinkType
  private let isPrecise: Bool
  private var log: PacketLog?
  private var packets = 0
  /// When it was stopped; what was captured later is nobody's.
  private var end: Instant?
  private var isPastEnd = false
  /// Why it broke off, if it did: whose fault it was, and what.
  private var failure: (name: String, reason: String)?

  /// - Parameters:
  ///   - interface: as the system names it, or `any`.
  ///   - filter: in the language of pcap-filter(7); the kernel applies it.
  package init(_ interface: String, filter: String? = nil) throws(LiveCaptureError) {
    var message = [CChar](repeating: 0, count: Int(PCAP_ERRBUF_SIZE))
    guard let stop = StopSignal() else { throw .failed(unsafe String(cString: strerror(errno))) }
    guard let handle = unsafe pcap_create(interface, &message) else { throw .failed(Self.text(message)) }
    unsafe pcap_set_snaplen(handle, Self.snapLength)
    // As other tools do: what a mirror port sends is for others.
    unsafe pcap_set_promisc(handle, 1)
    unsafe pcap_set_timeout(handle, Self.hold)
    unsafe pcap_set_buffer_size(handle, Self.bufferSize)
    unsafe pcap_set_tstamp_precision(handle, PCAP_TSTAMP_PRECISION_NANO)
    do throws(LiveCaptureError) {
      unsafe try Self.activate(handle, interface)
      // Of several interfaces together, the newer header says which one a packet came by; where there is none, nothing changes.
      if interface == "any" { unsafe pcap_set_datalink(handle, DLT_LINUX_SLL2) }
      link = unsafe LinkLayer(pcap_datalink(handle))
      guard let type = link.type else { throw .failed(link.refusal) }
      self.type = type
      if let filter { unsafe try Self.set(filter, handle) }
      guard unsafe pcap_setnonblock(handle, 1, &message) == 0 else { throw .failed(Self.text(message)) }
    } catch {
      unsafe pcap_close(handle)
      throw error
    }
    unsafe self.handle = handle
    self.interface = interface
    self.stop = stop
    isPrecise = unsafe pcap_get_tstamp_precision(handle) == PCAP_TSTAMP_PRECISION_NANO
  }

  deinit {
    log?.close()
    unsafe pcap_close(handle)
  }

  /// The link layer's name, for people.
  package var linkName: String { type.name }

  /// Network interfaces that can be listened to, and `any`.
  package static var interfaces: [String] {
    var first: UnsafeMutablePointer<pcap_if_t>?
    var message = [CChar](repeating: 0, count: Int(PCAP_ERRBUF_SIZE))
    guard unsafe pcap_findalldevs(&first, &message) == 0 else { return [] }
    defer { unsafe pcap_freealldevs(first) }
    var names: [String] = []
    var next = unsafe first
    while let device = unsafe next {
      let name = unsafe String(cString: device.pointee.name)
      // Others, as for buses and the packet filter's queues, hold no conversations.
      if isNetwork(name) { names.append(name) }
      unsafe next = device.pointee.next
    }
    return names
  }

  /// Writes the packets to a file, too, which is ours from then on.
  ///
  /// - Parameter name: for messages.
  package func write(to descriptor: CInt, name: String) throws(LiveCaptureError) {
    log = unsafe try PacketLog(handle, descriptor, name: name)
  }

  /// Reads until it is stopped, and then what was captured before that: what is open then is told to its end. Memory does not grow.
  ///
  /// - Parameters:
  ///   - now: what the clock says that packets are stamped by.
  ///   - goesOn: asked several times a second and behind each lot of packets, with how many there were; false ends it at once.
  package func read(
    into listener: inout some CaptureListener, checksums: Checksums = .ignored, limits: CaptureLimits = CaptureLimits(),
    now: () -> Instant, while goesOn: (_ packets: Int) -> Bool
  ) -> CaptureSummary {
    var tap = Tap(limits, checksums)
    var latest = Instant(nanoseconds: .min)
    var deadline: ContinuousClock.Instant?
    while true {
      var count = 0
      while count < Self.lot, let frame = next() {
        count += 1
        latest = max(latest, frame.at)
        let bytes = unsafe Span(_unsafeStart: frame.start, count: frame.count)
        tap.take(bytes, length: frame.length, type, at: frame.at, &listener)
      }
      if let log, let reason = log.flush() { failure = (log.name, reason) }
      guard failure == nil, !isPastEnd, goesOn(packets) else { break }
      if let deadline, ContinuousClock.now >= deadline { break }
      if count < Self.lot { pass(to: now(), latest, &tap, &listener) }
      let isStopped = wait(count == Self.lot ? 0 : Self.tick, isStopping: end != nil)
      if isStopped, end == nil {
        end = now()
        deadline = .now + .milliseconds(3 * Int(Self.hold))
      }
    }
    var summary = tap.finish(&listener)
    if let failure { summary.cutShort.append(.init(capture: failure.name, packets: packets, reason: failure.reason)) }
    summary.dropped = dropped
    return summary
  }

  /// The next packet, if one is there. Its bytes are there until the next one is asked for.
  private func next() -> Frame? {
    var header: UnsafeMutablePointer<pcap_pkthdr>?
    var data: UnsafePointer<UInt8>?
    let outcome = unsafe pcap_next_ex(handle, &header, &data)
    guard outcome == 1, let header = unsafe header, let data = unsafe data else {
      if outcome < 0 { failure = (interface, printable(unsafe String(cString: pcap_geterr(handle)))) }
      return nil
    }
    let info = unsafe header.pointee
    let fraction = Int64(info.ts.tv_usec) * (isPrecise ? 1 : 1000)
    let at = Instant(seconds: Int64(info.ts.tv_sec), nanoseconds: fraction)
    if let end, at > end {
      isPastEnd = true
      return nil
    }
    packets += 1
    unsafe log?.write(header, data)
    return unsafe Frame(start: data, count: Int(info.caplen), length: Int(info.len), at: at, link: link)
  }

  /// Nothing came: so time passes, too. The kernel may still hold packets that are a little older than the clock.
  private func pass(to now: Instant, _ latest: Instant, _ tap: inout Tap, _ listener: inout some CaptureListener) {
    let safe = now + .milliseconds(-Self.lag)
    if safe > latest { tap.pass(to: safe, &listener) }
  }

  /// Waits for packets, or for the signal to stop where it has not come yet.
  ///
  /// - Returns: whether it has come.
  private func wait(_ milliseconds: CInt, isStopping: Bool) -> Bool {
    // A descriptor of -1 is passed over.
    var events = [
      pollfd(fd: isStopping ? -1 : stop.descriptor, events: Int16(POLLIN), revents: 0),
      pollfd(fd: unsafe pcap_get_selectable_fd(handle), events: Int16(POLLIN), revents: 0),
    ]
    _ = unsafe poll(&events, nfds_t(events.count), isStopping ? min(milliseconds, Self.hold) : milliseconds)
    return events[0].revents != 0
  }

  private var dropped: Int {
    var counts = pcap_stat()
    guard unsafe pcap_stats(handle, &counts) == 0 else { return 0 }
    return Int(counts.ps_drop) + Int(counts.ps_ifdrop)
  }

  private static func activate(_ handle: OpaquePointer, _ interface: String) throws(LiveCaptureError) {
    let outcome = unsafe pcap_activate(handle)
    if outcome >= 0 { return }
    switch outcome {
    case PCAP_ERROR_NO_SUCH_DEVICE: throw .unknownInterface
    // Whether there is such an interface is asked later than whether one may ask.
    case PCAP_ERROR_PERM_DENIED, PCAP_ERROR_PROMISC_PERM_DENIED: throw isNetwork(interface) ? .forbidden : .unknownInterface
    case PCAP_ERROR_IFACE_NOT_UP: throw .failed("the interface is not up")
    default:
      let detail = printable(unsafe String(cString: pcap_geterr(handle)))
      throw .failed(detail.isEmpty ? printable(unsafe String(cString: pcap_statustostr(outcome))) : detail)
    }
  }

  private static func isNetwork(_ name: String) -> Bool { unsafe name == "any" || if_nametoindex(name) != 0 }

  private static func set(_ filter: String, _ handle: OpaquePointer) throws(LiveCaptureError) {
    var code = unsafe bpf_program()
    guard unsafe pcap_compile(handle, &code, filter, 1, PCAP_NETMASK_UNKNOWN) == 0 else {
      throw .badFilter(printable(unsafe String(cString: pcap_geterr(handle))))
    }
    defer { unsafe pcap_freecode(&code) }
    guard unsafe pcap_setfilter(handle, &code) == 0 else { throw .failed(printable(unsafe String(cString: pcap_geterr(handle)))) }
  }

  private static func text(_ message: [CChar]) -> String {
    printable(message.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) })
  }

  /// Bytes of a packet, as other tools have it.
  private static let snapLength: CInt = 262_144
  /// Bytes that come in a burst before they are read.
  private static let bufferSize: CInt = 32 << 20
  /// Milliseconds that the kernel collects packets for before it hands them over.
  private static let hold: CInt = 50
  /// Milliseconds between two looks at the clock.
  private static let tick: CInt = 200
  /// Milliseconds; far more than the kernel holds packets back.
  private static let lag: Int64 = 1000
  /// Packets between two looks at everything else.
  private static let lot = 1024
}

/// Why an interface cannot be listened to.
package enum LiveCaptureError: Error, Sendable, Hashable {
  case unknownInterface
  /// The capability `CAP_NET_RAW` is missing.
  case forbidden
  case badFilter(String)
  case failed(String)
}
