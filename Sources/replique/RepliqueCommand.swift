import ArgumentParser
import Glibc
import Replique

@main struct RepliqueCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "replique",
    abstract: "Record network conversations, replay them against a server, and see where it diverges.",
    discussion: """
      Captures, or what an interface carries, become readable transcripts (extract, record); a transcript's client is played against a \
      server and every difference is graded (replay); its server is played for any client (serve).

      Exit status: 0 all passed, 1 a difference at or above the gate, 2 a wrong call or an unreadable file, 3 no connection or a run that \
      could not be completed.
      """,
    version: Version.tool,
    subcommands: [Extract.self, Record.self, Replay.self, Serve.self, Check.self, Show.self])

  static func main() async {
    // A pipe that nobody reads any more is no error of ours.
    signal(SIGPIPE, SIG_IGN)
    do {
      var command = try parseAsRoot()
      if var asynchronous = command as? any AsyncParsableCommand {
        try await asynchronous.run()
      } else {
        try command.run()
      }
    } catch let error as CallError {
      Console.error("replique: \(error.description)")
      leave(error.status)
    } catch {
      // Help and version are success; every wrong call is 2.
      let code = exitCode(for: error)
      let message = fullMessage(for: error)
      if code == .success {
        Console.out(message + "\n")
        leave(.passed)
      }
      if !message.isEmpty { Console.error(message) }
      leave(ExitStatus(rawValue: code.rawValue) ?? .unreadable)
    }
  }

  static func leave(_ status: ExitStatus) -> Never { Glibc.exit(status.rawValue) }
}

/// Options that several verbs share.
struct ValueOptions: ParsableArguments {
  @Option(help: ArgumentHelp("Give a variable its value; may be repeated.", valueName: "name=value"))
  var `var`: [String] = []

  @Option(
    help: ArgumentHelp(
      "Give a secret its value; may be repeated. Other users of the machine can see it: prefer a file.", valueName: "name=value"))
  var secret: [String] = []

  @Option(help: ArgumentHelp("Read secrets from a file, one NAME=VALUE a line.", valueName: "file"))
  var secretsFile: String?

  func inputs() throws -> Inputs { try Inputs(vars: `var`, secrets: secret, secretsFile: secretsFile) }
}
