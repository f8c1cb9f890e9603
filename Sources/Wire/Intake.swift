/// Bytes as they come in: all of them up to a limit; beyond it only the first of them, how many there were, and their SHA-256.
package struct Intake: Sendable {
  /// All there were, where there is no digest; else the first of them.
  package private(set) var bytes: [UInt8] = []
  /// How many there were.
  package private(set) var size = 0
  private var hash: Digest?

  package init() {}

  /// Takes more of them. Of all, `limit` are kept.
  package mutating func append(_ more: Span<UInt8>, limit: Int) {
    size += more.count
    if hash == nil, size > limit {
      hash = Digest()
      hash?.update(bytes)
    }
    let kept = min(more.count, limit - bytes.count)
    more.withUnsafeBufferPointer { buffer in
      if kept > 0 { bytes.append(contentsOf: buffer[..<kept]) }
      if hash != nil { hash?.update(Array(buffer)) }
    }
  }

  /// SHA-256 in hexadecimal digits, where not all of them were kept.
  package var digest: String? { hash?.hex }
}
