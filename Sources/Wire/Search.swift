/// The standard library's own search is generic at run time, and takes some fifty times as long over bytes.
extension [UInt8] {
  /// Every place where `bytes` stand, none overlapping the one before it.
  package func ranges(of bytes: [UInt8]) -> [Range<Int>] {
    var out: [Range<Int>] = []
    var at = 0
    while let found = range(of: bytes, from: at) {
      out.append(found)
      at = found.upperBound
    }
    return out
  }

  /// The first place where `bytes` stand; nil where there is none, and for no bytes.
  package func firstRange(of bytes: [UInt8]) -> Range<Int>? { range(of: bytes, from: 0) }

  private func range(of bytes: [UInt8], from start: Int) -> Range<Int>? {
    guard let first = bytes.first else { return nil }
    var at = start
    candidates: while at + bytes.count <= count {
      if self[at] == first {
        for i in bytes.indices.dropFirst() where self[at + i] != bytes[i] {
          at += 1
          continue candidates
        }
        return at..<at + bytes.count
      }
      at += 1
    }
    return nil
  }
}
