import Capture
import Dialects
import Transcript
import Wire

extension Ties {
  // MARK: Tying

  /// How sure it is that a connection belongs to a transfer.
  enum Bond {
    /// It goes where it was announced, and was opened while the transfer ran.
    case inTime
    /// It goes where it was announced, and was captured at another time.
    case nearby
    /// Nothing that was heard announced it: it was opened between the two hosts while the transfer ran, from where a server dials or to
    /// where one may listen.
    case unannounced
  }

  private struct Candidate {
    let number: Int
    let isTurned: Bool
    /// The best first: as likely ones come first, then the one opened first.
    let rank: (Int, Instant, Int)
  }

  /// Finds the data connection of a transfer that has none.
  mutating func tie(_ index: Int, of number: Int, _ bond: Bond) {
    guard let control = controls[number], control.transfers[index].connection == nil else { return }
    let awaited = control.transfers[index]
    let candidates =
      switch bond {
      case .inTime, .nearby: announcedCandidates(awaited, of: control, bond)
      case .unannounced: unannouncedCandidates(awaited, of: control)
      }
    guard let best = candidates.min(by: { $0.rank < $1.rank }), let connection = connections[best.number] else { return }
    if !connection.isClaimed { unclaimed -= connection.held }
    unlist(connection)
    connections[best.number]?.owner = number
    if best.isTurned { connections[best.number]?.turn() }
    if !connection.isOver { claimed.append(best.number) }
    controls[number]?.tie(index, to: best.number)
  }

  private func announcedCandidates(_ awaited: Control.Awaited, of control: Control, _ bond: Bond) -> [Candidate] {
    guard let index = awaited.announced else { return [] }
    let announcement = control.announcements[index].announcement
    return (listening[announcement.port] ?? []).compactMap { number in
      guard let connection = connections[number], let fit = control.fit(connection.origin, announcement) else { return nil }
      guard connection.isSent(by: awaited.transfer.from, dialledBy: announcement.dialler, fit) else { return nil }
      let isFitting =
        bond == .inTime
        ? control.ran(awaited, at: connection.origin.at)
        : control.distance(awaited, from: connection.origin.at) <= limits.patience && !isInTime(connection, butOf: control)
      return isFitting ? Candidate(number: number, isTurned: fit == .turned, rank: (0, connection.origin.at, number)) : nil
    }
  }

  private func unannouncedCandidates(_ awaited: Control.Awaited, of control: Control) -> [Candidate] {
    connections.values.compactMap { connection in
      guard connection.owner == nil, connection.number != control.number, connection.announcers.allSatisfy({ $0 == control.number }),
        control.ran(awaited, at: connection.origin.at), let (fit, dialler) = control.fitUnannounced(connection.origin),
        connection.isSent(by: awaited.transfer.from, dialledBy: dialler, fit)
      else { return nil }
      let rank = (dialler == .server ? 0 : 1, connection.origin.at, connection.number)
      return Candidate(number: connection.number, isTurned: fit == .turned, rank: rank)
    }
  }

  /// Whether another control conversation has a transfer that a connection fits in every way.
  private func isInTime(_ connection: DataConnection, butOf control: Control) -> Bool {
    connection.announcers.contains { number in
      guard number != control.number, let other = controls[number] else { return false }
      return other.transfers.contains { awaited in
        guard awaited.connection == nil, let index = awaited.announced, other.ran(awaited, at: connection.origin.at) else { return false }
        return other.fit(connection.origin, other.announcements[index].announcement) != nil
      }
    }
  }

  // MARK: Handing over

  /// Hands a control conversation over if it is over and nothing of it can still come.
  mutating func settle(_ number: Int) {
    guard let control = controls[number], let closed = control.closed else { return }
    for index in control.transfers.indices { tie(index, of: number, .inTime) }
    guard let control = controls[number], !isAnyOpen(of: control) else { return }
    if now - closed <= limits.patience, control.lacksConnections { return }
    handOver(number)
  }

  /// With what is there now.
  private mutating func handOver(_ number: Int) {
    guard let control = controls[number] else { return }
    for bond in [Bond.nearby, .unannounced] { for index in control.transfers.indices { tie(index, of: number, bond) } }
    guard let control = controls.removeValue(forKey: number), var recorded = control.recorded else { return }
    held -= control.held
    if let port = control.announcements.last?.announcement.port { withdraw(port, of: number) }
    pairs[control.hosts, default: 1] -= 1
    if pairs[control.hosts] == 0 { pairs[control.hosts] = nil }
    var carried: [Int: Recorded.Carried] = [:]
    for awaited in control.transfers {
      guard let tied = awaited.connection, let connection = connections[tied] else { continue }
      carried[awaited.command] = connection.carried
      forget(tied)
      ready.append(connection.recorded(.data(control.dialect, of: control.stream)))
    }
    recorded.missing += (control.strays + control.connections.compactMap { release($0, by: control) }).map { .stray($0) }
    recorded.fill(carried)
    ready.append(recorded)
    reconsider()
  }

  /// Lets go of a connection that a control conversation announced and no command of it asked for. One of another time, or that somebody
  /// else announced, too, waits on.
  ///
  /// - Returns: where it belongs to no command, its number in its capture.
  private mutating func release(_ number: Int, by control: Control) -> Int? {
    guard connections[number]?.owner == nil else { return nil }
    connections[number]?.announcers.removeAll { $0 == control.number }
    guard let connection = connections[number] else { return nil }
    if !connection.isClaimed { unclaimed += connection.held }
    guard connection.isOver, !connection.isClaimed else { return nil }
    guard control.announced(connection.origin) else {
      connections[number]?.lateAnnouncer = control.dialect
      return nil
    }
    forget(number)
    ready.append(connection.recorded(.strayData(control.dialect, of: control.stream)))
    return connection.origin.stream
  }

