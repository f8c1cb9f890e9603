import ArgumentParser
import Replique
import Reports
import Results

/// How results are told.
struct ReportOptions: ParsableArguments {
  @Option(help: ArgumentHelp("Write the result as JSON.", valueName: "file"))
  var reportJson: String?

  @Option(help: ArgumentHelp("Write a JUnit report.", valueName: "file"))
  var reportJunit: String?

  @Flag(name: .shortAndLong, help: "Show tolerated differences and every step, too.")
  var verbose = false

  @Option(help: ArgumentHelp("Colours on the terminal: auto, always or never.", valueName: "when"))
  var color = "auto"

  func terminal() throws -> TerminalReport { TerminalReport(isVerbose: verbose, usesColor: try Parsing.color(color)) }

  /// Whether a report goes to a file.
  var areWritten: Bool { reportJson != nil || reportJunit != nil }

  func writeFiles(_ result: RunResult) throws {
    if let reportJson { try ReportFiles.write(.json, result, to: reportJson) }
    if let reportJunit { try ReportFiles.write(.junit, result, to: reportJunit) }
  }
}
