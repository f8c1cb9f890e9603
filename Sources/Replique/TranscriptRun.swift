import Dialects
import Play
import Replay
import Results
import Transcript
import Wire

/// One transcript, to be played as often as asked: each time its conversations in order, sharing what is bound on the way.
struct TranscriptRun: Sendable {
  private let transcript: Transcript
  /// One for each conversation, or why it cannot be played.
  private let scripts: [Result<Script, Diagnostic>]
  private let options: ReplayRun.Options
  private let interruption: Interruption

  init(_ transcript: Transcript, options: ReplayRun.Options, interruption: Interruption) {
    self.transcript = transcript
    scripts = transcript.conversations.indices.map { index in
      let needed = Self.needs(of: transcript.conversations.dropFirst(index + 1))
      do throws(Diagnostic) { return .success(try Script(transcript.conversations[index], of: transcript, needed: needed)) } catch {
        return .failure(error)
      }
    }
    self.options = options
    self.interruption = interruption
  }

  func play() async -> TranscriptResult {
    let clock = ContinuousClock()
    let begin = clock.now
    var results: [ConversationResult] = []
    var bindings = Bindings()
    let missing = give(transcript.vars, to: &bindings)
    for (conversation, script) in zip(transcript.conversations, scripts) {
      if let missing {
        results.append(unplayed(conversation, Reason(.unbound, missing)))
        continue
      }
      results.append(await play(conversation, script, &bindings))
    }
    return TranscriptResult(
      file: transcript.file, title: transcript.title, milliseconds: (clock.now - begin).milliseconds, conversations: results)
  }

  /// The run's own wins, else the nearest.
  private func gate(of conversation: Conversation) -> Grade { options.gate ?? conversation.gate ?? transcript.gate ?? .divergence }

  /// Names that these conversations need, to know where to go and what to say.
  private static func needs(of conversations: ArraySlice<Conversation>) -> Set<String> {
    conversations.reduce(into: []) { names, conversation in
      let texts = [conversation.target].compactMap { $0 } + conversation.vars.compactMap(\.value)
      for hole in texts.flatMap(\.holes) { names.formUnion(hole.reads) }
      for step in conversation.steps { names.formUnion(step.readsOfClient) }
    }
  }

  private func play(_ conversation: Conversation, _ prepared: Result<Script, Diagnostic>, _ bindings: inout Bindings) async
    -> ConversationResult
  {
    if let missing = give(conversation.vars, to: &bindings) { return unplayed(conversation, Reason(.unbound, missing)) }
    let script: Script
    do throws(Diagnostic) { script = try prepared.get() } catch {
      return unplayed(conversation, Reason(.unplayable, error.rendered(in: transcript.sources)))
    }
    if let missing = giveSecrets(to: &bindings, for: script) { return unplayed(conversation, Reason(.unbound, missing)) }
    let destination: Destination
    switch target(of: conversation, bindings) {
    case .destination(let found): destination = found
    case .nowhere(let why): return unplayed(conversation, Reason(.unbound, why))
    }
    if let reason = await unmet(conversation, script, bindings, destination) {
      return unplayed(conversation, reason, destination)
    }
    return await playUntilGood(conversation, script, destination, &bindings)
  }

  /// With `retry`, again until nothing diverges or the time is over; what a failed try bound is forgotten.
  private func playUntilGood(
    _ conversation: Conversation, _ script: Script, _ destination: Destination, _ bindings: inout Bindings
  ) async -> ConversationResult {
    let clock = ContinuousClock()
    let begin = clock.now
    var tries = 0
    var pause = Duration.milliseconds(50)
    while true {
      tries += 1
      let outcome = await Replayer.play(
        script, bindings: bindings, options: playOptions, at: destination, connectTimeout: options.connectTimeout,
        interruption: interruption)
      var result = ConversationResult(
        name: conversation.name, protocol: conversation.dialect, target: "\(destination)", gate: gate(of: conversation),
        reason: outcome.reason?.redacted(by: outcome.bindings.redactor), place: conversation.place,
        milliseconds: (clock.now - begin).milliseconds,
        steps: outcome.steps(quoting: transcript.sources))
      result.tries = tries
      let isOver = conversation.retry.map { clock.now - begin + pause > $0 } ?? true
      if result.verdict == .passed || isOver || interruption.hasCome {
        bindings = outcome.bindings
        return result
      }
      try? await Task.sleep(for: pause)
      pause = min(pause * 2, .seconds(1))
    }
  }

