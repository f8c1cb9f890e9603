package import Wire

extension ValueType {
  /// A new value of this type, for sending; `now` counts from the Unix epoch. Nil where one made up would be wrong for sure: an address
  /// and a port name something that is there.
  package func fresh(at now: Instant, using generator: inout some RandomNumberGenerator) -> [UInt8]? {
    switch self {
    case .any, .word, .token: characters(16, of: letters, &generator)
    case .number: Array(String(Int.random(in: 1...999_999_999, using: &generator)).utf8)
    case .hex: characters(16, of: hexadecimal, &generator)
    case .base64: Base64.encode((0..<12).map { _ in UInt8.random(in: .min ... .max, using: &generator) })
    case .uuid: randomUUID(&generator)
    // A name that is nobody's (RFC 2606 §2).
    case .host: characters(12, of: letters, &generator) + Array(".invalid".utf8)
    case .path: Array("/".utf8) + characters(16, of: letters, &generator)
    case .time: Array(now.rfc3339.utf8.dropFirst(11).prefix(8))
    case .date: Array(mailDate(now).utf8)
    case .ip, .port: nil
    }
  }
}

private let letters = Array("0123456789abcdefghijklmnopqrstuvwxyz".utf8)
private let hexadecimal = Array("0123456789abcdef".utf8)

private func characters(_ count: Int, of alphabet: [UInt8], _ generator: inout some RandomNumberGenerator) -> [UInt8] {
  (0..<count).map { _ in alphabet[Int.random(in: alphabet.indices, using: &generator)] }
}

/// Version 4 (RFC 9562 §5.4).
private func randomUUID(_ generator: inout some RandomNumberGenerator) -> [UInt8] {
  var digits = characters(32, of: hexadecimal, &generator)
  digits[12] = UInt8(ascii: "4")
  digits[16] = hexadecimal[Int.random(in: 8...11, using: &generator)]
  for dash in [8, 13, 18, 23] { digits.insert(UInt8(ascii: "-"), at: dash) }
  return digits
}

/// As mail writes it (RFC 5322 §3.3), in UTC: `Mon, 23 Nov 2026 07:34:41 +0000`.
private func mailDate(_ now: Instant) -> String {
  let text = Array(now.rfc3339)
  let (days, seconds) = now.nanoseconds.quotientAndRemainder(dividingBy: 86_400_000_000_000)
  // 1970-01-01 was a Thursday.
  let weekday = ((days - (seconds < 0 ? 1 : 0) + 4) % 7 + 7) % 7
  let month = Int(String(text[5..<7])) ?? 1
  let name = DateNotation.weekdays[Int(weekday)].prefix(3)
  return "\(name), \(String(text[8..<10])) \(DateNotation.months[month - 1]) \(String(text[0..<4])) \(String(text[11..<19])) +0000"
}
