import Capture
import Dialects
import Wire

/// A control conversation, as far as it is about data connections: what it announced, and which transfers ran when.
struct Control {
  struct Announced {
    let announcement: Announcement
    let at: Instant
  }

  /// A transfer that has a data connection, known or not.
  struct Awaited {
    let command: Int
    let transfer: Transfer
    /// Which of `announcements` it goes by, the newest one when it began.
    let announced: Int?
    /// When its data connection can have been opened; the end is nil as long as it runs.
    let since: Instant
    var until: Instant?
    /// Its data connection's number.
    var connection: Int?
  }

  let dialect: String
  let number: Int
  /// Its number in its capture, for people.
  let stream: Int
  let client: Endpoint
  let server: Endpoint
  private(set) var announcements: [Announced] = []
  private(set) var transfers: [Awaited] = []
  /// From its end on.
  var recorded: Recorded?
  /// What its messages took while it went on, in bytes.
  var held = 0
  /// Connections that it announced and that waited for a command in vain, by their numbers in their capture.
  var strays: [Int] = []
  /// When it was over.
  var closed: Instant?
  /// Connections, by number, that go where it announced.
  private(set) var connections: [Int] = []

  init(_ origin: Origin, speaking dialect: String) {
    self.dialect = dialect
    number = origin.number
    stream = origin.stream
    client = origin.client
    server = origin.server
  }

  mutating func announce(_ announcement: Announcement, at now: Instant) {
    announcements.append(Announced(announcement: announcement, at: now))
  }

  /// A connection goes to what was announced last.
  mutating func announced(_ connection: Int) { connections.append(connection) }

  mutating func begin(_ command: Int, _ transfer: Transfer, since: Instant) {
    guard let newest = announcements.indices.last else {
      transfers.append(Awaited(command: command, transfer: transfer, announced: nil, since: since))
      return
    }
    // The same endpoint serves again, but not before the last transfer over it was over.
    let before = transfers.last { $0.announced == newest }?.until ?? announcements[newest].at
    transfers.append(
      Awaited(command: command, transfer: transfer, announced: newest, since: max(before, announcements[newest].at)))
  }

  /// - Returns: which of `transfers` that was.
  mutating func end(_ command: Int, at now: Instant) -> Int? {
    guard let index = transfers.lastIndex(where: { $0.command == command }) else { return nil }
    transfers[index].until = now
    return index
  }

  mutating func tie(_ index: Int, to connection: Int) { transfers[index].connection = connection }

  /// Whether it still runs or ran when a connection was opened.
  func ran(_ awaited: Awaited, at instant: Instant) -> Bool {
    awaited.since <= instant && instant <= awaited.until ?? closed ?? instant
  }

  // MARK: Endpoints

  /// Which way round a connection lies.
  enum Fit { case asSeen, turned }

  /// Whether a connection goes to an endpoint that was announced: from the peer, to the address that was named or, behind a translator of
  /// addresses and where none was named, to the address that the control connection shows. One whose beginning was not captured may lie
  /// the other way round.
  func fit(_ origin: Origin, _ announcement: Announcement) -> Fit? {
    let listener = address(of: announcement.dialler.other)
    let dialler = address(of: announcement.dialler)
    func fits(_ from: Endpoint, _ to: Endpoint) -> Bool {
      guard to.port == announcement.port, from.address.unmapped == dialler else { return false }
      return to.address.unmapped == listener || to.address.unmapped == announcement.address?.unmapped
    }
    if fits(origin.client, origin.server) { return .asSeen }
    return origin.isPartial && fits(origin.server, origin.client) ? .turned : nil
  }

  /// Who dials where a connection between the same hosts may be for a transfer that was announced and not heard: the server from the port
  /// beside its control port (RFC 959 §3.2), or the client.
  func fitUnannounced(_ origin: Origin) -> (fit: Fit, dialler: Side)? {
    func dialler(_ from: Endpoint, _ to: Endpoint) -> Side? {
      let (client, server) = (address(of: .client), address(of: .server))
      if from.address.unmapped == server, to.address.unmapped == client, from.port == dataPort { return .server }
      // No server listens below 1024 for data, nor where it listens already.
      guard from.address.unmapped == client, to.address.unmapped == server, to.port >= 1024, to.port != self.server.port else { return nil }
      return .client
    }
    if let dialler = dialler(origin.client, origin.server) { return (.asSeen, dialler) }
    return origin.isPartial ? dialler(origin.server, origin.client).map { (.turned, $0) } : nil
  }

  /// The server's, where it dials.
  private var dataPort: UInt16 { server.port &- 1 }

  private func address(of side: Side) -> Address { (side == .client ? client : server).address.unmapped }

  var hosts: Hosts { Hosts(client, server) }
}

/// Two hosts, whoever is which.
struct Hosts: Hashable {
  private let lower: Address
  private let upper: Address

  init(_ one: Endpoint, _ other: Endpoint) {
    let (one, other) = (one.address.unmapped, other.address.unmapped)
    (lower, upper) = one.words < other.words ? (one, other) : (other, one)
  }
}
