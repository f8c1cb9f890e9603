import ArgumentParser
import Replique

struct Show: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Print a transcript's dialogue, or list a capture's conversations.",
    discussion: """
      What the client says stands behind >, what the server says behind <.

      Example: replique show mail.pcap --stream 3
      """)

  @Argument(help: ArgumentHelp("Transcripts or captures: files, folders, globs, or - for standard input.", valueName: "file"))
  var files: [String]

  @Option(help: ArgumentHelp("Of a capture, print this conversation as a dialogue.", valueName: "n"))
  var stream: Int?

  @OptionGroup var selection: CaptureOptions

  @Option(help: ArgumentHelp("Colours on the terminal: auto, always or never.", valueName: "when"))
  var color = "auto"

  func run() throws {
    let run = try ShowRun(
      files, stream: stream, protocols: selection.protocol, filter: selection.filter, verifyChecksums: selection.verifyChecksums,
      usesColor: try Parsing.color(color))
    RepliqueCommand.leave(try run.run(told: Console.out, warned: Console.error))
  }
}
