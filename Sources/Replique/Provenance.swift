import Wire

/// Where conversations come from, as transcripts name it.
enum Provenance {
  /// A file, or `-` for standard input.
  case capture(String)
  /// An interface that was listened to from then on, and the file that its packets went to, where there is one that stays.
  case interface(String, since: Instant, log: String?)

  /// What names of transcripts begin with. That of an interface holds the time: another recording has other names.
  var stem: String {
    switch self {
    case .capture("-"): "stdin"
    case .capture(let path), .interface(_, _, let path?): String(CaptureFiles.stem(path))
    case .interface(let name, let since, nil): "\(name)-\(since.rfc3339.prefix(19).filter { $0 != "-" && $0 != ":" })Z"
    }
  }

  /// The file that transcripts refer to; nil where there is none that stays.
  var file: String? {
    switch self {
    case .capture(let path): FileSystem.isRegular(path) ? path : nil
    case .interface(_, _, let path): path
    }
  }

  /// Whether the file is still being written, and so has no digest yet.
  var isGrowing: Bool { if case .interface = self { true } else { false } }
}
