import Wire

/// A capture that is open: pcap or pcapng, compressed or not.
enum CaptureFile {
  case pcap(PcapFile)
  case pcapng(PcapngFile)

  /// - Parameter begun: see `ByteStream`.
  init(_ path: String, begun: [UInt8] = []) throws(CaptureError) {
    let stream = try ByteStream(path, begun: begun)
    switch CaptureFormat(stream.beginning) {
    case .pcap: self = .pcap(try PcapFile(stream))
    case .pcapng: self = .pcapng(try PcapngFile(stream))
    case nil: throw stream.error(Self.refusal(stream.beginning))
    }
  }

  /// The next packet; nil at the end, and where it broke off.
  func next() -> Frame? {
    switch self {
    case .pcap(let file): file.next()
    case .pcapng(let file): file.next()
    }
  }

  /// Why it broke off, if it did.
  var failure: String? {
    switch self {
    case .pcap(let file): file.failure
    case .pcapng(let file): file.failure
    }
  }

  /// What people mistake for a capture is known by its first bytes.
  private static func refusal(_ beginning: [UInt8]) -> String {
    switch beginning.first {
    case 0xfd: "looks compressed by xz; unpack it on the way to `-`: `xz -dc FILE | replique …`"
    case 0x42 where beginning.starts(with: [0x42, 0x5a, 0x68]):
      "looks compressed by bzip2; unpack it on the way to `-`: `bzip2 -dc FILE | replique …`"
    default: "neither a pcap nor a pcapng capture"
    }
  }
}

/// What a capture is, by its first four bytes.
package enum CaptureFormat: Sendable, Hashable {
  case pcap, pcapng

  init?(_ beginning: [UInt8]) {
    switch beginning {
    // Microseconds, nanoseconds, with interfaces, in either byte order.
    case [0xa1, 0xb2, 0xc3, 0xd4], [0xd4, 0xc3, 0xb2, 0xa1], [0xa1, 0xb2, 0x3c, 0x4d], [0x4d, 0x3c, 0xb2, 0xa1],
      [0xa1, 0xb2, 0xcd, 0x34], [0x34, 0xcd, 0xb2, 0xa1]:
      self = .pcap
    case [0x0a, 0x0d, 0x0d, 0x0a]: self = .pcapng
    default: return nil
    }
  }

  /// Whether a file that begins so is a capture, or something compressed, which is nothing else here.
  ///
  /// - Parameter beginning: four bytes or more.
  package static func isCapture(_ beginning: some Collection<UInt8>) -> Bool {
    let four = Array(beginning.prefix(4))
    return CaptureFormat(four) != nil || Compression.coding(of: four) != nil
  }
}
