import Capture
import Glibc
import Wire

/// A folder that is open: what is put into it needs no path, which may lead through folders that are closed to us by then. Open until the
/// program ends.
struct OpenFolder {
  let path: String
  let descriptor: CInt

  /// Opens a folder; makes it, and those above it, where it is not there.
  ///
  /// - Parameter owner: whose what is made is to be, where that is not who makes it.
  init(_ path: String, madeFor owner: OrdinaryUser?) throws(CallError) {
    try FileSystem.makeFolder(path, for: owner)
    self.path = path
    descriptor = open(path, Self.oPath | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { throw CallError("\(printable(path)): \(FileSystem.reason(errno))", .incomplete) }
  }

  /// Whether files can be put into it by who we are now.
  var isWritable: Bool { faccessat(descriptor, ".", W_OK | X_OK, 0) == 0 }

  /// `O_PATH` of open(2): a folder that may be written to, and perhaps not read.
  private static let oPath: CInt = 0o10_000_000
}

/// Where a file is to be.
struct FilePlace {
  /// For messages.
  let shown: String
  /// What `name` is relative to, where it is relative.
  let folder: CInt
  let name: String

  init(_ path: String) {
    shown = path
    folder = AT_FDCWD
    name = path
  }

  init(_ name: String, in folder: OpenFolder) {
    shown = FileSystem.join(folder.path, name)
    self.folder = folder.descriptor
    self.name = name
  }
}
