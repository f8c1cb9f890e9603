import Inflate
package import Transcript
import Wire

/// What `Content-Encoding` says was done to a body (RFC 9110 §8.4): the codings, in the order in which they were applied.
struct HTTPEncoding {
  private let codings: [Coding?]

  init(_ message: Message) {
    codings = message.headerWords("content-encoding").filter { $0 != "identity" && !$0.isEmpty }.prefix(Self.most).map { coding in
      switch coding {
      case "gzip", "x-gzip": .gzip
      case "deflate": .zlib
      default: nil
      }
    }
  }

  /// Nothing was done, or something that is not undone here: then the body stays as it is.
  var isIdentity: Bool { codings.isEmpty || codings.contains(nil) }

  func encode(_ bytes: [UInt8]) -> [UInt8] {
    isIdentity || bytes.isEmpty
      ? bytes : codings.reduce(bytes) { bytes, coding in coding.map { Deflater.deflate(bytes, $0) } ?? bytes }
  }

  /// What cannot be undone stays as it is, and that is told.
  func decode(_ bytes: [UInt8], limit: Int) -> Decoded {
    guard !isIdentity, !bytes.isEmpty else { return Decoded(bytes) }
    var decoded = Decoded(bytes)
    for coding in codings.reversed() {
      guard let coding, decoded.digest == nil else { continue }
      var intake = Intake()
      do throws(InflateError) {
        try Inflater.inflate(decoded.bytes, Self.actual(coding, decoded.bytes), limit: Self.largest) { intake.append($0, limit: limit) }
      } catch {
        return Decoded(bytes, violation: Violation(error == .tooLarge ? "content-too-large" : "content-encoding", "RFC 9110 §8.4"))
      }
      decoded = Decoded(intake.bytes, size: intake.size, digest: intake.digest)
    }
    return decoded
  }

  /// Some take `deflate` for data with nothing around it. A zlib header is a multiple of 31, and names a method that there is (RFC 1950 §2.2).
  private static func actual(_ coding: Coding, _ bytes: [UInt8]) -> Coding {
    guard coding == .zlib, bytes.count > 1 else { return coding }
    return bytes[0] & 0x0f == 8 && (Int(bytes[0]) << 8 | Int(bytes[1])) % 31 == 0 ? .zlib : .deflate
  }

  /// Nobody applies as many.
  private static let most = 4
  /// Bytes that a body may have once it is decoded; more is a bomb.
  private static let largest = 1 << 28
}

extension HTTP {
  package func decoded(_ payload: [UInt8], of message: Message, limit: Int) -> Decoded {
    HTTPEncoding(message).decode(payload, limit: limit)
  }
}
