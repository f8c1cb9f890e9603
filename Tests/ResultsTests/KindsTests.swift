import Results
import Testing

#if canImport(Glibc)
  import Glibc
#endif

@Suite struct KindsTests {
  /// What a reader is told of, a transcript may name, and the other way round.
  @Test func `the kinds are those that the documentation lists`() throws {
    let path = #filePath.split(separator: "/").dropLast(3).map { "/" + $0 }.joined() + "/Documentation/differences.md"
    let rows = try lines(of: path).filter { $0.hasPrefix("| `") }
    let names = rows.flatMap { row in
      row.split(separator: "|")[0].split(separator: "`").filter { $0.allSatisfy { $0.isLetter || $0.isNumber || $0 == "-" } }
    }
    #expect(names.map(String.init).sorted() == Difference.kinds)
    #expect(Difference.kinds == Difference.kinds.sorted())
  }

  private func lines(of path: String) throws -> [String] {
    let file = try #require(unsafe fopen(path, "r"))
    defer { unsafe fclose(file) }
    var out: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 65536)
    while case let count = unsafe fread(&chunk, 1, chunk.count, file), count > 0 { out += chunk[..<count] }
    return String(decoding: out, as: UTF8.self).split(separator: "\n").map(String.init)
  }
}
