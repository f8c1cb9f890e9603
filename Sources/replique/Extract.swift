import ArgumentParser
import Replique

struct Extract: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Turn captures into transcripts, one for each conversation.",
    discussion: """
      Passwords are never written: they become ${secret.…}. A file that is there already is not overwritten.

      Example: replique extract mail.pcap -o Transcripts/
      """)

  @Argument(
    help: ArgumentHelp(
      "Captures (pcap, pcapng, also as .gz or .zst): files, folders, globs, or - for standard input. Several are read as one, in the order of their packets' times.",
      valueName: "capture"))
  var captures: [String]

  @OptionGroup var output: OutputOptions

  @Flag(
    help:
      "Write one transcript for all conversations that only differ in values; where they do, it has patterns and variables."
  )
  var distinct = false

  @Flag(help: "Write nothing, only say what would be written.")
  var dryRun = false

  @OptionGroup var selection: CaptureOptions

  func run() throws {
    var options = try output.options(selection)
    options.distinct = distinct
    options.dryRun = dryRun
    let run = try ExtractRun(captures, options: options)
    let (table, status) = try run.run(told: { Console.out($0 + "\n") }, warned: Console.error)
    if !table.isEmpty { Console.out("\n" + table) }
    RepliqueCommand.leave(status)
  }
}

/// What becomes of conversations.
struct OutputOptions: ParsableArguments {
  @Option(name: .shortAndLong, help: ArgumentHelp("The folder to write to.", valueName: "folder"))
  var output = "Transcripts"

  @Flag(help: "Overwrite files that are there already.")
  var force = false

  @Flag(help: "Leave out conversations of which the capture does not show everything.")
  var completeOnly = false

  @Option(help: ArgumentHelp("Payloads of more bytes get a file of their own beside the transcript.", valueName: "bytes"))
  var inlineLimit = 65_536

  func options(_ selection: CaptureOptions) throws -> ExtractRun.Options {
    var options = ExtractRun.Options()
    options.output = output
    options.force = force
    options.completeOnly = completeOnly
    options.inlineLimit = try Parsing.count(inlineLimit, option: "--inline-limit", limit: 64 << 20)
    options.protocols = selection.protocol
    options.filter = selection.filter
    options.verifyChecksums = selection.verifyChecksums
    return options
  }
}

/// Which conversations of a capture, and what they speak.
struct CaptureOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "What conversations speak, whatever it looks like: a protocol, or port=protocol; may be repeated.", valueName: "protocol"))
  var `protocol`: [String] = []

  @Option(help: ArgumentHelp("Read only packets that match, in the language of pcap-filter(7).", valueName: "expression"))
  var filter: String?

  @Flag(
    help:
      "Leave out packets whose checksums are wrong. Where they were sent, captures often hold wrong ones: the network card fills them in.")
  var verifyChecksums = false
}
