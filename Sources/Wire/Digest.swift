import Crypto

/// A SHA-256 in progress, for what is too large to keep.
package struct Digest: Sendable {
  private var hash = SHA256()

  package init() {}

  package mutating func update(_ bytes: [UInt8]) { hash.update(data: bytes) }

  /// The 64 hexadecimal digits of what was given so far.
  package var hex: String { hexadecimal(hash.finalize()) }

  package static func sha256(_ bytes: [UInt8]) -> String { hexadecimal(SHA256.hash(data: bytes)) }

  /// The 32 hexadecimal digits that APOP sends (RFC 1939 §7).
  package static func md5(_ bytes: [UInt8]) -> String { hexadecimal(Insecure.MD5.hash(data: bytes)) }

  /// The 32 hexadecimal digits that CRAM-MD5 sends (RFC 2195 §2).
  package static func hmacMD5(_ bytes: [UInt8], key: [UInt8]) -> String {
    hexadecimal(HMAC<Insecure.MD5>.authenticationCode(for: bytes, using: SymmetricKey(data: key)))
  }
}

private func hexadecimal(_ bytes: some Sequence<UInt8>) -> String {
  var out = ""
  for byte in bytes { out += (byte < 16 ? "0" : "") + String(byte, radix: 16) }
  return out
}
