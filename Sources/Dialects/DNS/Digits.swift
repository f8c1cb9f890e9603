import Wire

/// Hexadecimal digits in upper case, as zone files have them.
enum Hexadecimal {
  static func encode(_ message: Span<UInt8>, _ range: Range<Int>) -> [UInt8] {
    var out: [UInt8] = []
    out.reserveCapacity(range.count * 2)
    for i in range { out += [digits[Int(message[i] >> 4)], digits[Int(message[i] & 15)]] }
    return out
  }

  static func encode(_ bytes: [UInt8]) -> [UInt8] { encode(bytes.span, 0..<bytes.count) }

  static func decode(_ text: some Collection<UInt8>) -> [UInt8]? {
    guard text.count % 2 == 0, text.allSatisfy(\.isHexadecimal) else { return nil }
    var out: [UInt8] = []
    var high: UInt8?
    for digit in text {
      let value = digit.isDigit ? digit - 48 : (digit | 0x20) - 87
      if let first = high {
        out.append(first << 4 | value)
        high = nil
      } else {
        high = value
      }
    }
    return out
  }

  private static let digits = Array("0123456789ABCDEF".utf8)
}

/// Base 32 with the alphabet that keeps the order, without padding (RFC 4648 §7): NSEC3's hashes (RFC 5155 §3.3).
enum Base32 {
  static func encode(_ bytes: [UInt8]) -> [UInt8] {
    var out: [UInt8] = []
    var (word, bits) = (UInt32(0), UInt32(0))
    for byte in bytes {
      word = word << 8 | UInt32(byte)
      bits += 8
      while bits >= 5 {
        bits -= 5
        out.append(digits[Int(word >> bits & 31)])
      }
      word &= (1 << bits) - 1
    }
    if bits > 0 { out.append(digits[Int(word << (5 - bits) & 31)]) }
    return out
  }

  static func decode(_ text: some Collection<UInt8>) -> [UInt8]? {
    var out: [UInt8] = []
    var (word, bits) = (UInt32(0), UInt32(0))
    for character in text {
      let upper = character.isLetter ? character & 0xdf : character
      guard let value = digits.firstIndex(of: upper) else { return nil }
      word = word << 5 | UInt32(value)
      bits += 5
      guard bits >= 8 else { continue }
      bits -= 8
      out.append(UInt8(word >> bits & 255))
      word &= (1 << bits) - 1
    }
    return word == 0 && bits < 5 ? out : nil
  }

  private static let digits = Array("0123456789ABCDEFGHIJKLMNOPQRSTUV".utf8)
}

/// Seconds since the epoch, as a signature's times are written: `20261123073441`, UTC (RFC 4034 §3.2).
enum SignatureTime {
  static func text(_ seconds: UInt32) -> [UInt8] {
    Array(Instant(nanoseconds: Int64(seconds) * 1_000_000_000).rfc3339.utf8.filter(\.isDigit).prefix(14))
  }

  /// Ten digits or fewer are the seconds themselves.
  static func seconds(_ text: some Collection<UInt8>) -> UInt32? {
    guard !text.isEmpty, text.count <= 14, text.allSatisfy(\.isDigit) else { return nil }
    let digits = text.map { Int64($0) - 48 }
    func number(_ range: Range<Int>) -> Int64 { digits[range].reduce(0) { $0 * 10 + $1 } }
    guard digits.count == 14 else { return UInt32(exactly: number(0..<digits.count)) }
    let (year, month, day) = (number(0..<4), number(4..<6), number(6..<8))
    guard year >= 1970, (1...12).contains(month), (1...31).contains(day) else { return nil }
    // Years begin in March, so that a leap day comes last.
    let shifted = month > 2 ? year : year - 1
    let days = shifted * 365 + shifted / 4 - shifted / 100 + shifted / 400 + (153 * ((month + 9) % 12) + 2) / 5 + day - 719_469
    return UInt32(exactly: days * 86_400 + number(8..<10) * 3600 + number(10..<12) * 60 + number(12..<14))
  }
}
