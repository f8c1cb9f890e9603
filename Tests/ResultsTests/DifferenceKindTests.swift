import Glibc
import Results
import Support
import Testing

/// The list of kinds, the page that explains them and what the sources can give are one.
@Suite struct DifferenceKindTests {
  @Test func `no kind is listed twice`() {
    #expect(Set(DifferenceKind.all).count == DifferenceKind.all.count)
  }

  @Test func `every kind has its row in the documentation, and every row its kind`() throws {
    let page = try Project.text("Documentation/differences.md")
    let documented = page.split(separator: "\n").filter { $0.hasPrefix("| `") }.flatMap { row in
      row.dropFirst().prefix { $0 != "|" }.matches(of: /`([a-z0-9-]+)`/).map { String($0.1) }
    }
    #expect(documented.sorted() == DifferenceKind.all.sorted())
  }

  /// The sources are read, not run: whatever they write where a kind is named, in the forms that they use.
  @Test func `every kind that the sources can give is listed`() throws {
    var given: Set<String> = []
    for source in try sources(["Dialects", "Verification", "Play"]) {
      for match in source.matches(of: /\.(?:note|drift|divergence|violation),\s*"([a-z0-9-]+)"/) { given.insert(String(match.1)) }
      for match in source.matches(of: /(?:Violation|tell)\("([a-z0-9-]+)"/) { given.insert(String(match.1)) }
      for match in source.matches(of: /\? "((?:missing|forbidden)-[a-z]+)" : "([a-z-]+)"/) {
        given.formUnion([String(match.1), String(match.2)])
      }
    }
    for source in try sources(["Dialects"]) {
      // A facet is another one, gone, or new; a code is never gone.
      for match in source.matches(of: /(?:Facet\(|kind: )"([a-z-]+)"/) {
        let kind = String(match.1)
        given.formUnion(kind == "reply-code" ? [kind] : [kind, "missing-\(kind)", "new-\(kind)"])
      }
      // A part that a reply lacks altogether.
      for match in source.matches(of: /PartShape\("([a-z]+)"/) { given.insert("missing-\(match.1)") }
    }
    #expect(given.count > 30)
    #expect(given.subtracting(DifferenceKind.all).sorted() == [])
  }

  @Test func `every kind that is listed stands somewhere in the sources`() throws {
    let all = try sources(["Dialects", "Verification", "Play"]).joined()
    let nowhere = DifferenceKind.all.filter { kind in
      let stem = kind.replacing(/^(?:missing|new|forbidden)-/, with: "")
      return !all.contains("\"\(kind)\"") && !all.contains("\"\(stem)\"")
    }
    #expect(nowhere == [])
  }

  private func sources(_ rooms: [String]) throws -> [String] {
    let files = Project.sources(under: rooms)
    #expect(files.count > 10)
    return try files.map(Project.text)
  }
}

/// Files of the project, read in place.
enum Project {
  static let root = Folder.root

  static func text(_ path: String) throws -> String {
    let file = try #require(fopen(root + "/" + path, "r"), "\(path) cannot be read")
    defer { fclose(file) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while case let count = fread(&buffer, 1, buffer.count, file), count > 0 { bytes += buffer[..<count] }
    return String(decoding: bytes, as: UTF8.self)
  }

  static func sources(under rooms: [String]) -> [String] { rooms.flatMap { files(in: "Sources/\($0)") } }

  private static func files(in folder: String) -> [String] {
    Folder.names(in: "\(root)/\(folder)").flatMap { name in
      if name.hasSuffix(".swift") { return ["\(folder)/\(name)"] }
      return name.contains(".") ? [] : files(in: "\(folder)/\(name)")
    }.sorted()
  }
}
