import Dialects
import Play
package import Replay
import Transcript
package import Wire

/// Plays a transcript's server for any client.
package struct ServeRun: Sendable {
  private let transcript: Transcript
  private let script: Script
  private let bindings: Bindings
  private let defaults: [String: [UInt8]]
  private let faults: [Fault]
  private let destination: Destination

  /// - Parameters:
  ///   - conversation: which one, by name or protocol, where the transcript has several.
  ///   - listen: `HOST:PORT`; with port 0, a free one.
  package init(_ path: String, conversation: String?, listen: String, faults: [String], inputs: Inputs) throws(CallError) {
    let loading = try Loading([path])
    guard loading.errors.isEmpty, let transcript = loading.transcripts.first else {
      throw CallError(loading.errors.joined(separator: "\n"))
    }
    guard loading.transcripts.count == 1 else { throw CallError("serve plays one transcript, not \(loading.transcripts.count)") }
    let candidates =
      conversation.map { wanted in transcript.conversations.filter { $0.name == wanted || $0.dialect == wanted } }
      ?? transcript.conversations
    guard let chosen = candidates.first, candidates.count == 1 else {
      let names = transcript.conversations.map { $0.name ?? $0.dialect }.joined(separator: ", ")
      throw CallError("\(printable(path)) has several conversations: choose one with --conversation: \(printable(names))")
    }
    guard let destination = Destination(listening: listen) else {
      throw CallError("--listen \(printable(listen)): write HOST:PORT, with port 0 for a free one, or unix:PATH")
    }
    self.destination = destination
    self.transcript = transcript
    do throws(Diagnostic) { script = try Script(chosen, of: transcript, acting: .server) } catch {
      throw CallError(error.rendered(in: transcript.sources))
    }
    var parsed: [Fault] = []
    for text in faults {
      switch Fault.parse(text) {
      case .success(let fault): parsed.append(fault)
      case .failure(let error): throw CallError("--fault: \(error)")
      }
    }
    for fault in parsed {
      if let step = fault.step, !script.hasReply(step) {
        throw CallError("--fault: no reply of the transcript is '\(printable(step))': name a step, its line, or the verb that it answers")
      }
    }
    self.faults = parsed
    // What is given is fixed; other variables and secrets take what the client says.
    var bindings = Bindings()
    var known = Bindings()
    var defaults: [String: [UInt8]] = [:]
    for variable in transcript.vars + chosen.vars {
      if let given = inputs.value(of: variable.name) {
        bindings.bind(variable.name, Array(given.utf8))
        known.bind(variable.name, Array(given.utf8))
      } else {
        bindings.open.insert(variable.name)
        if let bytes = try? variable.value?.fill(&known, at: WallClock.now) {
          defaults[variable.name] = bytes
          known.bind(variable.name, bytes)
        }
      }
    }
    for name in script.steps.flatMap({ $0.message?.reads ?? [] }) where name.hasPrefix(Hole.secretPrefix) {
      if let value = inputs.secret(String(name.dropFirst(Hole.secretPrefix.count))) {
        bindings.bind(name, Array(value.utf8))
      } else {
        bindings.open.insert(name)
      }
    }
    self.bindings = bindings
    self.defaults = defaults
  }

  /// - Parameters:
  ///   - dataAddress: what is said of where data connections are waited for, instead of the address that we have.
  ///   - dataPorts: where they are waited for; nil for any port that is free.
  ///   - listening: told the address and the protocol once clients may come.
  ///   - ended: told of every conversation that is over, as a result.
  package func run(
    once: Bool, timeout: Duration, dataAddress: Address?, dataPorts: ClosedRange<UInt16>?, interruption: Interruption,
    listening: @escaping @Sendable (String) -> Void, ended: @escaping @Sendable (ConversationOutcome) -> Void
  ) async throws(CallError) {
    var options = PlayOptions()
    options.timeout = timeout
    options.dataAddress = dataAddress
    options.dataPorts = dataPorts
    let conversation = script.conversation
    let file = transcript.file
    let title = transcript.title
    let sources = transcript.sources
    let gate = conversation.gate ?? transcript.gate ?? .divergence
    do throws(ListenError) {
      try await ScriptedServer.run(
        script, bindings: bindings, defaults: defaults, options: options, faults: faults, at: destination, once: once,
        interruption: interruption,
        onListening: { listening("\($0) \(conversation.dialect)") },
        ended: { outcome in
          ended(ConversationOutcome(file: file, title: title, gate: gate, conversation: conversation, outcome: outcome, sources: sources))
        })
    } catch { throw CallError(error.description, .incomplete) }
  }
}
