import ArgumentParser
import Replique
import Reports

struct Serve: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Play a transcript's server for any client.",
    discussion: """
      Faults, for seeing what a client does: delay[=time], drip[=time], close, reset, bare-lf, code[=code], drop-keyword[=keyword], garbage, \
      flood, stall; of data connections: no-data, data-reset, data-late[=time], truncate, pasv-bad-address[=address]. Behind @ a step's name, \
      its line, or the verb of the command that is answered, or whose transfer it is.

      Example: replique serve Transcripts/lab/smtp.yaml --listen 127.0.0.1:2525 --fault code=451@RCPT
      """)

  @Argument(help: ArgumentHelp("The transcript, or - for standard input.", valueName: "transcript"))
  var transcript: String

  @Option(help: ArgumentHelp("Where to listen; port 0 takes a free one.", valueName: "host:port"))
  var listen = "127.0.0.1:0"

  @Option(help: ArgumentHelp("Which conversation, by name or protocol, where there are several.", valueName: "name"))
  var conversation: String?

  @Option(help: ArgumentHelp("Misbehave: kind, kind=value, kind@step; may be repeated.", valueName: "fault"))
  var fault: [String] = []

  @Flag(help: "End after the first conversation; its differences decide the exit status.")
  var once = false

  @Option(help: ArgumentHelp("How long a command is waited for.", valueName: "time"))
  var timeout = "30s"

  @Option(
    help: ArgumentHelp(
      "What to say instead of our own address where a client is to connect to us (FTP's 227): the outer one of a NAT.",
      valueName: "address"))
  var passiveAddress: String?

  @Option(help: ArgumentHelp("Where we wait for such connections; without it, at any port that is free.", valueName: "low-high"))
  var passivePorts: String?

  @OptionGroup var values: ValueOptions
  @OptionGroup var reports: ReportOptions

  func run() async throws {
    let interruption = Interruptions.watch()
    let run = try ServeRun(transcript, conversation: conversation, listen: listen, faults: fault, inputs: try values.inputs())
    let terminal = try reports.terminal()
    let book = ServeBook(keepsResults: reports.areWritten)
    try await run.run(
      once: once, timeout: try Parsing.duration(timeout, option: "--timeout"),
      dataAddress: try passiveAddress.map { try Parsing.address($0, option: "--passive-address") },
      dataPorts: try passivePorts.map { try Parsing.ports($0, option: "--passive-ports") }, interruption: interruption,
      listening: { Console.out("listening on \($0)\n") },
      ended: { outcome in
        let result = book.add(outcome)
        Console.out(terminal.line(for: result) + "\n" + terminal.details(of: result))
      })
    try reports.writeFiles(book.result)
    RepliqueCommand.leave(book.status)
  }
}
