import Testing
import Wire

@Suite struct SearchTests {
  @Test(arguments: [
    ("secret", "the secret and the secret", [4..<10, 19..<25]), ("aa", "aaaaa", [0..<2, 2..<4]), ("ab", "aab", [1..<3]),
    ("x", "x", [0..<1]), ("x", "", []), ("", "x", []), ("longer", "long", []), ("abab", "ababab", [0..<4]), ("y", "xxxy", [3..<4]),
  ])
  func `bytes are found wherever they stand`(needle: String, text: String, ranges: [Range<Int>]) {
    #expect(Array(text.utf8).ranges(of: Array(needle.utf8)) == ranges)
    #expect(Array(text.utf8).firstRange(of: Array(needle.utf8)) == ranges.first)
  }
}
