import CPcap
import Glibc
import Wire

/// Reads a capture, pcap or pcapng, through libpcap, and tells a listener what it holds.
package struct CaptureReader {
  let path: String
  private let filter: String?
  private let limits: CaptureLimits

  /// - Parameters:
  ///   - path: a file, or `-` for standard input.
  ///   - filter: in the language of pcap-filter(7).
  package init(_ path: String, filter: String? = nil, limits: CaptureLimits = CaptureLimits()) {
    self.path = path
    self.filter = filter
    self.limits = limits
  }

  /// One pass. Memory does not grow with the capture.
  ///
  /// - Throws: where nothing can be read of it. A capture that breaks off later is read up to there: see `CaptureSummary.cutShort`.
  package func read(into listener: inout some CaptureListener) throws(CaptureError) -> CaptureSummary {
    let handle = unsafe try open()
    defer { unsafe pcap_close(handle) }
    let number = unsafe pcap_datalink(handle)
    guard let link = LinkType(number) else { throw unread(number) }
    if let filter { unsafe try set(filter, on: handle) }
    var connections = Connections(limits)
    var summary = CaptureSummary()
    var header: UnsafeMutablePointer<pcap_pkthdr>?
    var data: UnsafePointer<UInt8>?
    reading: while true {
      switch unsafe pcap_next_ex(handle, &header, &data) {
      case 1: break
      case -2: break reading
      default:
        let reason = unsafe String(cString: pcap_geterr(handle))
        // A filter may have let nothing through by then.
        guard summary.packets > 0 || filter != nil else { throw CaptureError("\(shown): \(printable(reason))") }
        summary.cutShort = printable(reason)
        break reading
      }
      guard let header = unsafe header, let data = unsafe data else { break }
      summary.packets += 1
      let info = unsafe header.pointee
      let now = Instant(info.ts)
      let bytes = unsafe Span(_unsafeStart: data, count: Int(info.caplen))
      do throws(Ignored) {
        connections.take(try Packet(bytes, length: Int(info.len), link: link), bytes, at: now, &listener)
      } catch {
        summary.ignored[error.rawValue, default: 0] += 1
      }
    }
    connections.finish(&listener)
    if connections.strayResets > 0 { summary.ignored["resets that fit no conversation", default: 0] += connections.strayResets }
    summary.conversations = connections.conversations
    summary.limits = connections.reached
    summary.conflictingBytes = connections.conflicts
    return summary
  }

  private func set(_ filter: String, on handle: OpaquePointer) throws(CaptureError) {
    var program = unsafe bpf_program()
    defer { unsafe pcap_freecode(&program) }
    guard unsafe pcap_compile(handle, &program, filter, 1, PCAP_NETMASK_UNKNOWN) == 0, unsafe pcap_setfilter(handle, &program) == 0 else {
      throw CaptureError("--filter \(printable(filter)): \(printable(unsafe String(cString: pcap_geterr(handle))))")
    }
  }

  private func unread(_ number: Int32) -> CaptureError {
    let name = unsafe pcap_datalink_val_to_name(number).map { unsafe String(cString: $0) } ?? "number \(number)"
    let read = LinkType.allCases.map(\.name).joined(separator: ", ")
    return CaptureError("\(shown): link type \(printable(name)) is not read; those read are \(read)")
  }

  var shown: String { path == "-" ? "standard input" : printable(path) }
}

extension Instant {
  /// With `PCAP_TSTAMP_PRECISION_NANO`, `tv_usec` counts nanoseconds. What no clock can have said is held within a range whose differences
  /// still are numbers.
  fileprivate init(_ stamp: timeval) {
    let limit = Int64.max / 4
    let (seconds, overflow) = Int64(stamp.tv_sec).multipliedReportingOverflow(by: 1_000_000_000)
    self.init(nanoseconds: overflow ? limit : min(max(seconds, -limit), limit) + min(max(Int64(stamp.tv_usec), 0), 999_999_999))
  }
}