  private func isAnyOpen(of control: Control) -> Bool {
    let tied = control.transfers.lazy.compactMap(\.connection)
    return tied.contains { connections[$0]?.isOver == false }
      || control.connections.contains { connections[$0]?.isOver == false }
  }

  /// Whom nobody can claim any more, is what it looks like.
  private mutating func giveUp(_ number: Int) {
    guard let connection = connections[number], connection.owner == nil else { return }
    forget(number)
    if let announcer = connection.announcers.first, let control = controls[announcer] {
      for announcer in connection.announcers { controls[announcer]?.strays.append(connection.origin.stream) }
      ready.append(connection.recorded(.strayData(control.dialect, of: control.stream)))
    } else if let dialect = connection.lateAnnouncer ?? connection.dialledForData {
      ready.append(connection.recorded(.strayData(dialect, of: nil)))
    } else if let guess = connection.guess {
      ready.append(guess)
    }
  }

  // MARK: Patience

  /// What has waited for long enough waits no longer.
  mutating func losePatience() {
    while let first = closing.first {
      if let closed = controls[first]?.closed, now - closed <= limits.patience { break }
      closing.removeFirst()
      settle(first)
    }
    while let first = waiting.first {
      let connection = connections[first]
      if let connection, connection.owner == nil {
        guard now - connection.last > limits.patience || waiting.count + kept.count > limits.waiting else { break }
        if isWanted(connection) { kept.append(first) } else { giveUp(first) }
      }
      waiting.removeFirst()
    }
    while waiting.count + kept.count > limits.waiting, let first = kept.first {
      kept.removeFirst()
      giveUp(first)
    }
  }

  private func isWanted(_ connection: DataConnection) -> Bool {
    if !connection.announcers.isEmpty { return true }
    return !pairs.isEmpty && pairs[Hosts(connection.origin.client, connection.origin.server)] != nil
  }

  /// A control conversation is gone: what was kept for it need not be any more.
  private mutating func reconsider() {
    for number in kept {
      guard let connection = connections[number], connection.owner == nil, !isWanted(connection) else { continue }
      giveUp(number)
    }
    kept.removeAll { connections[$0]?.owner != nil || connections[$0] == nil }
  }

  /// The capture is over, or too much is kept: nothing waits any longer.
  mutating func finish() {
    for number in controls.keys.sorted() where controls[number]?.closed != nil { handOver(number) }
    while let first = waiting.first {
      waiting.removeFirst()
      giveUp(first)
    }
    for number in kept { giveUp(number) }
    kept = []
  }
}

extension Control {
  /// Whether a data connection may still come.
  fileprivate var lacksConnections: Bool {
    guard let recorded else { return false }
    let failed = Set(recorded.transfers.filter { $0.transferred.succeeded == false }.map(\.transferred.command))
    return transfers.contains { $0.connection == nil && !failed.contains($0.command) }
  }

  /// Whether a connection was opened when its endpoint was the one announced.
  fileprivate func announced(_ origin: Origin) -> Bool {
    for (index, announced) in announcements.enumerated() where announced.at <= origin.at {
      let until = index + 1 < announcements.count ? announcements[index + 1].at : closed ?? origin.at
      if origin.at <= until, fit(origin, announced.announcement) != nil { return true }
    }
    return false
  }

  /// How long before or after a transfer ran a connection was opened.
  fileprivate func distance(_ awaited: Awaited, from instant: Instant) -> Duration {
    if instant < awaited.since { return awaited.since - instant }
    return max(.zero, instant - (awaited.until ?? closed ?? instant))
  }
}

extension DataConnection {
  /// Whether that side of the control connection can have sent what it carried.
  fileprivate func isSent(by side: Side, dialledBy dialler: Side, _ fit: Control.Fit) -> Bool {
    guard let sender else { return true }
    return ((sender == .client) == (fit == .asSeen)) == (side == dialler)
  }

  /// The protocol whose servers dial for data from where it comes from, beside their control port (RFC 959 §3.2), unless it goes where
  /// something else is spoken.
  fileprivate var dialledForData: String? {
    func isServed(_ port: UInt16) -> Bool { guess?.dialect?.ports.contains(port) ?? false }
    func dialect(_ from: Endpoint, _ to: Endpoint) -> String? {
      isServed(to.port) ? nil : Registry.all.first { $0.hasTransfers && $0.ports.contains { $0 &- 1 == from.port } }?.name
    }
    return dialect(origin.client, origin.server) ?? (origin.isPartial ? dialect(origin.server, origin.client) : nil)
  }
}

extension Recorded {
  /// Puts in what the data connections carried, and says what is missing of it.
  fileprivate mutating func fill(_ carried: [Int: Carried]) {
    for index in entries.indices {
      guard case .transfer(var transferred) = entries[index] else { continue }
      transferred.carried = carried[transferred.command]
      entries[index] = .transfer(transferred)
    }
    for (transferred, command) in transfers {
      guard let lack = transferred.lack else { continue }
      missing.append(.transfer(command: command?.message.head.first?.recorded ?? [], lack))
    }
  }
}

/// Numbers in the order in which they came.
struct Queue {
  private var numbers: [Int] = []
  private var start = 0

  var count: Int { numbers.count - start }
  var first: Int? { start < numbers.count ? numbers[start] : nil }

  mutating func append(_ number: Int) { numbers.append(number) }

  /// What is gone is moved out of the way once it is half of all.
  mutating func removeFirst() {
    start += 1
    guard start * 2 >= numbers.count else { return }
    numbers.removeFirst(start)
    start = 0
  }
}
