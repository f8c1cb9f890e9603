import Testing
import Transcript
import TranscriptYAML

/// A file with places marked in it: 1️⃣ stands before the character that is meant.
struct Marked {
  let file: String
  let text: String
  let places: [Place]

  init(_ marked: String, file: String = "t.yaml") {
    self.file = file
    var places: [Place] = []
    var text = String.UnicodeScalarView()
    var line = 1
    var column = 1
    var rest = marked.unicodeScalars[...]
    while let scalar = rest.first {
      if rest.starts(with: Self.mark.unicodeScalars) {
        places.append(Place(file: file, line: line, column: column))
        rest = rest.dropFirst(Self.mark.unicodeScalars.count)
        continue
      }
      text.append(scalar)
      rest = rest.dropFirst()
      (line, column) = scalar == "\n" ? (line + 1, 1) : (line, column + 1)
    }
    self.text = String(text)
    self.places = places
  }

  private static let mark = "1️⃣"
}

/// Reads a transcript whose files are these.
func read(_ text: String, file: String = "t.yaml", files: [String: String] = [:], under folder: String? = nil) -> (
  Transcript?, [Diagnostic]
) {
  TranscriptReader { (path) throws(LoadError) in
    guard let text = files[path] else { throw LoadError(description: "\(path): no such file") }
    return Array(text.utf8)
  }.read(Array(text.utf8), file: file, under: folder)
}

/// What is wrong with a marked file: at each mark, in their order, a diagnostic whose message or hint holds the text that goes with it.
func expect(
  _ marked: String, _ messages: String..., files: [String: String] = [:], severity: Diagnostic.Severity = .error,
  sourceLocation: SourceLocation = #_sourceLocation
) {
  let marked = Marked(marked)
  let (transcript, found) = read(marked.text, files: files)
  let told = found.map { "\($0.place) \($0.message) (\($0.hint ?? ""))" }.joined(separator: "\n")
  #expect((transcript == nil) == (severity == .error), sourceLocation: sourceLocation)
  #expect(found.count == messages.count && found.allSatisfy { $0.severity == severity }, "\(told)", sourceLocation: sourceLocation)
  for (diagnostic, (place, message)) in zip(found, zip(marked.places, messages)) {
    #expect(
      diagnostic.place.line == place.line && diagnostic.place.column == place.column,
      "\(diagnostic.place), not \(place): \(diagnostic.message)",
      sourceLocation: sourceLocation)
    #expect(diagnostic.message.contains(message) || diagnostic.hint?.contains(message) == true, "\(told)", sourceLocation: sourceLocation)
  }
}

/// A transcript of SMTP with these lines in its exchange.
func smtp(_ steps: String) -> String { transcript("smtp", steps) }
func ftp(_ steps: String) -> String { transcript("ftp", steps) }
func pop3(_ steps: String) -> String { transcript("pop3", steps) }

private func transcript(_ dialect: String, _ steps: String) -> String {
  "replique: 1\nprotocol: \(dialect)\nexchange:\n"
    + steps.split(separator: "\n", omittingEmptySubsequences: false).map { "  \($0)" }.joined(separator: "\n")
}

/// The steps of a transcript that must be right.
func steps(_ text: String, files: [String: String] = [:], sourceLocation: SourceLocation = #_sourceLocation) throws -> [Step] {
  let (transcript, found) = read(text, files: files)
  #expect(found.filter { $0.severity == .error } == [], sourceLocation: sourceLocation)
  return try #require(transcript?.conversations.first?.steps, sourceLocation: sourceLocation)
}

/// The texts of a head.
func head(_ step: Step?) -> [String] { step?.message?.head.map(\.template) ?? [] }
