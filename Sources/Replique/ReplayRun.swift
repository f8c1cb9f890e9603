import Dialects
import Play
package import Replay
package import Results
package import Transcript
package import Wire

/// Plays transcripts' clients against servers.
package struct ReplayRun: Sendable {
  package struct Options: Sendable {
    package var targets: Targets
    package var inputs: Inputs
    package var proxies: Proxies
    package var gate: Grade?
    package var timeout: Duration = .seconds(30)
    package var connectTimeout: Duration = .seconds(10)
    /// Where servers are to make their data connections; see `PlayOptions`.
    package var activeAddress: Address?
    package var activePorts: ClosedRange<UInt16>?
    /// Transcripts played at once.
    package var jobs = 1
    package var repetitions = 1
    package var tags: [String] = []
    package var failFast = false
    package var failSkipped = false
    /// In effect, for the result: secrets left out.
    package var shown: [String: String] = [:]

    package init(targets: Targets, inputs: Inputs, proxies: Proxies) {
      self.targets = targets
      self.inputs = inputs
      self.proxies = proxies
    }
  }

  private let options: Options
  private let loading: Loading
  private let interruption: Interruption

  /// Reads everything before a byte is sent.
  package init(_ paths: [String], options: Options, interruption: Interruption) throws(CallError) {
    self.options = options
    self.interruption = interruption
    loading = try Loading(paths)
    for transcript in transcripts where transcript.conversations.count > 1 && options.targets.hasOnlyGeneral {
      let names = transcript.conversations.map { $0.name ?? $0.dialect }.joined(separator: ", ")
      throw CallError(
        "\(printable(transcript.file)) has several conversations: name each one's target: --target NAME=HOST:PORT for \(printable(names))")
    }
    // What could not be read may have it.
    if loading.errors.isEmpty { try tellStray(options.targets.names) }
  }

  /// A target that no conversation could have is a slip.
  private func tellStray(_ names: [String]) throws(CallError) {
    let known = Set(loading.transcripts.flatMap(\.conversations).flatMap { [$0.name, $0.dialect] }.compactMap(\.self))
    for name in names where !known.contains(name) && Registry[name] == nil {
      let hint =
        nearest(to: name, among: known.sorted()).map { "did you mean '\(printable($0))'?" }
        ?? "there are \(printable(known.sorted().joined(separator: ", ")))"
      throw CallError("--target \(printable(name))=…: no conversation and no protocol has that name: \(hint)")
    }
  }

  package var errors: [String] { loading.errors }
  /// Transcripts that will be played.
  package var count: Int { transcripts.count }
  private var transcripts: [Transcript] {
    options.tags.isEmpty ? loading.transcripts : loading.transcripts.filter { !$0.tags.filter(options.tags.contains).isEmpty }
  }

  /// - Parameter progress: told of each transcript as it ends.
  package func run(progress: @escaping @Sendable (TranscriptResult) -> Void) async throws(CallError) -> (RunResult, ExitStatus) {
    guard !transcripts.isEmpty || !errors.isEmpty else {
      throw CallError("no transcript has one of the tags \(options.tags.joined(separator: ", "))")
    }
    let started = WallClock.now
    let clock = ContinuousClock()
    let begin = clock.now
    let results = await playAll(progress)
    let result = RunResult(
      tool: Version.tool, started: started.rfc3339, milliseconds: (clock.now - begin).milliseconds, options: options.shown,
      transcripts: results)
    return (result, status(of: result))
  }

  private func playAll(_ progress: @escaping @Sendable (TranscriptResult) -> Void) async -> [TranscriptResult] {
    let transcripts = self.transcripts
    let runs = transcripts.map { TranscriptRun($0, options: options, interruption: interruption) }
    let queue = WorkQueue(transcripts.map(\.locks), repetitions: options.repetitions)
    await Workers.run(options.jobs) {
      while !interruption.hasCome, let index = await queue.next() {
        let result = await runs[index].play()
        let isLast = await queue.done(index, result, stops: options.failFast && result.verdict > .skipped)
        if let isLast { progress(isLast) }
      }
    }
    return await queue.results
  }

  private func status(of result: RunResult) -> ExitStatus {
    var status: ExitStatus = errors.isEmpty ? .passed : .unreadable
    for conversation in result.transcripts.flatMap(\.conversations) {
      switch conversation.verdict {
      case .passed: break
      case .skipped: if options.failSkipped { status = status.or(.failed) }
      case .failed: status = status.or(.failed)
      case .error: status = status.or(conversation.reason?.kind == .unbound ? .unreadable : .incomplete)
      }
    }
    return interruption.hasCome ? status.or(.incomplete) : status
  }
}

/// Which transcript is played next: in order, each as often as asked, never two at once that lock the same.
private actor WorkQueue {
  private let locks: [Set<String>]
  private let repetitions: Int
  private var begun: [Int]
  private var ended: [Int]
  private var held: Set<String> = []
  private var kept: [TranscriptResult?]
  private var isStopped = false
  private var waiting: [CheckedContinuation<Void, Never>] = []

  init(_ locks: [[String]], repetitions: Int) {
    self.locks = locks.map(Set.init)
    self.repetitions = max(1, repetitions)
    begun = Array(repeating: 0, count: locks.count)
    ended = begun
    kept = Array(repeating: nil, count: locks.count)
  }

  var results: [TranscriptResult] { kept.compactMap { $0 } }

  func next() async -> Int? {
    while !isStopped {
      let open = locks.indices.filter { begun[$0] < repetitions }
      if open.isEmpty { return nil }
      if let index = open.first(where: { held.isDisjoint(with: locks[$0]) }) {
        begun[index] += 1
        held.formUnion(locks[index])
        return index
      }
      await withCheckedContinuation { waiting.append($0) }
    }
    return nil
  }

  /// Of many repetitions the worst is kept, with how often it was played and how often it failed. Returns it after the last one.
  func done(_ index: Int, _ result: TranscriptResult, stops: Bool) -> TranscriptResult? {
    held.subtract(locks[index])
    ended[index] += 1
    var worst = result
    if let before = kept[index] {
      worst = before.verdict >= result.verdict ? before : result
      worst.failures = before.failures + result.failures
    }
    worst.repetitions = ended[index]
    kept[index] = worst
    if stops { isStopped = true }
    for continuation in waiting { continuation.resume() }
    waiting = []
    return ended[index] == repetitions || isStopped ? worst : nil
  }
}

extension Duration {
  var milliseconds: Double { Double(nanoseconds) / 1_000_000 }
}
