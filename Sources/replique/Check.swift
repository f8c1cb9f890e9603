import ArgumentParser
import Replique

struct Check: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Read transcripts and say what is wrong with them, without a network.")

  @Argument(help: ArgumentHelp("Transcripts: files, folders, globs, or - for standard input.", valueName: "transcript"))
  var transcripts: [String]

  @Flag(help: "Warnings count as errors.")
  var strict = false

  func run() throws {
    let report = try CheckRun(transcripts)
    for text in report.errors + report.warnings { Console.out(text + "\n") }
    Console.out(report.summary + "\n")
    RepliqueCommand.leave(report.status(strict: strict))
  }
}
