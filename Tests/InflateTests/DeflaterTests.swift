import Inflate
import Testing

@Suite struct DeflaterTests {
  static let text = Array(String(repeating: "Bonjour, monde. ", count: 10_000).utf8)

  @Test(arguments: [Coding.gzip, .zlib, .deflate], [[], [7], text]) func `what was compressed comes back`(
    coding: Coding, content: [UInt8]
  ) throws {
    #expect(try inflated(Deflater.deflate(content, coding), coding) == content)
  }

  @Test(arguments: [Coding.gzip, .zlib]) func `what ends too early, at any byte, is not whole`(coding: Coding) {
    let bytes = Deflater.deflate(Self.text, coding)
    for end in 0..<bytes.count { #expect(throws: InflateError.cutShort) { try inflated(Array(bytes[..<end]), coding) } }
  }

  @Test func `damage is seen, and what is no such format`() {
    var bytes = Deflater.deflate(Self.text, .gzip)
    bytes[bytes.count - 6] ^= 1
    #expect(throws: InflateError.self) { try inflated(bytes, .gzip) }
    #expect(throws: InflateError.self) { try inflated(Array("<html>".utf8), .gzip) }
    #expect(throws: InflateError.self) { try inflated(Array("<html>".utf8), .zlib) }
    #expect(throws: InflateError.self) { try inflated([], .gzip) }
  }

  @Test func `members of gzip one behind the other are one content, anything else behind them is left out`() throws {
    let member = Deflater.deflate(Array("ab".utf8), .gzip)
    #expect(try inflated(member + member, .gzip) == Array("abab".utf8))
    #expect(try inflated(member + [1, 2, 3], .gzip) == Array("ab".utf8))
  }

  @Test func `a bomb goes off no further than its limit`() {
    let bomb = Deflater.deflate([UInt8](repeating: 0, count: 50 << 20), .gzip)
    #expect(bomb.count < 100_000)
    var handed = 0
    #expect(throws: InflateError.tooLarge) { try Inflater.inflate(bomb, .gzip, limit: 1 << 20) { handed += $0.count } }
    #expect(handed <= 1 << 20)
  }

  private func inflated(_ bytes: [UInt8], _ coding: Coding) throws -> [UInt8] { try Inflater.inflate(bytes, coding, limit: 1 << 20) }
}
