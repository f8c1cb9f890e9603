import Glibc
import Reports
import Results
import Testing

/// Each sample as every report tells it, compared with `Fixtures/NAME/`.
///
/// `REPLIQUE_REWRITE_GOLDEN=1 swift test --filter GoldenTests` writes the files anew; never where `CI` is set.
@Suite struct GoldenTests {
  @Test(arguments: Samples.all.map(\.name)) func `every report tells a sample as it did`(_ name: String) throws {
    let result = try #require(Samples.all.first { $0.name == name }?.result)
    try Golden.compare(Array(TerminalReport(isVerbose: false, usesColor: false).render(result).utf8), "\(name)/expected.txt")
    try Golden.compare(Array(TerminalReport(isVerbose: true, usesColor: false).render(result).utf8), "\(name)/expected-verbose.txt")
    try Golden.compare(Report.junit.render(result), "\(name)/expected.xml")
    try Golden.compare(Report.json.render(result), "\(name)/expected.json")
  }
}

enum Golden {
  static let isRewriting = set("REPLIQUE_REWRITE_GOLDEN") == "1" && set("CI") == nil

  static func compare(_ bytes: [UInt8], _ name: String, sourceLocation: SourceLocation = #_sourceLocation) throws {
    let path = folder + name
    if isRewriting {
      mkdir(folder, 0o755)
      mkdir(String(path.prefix(upTo: path.lastIndex(of: "/") ?? path.endIndex)), 0o755)
      let file = try #require(fopen(path, "w"), "\(path) cannot be written", sourceLocation: sourceLocation)
      defer { fclose(file) }
      #expect(fwrite(bytes, 1, bytes.count, file) == bytes.count)
    }
    let expected = String(decoding: try read(name), as: UTF8.self)
    #expect(String(decoding: bytes, as: UTF8.self) == expected, "\(name)", sourceLocation: sourceLocation)
  }

  static func read(_ name: String) throws -> [UInt8] {
    let file = try #require(fopen(folder + name, "r"), "\(name) is not there: REPLIQUE_REWRITE_GOLDEN=1 writes it")
    defer { fclose(file) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while case let count = fread(&buffer, 1, buffer.count, file), count > 0 { bytes += buffer[..<count] }
    return bytes
  }

  private static let folder = #filePath.split(separator: "/").dropLast().reduce("") { $0 + "/" + $1 } + "/Fixtures/"
  private static func set(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }
}
