import Glibc

/// What stands in a folder of the project, or beside it.
package enum Folder {
  /// The project's own.
  package static let root = #filePath.split(separator: "/").dropLast(3).reduce("") { $0 + "/" + $1 }

  /// Names, sorted; none where there is no such folder.
  package static func names(in folder: String) -> [String] {
    guard let directory = opendir(folder) else { return [] }
    defer { closedir(directory) }
    var names: [String] = []
    while let entry = readdir(directory) {
      names.append(
        withUnsafePointer(to: &entry.pointee.d_name) { $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) } })
    }
    return names.sorted()
  }

  /// Those of captures.
  package static func captures(in folder: String) -> [String] {
    names(in: folder).filter { $0.hasSuffix(".pcap") || $0.hasSuffix(".pcapng") }
  }
}
