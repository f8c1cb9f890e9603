import Glibc
import Support
import Testing

/// The project's folder, and what lies beside it.
enum Project {
  static let root = Folder.root
  static let examples = files(in: root + "/../shared/examples")
  static let shipped = ["lab", "examples"].flatMap { files(in: root + "/Transcripts/\($0)") }

  static func bytes(of path: String) throws -> [UInt8] {
    let file = try #require(unsafe fopen(path, "r"))
    defer { unsafe fclose(file) }
    var out: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 65536)
    while case let count = unsafe fread(&chunk, 1, chunk.count, file), count > 0 { out += chunk[..<count] }
    return out
  }

  /// Paths, sorted; none where there is no such folder.
  private static func files(in folder: String) -> [String] {
    Folder.names(in: folder).filter { $0.hasSuffix(".yaml") }.map { "\(folder)/\($0)" }
  }
}
