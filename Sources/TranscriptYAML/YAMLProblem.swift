import Transcript
import Wire

/// libyaml's complaints, as sentences that say what to write.
enum YAMLProblem {
  static func explain(_ problem: String, at place: Place, context: String?, _ source: SourceText) -> Diagnostic {
    let line = source.lines.indices.contains(place.line - 1) ? String(decoding: source.lines[place.line - 1], as: UTF8.self) : ""
    let character = line.dropFirst(place.column - 1).first
    if problem.contains("mapping values are not allowed") {
      return Diagnostic("': ' or ':' at the end makes a key of what stands before it", at: place, hint: quoted(line))
    }
    if problem.contains("cannot start any token") {
      if character == "\t" { return Diagnostic("a tab cannot indent", at: place, hint: "indent with blanks") }
      let shown = character.map { printable(String($0)) } ?? ""
      return Diagnostic("a text that begins with '\(shown)' needs quotes", at: place, hint: quoted(line))
    }
    if context?.contains("quoted scalar") == true {
      if problem.contains("escape") {
        return Diagnostic(
          "this escape is not known in double quotes", at: place, hint: "write backslashes in single quotes or in a '|' block")
      }
      return Diagnostic("the quote is never closed", at: place)
    }
    if context?.contains("block scalar") == true { return Diagnostic("the block's indentation does not fit: \(problem)", at: place) }
    if context?.contains("flow") == true {
      return Diagnostic(
        "a '[…]' or '{…}' is not closed, or its items are not parted by commas", at: place, hint: "quote a text that holds ',' , '[' or '{'"
      )
    }
    if problem.contains("expected key") || problem.contains("block mapping") || problem.contains("block end")
      || problem.contains("'-' indicator")
    {
      if line.drop(while: { $0 == " " || $0 == "-" }).contains(where: { $0 == "\"" || $0 == "'" }) {
        return Diagnostic(
          "something stands behind a quoted text, or the indentation does not fit", at: place, hint: "quote all of the text")
      }
      return Diagnostic(
        "the indentation does not fit what stands above", at: place,
        hint: "steps of one list begin in one column; the keys of a step stand below its first")
    }
    if problem.contains("simple key") { return Diagnostic("':' is missing behind a key", at: place) }
    if problem.contains("control characters") { return Diagnostic("a control character", at: place, hint: "write it as '${%x1B}'") }
    return Diagnostic(problem, at: place)
  }

  /// The line with its text in quotes.
  private static func quoted(_ line: String) -> String? {
    guard let colon = line.firstRange(of: ": ") else { return nil }
    let text = line[colon.upperBound...].trimmingBlanks
    return "write \(line[..<colon.lowerBound].trimmingBlanks): \(Quoting.quoted(text))"
  }
}

extension StringProtocol {
  var trimmingBlanks: String { String(drop { $0 == " " }.reversed().drop { $0 == " " }.reversed()) }
}
