import Transcript
import Wire

/// One of libyaml's complaints, to be told as a sentence that says what to write.
struct YAMLProblem {
  /// In libyaml's words.
  var problem: String
  var place: Place
  /// What libyaml was doing, and where that began.
  var context: String
  var begin: Place
  var source: SourceText

  var diagnostic: Diagnostic {
    if problem.contains("mapping values are not allowed") { return colon }
    if problem.contains("cannot start any token") || problem.contains("expected node content") { return start(at: place) }
    if problem.contains("mapping keys are not allowed") || problem.contains("sequence entries are not allowed") { return start(at: place) }
    if problem.contains("tab character") { return Diagnostic("a tab cannot indent", at: place, hint: "indent with blanks") }
    if context.contains("an alias") || context.contains("an anchor") || context.contains("a tag") { return start(at: begin) }
    if context.contains("directive") { return Diagnostic("directives ('%…') are not allowed", at: begin) }
    if context.contains("quoted scalar") { return quote }
    if context.contains("block scalar") {
      return character(at: begin.column) == "|" && problem.contains("indentation indicator")
        ? Diagnostic("the number behind '|' is 1 to 9", at: place) : start(at: begin)
    }
    if context.contains("flow") || problem.contains("unexpected ':'") { return flow }
    if problem.contains("document start") {
      return Diagnostic("something stands behind the end of the transcript", at: place, hint: "a transcript is one mapping")
    }
    if problem.contains("expected key") || problem.contains("block end") || problem.contains("'-' indicator") { return indentation }
    if problem.contains("expected ':'") {
      return Diagnostic("':' is missing behind a key", at: begin.line > 0 ? begin : place, hint: "a key is less than 1024 characters long")
    }
    return Diagnostic(problem, at: place)
  }

  private var colon: Diagnostic {
    // The line's own key, taken for a part of the text above.
    let isKey = !before.contains(UInt8(ascii: ":"))
    return Diagnostic(
      "':' with a blank or nothing behind it makes a key of what stands before it", at: place,
      hint: isKey ? "the indentation does not fit what stands above" : quoted ?? "put the text in quotes")
  }

  /// A character at a text's start that means something to YAML.
  private func start(at place: Place) -> Diagnostic {
    let first = character(at: place.column, line: place.line)
    if first == nil, place.line >= source.lineCount { return Diagnostic("the file ends within a list or mapping", at: place) }
    if first == "\t" { return Diagnostic("a tab cannot indent", at: place, hint: "indent with blanks") }
    let shown = first.map { printable(String($0)) } ?? ""
    return Diagnostic(
      first == "-" || first == "?" ? "a text that begins with '\(shown) ' needs quotes" : "a text that begins with '\(shown)' needs quotes",
      at: place, hint: quoted ?? "put the text in quotes")
  }

  private var quote: Diagnostic {
    if problem.contains("escape") || problem.contains("hexdecimal") || problem.contains("Unicode") {
      return Diagnostic(
        "this escape is not known in double quotes", at: place, hint: "write backslashes in single quotes or in a '|' block")
    }
    return Diagnostic("the quote is never closed", at: begin)
  }

  private var flow: Diagnostic {
    let open = begin.line > 0 ? character(at: begin.column, line: begin.line) : nil
    if problem.contains("expected ','") || problem.contains("unexpected ':'") {
      // Where the file ends, nothing else can be wrong.
      guard place.line < source.lineCount || character(at: place.column) != nil else {
        return Diagnostic("'\(open.map(String.init) ?? "[")' is never closed", at: begin)
      }
      return Diagnostic(
        "a list or mapping in brackets has commas between its items", at: place,
        hint: "in '[…]' and '{…}' quote a text that holds ',', ':', a bracket or '${'")
    }
    return Diagnostic("this cannot stand in '[…]' or '{…}'", at: place, hint: "quote a text that holds ',', ':', a bracket or '${'")
  }

  private var indentation: Diagnostic {
    if let last = before.trimmingBlanks.last, [UInt8]("\"']}".utf8).contains(last) {
      return Diagnostic("something stands behind a text in quotes or brackets", at: place, hint: quoted ?? "put all of the text in quotes")
    }
    return Diagnostic(
      "the indentation does not fit what stands above", at: place,
      hint: "steps of one list begin in one column; the keys of a step stand below its first")
  }

  /// The line with its text in quotes.
  private var quoted: String? {
    guard let colon = line.indices.first(where: { line[$0] == UInt8(ascii: ":") && $0 + 1 < line.endIndex && line[$0 + 1].isBlank }) else {
      return nil
    }
    return Quoting.advice(line[...colon].trimmingBlanks, line[(colon + 2)...].trimmingBlanks)
  }

  private var line: ArraySlice<UInt8> { source.line(place.line) ?? [] }

  /// What its line has before the place.
  private var before: ArraySlice<UInt8> {
    var characters = 0
    return line.prefix { byte in
      if byte & 0xc0 != 0x80 { characters += 1 }
      return characters < place.column
    }
  }

  private func character(at column: Int, line number: Int? = nil) -> Unicode.Scalar? {
    let line = source.line(number ?? place.line) ?? []
    return String(decoding: line, as: UTF8.self).unicodeScalars.dropFirst(column - 1).first
  }
}

extension UInt8 {
  var isBlank: Bool { self == UInt8(ascii: " ") || self == UInt8(ascii: "\t") }
}

extension ArraySlice<UInt8> {
  var trimmingBlanks: ArraySlice<UInt8> {
    var rest = drop(while: \.isBlank)
    while rest.last?.isBlank == true { rest.removeLast() }
    return rest
  }
}
