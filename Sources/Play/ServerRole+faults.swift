import Dialects
import Transcript
import Wire

extension ServerRole {
  mutating func takeFault(striking index: Int, _ message: Message) -> Fault? {
    guard let hit = faults.firstIndex(where: { strikes($0, index, message) }) else { return nil }
    let fault = faults[hit]
    if !fault.kind.isWayOfSpeaking { faults.remove(at: hit) }
    return fault
  }

  private func strikes(_ fault: Fault, _ index: Int, _ message: Message) -> Bool {
    if let step = fault.step, !script.isReply(index, named: step) { return false }
    switch fault.kind {
    case .dropKeyword: return progress.dialect.dropping(keyword: fault.value, from: message) != nil
    case .delay, .drip, .bareLF, .garbage: return true
    // Without a step's name, not the greeting.
    case .close, .reset, .code, .flood, .stall: return fault.step != nil || script.answered[index] != nil
    case .noData, .dataReset, .dataLate, .truncate, .pasvBadAddress: return false
    }
  }

  // MARK: Transfers

  mutating func takeFault(strikingTransferOf command: Int) -> Fault? {
    guard let step = heardCommands.first(where: { $0.value.ordinal == command })?.key else { return nil }
    return faults.firstIndex { strikesTransfer($0, step) }.map { faults.remove(at: $0) }
  }

  private func strikesTransfer(_ fault: Fault, _ command: Int) -> Bool {
    guard fault.kind.isOfTransfer else { return false }
    guard let step = fault.step else { return true }
    return script.steps.indices.contains { script.command(of: $0) == command && script.isReply($0, named: step) }
  }

  /// Whether the transfer that comes next is to find nobody where we said that we wait. Its fault strikes there.
  func isNobodyThere(_ index: Int) -> Bool {
    let next = script.steps.indices.dropFirst(index).lazy.compactMap { script.transfers[$0]?.command }.first
    return next.map { command in faults.contains { $0.kind == .noData && strikesTransfer($0, command) } } ?? false
  }

  /// What is said of where we wait.
  mutating func takePlace(for reply: Message, _ index: Int?, _ endpoint: Endpoint) -> Endpoint {
    let hit = faults.firstIndex { fault in
      fault.kind == .pasvBadAddress && (fault.step.map { step in index.map { script.isReply($0, named: step) } ?? false } ?? true)
    }
    guard let hit else { return endpoint }
    let bad = faults[hit].value.flatMap { Address($0) } ?? Fault.badAddress(endpoint.address.family)
    let place = Endpoint(bad, endpoint.port)
    // In 229 there is no address.
    guard let written = progress.dialect.argument(place, for: reply), written != progress.dialect.argument(endpoint, for: reply) else {
      return endpoint
    }
    faults.remove(at: hit)
    return place
  }

  mutating func strike(_ fault: Fault, _ bytes: [UInt8]) {
    let now = progress.now
    switch fault.kind {
    case .code, .dropKeyword, .noData, .dataReset, .dataLate, .truncate, .pasvBadAddress: outbox.append(bytes, at: now)
    case .delay: outbox.append(bytes, at: now + (fault.duration ?? Fault.usualDelay))
    case .drip: outbox.append(bytes, at: now, dripping: fault.duration ?? Fault.usualPause)
    case .bareLF: outbox.append(bytes.filter { $0 != 13 }, at: now)
    case .garbage: outbox.append(Fault.garbage + bytes, at: now)
    case .flood:
      outbox.append(bytes, at: now)
      floodLeft = Fault.floodBytes
    case .stall: hasStalled = true
    case .close: exit = .close
    case .reset:
      outbox.append(Array(bytes.prefix(bytes.count / 2)), at: now)
      exit = .reset
    }
  }

  /// A stretch of the flood at a time, the next one once the client has made room. Always false.
  mutating func flood(_ actions: inout [Action]) -> Bool {
    if !isFloodOnItsWay {
      let stretch = Array(Fault.stretch.prefix(floodLeft))
      floodLeft -= stretch.count
      isFloodOnItsWay = true
      actions += [.send(stretch), .confirm()]
      progress.advance(to: progress.cursor)
    }
    if progress.waits(progress.options.timeout, &actions) { finish(&actions) }
    return false
  }
}

extension Fault.Kind {
  /// Strikes each reply; all others strike once.
  fileprivate var isWayOfSpeaking: Bool { self == .drip || self == .bareLF }

  fileprivate var isOfTransfer: Bool {
    switch self {
    case .noData, .dataReset, .dataLate, .truncate: true
    default: false
    }
  }
}

extension Fault {
  fileprivate var duration: Duration? { value.flatMap { Duration(transcript: $0) } }

  /// How much later a transfer begins.
  var lateness: Duration? { kind == .dataLate ? duration ?? Fault.usualDelay : nil }

  func changing(_ message: Message, _ dialect: any Dialect) -> Message {
    switch kind {
    case .code: dialect.refused(message, code: value)
    case .dropKeyword: dialect.dropping(keyword: value, from: message) ?? message
    default: message
    }
  }

  /// Of nobody, for documentation (RFC 5737, RFC 3849).
  fileprivate static func badAddress(_ family: Address.Family) -> Address {
    family == .v4 ? Address(v4: 0xc000_0201) : Address(v6: 0x2001_0db8_0000_0000, 1)
  }

  fileprivate static let usualDelay = Duration.seconds(2)
  fileprivate static let usualPause = Duration.milliseconds(50)
  /// A server that says nothing any more leaves in the end.
  static let longestStall = Duration.seconds(600)
  fileprivate static let garbage: [UInt8] = [0x00, 0xff, 0x1b, 0x5b, 0x32, 0x4a, 0x80, 0xfe, 0x0d, 0x0a]
  fileprivate static let floodBytes = 64 << 20
  fileprivate static let stretch = Array(repeating: Array("250-flood\r\n".utf8), count: 1000).flatMap { $0 }
}
