import Wire

/// What a record's data is made of, and how zone files write it.
enum DataField: Sendable {
  case byte, word, long
  /// Seconds since the epoch as `YYYYMMDDHHmmSS` (RFC 4034 §3.2).
  case time
  case type
  case name
  case ip4, ip6
  /// A length and that many bytes, in quotes.
  case string
  /// One or more of them.
  case strings
  /// All that is left, in quotes.
  case text
  /// A length and that many bytes, bare: CAA's tag.
  case tag
  /// All that is left.
  case hex, base64
  /// A length and that many bytes: NSEC3's salt in hexadecimal, `-` for none; its next hash in base 32.
  case salt, hash
  /// Types that there are (RFC 4034 §4.1.2).
  case types
  /// Service parameters (RFC 9460 §2.1).
  case parameters
}

/// The data of records (RFC 1035 §3.3 and after) on the wire and in zone files; of types that are not known, and where it is not as its
/// type has it, `\# length hex` (RFC 3597 §5).
enum RecordData {
  static func layout(_ type: UInt16) -> [DataField]? {
    switch type {
    case 1: [.ip4]
    case 2, 5, 7, 8, 9, 12, 39: [.name]
    case 6: [.name, .name, .long, .long, .long, .long, .long]
    case 13: [.string, .string]
    case 14, 17: [.name, .name]
    case 15, 18, 36: [.word, .name]
    case 16, 99: [.strings]
    case 24, 46: [.type, .byte, .byte, .long, .time, .time, .word, .name, .base64]
    case 25, 48, 60: [.word, .byte, .byte, .base64]
    case 28: [.ip6]
    case 33: [.word, .word, .word, .name]
    case 35: [.word, .word, .string, .string, .string, .name]
    case 37: [.word, .word, .byte, .base64]
    case 43, 59, 32768, 32769: [.word, .byte, .byte, .hex]
    case 44: [.byte, .byte, .hex]
    case 47: [.name, .types]
    case 49, 61: [.base64]
    case 50: [.byte, .byte, .word, .salt, .hash, .types]
    case 51: [.byte, .byte, .word, .salt]
    case 52, 53: [.byte, .byte, .byte, .hex]
    case 62: [.long, .word, .types]
    case 63: [.long, .byte, .byte, .hex]
    case 64, 65: [.word, .name, .parameters]
    case 256: [.word, .word, .text]
    case 257: [.byte, .tag, .text]
    default: nil
    }
  }

  /// Names in the data of these may be compressed (RFC 3597 §4), and are without case.
  static func isOfNames(_ type: UInt16) -> Bool { [2, 5, 6, 7, 8, 9, 12, 14, 15].contains(type) }

  /// Whether letters in its data are the same in either case: names and numbers in it, nothing else.
  static func isCaseless(_ type: UInt16) -> Bool { isOfNames(type) || [1, 17, 18, 28, 33, 36, 39, 43, 44, 52, 53, 59].contains(type) }

  // MARK: Reading

  /// The data as zone files write it. Throws where it is not as its type has it.
  static func text(_ message: Span<UInt8>, _ data: Range<Int>, _ type: UInt16) throws(Malformed) -> [UInt8] {
    guard let layout = layout(type) else { return unknown(message, data) }
    var reader = DataReader(at: data.lowerBound, end: data.upperBound)
    for field in layout {
      let before = reader.out.count
      if before > 0 { reader.out.append(32) }
      try reader.read(field, message)
      // An empty list leaves no blank behind.
      if before > 0, reader.out.count == before + 1 { reader.out.removeLast() }
    }
    guard reader.at == data.upperBound else { throw DataReader.malformed }
    return reader.out
  }

  static func unknown(_ message: Span<UInt8>, _ data: Range<Int>) -> [UInt8] {
    Array("\\# \(data.count)".utf8) + (data.isEmpty ? [] : [32]) + Hexadecimal.encode(message, data)
  }
}

/// Reads the fields of one record's data.
private struct DataReader {
  private(set) var at: Int
  let end: Int
  var out: [UInt8] = []

