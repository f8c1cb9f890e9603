import Wire

extension Function {
  /// What the function makes of its arguments, `argumentCounts` of them.
  ///
  /// - `base64(x)`: RFC 4648 §4.
  /// - `plain(user, password)`: the initial response of SASL PLAIN, in base 64 (RFC 4616 §2); a third argument is the authorization identity.
  /// - `basic(user, password)`: the credentials of HTTP's Basic scheme (RFC 7617 §2).
  /// - `apop(stamp, secret)`: the digest of the stamp, angle brackets included, and the secret (RFC 1939 §7).
  /// - `cram-md5(challenge, user, secret)`: the challenge in base 64 as it was received; the response likewise (RFC 2195 §2).
  /// - `repeat(text, count)`: the text that many times, `longestRepetition` bytes at most.
  package func result(_ arguments: [[UInt8]]) throws(Unfillable) -> [UInt8] {
    if let complaint = complaint(about: arguments.count) { throw .argument(self, complaint) }
    switch self {
    case .base64: return Base64.encode(arguments[0])
    case .plain: return Base64.encode((arguments.count > 2 ? arguments[2] : []) + [0] + arguments[0] + [0] + arguments[1])
    case .basic: return Base64.encode(arguments[0] + [UInt8(ascii: ":")] + arguments[1])
    case .apop: return Array(Digest.md5(arguments[0] + arguments[1]).utf8)
    case .cramMD5:
      guard let challenge = Base64.decode(arguments[0]) else { throw .argument(self, "the challenge is not base 64") }
      return Base64.encode(arguments[1] + Array(" \(Digest.hmacMD5(challenge, key: arguments[2]))".utf8))
    case .repeat:
      guard ValueType.number.fits(arguments[1]), let count = Int(String(decoding: arguments[1], as: UTF8.self)), count >= 0 else {
        throw .argument(self, "the count is not a whole number")
      }
      let (length, overflow) = arguments[0].count.multipliedReportingOverflow(by: count)
      guard !overflow, length <= Function.longestRepetition else {
        throw .argument(self, "the result would be longer than \(Function.longestRepetition) bytes")
      }
      var out: [UInt8] = []
      out.reserveCapacity(length)
      // Nothing, a billion times, is nothing.
      if length > 0 { for _ in 0..<count { out += arguments[0] } }
      return out
    }
  }

  /// The result with each name's value from `lookup`, which throws where there is none.
  func result(_ arguments: [Hole.Argument], _ lookup: (String) throws(Unfillable) -> [UInt8]) throws(Unfillable) -> [UInt8] {
    var values: [[UInt8]] = []
    for argument in arguments {
      switch argument {
      case .name(let name): values.append(try lookup(name))
      case .text(let bytes): values.append(bytes)
      case .number(let number): values.append(Array(String(number).utf8))
      }
    }
    return try result(values)
  }

  /// Enough to exceed the size that a mail server usually accepts.
  package static let longestRepetition = 1 << 24
}
