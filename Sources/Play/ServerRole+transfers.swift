import Dialects
import Results
import Transcript
import Wire

extension ServerRole {
  /// Plays a transfer of the transcript. False where it must wait.
  mutating func transfer(_ index: Int, _ payload: Payload, _ actions: inout [Action]) -> Bool {
    guard let command = script.transfers[index].flatMap({ heardCommands[$0.command] }), let running = running(command.ordinal) else {
      // The client left it out, or it was refused.
      progress.ledger.unreached(index)
      return true
    }
    guard carry(running, payload, index, &actions) else { return false }
    progress.ledger.done(index, at: progress.elapsed)
    return true
  }

  /// The transfer of a command, where it has begun and is not over.
  private func running(_ command: Int) -> ServedTransfer? {
    guard let running = transferring, running.command == command, case .due = running.state else { return nil }
    return running
  }

  /// A reply as it is said after its command's transfer, which comes first; nil while that goes on. A transfer without content in the
  /// transcript has none.
  mutating func conclude(_ index: Int, _ reply: Message, answering heard: Heard?, _ actions: inout [Action]) -> Message? {
    guard let heard, let transferring, transferring.command == heard.ordinal, !script.isInterim[index] else { return reply }
    let succeeds = progress.dialect.succeeded(reply)
    if succeeds, let running = running(heard.ordinal), !carry(running, Payload(), index, &actions) { return nil }
    var reply = reply
    if succeeds, case .failed(let why)? = self.transferring?.state { reply = progress.dialect.failed(reply, why) }
    if let line = transferring.line { dataLines.remove(line, &actions) }
    self.transferring = nil
    return reply
  }

  // MARK: The data

  /// Moves a transfer on. False where it must wait.
  private mutating func carry(_ transfer: ServedTransfer, _ payload: Payload, _ index: Int, _ actions: inout [Action]) -> Bool {
    if transfer.fault?.kind == .noData { return end(.done, &actions) }
    guard let name = transfer.line else { return fail(.noConnection, "no-connection", "the client said nowhere how", index, &actions) }
    if let late = transfer.fault?.lateness, progress.now < transfer.began + late {
      progress.wake(at: transfer.began + late, &actions)
      return false
    }
    dataLines[name]?.dial(&actions)
    guard let line = dataLines[name] else { return end(.failed(.noConnection), &actions) }
    switch line.standing {
    // Reset by us, all being sent.
    case .over where line.isAllSent: break
    case .failed(_, let why): return fail(.noConnection, "no-connection", why, index, &actions)
    case .elsewhere, .over: return fail(.noConnection, "no-connection", "nobody waits there", index, &actions)
    case .announced, .asked, .listening, .dialling:
      if isGivenUp(index) { return fail(.cut, "data-cut", "given up by the client", index, &actions) }
      guard isStuck(0, &actions) else { return false }
      return fail(.noConnection, "no-connection", "nothing after \(progress.options.timeout.transcript)", index, &actions)
    case .up: break
    }
    return transfer.kind.from == .server
      ? give(transfer, line, payload, index, &actions) : take(transfer, line, payload, index, &actions)
  }

  private mutating func give(
    _ transfer: ServedTransfer, _ line: DataLine, _ payload: Payload, _ index: Int, _ actions: inout [Action]
  ) -> Bool {
    let isCutByClient = payload.endsEarly && script.abort(of: index) != nil
    if line.isIdle {
      let content: [UInt8]
      do throws(Unfillable) { content = try cargo(payload, transfer) } catch {
        giveUp(error, &actions)
        return false
      }
      if script.isTransfer(index) { progress.ledger.transferred(index, Message(.server, [], [.transfer(content)]), wasHeard: false) }
      let isReset = payload.endsEarly || transfer.fault?.kind == .dataReset
      dataLines[line.name]?.send(content, then: isCutByClient ? .wait : isReset ? .reset : .end, &actions)
      return give(transfer, dataLines[line.name] ?? line, payload, index, &actions)
    }
    if isGivenUp(index) || line.ending == .reset {
      if isCutByClient { return end(.done, &actions) }
      return fail(.cut, "data-cut", line.ending == .reset ? "reset by the client" : "given up by the client", index, &actions)
    }
    if line.isAllSent, !isCutByClient || line.ending != .open {
      return end(transfer.fault?.kind == .dataReset ? .failed(.cut) : .done, &actions)
    }
    guard isStuck(line.sentCount, &actions) else { return false }
    let timeout = progress.options.timeout.transcript
    return fail(.cut, "late", "\(line.sentCount) bytes were taken, and none for \(timeout)", index, &actions)
  }

