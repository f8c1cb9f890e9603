import Dialects
import Transcript

/// What lies around a transcript: the dialects there are, and the files that it may name.
struct Library {
  let dialects: [any Dialect]
  let load: TranscriptReader.Load
  /// Nothing outside of it is loaded.
  private let root: [String]
  let included = Included()

  init(dialects: [any Dialect], load: @escaping TranscriptReader.Load, folder: String) {
    self.dialects = dialects
    self.load = load
    root = Self.parts(folder)
  }

  /// Why a path cannot be followed.
  enum Refusal: Error { case absolute, outside, odd }

  /// A path that `file` names, put together with its folder.
  func resolve(_ path: String, from file: String) throws(Refusal) -> String {
    guard path.unicodeScalars.allSatisfy({ $0.value >= 0x20 && $0.value != 0x7f }), (1...Self.longestPath).contains(path.utf8.count) else {
      throw .odd
    }
    guard !path.utf8.starts(with: "/".utf8) else { throw .absolute }
    var parts = Self.folder(of: file)
    // Of a folder that was named in another way, nothing can be said but that what is below it is below it.
    let depth = parts.starts(with: root) ? root.count : parts.count
    for part in path.split(separator: "/") where part != "." {
      if part != ".." {
        parts.append(String(part))
      } else {
        guard parts.count > depth else { throw .outside }
        parts.removeLast()
      }
    }
    guard parts.count > depth else { throw .odd }
    return parts.joined(separator: "/")
  }

  /// What was included so far, all in all: files that include each other in many ways would never end.
  final class Included {
    private var files = 0
    private var bytes = 0

    func takes(_ count: Int) -> Bool {
      files += 1
      bytes += count
      return files <= mostFiles && bytes <= SourceText.mostBytes
    }
  }

  static let mostFiles = 1000
  /// Bytes; no file system here has longer ones.
  private static let longestPath = 4096

  static func folder(of file: String) -> [String] { parts(file).dropLast() }

  /// An absolute path begins with nothing.
  private static func parts(_ path: String) -> [String] {
    var parts = path.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
    while parts.last?.isEmpty == true { parts.removeLast() }
    return parts.enumerated().filter { $0.offset == 0 || !$0.element.isEmpty && $0.element != "." }.map(\.element)
  }
}
