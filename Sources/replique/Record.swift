import ArgumentParser
import Replique

struct Record: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Turn what an interface carries into transcripts, as conversations end.",
    discussion: """
      Ends with Ctrl-C, --count or --duration; what is open then is written as far as it went. Listening takes root or the capability \
      CAP_NET_RAW, which is given up at once: for the user who called sudo, else for nobody.

      Example: sudo replique record -i eth0 --port 25 --port 110 --pcap mail.pcap
      """)

  @Option(
    name: .shortAndLong,
    help: ArgumentHelp("The interface to listen to, as the system names it, or any for all of them.", valueName: "interface"))
  var interface: String

  @Option(help: ArgumentHelp("Only packets from or to this port; may be repeated.", valueName: "port"))
  var port: [Int] = []

  @OptionGroup var selection: CaptureOptions

  @Option(help: ArgumentHelp("Write the packets to this file, too. Passwords stand in it.", valueName: "file"))
  var pcap: String?

  @Option(help: ArgumentHelp("End after that many transcripts.", valueName: "n"))
  var count: Int?

  @Option(help: ArgumentHelp("End after that time.", valueName: "time"))
  var duration: String?

  @OptionGroup var output: OutputOptions

  func run() throws {
    var options = RecordRun.Options()
    options.interface = interface
    options.extraction = try output.options(selection)
    options.ports = try port.map { UInt16(try Parsing.count($0, option: "--port", limit: 65_535)) }
    options.log = pcap
    options.count = try count.map { try Parsing.count($0, option: "--count", limit: 100_000_000) }
    options.duration = try duration.map { try Parsing.duration($0, option: "--duration") }
    let run = try RecordRun(options)
    // Signals are watched by threads, and root is to be given up before there are any.
    let interruption = Interruptions.watch()
    let line = StatusLine()
    Console.error(run.opening)
    let (table, status) = try run.run(
      interruption: interruption,
      told: { text in line.aside { Console.out(text + "\n") } },
      warned: { text in line.aside { Console.error(text) } },
      progressed: { packets, transcripts in line.show("\(packets) packets, \(transcripts) transcript\(transcripts == 1 ? "" : "s")") })
    line.clear()
    if !table.isEmpty { Console.out("\n" + table) }
    RepliqueCommand.leave(status)
  }
}
