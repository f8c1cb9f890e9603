import Extraction

/// Takes conversations as they are handed over, writes their transcripts, and says what became of them.
final class Filing {
  let ledger = ExtractionLedger()
  /// Why nothing can be written any more.
  private(set) var failure: CallError?

  private let files: TranscriptFiles
  private let limit: Int
  private let told: (String) -> Void
  private let warned: (String) -> Void

  /// - Parameter limit: transcripts; what comes behind the last one is left out.
  init(_ files: TranscriptFiles, limit: Int = .max, told: @escaping (String) -> Void, warned: @escaping (String) -> Void) {
    self.files = files
    self.limit = limit
    self.told = told
    self.warned = warned
  }

  /// Whether more is of no use.
  var isOver: Bool { failure != nil || ledger.written >= limit }

  func take(_ recorded: Recorded) {
    guard !isOver else { return }
    do throws(CallError) {
      let outcome = try files.write(recorded)
      ledger.add(recorded, outcome)
      if let line = outcome.line { told(line) }
      if let warning = outcome.warning { warned(warning) }
    } catch { failure = error }
  }

  /// - Parameter status: what the run leaves with, so far.
  /// - Returns: what it leaves with.
  /// - Throws: where a transcript could not be written.
  func conclude(_ extractor: Extractor, _ status: ExitStatus) throws(CallError) -> ExitStatus {
    if let failure { throw failure }
    var status = status
    if extractor.crowdedOut > 0 { warned("\(extractor.crowdedOut) conversations were cut: together they held too much") }
    if status == .passed, ledger.recognised == 0 { warned("replique: no conversation of a protocol that is known") }
    if ledger.recognised == 0 { status = status.or(.unreadable) }
    if ledger.kept > 0 {
      warned("\(ledger.kept) file\(ledger.kept == 1 ? " is" : "s are") there already and not the same: --force writes them anew")
      status = status.or(.unreadable)
    }
    return status
  }
}
