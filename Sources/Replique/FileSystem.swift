import Capture
import Glibc
import Wire

/// The files of a call. The façade owns the file system: rooms below are handed functions that load and store.
enum FileSystem {
  /// Reads a whole file, `-` for standard input.
  ///
  /// - Throws: with the path and the reason; also where it holds more than `limit` bytes.
  static func read(_ path: String, limit: Int = 256 << 20) throws(CallError) -> [UInt8] {
    var out: [UInt8] = []
    try read(path, chunk: 1 << 16) { (bytes) throws(CallError) in
      out += bytes
      guard out.count <= limit else { throw CallError("\(printable(path)): larger than \(limit >> 20) MiB") }
    }
    return out
  }

  /// Hands a whole file over in pieces of at most `chunk` bytes.
  private static func read(_ path: String, chunk: Int, _ take: (ArraySlice<UInt8>) throws(CallError) -> Void) throws(CallError) {
    let descriptor = path == "-" ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw CallError("\(printable(path)): \(reason(errno))") }
    defer { if path != "-" { close(descriptor) } }
    var buffer = [UInt8](repeating: 0, count: chunk)
    while true {
      let count = unsafe buffer.withUnsafeMutableBytes { unsafe Glibc.read(descriptor, $0.baseAddress, $0.count) }
      if count == 0 { return }
      if count < 0 {
        if errno == EINTR { continue }
        throw CallError("\(printable(path)): \(reason(errno))")
      }
      try take(buffer[..<count])
    }
  }

  /// As many bytes as tell what a file holds; of standard input, they are gone then.
  static func beginning(of path: String) throws(CallError) -> [UInt8] {
    let descriptor = path == "-" ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw CallError("\(printable(path)): \(reason(errno))") }
    defer { if path != "-" { close(descriptor) } }
    var bytes: [UInt8] = []
    while bytes.count < 16 {
      var page = [UInt8](repeating: 0, count: 16 - bytes.count)
      let count = unsafe page.withUnsafeMutableBytes { unsafe Glibc.read(descriptor, $0.baseAddress, $0.count) }
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw CallError("\(printable(path)): \(reason(errno))") }
      if count == 0 { break }
      bytes += page[..<count]
    }
    return bytes
  }

  enum Kind { case file, folder }

  static func kind(_ path: String) -> Kind? {
    var info = stat()
    guard unsafe stat(path, &info) == 0 else { return nil }
    return info.st_mode & S_IFMT == S_IFDIR ? .folder : .file
  }

  /// Whether it is a file that can be read again: no pipe, no device.
  static func isRegular(_ path: String) -> Bool {
    var info = stat()
    return unsafe stat(path, &info) == 0 && info.st_mode & S_IFMT == S_IFREG
  }

  /// Files, folders (searched through), globs and `-`, as files in the order given; in a folder by name.
  ///
  /// - Throws: where a name stands for nothing.
  static func expand(_ inputs: [String], endings: Set<String>) throws(CallError) -> [String] {
    var out: [String] = []
    for input in inputs {
      if input == "-" {
        out.append(input)
      } else if kind(input) == .folder {
        out += list(input, endings: endings)
      } else if kind(input) == .file {
        out.append(input)
      } else {
        let matches = glob(input)
        guard !matches.isEmpty else { throw CallError("\(printable(input)): no such file or folder") }
        out += try expand(matches, endings: endings)
      }
    }
    var seen: Set<String> = []
    return out.filter { seen.insert($0).inserted }
  }

  private static func list(_ folder: String, endings: Set<String>, depth: Int = 0) -> [String] {
    guard depth < 32, let directory = unsafe opendir(folder) else { return [] }
    var names: [String] = []
    while let entry = unsafe readdir(directory) {
      let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { pointer in
        unsafe pointer.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(cString: $0) }
      }
      if !name.hasPrefix(".") { names.append(name) }
    }
    unsafe closedir(directory)
    var out: [String] = []
    for name in names.sorted() {
      let path = folder.hasSuffix("/") ? folder + name : "\(folder)/\(name)"
      switch kind(path) {
      case .folder: out += list(path, endings: endings, depth: depth + 1)
      case .file: if endings.contains(where: { name.hasSuffix(".\($0)") }) { out.append(path) }
      case nil: break
      }
    }
    return out
  }

  private static func glob(_ pattern: String) -> [String] {
    var found = glob_t()
    defer { unsafe globfree(&found) }
    guard unsafe Glibc.glob(pattern, 0, nil, &found) == 0, let paths = unsafe found.gl_pathv else { return [] }
    return unsafe (0..<Int(found.gl_pathc)).compactMap { unsafe paths[$0].map { unsafe String(cString: $0) } }
  }

  /// Without a trailing name: `.` for a file in the present folder.
  static func folder(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }

  /// Writes a whole file. It has no name until it is whole, so nothing half-written is left behind, whatever happens.
  ///
  /// - Parameter replacing: whether a file that is there already gives way.
  /// - Returns: false where one was there and stays.
  @discardableResult static func write(_ bytes: [UInt8], to path: String, replacing: Bool = true) throws(CallError) -> Bool {
    try write(bytes, to: FilePlace(path), replacing: replacing)
  }

  @discardableResult static func write(_ bytes: [UInt8], to place: FilePlace, replacing: Bool) throws(CallError) -> Bool {
    var info = stat()
    if replacing, unsafe fstatat(place.folder, place.name, &info, 0) == 0, info.st_mode & S_IFMT != S_IFREG {
      // A device or a pipe is written to, not put in the place of.
      try write(bytes, into: place.name, of: place)
      return true
    }
    let nameless = openat(place.folder, folder(of: place.name), O_WRONLY | O_CLOEXEC | oTmpfile, 0o666)
    guard nameless >= 0 else { return try writeNamed(bytes, to: place, replacing: replacing) }
    defer { close(nameless) }
    guard writeAll(bytes, to: nameless) else { throw failure(place, errno) }
    let source = "/proc/self/fd/\(nameless)"
    if linkat(AT_FDCWD, source, place.folder, place.name, AT_SYMLINK_FOLLOW) == 0 { return true }
    guard errno == EEXIST else { return try writeNamed(bytes, to: place, replacing: replacing) }
    guard replacing else { return false }
    let temporary = temporaryName(place.name)
    unlinkat(place.folder, temporary, 0)
    guard linkat(AT_FDCWD, source, place.folder, temporary, AT_SYMLINK_FOLLOW) == 0, rename(temporary, to: place) else {
      let code = errno
      unlinkat(place.folder, temporary, 0)
      throw failure(place, code)
    }
    return true
  }

  /// The same where a file system knows no files without a name.
  private static func writeNamed(_ bytes: [UInt8], to place: FilePlace, replacing: Bool) throws(CallError) -> Bool {
    var info = stat()
    if !replacing, unsafe fstatat(place.folder, place.name, &info, 0) == 0 { return false }
    let temporary = temporaryName(place.name)
    do throws(CallError) { try write(bytes, into: temporary, of: place) } catch {
      unlinkat(place.folder, temporary, 0)
      throw error
    }
    guard rename(temporary, to: place) else {
      let code = errno
      unlinkat(place.folder, temporary, 0)
      throw failure(place, code)
    }
    return true
  }

  /// - Parameter name: of a file beside the place, or there.
  private static func write(_ bytes: [UInt8], into name: String, of place: FilePlace) throws(CallError) {
    let descriptor = openat(place.folder, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o666)
    guard descriptor >= 0 else { throw failure(place, errno) }
    defer { close(descriptor) }
    guard writeAll(bytes, to: descriptor) else { throw failure(place, errno) }
  }

  private static func rename(_ name: String, to place: FilePlace) -> Bool {
    renameat(place.folder, name, place.folder, place.name) == 0
  }

  private static func temporaryName(_ path: String) -> String {
    "\(folder(of: path))/.\(path.split(separator: "/").last ?? "file").\(getpid())"
  }
  private static func failure(_ place: FilePlace, _ code: CInt) -> CallError {
    CallError("\(printable(place.shown)): \(reason(code))", .incomplete)
  }

  /// `O_TMPFILE` of open(2), a macro that Swift cannot see.
  private static let oTmpfile: CInt = 0o20_000_000 | O_DIRECTORY

  /// False where something could not be written; `errno` says why.
  @discardableResult static func writeAll(_ bytes: [UInt8], to descriptor: CInt) -> Bool {
    var start = 0
    while start < bytes.count {
      let count = unsafe bytes.withUnsafeBytes {
        unsafe Glibc.write(descriptor, $0.baseAddress.map { unsafe $0 + start }, $0.count - start)
      }
      if count < 0 {
        if errno == EINTR { continue }
        return false
      }
      start += count
    }
    return true
  }

  /// Makes a folder and those above it.
  ///
  /// - Parameter owner: whose what is made is to be, where that is not who makes it.
  static func makeFolder(_ path: String, for owner: OrdinaryUser? = nil) throws(CallError) {
    if kind(path) == .folder { return }
    let parent = folder(of: path)
    if parent != path, parent != "." { try makeFolder(parent, for: owner) }
    let isMade = mkdir(path, 0o777) == 0
    guard isMade || errno == EEXIST else { throw failure(FilePlace(path), errno) }
    if isMade, let owner, lchown(path, owner.id, owner.group) != 0 { throw failure(FilePlace(path), errno) }
  }

  /// Opens a file for what is written as it comes. One that holds something already is left alone unless it gives way; a device or a pipe is
  /// written to. Nobody else may read it.
  ///
  /// - Parameter owner: whose it is to be, where that is not who makes it.
  static func create(_ path: String, replacing: Bool, for owner: OrdinaryUser?) throws(CallError) -> CInt {
    let made = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    if made >= 0 {
      if let owner, fchown(made, owner.id, owner.group) != 0 { throw failure(FilePlace(path), errno) }
      return made
    }
    guard errno == EEXIST else { throw failure(FilePlace(path), errno) }
    var info = stat()
    let isKept = unsafe !replacing && stat(path, &info) == 0 && info.st_mode & S_IFMT == S_IFREG && info.st_size > 0
    if isKept { throw CallError("\(printable(path)): there already; --force writes it anew") }
    let found = open(path, O_WRONLY | O_TRUNC | O_CLOEXEC)
    guard found >= 0 else { throw failure(FilePlace(path), errno) }
    return found
  }

  static func join(_ folder: String, _ name: String) -> String { folder.hasSuffix("/") ? folder + name : "\(folder)/\(name)" }

  /// The SHA-256 of a file, read in pieces.
  static func digest(of path: String) throws(CallError) -> String {
    var digest = Digest()
    try read(path, chunk: 1 << 18) { digest.update(Array($0)) }
    return digest.hex
  }

  /// A path from a folder to a file, both as seen from the present folder.
  static func relative(_ path: String, from folder: String) -> String {
    let (to, from) = (absolute(path), absolute(folder))
    let shared = zip(to, from).prefix { $0 == $1 }.count
    return (Array(repeating: "..", count: from.count - shared) + to[shared...]).joined(separator: "/")
  }

  private static func absolute(_ path: String) -> [String] {
    var here = [CChar](repeating: 0, count: Int(PATH_MAX))
    let isKnown = unsafe getcwd(&here, here.count) != nil
    let start =
      path.hasPrefix("/") || !isKnown ? "" : String(decoding: here.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    var parts: [String] = []
    for part in "\(start)/\(path)".split(separator: "/") where part != "." {
      if part == ".." { _ = parts.popLast() } else { parts.append(String(part)) }
    }
    return parts
  }

  /// Where this program stands.
  static var program: String {
    var path = [CChar](repeating: 0, count: Int(PATH_MAX))
    let count = unsafe readlink("/proc/self/exe", &path, path.count)
    return count > 0 ? String(decoding: path.prefix(count).map { UInt8(bitPattern: $0) }, as: UTF8.self) : "replique"
  }

  static func reason(_ code: CInt) -> String {
    switch code {
    case ENOENT: "no such file or folder"
    case EACCES: "permission denied"
    case EISDIR: "is a folder"
    case ENOSPC: "no space left on the device"
    default: unsafe String(cString: strerror(code))
    }
  }
}

/// Standard output and error.
package enum Output {
  /// All of it; a pipe that nobody reads any more is no error.
  package static func write(_ bytes: [UInt8], to descriptor: CInt) { FileSystem.writeAll(bytes, to: descriptor) }
}
