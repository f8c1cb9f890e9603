import Transcript
import Wire

/// The endpoint of a data connection as a message writes it.
struct DataEndpoint {
  /// Nil where it is left to the control connection.
  var address: Address?
  var port: UInt16
  /// Where it stands in the line: what `${data}` is.
  var range: Range<Int>

  /// How it is written.
  enum Notation {
    /// `h1,h2,h3,h4,p1,p2` (RFC 959 §4.1.2): PORT and 227.
    case short
    /// `|1|addr|port|` (RFC 2428 §2): EPRT.
    case extended
    /// `|||port|` (RFC 2428 §3): 229.
    case portOnly
    /// `4,4,h1,h2,h3,h4,2,p1,p2` (RFC 1639): LPRT and 228.
    case long

    /// Nil where a command, or a reply by its code, has no such thing.
    init?(_ label: String) {
      switch label {
      case "PORT", "227": self = .short
      case "EPRT": self = .extended
      case "229": self = .portOnly
      case "LPRT", "228": self = .long
      default: return nil
      }
    }

    var rule: String {
      switch self {
      case .short: "RFC 959 §4.1.2"
      case .extended: "RFC 2428 §2"
      case .portOnly: "RFC 2428 §3"
      case .long: "RFC 1639"
      }
    }
  }

  /// Reads it from a line, from an offset on; nil where it is not there, or is not what the RFC allows. Port 0 is none.
  init?(_ notation: Notation, in line: [UInt8], from start: Int) {
    switch notation {
    case .short:
      guard let (numbers, range) = Self.numbers(in: line, from: start), numbers.count == 6 else { return nil }
      self.init(Address(numbers[..<4]), numbers[4...], range)
    case .long:
      guard let (numbers, range) = Self.numbers(in: line, from: start), numbers.count > 2 else { return nil }
      let length = Int(numbers[1])
      guard numbers[0] == 4 && length == 4 || numbers[0] == 6 && length == 16, numbers.count == length + 5, numbers[length + 2] == 2 else {
        return nil
      }
      self.init(Address(numbers[2..<(length + 2)]), numbers[(length + 3)...], range)
    case .extended:
      guard let (fields, range) = Self.fields(in: line, from: start), let address = Address(String(decoding: fields[1], as: UTF8.self)),
        fields[0].elementsEqual((address.family == .v4 ? "1" : "2").utf8), let port = UInt16(decimal: fields[2])
      else { return nil }
      self.init(port, range, address)
    case .portOnly:
      let candidates = line[start...].indices.lazy.filter { Self.isOpening(line, $0) }.compactMap { Self.fields(in: line, from: $0) }
      guard let (fields, range) = candidates.first(where: { $0.0[2].allSatisfy(\.isDigit) }), let port = UInt16(decimal: fields[2]) else {
        return nil
      }
      self.init(port, range)
    }
  }

  private init?(_ address: Address?, _ bytes: ArraySlice<UInt8>, _ range: Range<Int>) {
    guard let address, bytes.count == 2 else { return nil }
    self.init(bytes.reduce(0) { $0 << 8 | UInt16($1) }, range, address)
  }

  private init?(_ port: UInt16, _ range: Range<Int>, _ address: Address? = nil) {
    guard port > 0 else { return nil }
    self.address = address
    self.port = port
    self.range = range
  }

  /// As a message of that notation writes it; nil where it has no place for one of that family.
  static func written(_ endpoint: Endpoint, _ notation: Notation) -> [UInt8]? {
    let address = endpoint.address.unmapped
    let port = [UInt8(endpoint.port >> 8), UInt8(endpoint.port & 0xff)]
    func listed(_ numbers: [UInt8]) -> [UInt8] { Array(numbers.map(String.init).joined(separator: ",").utf8) }
    switch notation {
    case .short: return address.family == .v4 ? listed(address.bytes + port) : nil
    case .long:
      let bytes = address.bytes
      return listed([bytes.count == 4 ? 4 : 6, UInt8(bytes.count)] + bytes + [2] + port)
    case .extended: return Array("|\(address.family == .v4 ? 1 : 2)|\(address)|\(endpoint.port)|".utf8)
    case .portOnly: return Array("|||\(endpoint.port)|".utf8)
    }
  }

  // MARK: Reading

  /// The first numbers with commas between them, bytes all: a reply's text around them is the server's own (RFC 1123 §4.1.2.6).
  private static func numbers(in line: [UInt8], from start: Int) -> ([UInt8], Range<Int>)? {
    var at = start
    while let first = line[at...].firstIndex(where: \.isDigit) {
      var numbers: [ArraySlice<UInt8>] = []
      var end = first
      at = first
      while at < line.count, line[at].isDigit {
        end = line[at...].firstIndex { !$0.isDigit } ?? line.count
        numbers.append(line[at..<end])
        guard end < line.count, line[end] == UInt8(ascii: ",") else { break }
        at = end + 1
        while at < line.count, line[at] == UInt8(ascii: " ") { at += 1 }
      }
      if numbers.count > 1 {
        // More than three digits are no byte, however many zeros are among them.
        let bytes = numbers.compactMap { $0.count <= 3 ? UInt8(decimal: $0) : nil }
        return bytes.count == numbers.count ? (bytes, first..<end) : nil
      }
      at = end
    }
    return nil
  }

  /// What stands between delimiters: `<d>protocol<d>address<d>port<d>`, any printable character being one.
  private static func fields(in line: [UInt8], from start: Int) -> ([ArraySlice<UInt8>], Range<Int>)? {
    guard start < line.count, (33...126).contains(line[start]) else { return nil }
    var fields: [ArraySlice<UInt8>] = []
    var at = start + 1
    while fields.count < 3 {
      guard let end = line[at...].firstIndex(of: line[start]) else { return nil }
      fields.append(line[at..<end])
      at = end + 1
    }
    return (fields, start..<at)
  }

  /// `|||`, whatever the delimiter is: in a reply the first two fields have to be empty.
  private static func isOpening(_ line: [UInt8], _ at: Int) -> Bool {
    at + 2 < line.count && (33...126).contains(line[at]) && !line[at].isLetterOrDigit && line[at + 1] == line[at]
      && line[at + 2] == line[at]
  }
}

extension Address {
  /// Of four bytes or sixteen, in network byte order.
  fileprivate init?(_ bytes: ArraySlice<UInt8>) {
    func word(_ bytes: ArraySlice<UInt8>) -> UInt64 { bytes.reduce(0) { $0 << 8 | UInt64($1) } }
    switch bytes.count {
    case 4: self.init(v4: UInt32(word(bytes)))
    case 16: self.init(v6: word(bytes.prefix(8)), word(bytes.suffix(8)))
    default: return nil
    }
  }
}

extension FixedWidthInteger {
  /// Of ASCII digits alone: no sign, no blank.
  init?(decimal digits: ArraySlice<UInt8>) {
    guard !digits.isEmpty, digits.allSatisfy(\.isDigit), let value = Self(String(decoding: digits, as: UTF8.self)) else { return nil }
    self = value
  }
}
