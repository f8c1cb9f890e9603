import CPcap
import Wire

/// An expression of pcap-filter(7), compiled for each link layer that is met. It sees packets as they were captured: fragments and tunnels, not
/// what is in them.
final class PacketFilter {
  private let expression: String
  private var programs: [LinkLayer: Program] = [:]
  private var latest: (link: LinkLayer, program: Program)?

  init(_ expression: String) { self.expression = expression }

  func admits(_ frame: Frame) throws(CaptureError) -> Bool {
    if let latest, latest.link == frame.link { return latest.program.admits(frame) }
    let program: Program
    if let known = programs[frame.link] { program = known } else { program = try Program(expression, frame.link) }
    programs[frame.link] = program
    latest = (frame.link, program)
    return program.admits(frame)
  }

  @safe private final class Program {
    private var code = unsafe bpf_program()

    init(_ expression: String, _ link: LinkLayer) throws(CaptureError) {
      guard let handle = unsafe pcap_open_dead(link.number, Self.snapLength) else { throw CaptureError("--filter: not enough memory") }
      defer { unsafe pcap_close(handle) }
      guard unsafe pcap_compile(handle, &code, expression, 1, PCAP_NETMASK_UNKNOWN) == 0 else {
        throw CaptureError("--filter \(printable(expression)): \(printable(unsafe String(cString: pcap_geterr(handle))))")
      }
    }

    deinit { unsafe pcap_freecode(&code) }

    func admits(_ frame: Frame) -> Bool {
      var header = pcap_pkthdr()
      header.caplen = UInt32(clamping: frame.count)
      header.len = UInt32(clamping: frame.length)
      return unsafe pcap_offline_filter(&code, &header, frame.start) != 0
    }

    /// What a filter says of a packet is how much of it to keep: all.
    private static let snapLength: Int32 = 262_144
  }
}
