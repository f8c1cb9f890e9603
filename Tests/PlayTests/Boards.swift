import Play
import Results
import Transcript
import Wire

/// The client's role against the server's, without a socket, on one clock.
struct Theatre {
  let client: Outcome
  let server: Outcome
  /// Connections that were still there, or waited for, when both were done.
  let leftBehind: Int

  /// - Parameters:
  ///   - other: what the server plays, where that is not what the client plays.
  ///   - pieces: bytes are handed over in pieces of that size.
  ///   - order: which connection is faster, where several carry something at once.
  init(
    _ script: Script, server other: Script? = nil, clientBindings: Bindings = Bindings(), serverBindings: Bindings = Bindings(),
    defaults: [String: [UInt8]] = [:], faults: [Fault] = [], pieces: Int = .max, order: Boards.Order = .asSent,
    family: Address.Family = .v4
  ) {
    let start = Instant(nanoseconds: 0)
    var options = PlayOptions()
    options.timeout = .seconds(5)
    var boards = Boards(
      client: ClientRole(script, bindings: clientBindings, options: options, at: start, wall: start),
      server: ServerRole(
        other ?? script, bindings: serverBindings, defaults: defaults, options: options, faults: faults, at: start, wall: start),
      pieces: pieces, order: order, family: family)
    boards.play()
    client = boards.outcome(.client)
    server = boards.outcome(.server)
    leftBehind = boards.connections
  }

  static func differences(_ outcome: Outcome) -> [String] {
    outcome.steps.flatMap { step in step.differences.map { "\($0.place.line): \($0.grade) \($0.kind)" } }
  }
}

/// What two roles stand on: does what each says, and tells it what comes of it, as a network would. Each side numbers its lines itself.
struct Boards {
  /// What of several connections that carry something at once arrives first.
  enum Order: CaseIterable { case asSent, mainFirst, dataFirst }

  private struct Seat {
    var role: any Role
    var address: Address
    var actions: [Action] = []
    var alarm: Instant?
    var isFinished = false
    /// Connections of this side, each with the other side's name for it.
    var lines: [LineName: LineName] = [.main: .main]
    /// Where it waits for a connection.
    var ports: [LineName: UInt16] = [:]
  }

  private var seats: Sides<Seat>
  private var now = Instant(nanoseconds: 0)
  private var nextPort: UInt16 = 40_000
  private let pieces: Int
  private let order: Order

  init(client: any Role, server: any Role, pieces: Int, order: Order, family: Address.Family) {
    let prefix: UInt64 = 0x2001_0db8_0000_0000
    seats = Sides(
      client: Seat(role: client, address: family == .v4 ? Address(v4: 0xc000_0201) : Address(v6: prefix, 1)),
      server: Seat(role: server, address: family == .v4 ? Address(v4: 0xc000_0202) : Address(v6: prefix, 2)))
    self.pieces = pieces
    self.order = order
  }

  func outcome(_ side: Side) -> Outcome { seats[side].role.outcome }

  var connections: Int {
    Side.allCases.reduce(0) { $0 + seats[$1].lines.keys.count { $0 != .main } + seats[$1].ports.count }
  }

  /// Until both are finished, or nothing more would ever happen.
  mutating func play() {
    connect(.client, .main, .main, port: 21)
    for _ in 0..<100_000 where !(seats.client.isFinished && seats.server.isFinished) {
      if seats.server.actions.isEmpty, seats.client.actions.isEmpty {
        guard ring() else { return }
      } else {
        for side in [Side.server, .client] { perform(side) }
      }
    }
  }

  /// False where nobody has an alarm.
  private mutating func ring() -> Bool {
    guard let next = [seats.client.alarm, seats.server.alarm].compactMap(\.self).min() else { return false }
    now = max(now, next)
    for side in Side.allCases {
      guard let alarm = seats[side].alarm, alarm <= now else { continue }
      seats[side].alarm = nil
      tell(side, .reached)
    }
    return true
  }

  private mutating func perform(_ side: Side) {
    let actions = seats[side].actions
    seats[side].actions = []
    guard order != .asSent else { return actions.forEach { perform($0, side) } }
    for action in actions where action.isOnMain == (order == .mainFirst) && action != .finish { perform(action, side) }
    for action in actions where action.isOnMain != (order == .mainFirst) || action == .finish { perform(action, side) }
  }

  private mutating func perform(_ action: Action, _ side: Side) {
    switch action {
    case .dial(let port, let line):
      guard let (waiting, _) = seats[side.other].ports.first(where: { $0.value == port }) else {
        return tell(side, .failed(.refused, "refused", on: line))
      }
      seats[side.other].ports[waiting] = nil
      connect(side, line, waiting, port: port)
    case .redial: break
    case .listen(let line, let wish):
      nextPort += 1
      let port = wish ?? nextPort
      seats[side].ports[line] = port
      tell(side, .listening(Endpoint(seats[side].address, port), on: line))
    case .send(let bytes, let line):
      var rest = bytes[...]
      while !rest.isEmpty {
        guard let other = peer(side, line) else { return }
        let piece = Array(rest.prefix(pieces))
        rest = rest.dropFirst(pieces)
        var actions: [Action] = []
        seats[side.other].role.received(piece.span, on: other, at: now, &actions)
        seats[side.other].actions += actions
      }
    case .confirm(let line): if seats[side].lines[line] != nil { tell(side, .sent(on: line)) }
    case .wake(let instant): seats[side].alarm = instant
    case .finishSending(let line): if let other = peer(side, line) { tell(side.other, .ended(.finished, on: other)) }
    case .close(let line): hangUp(side, line, .finished)
    case .reset(let line): hangUp(side, line, .reset)
    case .finish:
      seats[side].isFinished = true
      for line in Array(seats[side].lines.keys) + seats[side].ports.keys where line != .main { hangUp(side, line, .finished) }
    }
  }

  private mutating func connect(_ dialler: Side, _ line: LineName, _ other: LineName, port: UInt16) {
    nextPort += 1
    seats[dialler].lines[line] = other
    seats[dialler.other].lines[other] = line
    let (near, far) = (Endpoint(seats[dialler].address, nextPort), Endpoint(seats[dialler.other].address, port))
    tell(dialler, .connected(on: line, own: near, peer: far))
    tell(dialler.other, .connected(on: other, own: far, peer: near))
  }

  private mutating func hangUp(_ side: Side, _ line: LineName, _ how: Ending) {
    seats[side].ports[line] = nil
    let other = peer(side, line)
    guard seats[side].lines.removeValue(forKey: line) != nil else { return }
    if let other { tell(side.other, .ended(how, on: other)) }
    tell(side, .ended(.finished, on: line))
  }

  /// The other side's name for a line; nil where it has closed it.
  private func peer(_ side: Side, _ line: LineName) -> LineName? {
    guard let other = seats[side].lines[line], seats[side.other].lines[other] != nil else { return nil }
    return other
  }

  private mutating func tell(_ side: Side, _ event: Event) {
    var actions: [Action] = []
    seats[side].role.happened(event, at: now, &actions)
    seats[side].actions += actions
  }
}

extension Action {
  /// Whether its place is among what is said on the main line.
  fileprivate var isOnMain: Bool {
    switch self {
    case .dial, .redial, .listen, .wake: true
    case .finish: false
    case .send(_, let line), .confirm(let line), .finishSending(let line), .close(let line), .reset(let line): line == .main
    }
  }
}
