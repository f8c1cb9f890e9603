import Dialects
import Results
import Transcript
import Verification
import Wire

// Where secondary connections are made: we say it, and listen there; or the server says it, and we dial its own address, whatever it named.

extension ClientRole {
  /// What `${data}` is in a message of ours. Nil where it has none, must wait for where we listen, or all is over.
  mutating func endpoint(for message: Message, _ actions: inout [Action]) -> Spot {
    guard script.endpointSteps.contains(progress.cursor) else { return isListening(&actions) ? .none : .awaited }
    let number = spoken.count
    guard let line = lines.all.last(where: { $0.command == number }) else {
      _ = lines.listen(by: number, &actions)
      return .awaited
    }
    switch line.standing {
    case .listening(let own):
      let named = Endpoint(progress.options.dataAddress ?? own.address, own.port)
      if let written = progress.dialect.argument(named, for: message) {
        // Nobody was there, either, when the transcript's server came: the port is ours and refuses it.
        if script.deserted.contains(progress.cursor) {
          lines[line.name]?.close(&actions)
        } else {
          announced = (own.port, number)
        }
        return .written(written)
      }
      progress.reason = Reason(
        .unplayable,
        "\(script.steps[progress.cursor].place): this message has no place for \(named): its protocol has another one for that family of addresses"
      )
      giveUp(&actions)
      return .awaited
    case .failed(_, let why): return cannotListen(why, &actions)
    case .announced, .asked, .dialling, .up, .elsewhere, .over: return .awaited
    }
  }

  /// Whether a transfer that is asked for next has an endpoint, if one of ours is to be its own: what was announced holds until something
  /// else is (RFC 959 §3.2), so we wait there again.
  private mutating func isListening(_ actions: inout [Action]) -> Bool {
    guard let announced, script.transfers.values.contains(where: { $0.command == progress.cursor }) else { return true }
    let number = spoken.count
    guard let line = lines.all.last(where: { $0.command == number }) else {
      if lines.hasUnused { return true }
      _ = lines.listen(by: number, at: announced.port, &actions)
      return false
    }
    switch line.standing {
    case .asked: return false
    case .failed(_, let why):
      _ = cannotListen(why, &actions)
      return false
    case .announced, .listening, .dialling, .up, .elsewhere, .over: return true
    }
  }

  private mutating func cannotListen(_ why: String, _ actions: inout [Action]) -> Spot {
    progress.reason = Reason(.fault, "a data connection cannot be waited for: \(why)")
    giveUp(&actions)
    return .awaited
  }

  enum Spot {
    /// The message names none.
    case none
    /// It is not known yet.
    case awaited
    case written([UInt8])

    var written: [UInt8]? { if case .written(let bytes) = self { bytes } else { nil } }
  }

  /// A message of ours that says where: unless we listen there, somebody else does, or nobody.
  mutating func noteAnnouncement(_ effects: [Effect], by number: Int) {
    let isAnnounced = effects.contains { if case .announces = $0 { true } else { false } }
    guard isAnnounced, !lines.all.contains(where: { $0.command == number }) else { return }
    announced = nil
    _ = lines.add(by: number, .elsewhere)
  }

  /// `${data}` in a reply is what its own announcement wrote. Where that could not be read it may be anything: why is told as a violation.
  mutating func compareEndpoint(of heard: Heard, _ compare: (inout ClientRole) -> Bool) -> Bool {
    guard script.endpointSteps.contains(progress.cursor) else { return compare(&self) }
    let name = Hole.endpointName
    if let announcement = heard.announcement {
      verifier.bindings.bind(name, announcement.written)
    } else {
      verifier.bindings.open.insert(name)
    }
    defer {
      verifier.bindings.unbind(name)
      verifier.bindings.open.remove(name)
    }
    return compare(&self)
  }

  /// The server says where it waits: there we dial at once, as it may wait for us before it says more. Only ever the control connection's
  /// peer: a reply cannot make us connect to anybody else.
  mutating func take(_ announcement: Announcement, by number: Int, _ index: Int, _ actions: inout [Action]) {
    guard announcement.dialler == .client else { return }
    announced = nil
    if let named = announcement.address?.unmapped, let peer = peer?.address.unmapped, named != peer {
      tell(
        index,
        difference(
          index, .drift, "pasv-address", expected: "\(peer)", observed: "\(named)",
          hint: "the connection is made to the server itself, whatever the reply names"))
    }
    if announcement.port < Self.firstUnprivileged {
      tell(
        index,
        difference(
          index, .note, "pasv-port", expected: "a port from \(Self.firstUnprivileged) on", observed: "\(announcement.port)",
          hint: "ports below are those of other services"))
    }
    // In the transcript nobody came, either.
    if script.deserted.contains(index) { return _ = lines.add(by: number, .elsewhere) }
    let name = lines.add(by: number, .announced(port: announcement.port))
    lines[name]?.dial(&actions)
  }

  /// Below are the ports of services (RFC 2577 §3).
  private static let firstUnprivileged: UInt16 = 1024
}

extension Heard {
  var announcement: Announcement? {
    effects.lazy.compactMap { if case .announces(let announcement) = $0 { announcement } else { nil } }.first
  }

  var transfer: Transfer? { effects.lazy.compactMap { if case .transfers(let transfer) = $0 { transfer } else { nil } }.first }
}
