import Extraction

/// Takes conversations as they are handed over, writes their transcripts, and says what became of them.
final class Filing {
  let ledger = ExtractionLedger()
  /// Why nothing can be written any more.
  private(set) var failure: CallError?

  private let files: TranscriptFiles
  private var distinct: Distinct?
  /// The first conversations of groups, by their numbers.
  private var firsts: [First] = []
  private let limit: Int
  private let told: (String) -> Void
  private let warned: (String) -> Void

  private struct First {
    var draft: TranscriptFiles.Draft
    var row: String
  }

  /// - Parameters:
  ///   - limit: transcripts; what comes behind the last one is left out.
  ///   - distinct: makes one transcript of those that are alike; they are written at the end.
  init(
    _ files: TranscriptFiles, limit: Int = .max, distinct: Distinct? = nil, told: @escaping (String) -> Void,
    warned: @escaping (String) -> Void
  ) {
    self.files = files
    self.limit = limit
    self.distinct = distinct
    self.told = told
    self.warned = warned
  }

  /// Whether more is of no use.
  var isOver: Bool { failure != nil || ledger.written >= limit }

  func take(_ recorded: Recorded) {
    guard !isOver else { return }
    do throws(CallError) {
      switch try files.draft(recorded) {
      case .draft(let draft): try file(draft, of: recorded)
      case .nothing(let outcome):
        ledger.add(recorded, outcome)
        tell(outcome)
      }
    } catch { failure = error }
  }

  private func file(_ draft: TranscriptFiles.Draft, of recorded: Recorded) throws(CallError) {
    switch distinct?.add(draft.transcript) {
    case .began?: firsts.append(First(draft: draft, row: ledger.expect(recorded)))
    case .joined?: ledger.add(recorded, .alike)
    case .alone?, nil:
      let outcome = try files.write(draft)
      ledger.add(recorded, outcome)
      tell(outcome)
    }
  }

  /// Writes the transcripts of groups, in the order of their first conversations.
  private func writeGroups() throws(CallError) {
    guard let distinct else { return }
    for (group, first) in firsts.enumerated() {
      var draft = first.draft
      draft.transcript = distinct[group]
      let outcome = try files.write(draft)
      ledger.conclude(first.row, outcome)
      tell(outcome)
    }
    firsts = []
    if distinct.alone > 0 {
      let each = distinct.alone == 1 ? "1 conversation was" : "\(distinct.alone) conversations were"
      warned("\(each) not compared with others, and written one by one: a limit was reached: shapes kept by --distinct")
    }
  }

  private func tell(_ outcome: FilingOutcome) {
    if let line = outcome.line { told(line) }
    if let warning = outcome.warning { warned(warning) }
  }

  /// - Parameter status: what the run leaves with, so far.
  /// - Returns: what it leaves with.
  /// - Throws: where a transcript could not be written.
  func conclude(_ extractor: Extractor, _ status: ExitStatus) throws(CallError) -> ExitStatus {
    if let failure { throw failure }
    try writeGroups()
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
