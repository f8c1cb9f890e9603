/// Which byte a character of a text begins at: libyaml's marks count characters.
///
/// Every `stride`-th character's byte is kept, so that a look-up walks over a few characters, however long the text.
struct CharacterOffsets {
  private let bytes: [UInt8]
  /// Empty where every character is one byte.
  private let checkpoints: [Int]

  /// - Parameter bytes: valid UTF-8.
  init(_ bytes: [UInt8]) {
    self.bytes = bytes
    var checkpoints: [Int] = []
    if !bytes.allSatisfy({ $0 < 0x80 }) {
      var character = 0
      for (at, byte) in bytes.enumerated() where byte & 0xc0 != 0x80 {
        if character % Self.stride == 0 { checkpoints.append(at) }
        character += 1
      }
    }
    self.checkpoints = checkpoints
  }

  /// The byte at which that character begins, counted from 0; for those behind the last one, the end.
  func offset(of character: Int) -> Int {
    guard !checkpoints.isEmpty else { return min(character, bytes.count) }
    guard checkpoints.indices.contains(character / Self.stride) else { return bytes.count }
    var at = checkpoints[character / Self.stride]
    for _ in 0..<(character % Self.stride) where at < bytes.count {
      at += 1
      while at < bytes.count, bytes[at] & 0xc0 == 0x80 { at += 1 }
    }
    return at
  }

  private static let stride = 64
}
