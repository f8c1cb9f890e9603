import Wire

/// FTP's control connection is Telnet's (RFC 959 §4.2): its commands may stand in front of a line, as IP and Synch do before ABOR
/// (RFC 959 §4.1.3, RFC 854).
enum Telnet {
  /// How many bytes at the front are Telnet's commands.
  static func commands(_ bytes: Span<UInt8>, to end: Int) -> Int {
    var at = 0
    while let next = command(bytes, at, end, follows: at > 0) { at = next }
    return at
  }

  static func commands(_ bytes: [UInt8]) -> Int { bytes.first.map { $0 < dataMark } ?? true ? 0 : commands(bytes.span, to: bytes.count) }

  /// Where the command that begins there ends; nil where none does, or its end is not here.
  private static func command(_ bytes: Span<UInt8>, _ start: Int, _ end: Int, follows: Bool) -> Int? {
    guard start < end else { return nil }
    // The IAC of Synch is urgent, and may have been read apart from the rest.
    if follows, bytes[start] == dataMark { return start + 1 }
    guard bytes[start] == iac, start + 1 < end else { return nil }
    switch bytes[start + 1] {
    // Twice it is a byte of data; below are none.
    case iac, ..<subnegotiationEnd: return nil
    case will...dont: return start + 2 < end ? start + 3 : nil
    case subnegotiation:
      var at = start + 2
      while let next = first(iac, in: bytes, from: at, to: end), next + 1 < end {
        if bytes[next + 1] == subnegotiationEnd { return next + 2 }
        at = next + 2
      }
      return nil
    default: return start + 2
    }
  }

  private static let iac: UInt8 = 255
  private static let dont: UInt8 = 254
  private static let will: UInt8 = 251
  private static let subnegotiation: UInt8 = 250
  private static let dataMark: UInt8 = 242
  private static let subnegotiationEnd: UInt8 = 240
}