  static var malformed: Malformed { Malformed("record-data", "RFC 1035 §3.3") }

  init(at: Int, end: Int) {
    self.at = at
    self.end = end
  }

  mutating func read(_ field: DataField, _ message: Span<UInt8>) throws(Malformed) {
    switch field {
    case .byte: out += Array(String(try number(1, message)).utf8)
    case .word: out += Array(String(try number(2, message)).utf8)
    case .long: out += Array(String(try number(4, message)).utf8)
    case .time: out += SignatureTime.text(try number(4, message))
    case .type: out += Array(Registered.types.name(UInt16(try number(2, message))).utf8)
    case .name:
      let name = try DomainName(message, at: at, next: &at)
      guard at <= end else { throw Self.malformed }
      out += name.text
    case .ip4: out += Array(Address(v4: UInt32(try number(4, message))).description.utf8)
    case .ip6:
      let high = UInt64(try number(4, message)) << 32 | UInt64(try number(4, message))
      let low = UInt64(try number(4, message)) << 32 | UInt64(try number(4, message))
      out += Array(Address(v6: high, low).description.utf8)
    case .string: try string(message)
    case .strings:
      repeat {
        if out.last == UInt8(ascii: "\"") { out.append(32) }
        try string(message)
      } while at < end
    case .text: quote(message, at..<end)
    case .tag:
      let tag = try counted(message)
      guard !tag.isEmpty, tag.allSatisfy({ message[$0].isLetterOrDigit }) else { throw Self.malformed }
      for i in tag { out.append(message[i]) }
    case .hex:
      out += Hexadecimal.encode(message, at..<end)
      at = end
    case .base64:
      out += Base64.encode(message.extracting(at..<end).array)
      at = end
    case .salt:
      let salt = try counted(message)
      out += salt.isEmpty ? [UInt8(ascii: "-")] : Hexadecimal.encode(message, salt)
    case .hash:
      let hash = try counted(message)
      guard !hash.isEmpty else { throw Self.malformed }
      out += Base32.encode(message.extracting(hash).array)
    case .types: try types(message)
    case .parameters:
      guard let text = ServiceParameters.text(message.extracting(at..<end).array) else { throw Self.malformed }
      out += text
      at = end
    }
  }

  private mutating func number(_ size: Int, _ message: Span<UInt8>) throws(Malformed) -> UInt32 {
    guard at + size <= end else { throw Self.malformed }
    defer { at += size }
    return (0..<size).reduce(0) { $0 << 8 | UInt32(message[at + $1]) }
  }

  /// The bytes behind a length.
  private mutating func counted(_ message: Span<UInt8>) throws(Malformed) -> Range<Int> {
    let count = Int(try number(1, message))
    guard at + count <= end else { throw Self.malformed }
    defer { at += count }
    return at..<(at + count)
  }

  private mutating func string(_ message: Span<UInt8>) throws(Malformed) { quote(message, try counted(message)) }

  private mutating func quote(_ message: Span<UInt8>, _ bytes: Range<Int>) {
    out.append(UInt8(ascii: "\""))
    for i in bytes { out += Escaped.written(message[i], besides: Self.special, blanks: true) }
    out.append(UInt8(ascii: "\""))
    at = max(at, bytes.upperBound)
  }

  private mutating func types(_ message: Span<UInt8>) throws(Malformed) {
    var names: [String] = []
    var last = -1
    while at < end {
      let window = Int(try number(1, message))
      let bytes = try counted(message)
      guard window > last, (1...32).contains(bytes.count) else { throw Self.malformed }
      last = window
      for i in bytes {
        for bit in 0..<8 where message[i] << bit & 0x80 != 0 {
          names.append(Registered.types.name(UInt16(window << 8 | (i - bytes.lowerBound) << 3 | bit)))
        }
      }
    }
    out += Array(names.joined(separator: " ").utf8)
  }

  private static let special = Set("\\\"".utf8)
}
