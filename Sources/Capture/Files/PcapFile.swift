import Wire

/// A pcap file, packet by packet (draft-ietf-opsawg-pcap). Simple enough to be read where its bytes stand: through libpcap, each would be copied
/// twice.
@safe final class PcapFile {
  /// Why it broke off, if it did.
  private(set) var failure: String?

  private let stream: ByteStream
  private let isBigEndian: Bool
  /// Nanoseconds that a packet's fraction of a second counts.
  private let unit: Int64
  /// Bytes before each packet.
  private let head: Int
  private let link: LinkLayer
  /// The last packet's bytes, read past when the next one is asked for.
  private var behind = 0

  init(_ stream: ByteStream) throws(CaptureError) {
    guard stream.need(24) else { throw stream.error(stream.failure ?? "its header is cut off") }
    let magic = stream.word(0, isBigEndian: true)
    isBigEndian = magic >> 16 == 0xa1b2
    let inOrder = isBigEndian ? magic : magic.byteSwapped
    unit = inOrder == Self.inNanoseconds ? 1 : 1000
    head = inOrder == Self.withInterfaces ? 24 : 16
    let version = (stream.short(4, isBigEndian: isBigEndian), stream.short(6, isBigEndian: isBigEndian))
    guard version.0 == 2, version.1 >= 3 else { throw stream.error("version \(version.0).\(version.1) of pcap is not read") }
    // Above stands how long checksums behind frames are: trailers like others.
    link = LinkLayer(LinkType.dataLink(inFiles: UInt16(truncatingIfNeeded: stream.word(20, isBigEndian: isBigEndian))))
    guard link.type != nil else { throw stream.error(link.refusal) }
    self.stream = stream
    stream.advance(24)
  }

  /// The next packet; nil at the end, and where it broke off.
  func next() -> Frame? {
    stream.advance(behind)
    behind = 0
    guard stream.need(head) else {
      failure = stream.failure ?? (stream.ready > 0 ? "the last packet's header is cut off" : nil)
      return nil
    }
    let count = Int(stream.word(8, isBigEndian: isBigEndian))
    guard count <= Self.packetAtMost else {
      failure = "a packet of \(count) bytes, more than \(Self.packetAtMost)"
      return nil
    }
    guard stream.need(head + count) else {
      failure = stream.failure ?? "the last packet is cut off: \(stream.ready - head) of \(count) bytes"
      return nil
    }
    behind = head + count
    let at = Instant(
      seconds: Int64(stream.word(0, isBigEndian: isBigEndian)), nanoseconds: Int64(stream.word(4, isBigEndian: isBigEndian)) * unit)
    let sent = Int(stream.word(12, isBigEndian: isBigEndian))
    return unsafe Frame(start: stream.next + head, count: count, length: max(sent, count), at: at, link: link)
  }

  private static let inNanoseconds: UInt32 = 0xa1b2_3c4d
  /// With eight more bytes in front of each packet, that tell its interface; a Linux of long ago.
  private static let withInterfaces: UInt32 = 0xa1b2_cd34
  /// Bytes: what libpcap captures at most.
  private static let packetAtMost = 262_144
}