  private var playOptions: PlayOptions {
    var play = PlayOptions()
    play.timeout = options.timeout
    play.dataAddress = options.activeAddress
    play.dataPorts = options.activePorts
    return play
  }

  // MARK: What it needs

  /// Gives variables their values; says which has none.
  private func give(_ vars: [Variable], to bindings: inout Bindings) -> String? {
    for variable in vars {
      if let given = options.inputs.value(of: variable.name) {
        bindings.bind(variable.name, Array(given.utf8))
      } else if let value = variable.value {
        do throws(Unfillable) { bindings.bind(variable.name, try value.fill(&bindings, at: WallClock.now)) } catch {
          return error.description
        }
      } else {
        return "the variable '\(variable.name)' has no value: give one with --var \(variable.name)=VALUE"
      }
    }
    return nil
  }

  private func giveSecrets(to bindings: inout Bindings, for script: Script) -> String? {
    var bound: Set<String> = []
    for step in script.steps {
      for name in step.readsOfClient.sorted() where name.hasPrefix(Hole.secretPrefix) && bindings[name] == nil && !bound.contains(name) {
        let plain = String(name.dropFirst(Hole.secretPrefix.count))
        guard let value = options.inputs.secret(plain) else {
          let variable = plain.uppercased().map { $0 == "-" ? "_" : String($0) }.joined()
          return "the secret '\(plain)' was not given: use --secret \(plain)=…, --secrets-file, or REPLIQUE_SECRET_\(variable)"
        }
        bindings.bind(name, Array(value.utf8))
      }
      bound.formUnion(step.bindsOfServer)
    }
    return nil
  }

  private enum Target { case destination(Destination), nowhere(String) }

  private func target(of conversation: Conversation, _ bindings: Bindings) -> Target {
    var filled: [UInt8]?
    var isBound = false
    if let target = conversation.target {
      var scratch = bindings
      guard let bytes = try? target.fill(&scratch, at: WallClock.now) else {
        return .nowhere("the target \(printable(target.template)) needs a value that nothing has bound")
      }
      filled = bytes
      let own = Set((transcript.vars + conversation.vars).map(\.name))
      isBound = target.holes.flatMap(\.reads).contains { !own.contains($0) }
    }
    switch options.targets.choose(conversation, own: filled, isBound: isBound) {
    case .destination(let destination): return .destination(destination)
    case .none: return .nowhere("there is no target for it: give one with --target HOST:PORT")
    case .unreadable(let text): return .nowhere("'\(text)' is no target: write host:port")
    case .forbidden(let text): return .nowhere("\(text) was named by a reply and is not contacted: allow it with --allow HOST")
    }
  }

  /// Asks, on a connection of its own, for what the conversation needs; says why it cannot be played.
  private func unmet(_ conversation: Conversation, _ script: Script, _ bindings: Bindings, _ destination: Destination) async -> Reason? {
    guard !conversation.needs.isEmpty else { return nil }
    guard let question = script.dialect.capabilities else {
      return Reason(.unplayable, "\(conversation.dialect) has no way to ask for \(conversation.needs.joined(separator: ", "))")
    }
    let anything = Step(.say(Message(.server, [Text(pieces: [.hole(Hole(nil, .type(.any)))])])))
    let probe = Conversation(dialect: conversation.dialect, steps: [anything, Step(.say(question)), anything])
    guard let asking = try? Script(probe, of: Transcript(conversations: [probe])) else { return nil }
    let outcome = await Replayer.play(
      asking, bindings: bindings, options: playOptions, at: destination, connectTimeout: options.connectTimeout, interruption: interruption)
    if let reason = outcome.reason { return reason }
    let offered = outcome.heard.last.flatMap { $0 }.map { script.dialect.facets(of: $0, in: Context(answering: question)) } ?? []
    let keywords = offered.filter { $0.kind == "keyword" }.map { String(decoding: $0.value.recorded, as: UTF8.self).uppercased() }
    let absent = conversation.needs.filter { need in
      !keywords.contains { Set(need.uppercased().split(separator: " ")).isSubset(of: $0.split(separator: " ")) }
    }
    return absent.isEmpty ? nil : Reason(.needs, "the server does not offer \(absent.joined(separator: ", "))")
  }

  private func unplayed(_ conversation: Conversation, _ reason: Reason, _ destination: Destination? = nil) -> ConversationResult {
    ConversationResult(
      name: conversation.name, protocol: conversation.dialect, target: destination.map { "\($0)" }, gate: gate(of: conversation),
      reason: reason,
      place: conversation.place, milliseconds: 0, steps: [])
  }
}
