/// RFC 768.
struct UDPHeader {
  /// Where the payload begins and ends; what was captured may end earlier.
  var payload: Range<Int>

  /// - Parameter end: where the network layer says that its payload ends.
  init(_ bytes: Span<UInt8>, at start: Int, end: Int) throws(Ignored) {
    guard start + 8 <= bytes.count else { throw .cut }
    // 0 where the datagram is too long for the field (RFC 2675 §4), or was still to be cut up.
    let length = Int(bytes.short(start + 4))
    guard length == 0 || length >= 8, end >= start + 8 else { throw .malformed }
    payload = start + 8..<(length == 0 ? end : min(end, start + length))
  }
}
