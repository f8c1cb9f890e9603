import Capture
import Dialects
import Wire

/// Ties data connections to the control conversations that asked for them, whatever came first in the capture.
///
/// Every TCP connection over which one side alone has spoken so far is kept, within limits, and so is every control conversation until its
/// data connections are over: while either is here, the other can still come.
struct Ties {
  let limits: ExtractionLimits
  var connections: [Int: DataConnection] = [:]
  /// Connections that belong to nobody yet, by the ports where somebody may listen.
  var listening: [UInt16: [Int]] = [:]
  var controls: [Int: Control] = [:]
  /// Control conversations by the port that they announced last.
  var announced: [UInt16: [Int]] = [:]
  /// How many control conversations there are between two hosts.
  var pairs: [Hosts: Int] = [:]
  /// Connections that are over, in that order, until their patience is.
  var waiting = Queue()
  /// Those whose patience is over and that a control conversation may still claim.
  var kept: [Int] = []
  /// Control conversations that are over, in that order, and wait for data connections.
  var closing = Queue()
  var now = Instant(nanoseconds: 0)
  var ready: [Recorded] = []
  /// Conversations that need not be followed any more: they belong to somebody.
  var claimed: [Int] = []

  /// Bytes that are kept.
  var held = 0
  /// Those of them that nobody has announced.
  var unclaimed = 0

  init(_ limits: ExtractionLimits) { self.limits = limits }

  /// Hands over what is finished.
  mutating func takeReady() -> [Recorded] {
    guard !ready.isEmpty else { return [] }
    defer { ready = [] }
    return ready
  }

  /// Numbers of open conversations that turned out to be somebody's data connections.
  mutating func takeClaimed() -> [Int] {
    guard !claimed.isEmpty else { return [] }
    defer { claimed = [] }
    return claimed
  }

  // MARK: Connections

  mutating func open(_ origin: Origin) {
    now = origin.at
    var connection = DataConnection(origin)
    for port in connection.ports { listening[port, default: []].append(origin.number) }
    if !announced.isEmpty { connection.announcers = announcers(of: origin) }
    for announcer in connection.announcers { controls[announcer]?.announced(origin.number) }
    connections[origin.number] = connection
  }

  /// - Parameter isCrowded: all that is kept is too much.
  mutating func receive(_ bytes: Span<UInt8>, _ number: Int, from side: Side, at now: Instant, isCrowded: Bool) {
    guard let index = connections.index(forKey: number) else { return }
    let before = connections.values[index].held
    let isAlone = connections.values[index].receive(bytes, from: side, at: now)
    let isClaimed = connections.values[index].isClaimed
    count(connections.values[index].held - before, isClaimed)
    guard isAlone || connections.values[index].owner != nil else { return forget(number) }
    if isCrowded || connections.values[index].held > limits.conversation { condense(number) }
    if !isClaimed, unclaimed > limits.unclaimed { if controls.isEmpty { forget(number) } else { condense(number) } }
  }

  mutating func lose(_ count: Int, _ number: Int, from side: Side, at now: Instant) {
    guard let index = connections.index(forKey: number) else { return }
    let before = connections.values[index].held
    let isAlone = connections.values[index].lose(count, from: side, at: now)
    self.count(connections.values[index].held - before, connections.values[index].isClaimed)
    if !isAlone, connections.values[index].owner == nil { forget(number) }
  }

  mutating func end(_ number: Int, _ side: Side, _ ending: Ending, at now: Instant) { connections[number]?.end(side, ending, at: now) }

  /// A conversation is over.
  ///
  /// - Parameters:
  ///   - guess: what it is if it is no data connection; nil where that was known before.
  ///   - held: bytes that are kept for the guess.
  /// - Returns: false where it is not one that could be claimed: `guess` is all there is to say.
  mutating func close(_ number: Int, _ how: Closing, _ guess: Recorded?, held: Int, at now: Instant) -> Bool {
    self.now = now
    defer { losePatience() }
    guard let connection = connections[number] else { return false }
    connections[number]?.close(how, guess, held: held)
    self.held += held
    if let owner = connection.owner {
      settle(owner)
    } else {
      waiting.append(number)
      for announcer in connection.announcers { settle(announcer) }
    }
    return true
  }

