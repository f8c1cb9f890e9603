/// What a payload is once its encodings are undone.
package struct Decoded: Sendable {
  package var bytes: [UInt8]
  /// In bytes, and the SHA-256 where `bytes` are not all.
  package var size: Int
  package var digest: String?
  /// Why they could not be undone, if they could not.
  package var violation: Violation?

  package init(_ bytes: [UInt8], size: Int? = nil, digest: String? = nil, violation: Violation? = nil) {
    self.bytes = bytes
    self.size = size ?? bytes.count
    self.digest = digest
    self.violation = violation
  }
}
