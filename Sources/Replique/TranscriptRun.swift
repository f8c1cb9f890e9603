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
    var transcript = transcript
    if options.proxies.areNone { transcript.conversations = transcript.conversations.map(\.direct) }
    self.transcript = transcript
    scripts = transcript.conversations.indices.map { [transcript] index in
      let needed = Self.needs(of: transcript.conversations.dropFirst(index + 1))
      let earlier = Self.boundByReplies(of: transcript.conversations.prefix(index))
      do throws(Diagnostic) {
        return .success(try Script(transcript.conversations[index], of: transcript, needed: needed, boundEarlier: earlier))
      } catch {
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
    for (index, conversation) in transcript.conversations.enumerated() {
      if let missing {
        results.append(unplayed(conversation, Reason(.unbound, missing)))
      } else if let lost = lost(before: index, bindings) {
        results.append(unplayed(conversation, Reason(.earlier, "no earlier conversation has bound '\(lost)'")))
      } else {
        results.append(await play(index, &bindings))
      }
    }
    return TranscriptResult(
      file: transcript.file, title: transcript.title, milliseconds: (clock.now - begin).milliseconds, conversations: results)
  }

  /// The run's own wins, else the nearest.
  private func gate(of conversation: Conversation) -> Grade { options.gate ?? conversation.gate ?? transcript.gate ?? .divergence }

  private func play(_ index: Int, _ bindings: inout Bindings) async -> ConversationResult {
    let conversation = transcript.conversations[index]
    if let missing = give(conversation.vars, to: &bindings) { return unplayed(conversation, Reason(.unbound, missing)) }
    let script: Script
    do throws(Diagnostic) { script = try scripts[index].get() } catch {
      return unplayed(conversation, Reason(.unplayable, error.rendered(in: transcript.sources)))
    }
    if let missing = giveSecrets(to: &bindings, for: script) { return unplayed(conversation, Reason(.unbound, missing)) }
    let way: Way
    switch self.way(of: index, script, bindings) {
    case .found(let found): way = found
    case .nowhere(let why): return unplayed(conversation, Reason(.unbound, why))
    }
    if let reason = await unmet(conversation, script, bindings, way) {
      return unplayed(conversation, reason, way.destination)
    }
    return await playUntilGood(conversation, script, way, &bindings)
  }

  /// With `retry`, again until nothing diverges or the time is over; what a failed try bound is forgotten.
  private func playUntilGood(
    _ conversation: Conversation, _ script: Script, _ way: Way, _ bindings: inout Bindings
  ) async -> ConversationResult {
    let clock = ContinuousClock()
    let begin = clock.now
    var tries = 0
    var pause = Duration.milliseconds(50)
    while true {
      tries += 1
      let outcome = await play(script, bindings, way)
      var result = ConversationResult(
        name: conversation.name, protocol: conversation.dialect, target: "\(way.destination)", gate: gate(of: conversation),
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

  private func play(_ script: Script, _ bindings: Bindings, _ way: Way) async -> Outcome {
    await Replayer.play(
      script, bindings: bindings, options: playOptions(way), at: way.destination, through: way.proxy,
      connectTimeout: options.connectTimeout, interruption: interruption)
  }

  private func playOptions(_ way: Way) -> PlayOptions {
    var play = PlayOptions()
    if way.isDirect { play.route = .direct }
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

  // MARK: Where it goes to

  private struct Way {
    var destination: Destination
    var proxy: Proxy?
    /// Whatever proxy its messages were recorded on their way through.
    var isDirect = false
  }

  private enum Found<Value> { case found(Value), nowhere(String) }

  private func way(of index: Int, _ script: Script, _ bindings: Bindings) -> Found<Way> {
    let conversation = transcript.conversations[index]
    var named: [UInt8]?
    if let proxy = conversation.proxy {
      var scratch = bindings
      guard let bytes = try? proxy.fill(&scratch, at: WallClock.now) else {
        return .nowhere("the proxy \(printable(proxy.template)) needs a value that nothing has bound")
      }
      named = bytes
    }
    let target = target(of: index, bindings)
    let destination: Destination? = if case .destination(let found) = target { found } else { nil }
    var way: Way?
    switch options.proxies.choose(script.dialect, to: destination, own: named) {
    case .none: way = destination.map { Way(destination: $0) }
    case .direct: way = destination.map { Way(destination: $0, isDirect: true) }
    case .unreadable(let why): return .nowhere(why)
    case .proxy(var proxy, let isAsked):
      if proxy.credentials == nil { proxy.credentials = options.inputs.secret("proxy").map { Array($0.utf8) } }
      if let destination {
        way = Way(destination: destination, proxy: proxy)
      } else if case .none = target, isAsked, script.dialect.proxyScheme != nil {
        // The messages say themselves where they go to.
        way = Way(destination: proxy.destination, proxy: proxy)
      }
    }
    if let way { return .found(way) }
    switch target {
    case .destination, .none: return .nowhere("there is no target for it: give one with --target HOST:PORT")
    case .unbound(let text): return .nowhere("the target \(text) needs a value that nothing has bound")
    case .unreadable(let text): return .nowhere("'\(text)' is no target: write host:port")
    case .forbidden(let text): return .nowhere("\(text) was named by a reply and is not contacted: allow it with --allow HOST")
    }
  }

  private func target(of index: Int, _ bindings: Bindings) -> Targets.Choice {
    let conversation = transcript.conversations[index]
    var filled: [UInt8]?
    var isBound = false
    if let target = conversation.target {
      var scratch = bindings
      guard let bytes = try? target.fill(&scratch, at: WallClock.now) else { return .unbound(printable(target.template)) }
      filled = bytes
      isBound = !Set(target.reads).isSubset(of: ownNames(upTo: index))
    }
    return options.targets.choose(conversation, own: filled, isBound: isBound)
  }

  /// Asks, on a connection of its own, for what the conversation needs; says why it cannot be played.
  private func unmet(_ conversation: Conversation, _ script: Script, _ bindings: Bindings, _ way: Way) async -> Reason? {
    guard !conversation.needs.isEmpty else { return nil }
    guard let question = script.dialect.capabilities else {
      return Reason(.unplayable, "\(conversation.dialect) has no way to ask for \(conversation.needs.joined(separator: ", "))")
    }
    let anything = Step(.say(Message(.server, [Text(pieces: [.hole(Hole(nil, .type(.any)))])])))
    let probe = Conversation(dialect: conversation.dialect, steps: [anything, Step(.say(question)), anything])
    guard let asking = try? Script(probe, of: Transcript(conversations: [probe])) else { return nil }
    let outcome = await play(asking, bindings, way)
    if let reason = outcome.reason { return reason }
    let offered = outcome.heard.last.flatMap { $0 }.map { script.dialect.facets(of: $0, in: Context(answering: question)) } ?? []
    let keywords = offered.filter { $0.kind == "keyword" }.map { String(decoding: $0.value.recorded, as: UTF8.self).uppercased() }
    let absent = conversation.needs.filter { need in
      !keywords.contains { Set(need.uppercased().split(separator: " ")).isSubset(of: $0.split(separator: " ")) }
    }
    return absent.isEmpty ? nil : Reason(.needs, "the server does not offer \(absent.joined(separator: ", "))")
  }

  // MARK: What it has of the others

  /// Names that these conversations need, to know where to go and what to say.
  private static func needs(of conversations: ArraySlice<Conversation>) -> Set<String> {
    conversations.reduce(into: []) { names, conversation in
      names.formUnion(conversation.beforehand)
      for step in conversation.steps { names.formUnion(step.readsOfClient) }
    }
  }

  private static func boundByReplies(of conversations: ArraySlice<Conversation>) -> Set<String> {
    conversations.reduce(into: []) { names, conversation in
      for step in conversation.steps { names.formUnion(step.bindsOfServer) }
    }
  }

  /// What a conversation needs to begin with, where replies of earlier ones were to bind it and none has.
  private func lost(before index: Int, _ bindings: Bindings) -> String? {
    let conversation = transcript.conversations[index]
    let own = Set((transcript.vars + conversation.vars).map(\.name))
    let earlier = Self.boundByReplies(of: transcript.conversations.prefix(index))
    return conversation.beforehand.subtracting(own).intersection(earlier).sorted().first { bindings[$0] == nil }
  }

  /// Variables up to a conversation whose values are the transcript's or the call's own. One that holds what a reply said is none.
  private func ownNames(upTo index: Int) -> Set<String> {
    let vars = transcript.vars + transcript.conversations.prefix(index + 1).flatMap(\.vars)
    return vars.reduce(into: []) { own, variable in
      if options.inputs.value(of: variable.name) != nil || Set(variable.value?.reads ?? []).isSubset(of: own) {
        own.insert(variable.name)
      } else {
        own.remove(variable.name)
      }
    }
  }

  private func unplayed(_ conversation: Conversation, _ reason: Reason, _ destination: Destination? = nil) -> ConversationResult {
    ConversationResult(
      name: conversation.name, protocol: conversation.dialect, target: destination.map { "\($0)" }, gate: gate(of: conversation),
      reason: reason,
      place: conversation.place, milliseconds: 0, steps: [])
  }
}

extension Conversation {
  /// Names whose values are needed before its first step: for where it goes to, and for its variables.
  fileprivate var beforehand: Set<String> { Set(([target].compactMap { $0 } + vars.compactMap(\.value)).flatMap(\.reads)) }
}

extension Text {
  fileprivate var reads: [String] { holes.flatMap(\.reads) }
}
