import Dialects
import Results
import Transcript
import Wire

/// Where secondary connections are made.
extension ServerRole {
  /// Where the client waits for us: only its own host is ever dialled, whatever it names (RFC 2577 §3).
  mutating func notice(_ heard: Heard, at index: Int, _ actions: inout [Action]) {
    for case .announces(let announcement) in heard.effects where announcement.dialler == .server {
      dataLines.removeUnused(&actions)
      _ = dataLines.add(by: heard.ordinal, .announced(port: announcement.port))
      announced = announcement.port
      // The transcript's client may name another one itself.
      guard let address = announcement.address?.unmapped, let peer, address != peer, script.steps[index].message != heard.message else {
        continue
      }
      add(difference(index, .drift, "port-address", expected: "\(peer)", observed: "\(address)"), to: index)
    }
  }

  mutating func notice(_ utterance: Line.Utterance, _ actions: inout [Action]) {
    if case .final(let command) = utterance.answer { lastReplied = command }
    guard let command = utterance.answer.ordinal else { return }
    for case .transfers(let kind) in utterance.effects {
      if let left = transferring?.line { dataLines.remove(left, &actions) }
      // What the client has announced holds until something else is (RFC 959 §3.2).
      if let announced, !dataLines.hasUnused { _ = dataLines.add(by: command, .announced(port: announced)) }
      transferring = ServedTransfer(
        command: command, kind: kind, line: dataLines.take(for: command, &actions), fault: takeFault(strikingTransferOf: command),
        began: progress.now, movedAt: progress.now)
    }
  }

  /// A reply in which `${data}` can be written, and what it is; the reply that says so where there is no such place. Nil while we do not
  /// know where we wait.
  mutating func placed(_ reply: Message, answering heard: Heard?, at index: Int?, _ actions: inout [Action]) -> (Message, [UInt8]?)? {
    guard let heard, reply.exampleEndpoint(progress.dialect) != nil else { return (reply, nil) }
    guard let line = dataLines.all.first(where: { $0.command == heard.ordinal }) else {
      dataLines.removeUnused(&actions)
      _ = dataLines.listen(by: heard.ordinal, &actions)
      announced = nil
      return nil
    }
    switch line.standing {
    case .asked: return nil
    case .listening(let endpoint):
      let place = takePlace(for: reply, index, Endpoint(progress.options.dataAddress ?? endpoint.address, endpoint.port))
      if isNobodyThere(index ?? progress.cursor) { dataLines[line.name]?.close(&actions) }
      if let written = progress.dialect.argument(place, for: reply) { return (reply, written) }
      dataLines.remove(line.name, &actions)
      return (progress.dialect.failed(reply, .noConnection), nil)
    case .failed(_, let why):
      let index = index ?? progress.nearest
      add(Difference(.divergence, "no-connection", at: script.steps[index].place, observed: .text(why), fault: .us), to: index)
      return (progress.dialect.failed(reply, .noConnection), nil)
    case .announced, .dialling, .up, .elsewhere, .over: return (reply, nil)
    }
  }
}
