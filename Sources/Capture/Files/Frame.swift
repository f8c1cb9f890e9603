import CPcap
import Wire

/// A packet as it stands in a capture, from its link layer on. Its bytes are there until its file is asked for the next one.
@safe struct Frame {
  let start: UnsafePointer<UInt8>
  /// Bytes that were captured.
  let count: Int
  /// Bytes that were sent.
  let length: Int
  let at: Instant
  let link: LinkLayer
}

/// The link layer of what a file holds; a `LinkType` where it is read.
struct LinkLayer: Hashable {
  /// libpcap's DLT.
  let number: Int32
  let type: LinkType?

  init(_ number: Int32) {
    self.number = number
    type = LinkType(number)
  }

  /// For people.
  var name: String { printable(unsafe pcap_datalink_val_to_name(number).map { unsafe String(cString: $0) } ?? "number \(number)") }

  /// That it is not read, and what is.
  var refusal: String { "link type \(name) is not read; those read are " + LinkType.allCases.map(\.name).joined(separator: ", ") }

  static func == (a: Self, b: Self) -> Bool { a.number == b.number }
  func hash(into hasher: inout Hasher) { hasher.combine(number) }
}

extension Instant {
  /// What no clock can have said is held within a range whose differences still are numbers.
  init(seconds: Int64, nanoseconds: Int64) {
    let limit = Int64.max / 4
    let (whole, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
    self.init(
      nanoseconds: overflow ? (seconds < 0 ? -limit : limit) : min(max(whole, -limit), limit) + min(max(nanoseconds, 0), 999_999_999))
  }
}
