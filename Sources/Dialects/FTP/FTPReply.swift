import Transcript
import Wire

/// A reply's anatomy: its code, and what each line says.
struct FTPReply {
  /// Three digits, or fewer where there are none.
  let code: [UInt8]
  /// The lines without the code in front of them, which those between the first and the last need not have (RFC 959 §4.2).
  let texts: [Text]
  /// A code and nothing else.
  let isBare: Bool

  init(_ message: Message) {
    guard let head = message.head.first else {
      (code, texts, isBare) = ([], [], true)
      return
    }
    let first = Self.withoutTelnet(head)
    let code = Array(first.recorded.prefix { $0.isDigit }.prefix(3))
    self.code = code
    isBare = message.head.count == 1 && first.isLiteral && first.recorded.count <= 3
    texts = message.head.enumerated().map { index, line in
      let line = Self.withoutTelnet(line)
      guard case .literal(let bytes)? = line.pieces.first, bytes.starts(with: code) else { return line }
      // `220x` between the first and the last line is text.
      let isCoded = bytes.count == code.count || bytes[code.count] == UInt8(ascii: "-") || bytes[code.count] == UInt8(ascii: " ")
      return isCoded || index == 0 ? line.dropping(min(bytes.count, code.count + 1)) ?? line : line
    }
  }

  private static func withoutTelnet(_ line: Text) -> Text {
    guard case .literal(let bytes)? = line.pieces.first else { return line }
    return line.dropping(Telnet.commands(bytes)) ?? line
  }
}