  private mutating func cargo(_ payload: Payload, _ transfer: ServedTransfer) throws(Unfillable) -> [UInt8] {
    bind(payload.texts.reads)
    let bytes = try payload.cargo(&bindings, isText: transfer.kind.isText, at: progress.wall)
    let isHalved = transfer.fault?.kind == .truncate || transfer.fault?.kind == .dataReset
    return isHalved ? Array(bytes.prefix(bytes.count / 2)) : bytes
  }

  private mutating func take(
    _ transfer: ServedTransfer, _ line: DataLine, _ payload: Payload, _ index: Int, _ actions: inout [Action]
  ) -> Bool {
    if transfer.fault?.kind == .dataReset, line.received.size > 0 || line.ending != .open {
      dataLines[line.name]?.reset(&actions)
      return end(.failed(.cut), &actions)
    }
    let size = line.received.size
    if size > progress.options.transferLimit {
      dataLines[line.name]?.reset(&actions)
      return fail(.cut, "flood", "\(size) bytes and no end", index, &actions)
    }
    let isCut = line.ending == .reset || isGivenUp(index)
    guard line.ending != .open || isCut else {
      guard isStuck(size, &actions) else { return false }
      let timeout = progress.options.timeout.transcript
      return fail(.cut, "late", "\(size) bytes came, and none for \(timeout)", index, &actions)
    }
    if script.isTransfer(index) {
      progress.ledger.transferred(index, Message(.client, [], [.transfer(line.received.bytes)]), wasHeard: true)
      if let difference = other(payload, line.received, isText: transfer.kind.isText, index) { add(difference, to: index) }
    }
    if isCut, !payload.endsEarly {
      return fail(.cut, "data-cut", line.ending == .reset ? "reset by the client" : "given up by the client", index, &actions)
    }
    return end(.done, &actions)
  }

  /// What the client has sent instead, if it is known what it was to be.
  private func other(_ want: Payload, _ got: Intake, isText: Bool, _ index: Int) -> Difference? {
    if let size = want.size, want.content == nil, size != got.size {
      return difference(index, .drift, "content", expected: "\(size) bytes", observed: "\(got.size) bytes")
    }
    let digest = want.sha256 ?? (got.digest == nil ? nil : Digest.sha256(want.bytes))
    if want.content == nil || got.digest != nil {
      let observed = got.digest ?? Digest.sha256(got.bytes)
      guard let digest, digest != observed else { return nil }
      return difference(index, .drift, "content", expected: "SHA-256 \(digest)", observed: "SHA-256 \(observed)")
    }
    if want.bytes == got.bytes { return nil }
    if let difference = other(want, got.bytes, index) { return difference }
    if case .lines? = want.content { return nil }
    return isText ? nil : difference(index, .drift, "content", expected: "\(want.bytes.count) bytes", observed: "other line ends")
  }

  // MARK: How it ends

  /// Whether the client has said that it wants no more of a transfer (ABOR), or is gone.
  private func isGivenUp(_ index: Int) -> Bool {
    if progress.line.ending == .reset || script.abort(of: index).map({ heardCommands[$0] != nil }) ?? false { return true }
    return progress.line.unread.first { script.isAbort($0.message) } != nil
  }

  /// Whether nothing has moved for as long as we wait.
  private mutating func isStuck(_ moved: Int, _ actions: inout [Action]) -> Bool {
    guard var transfer = transferring else { return true }
    if moved != transfer.moved {
      transfer.moved = moved
      transfer.movedAt = progress.now
      transferring = transfer
    }
    let deadline = transfer.movedAt + progress.options.timeout
    if progress.now >= deadline { return true }
    progress.wake(at: deadline, &actions)
    return false
  }

  /// Always true.
  private mutating func fail(
    _ how: TransferFailure, _ kind: String, _ why: String, _ index: Int, _ actions: inout [Action]
  ) -> Bool {
    add(difference(index, kind == "data-cut" ? .drift : .divergence, kind, observed: why), to: index)
    return end(.failed(how), &actions)
  }

  /// Always true.
  private mutating func end(_ state: ServedTransfer.State, _ actions: inout [Action]) -> Bool {
    if let line = transferring?.line { dataLines.remove(line, &actions) }
    transferring?.state = state
    return true
  }
}

extension Script {
  /// Whether a step is a transfer; where it is not, the transcript has none for its reply.
  fileprivate func isTransfer(_ index: Int) -> Bool { transfers[index] != nil }

  /// The step by which the transcript's client cuts a transfer, before its last reply.
  fileprivate func abort(of index: Int) -> Int? {
    guard let command = transfers[index]?.command, let last = answered.lastIndex(of: command), last > command else { return nil }
    return steps[(command + 1)..<last].indices.first { steps[$0].message.map(isAbort) ?? false }
  }

  fileprivate func isAbort(_ message: Message) -> Bool {
    message.side == .client && dialect.abort.map { dialect.verb(of: $0) == dialect.verb(of: message) } ?? false
  }
}
