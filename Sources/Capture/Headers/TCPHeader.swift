/// What reassembly needs of a TCP header (RFC 9293 §3.1). Checksums are not looked at: offloading leaves them wrong on what is sent.
struct TCPHeader {
  var sequence: SequenceNumber
  /// Nil without the ACK flag.
  var acknowledgement: SequenceNumber?
  var flags: UInt8
  /// As it stands in the header, not yet scaled.
  var window: UInt16
  /// By how much this side's windows are to be shifted: told by a SYN only (RFC 7323 §2.2).
  var windowScale: UInt8?
  /// From its first byte to the payload, options included.
  var length: Int

  var isFIN: Bool { flags & 0x01 != 0 }
  var isSYN: Bool { flags & 0x02 != 0 }
  var isRST: Bool { flags & 0x04 != 0 }

  /// - Parameter end: where the network layer says that its payload ends; what was captured may end earlier.
  init(_ bytes: Span<UInt8>, at start: Int, end: Int) throws(Ignored) {
    guard start + 20 <= bytes.count else { throw .cut }
    length = Int(bytes[start + 12] >> 4) * 4
    guard length >= 20, start + length <= end else { throw .malformed }
    sequence = SequenceNumber(bytes.word(start + 4))
    flags = bytes[start + 13]
    acknowledgement = flags & 0x10 != 0 ? SequenceNumber(bytes.word(start + 8)) : nil
    window = bytes.short(start + 14)
    if isSYN { windowScale = Self.windowScale(in: bytes, start + 20..<min(start + length, bytes.count)) }
  }

  private static func windowScale(in bytes: Span<UInt8>, _ options: Range<Int>) -> UInt8? {
    var at = options.lowerBound
    while at < options.upperBound {
      switch bytes[at] {
      case 0: return nil
      case 1: at += 1
      case let kind:
        guard at + 2 <= options.upperBound, bytes[at + 1] >= 2 else { return nil }
        if kind == 3, bytes[at + 1] == 3, at + 3 <= options.upperBound { return min(bytes[at + 2], 14) }
        at += Int(bytes[at + 1])
      }
    }
    return nil
  }
}