  /// Time has passed, and nothing happened.
  mutating func pass(to now: Instant) {
    self.now = now
    losePatience()
  }

  /// A connection was not made. Where a control conversation announced it, it is a data connection all the same.
  mutating func refuse(_ origin: Origin, _ how: Refusal) -> Recorded? {
    guard !announced.isEmpty, let announcer = announcers(of: origin).first, let control = controls[announcer] else { return nil }
    var recorded = Recorded(origin: origin)
    recorded.refusal = how
    recorded.skip = .data(control.dialect, of: control.stream)
    return recorded
  }

  private func announcers(of origin: Origin) -> [Int] {
    var found: [Int] = []
    for port in origin.listeningPorts {
      for number in announced[port] ?? [] where !found.contains(number) {
        guard let control = controls[number], let newest = control.announcements.last?.announcement else { continue }
        if control.fit(origin, newest) != nil { found.append(number) }
      }
    }
    return found
  }

  /// It is no data connection, or cannot be kept as one.
  mutating func forget(_ number: Int) {
    guard let connection = connections.removeValue(forKey: number) else { return }
    count(-connection.held, connection.isClaimed)
    held -= connection.heldForGuess
    unlist(connection)
  }

  private mutating func condense(_ number: Int) {
    guard let connection = connections[number] else { return }
    connections[number]?.condense()
    count(-connection.held, connection.isClaimed)
  }

  mutating func unlist(_ connection: DataConnection) {
    for port in connection.ports {
      listening[port]?.removeAll { $0 == connection.number }
      if listening[port]?.isEmpty == true { listening[port] = nil }
    }
  }

  mutating func count(_ bytes: Int, _ isClaimed: Bool) {
    held += bytes
    if !isClaimed { unclaimed += bytes }
  }

  // MARK: Control conversations

  mutating func take(_ signal: Recording.Signal, of number: Int) {
    switch signal {
    case .speaks(let dialect, let origin):
      let control = Control(origin, speaking: dialect)
      controls[number] = control
      pairs[control.hosts, default: 0] += 1
    case .announces(let announcement, let instant): announce(announcement, by: number, at: instant)
    case .begins(let command, let transfer, let since): controls[number]?.begin(command, transfer, since: since)
    case .ends(let command, let instant):
      // What was opened in its time belongs to it; most often that is one and no other.
      guard let index = controls[number]?.end(command, at: instant), let control = controls[number] else { return }
      tie(index, of: number, control.transfers[index].announced == nil ? .unannounced : .inTime)
    }
  }

  private mutating func announce(_ announcement: Announcement, by number: Int, at instant: Instant) {
    guard let control = controls[number] else { return }
    if let before = control.announcements.last?.announcement.port { withdraw(before, of: number) }
    controls[number]?.announce(announcement, at: instant)
    announced[announcement.port, default: []].append(number)
    for found in listening[announcement.port] ?? [] {
      guard let connection = connections[found], control.fit(connection.origin, announcement) != nil else { continue }
      if !connection.isClaimed { unclaimed -= connection.held }
      connections[found]?.announcers.append(number)
      controls[number]?.announced(found)
    }
  }

  mutating func withdraw(_ port: UInt16, of number: Int) {
    announced[port]?.removeAll { $0 == number }
    if announced[port]?.isEmpty == true { announced[port] = nil }
  }

  /// Whether a conversation is to be handed over with its data connections, and not before.
  func isControl(_ number: Int) -> Bool { controls[number] != nil }

  /// A control conversation is over.
  ///
  /// - Parameter held: bytes that are kept for it.
  mutating func close(_ number: Int, _ recorded: Recorded, held: Int, at now: Instant) {
    self.now = now
    // It may have looked like a data connection itself, if one side alone was captured.
    forget(number)
    controls[number]?.recorded = recorded
    controls[number]?.held = held
    controls[number]?.closed = now
    self.held += held
    closing.append(number)
    settle(number)
    losePatience()
  }
}
