import ArgumentParser
import Replique
import Reports

struct Replay: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Play transcripts' clients against a server, grade every difference, report, gate.",
    discussion: """
      Example: replique replay Transcripts/ --target smtp=127.0.0.1:2525 --secret etu1=… --report-junit junit.xml
      """)

  @Argument(help: ArgumentHelp("Transcripts: files, folders, globs, or - for standard input.", valueName: "transcript"))
  var transcripts: [String]

  @Option(
    help: ArgumentHelp(
      "Where to connect to: host:port, or name=host:port for a conversation or a protocol; may be repeated.", valueName: "host:port"))
  var target: [String] = []

  @Option(help: ArgumentHelp("A host that a reply may send us to; may be repeated.", valueName: "host"))
  var allow: [String] = []

  @Option(
    help: ArgumentHelp(
      """
      The proxy to go through: http://[user:password@]host:port or host:port; none goes directly, whatever http_proxy, all_proxy or a \
      transcript say. HTTP is passed on by it, other protocols go through a tunnel (CONNECT).
      """, valueName: "url"))
  var proxy: String?

  @Option(help: ArgumentHelp("The lowest grade that fails: note, drift, divergence or violation.", valueName: "grade"))
  var gate: String?

  @OptionGroup var values: ValueOptions

  @Option(help: ArgumentHelp("How long a reply is waited for.", valueName: "time"))
  var timeout = "30s"

  @Option(help: ArgumentHelp("How long a connection is waited for.", valueName: "time"))
  var connectTimeout = "10s"

  @Option(
    help: ArgumentHelp(
      "What to say instead of our own address where a server is to connect to us (FTP's PORT): the outer one of a NAT.",
      valueName: "address"))
  var activeAddress: String?

  @Option(help: ArgumentHelp("Where we wait for such connections; without it, at any port that is free.", valueName: "low-high"))
  var activePorts: String?

  @Option(help: ArgumentHelp("Transcripts played at once.", valueName: "n"))
  var jobs = 1

  @Option(help: ArgumentHelp("Play each transcript that often.", valueName: "n"))
  var `repeat` = 1

  @Option(help: ArgumentHelp("Only transcripts with this tag; may be repeated.", valueName: "tag"))
  var tag: [String] = []

  @Flag(help: "Stop at the first transcript that fails.")
  var failFast = false

  @Flag(help: "Skipped conversations fail the run.")
  var failSkipped = false

  @OptionGroup var reports: ReportOptions

  func run() async throws {
    let interruption = Interruptions.watch()
    var options = ReplayRun.Options(
      targets: try Targets(target, allowed: allow), inputs: try values.inputs(), proxies: try Proxies(proxy))
    options.gate = try gate.map(Parsing.grade)
    options.timeout = try Parsing.duration(timeout, option: "--timeout")
    options.connectTimeout = try Parsing.duration(connectTimeout, option: "--connect-timeout")
    options.activeAddress = try activeAddress.map { try Parsing.address($0, option: "--active-address") }
    options.activePorts = try activePorts.map { try Parsing.ports($0, option: "--active-ports") }
    options.jobs = try Parsing.count(jobs, option: "--jobs", limit: 10_000)
    options.repetitions = try Parsing.count(`repeat`, option: "--repeat", limit: 100_000_000)
    options.tags = tag
    options.failFast = failFast
    options.failSkipped = failSkipped
    options.shown = [
      "target": target.joined(separator: " "), "proxy": options.proxies.shown, "gate": gate ?? "", "timeout": timeout,
      "connect-timeout": connectTimeout,
      "active-address": activeAddress ?? "", "active-ports": activePorts ?? "", "jobs": String(jobs),
      "repeat": String(`repeat`), "tag": tag.joined(separator: " "),
    ].filter { !$0.value.isEmpty }
    let run = try ReplayRun(transcripts, options: options, interruption: interruption)
    for error in run.errors { Console.error(error) }
    let progress = Progress(total: run.count)
    let (result, status) = try await run.run(progress: progress.ended)
    progress.clear()
    Console.out(try reports.terminal().render(result))
    try reports.writeFiles(result)
    RepliqueCommand.leave(status)
  }
}
