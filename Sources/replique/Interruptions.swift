import Dispatch
import Glibc
import Replay

/// Ctrl-C ends what is under way, and the reports of what was done are still written; a second one ends the program.
enum Interruptions {
  static func watch() -> Interruption {
    let interruption = Interruption()
    for number in [SIGINT, SIGTERM] {
      signal(number, SIG_IGN)
      let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
      source.setEventHandler {
        if interruption.hasCome { exit(128 + number) }
        interruption.come()
      }
      source.resume()
      sources.append(source)
    }
    return interruption
  }

  nonisolated(unsafe) private static var sources: [any DispatchSourceSignal] = []
}
