import Wire

/// One thing wrong with a transcript, or worth saying about it: the only such type, for the reader and the linter alike.
package struct Diagnostic: Error, Sendable, Hashable {
  package enum Severity: String, Sendable, Hashable { case error, warning }

  package var severity: Severity
  package var message: String
  package var place: Place
  /// What to write instead, if that is known.
  package var hint: String?

  package init(_ message: String, at place: Place, hint: String? = nil, severity: Severity = .error) {
    self.message = message
    self.place = place
    self.hint = hint
    self.severity = severity
  }

  /// As a terminal shows it:
  ///
  ///     mail.yaml:12:12: error: '${' is never closed
  ///     12 |   - S: 220 ${name
  ///        |            ^^^^^^
  ///     hint: write '$${' for the characters themselves
  package func rendered(in sources: [SourceText]) -> String {
    var out = "\(place): \(severity.rawValue): \(message)"
    if let excerpt = sources.lazy.map({ $0.excerpt(place) }).first(where: { !$0.isEmpty }) { out += "\n" + excerpt }
    if let hint { out += "\nhint: \(hint)" }
    return out
  }
}

/// The candidate nearest to a misspelt word, or nil where none is near.
package func nearest(to word: String, among candidates: some Sequence<String>) -> String? {
  guard word.utf8.count <= longestWord else { return nil }
  let letters = Array(word.lowercased())
  let limit = max(1, letters.count / 3)
  return candidates.lazy.map { ($0, distance(letters, Array($0.lowercased()))) }
    .filter { $0.1 <= limit }.min { ($0.1, $0.0) < ($1.1, $1.0) }?.0
}

/// Nobody misspells longer ones.
private let longestWord = 64

/// Edits between two words, a swap of neighbours counted as one.
private func distance(_ a: [Character], _ b: [Character]) -> Int {
  var rows = [Array(0...b.count)]
  for i in a.indices {
    var row = [i + 1]
    for j in b.indices {
      var best = min(rows[i][j] + (a[i] == b[j] ? 0 : 1), rows[i][j + 1] + 1, row[j] + 1)
      if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] { best = min(best, rows[i - 1][j - 1] + 1) }
      row.append(best)
    }
    rows.append(row)
  }
  return rows[a.count][b.count]
}

extension String {
  /// The text as a message quotes it: fit for a terminal, and cut where it is long.
  package var shown: String {
    let start = unicodeScalars.prefix(Self.longestShown)
    return printable(String(start)) + (start.endIndex < unicodeScalars.endIndex ? "…" : "")
  }

  private static let longestShown = 60
}
