import CPcap
import Glibc
import Wire

/// Reads a capture, pcap or pcapng, through libpcap, and tells a listener what it holds.
package struct CaptureReader {
  private let path: String
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
    guard let link = LinkType(number) else {
      let name = unsafe pcap_datalink_val_to_name(number).map { unsafe String(cString: $0) } ?? "number \(number)"
      throw CaptureError("\(shown): link type \(name) is not read")
    }
    if let filter { unsafe try set(filter, on: handle) }
    let decoder = PacketDecoder(link)
    var connections = Connections(limits)
    var summary = CaptureSummary()
    var header: UnsafeMutablePointer<pcap_pkthdr>?
    var data: UnsafePointer<UInt8>?
    var now = Instant(nanoseconds: 0)
    reading: while true {
      switch unsafe pcap_next_ex(handle, &header, &data) {
      case 1: break
      case -2: break reading
      default:
        let reason = unsafe String(cString: pcap_geterr(handle))
        guard summary.packets > 0 else { throw CaptureError("\(shown): \(printable(reason))") }
        summary.cutShort = reason
        break reading
      }
      guard let header = unsafe header, let data = unsafe data else { break }
      summary.packets += 1
      let info = unsafe header.pointee
      now = Instant(nanoseconds: Int64(info.ts.tv_sec) * 1_000_000_000 + Int64(info.ts.tv_usec))
      let bytes = unsafe Span(_unsafeStart: data, count: Int(info.caplen))
      do throws(Ignored) {
        connections.take(try decoder.decode(bytes, length: Int(info.len)), bytes, at: now, &listener)
      } catch {
        summary.ignored[error.rawValue, default: 0] += 1
      }
    }
    connections.finish(at: now, &listener)
    summary.conversations = connections.conversations
    summary.limits = connections.reached
    summary.conflictingBytes = connections.conflicts
    return summary
  }

  private func open() throws(CaptureError) -> OpaquePointer {
    var message = [CChar](repeating: 0, count: Int(PCAP_ERRBUF_SIZE))
    let precision = UInt32(PCAP_TSTAMP_PRECISION_NANO)
    let handle =
      path == "-"
      ? unsafe pcap_fopen_offline_with_tstamp_precision(replique_standard_input(), precision, &message)
      : unsafe pcap_open_offline_with_tstamp_precision(path, precision, &message)
    guard let handle = unsafe handle else {
      var reason = String(decoding: message.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
      if reason.hasPrefix(path + ": ") { reason = String(reason.dropFirst(path.count + 2)) }
      throw CaptureError("\(shown): \(printable(reason))")
    }
    return unsafe handle
  }

  private func set(_ filter: String, on handle: OpaquePointer) throws(CaptureError) {
    var program = unsafe bpf_program()
    defer { unsafe pcap_freecode(&program) }
    guard unsafe pcap_compile(handle, &program, filter, 1, PCAP_NETMASK_UNKNOWN) == 0, unsafe pcap_setfilter(handle, &program) == 0 else {
      throw CaptureError("--filter \(printable(filter)): \(unsafe String(cString: pcap_geterr(handle)))")
    }
  }

  private var shown: String { path == "-" ? "standard input" : printable(path) }
}
