import Play
import Transcript
import Wire

/// Reads transcripts and says what is wrong with them, without a network.
package struct CheckRun: Sendable {
  package let errors: [String]
  package private(set) var warnings: [String]
  private let readable: Int

  package init(_ paths: [String]) throws(CallError) {
    let loading = try Loading(paths)
    var errors = loading.errors
    for transcript in loading.transcripts {
      for conversation in transcript.conversations {
        do throws(Diagnostic) { _ = try Script(conversation, of: transcript) } catch {
          errors.append(error.rendered(in: transcript.sources))
        }
      }
    }
    self.errors = errors
    warnings = loading.warnings
    readable = loading.transcripts.count
  }

  package var summary: String {
    func count(_ number: Int, _ noun: String) -> String { "\(number) \(noun)\(number == 1 ? "" : "s")" }
    return "\(count(readable, "transcript")) read, \(count(errors.count, "error")), \(count(warnings.count, "warning"))"
  }

  package func status(strict: Bool) -> ExitStatus { errors.isEmpty && !(strict && !warnings.isEmpty) ? .passed : .unreadable }
}
