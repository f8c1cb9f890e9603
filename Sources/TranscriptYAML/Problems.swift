import Transcript

/// Everything found wrong while reading one transcript and what it includes; reading goes on, so that all of it is told at once.
final class Problems {
  private var found: [Diagnostic] = []
  private var files: [String: Int] = [:]
  private(set) var errorCount = 0
  /// Whether a file could not be read at all: what stands in it is not known.
  var isBlind = false

  var hasErrors: Bool { errorCount > 0 }
  /// Nothing more is told, so there is no use in finding out.
  var isFull: Bool { errorCount >= Self.most }

  /// In the order of the files, as they came up, and of what stands in them.
  var sorted: [Diagnostic] {
    found.enumerated().sorted { a, b in
      let (first, second) = (a.element.place, b.element.place)
      return (files[first.file] ?? 0, first.line, first.column, a.offset) < (files[second.file] ?? 0, second.line, second.column, b.offset)
    }.map(\.element)
  }

  func open(_ file: String) { if files[file] == nil { files[file] = files.count } }

  func add(_ message: String, at place: Place, hint: String? = nil, severity: Diagnostic.Severity = .error) {
    add(Diagnostic(message, at: place, hint: hint, severity: severity))
  }

  func add(_ diagnostic: Diagnostic) {
    let isError = diagnostic.severity == .error
    let count = isError ? errorCount : found.count - min(errorCount, Self.most)
    if isError { errorCount += 1 }
    // A file that is included twice is wrong once.
    if count < Self.most, !found.contains(diagnostic) { found.append(diagnostic) }
  }

  /// Errors, and warnings, that are told.
  static let most = 100
}
