import Play
import Results
import Transcript
import Wire

/// The scripted server and whatever the test says on the client's side, without a socket; the clock is the test's.
struct Service {
  private(set) var role: ServerRole
  private(set) var now = Instant(nanoseconds: 0)
  private(set) var isFinished = false
  private(set) var isClosed = false
  private(set) var alarm: Instant?
  private(set) var asksToConfirm = 0
  private(set) var greeting = ""
  private(set) var lines: [LineName: SideLine] = [:]

  init(
    _ dialect: String, _ script: String, given: [String: String] = [:], open: Set<String> = [], defaults: [String: String] = [:],
    faults: [String] = []
  ) throws {
    var bindings = Bindings()
    bindings.open = open
    for (name, value) in given { bindings.bind(name, Array(value.utf8)) }
    var options = PlayOptions()
    options.timeout = .seconds(30)
    role = ServerRole(
      try Script(try conversation(dialect, script), acting: .server), bindings: bindings, defaults: defaults.mapValues { Array($0.utf8) },
      options: options, faults: try faults.map { try Fault.parse($0).get() }, at: now, wall: now)
    greeting = happens(.connected(own: Self.own, peer: Self.peer))
  }

  mutating func happens(_ event: Event) -> String {
    var actions: [Action] = []
    role.happened(event, at: now, &actions)
    return perform(actions)
  }

  mutating func hears(_ text: String, on line: LineName = .main) -> String {
    var actions: [Action] = []
    role.received(Array(text.utf8).span, on: line, at: now, &actions)
    return perform(actions)
  }

  /// The client dials a secondary connection, or takes one; what is sent there is on its way at once.
  mutating func connects(_ line: LineName) -> String {
    var said = happens(.connected(on: line))
    while let asked = lines[line]?.asksToConfirm, asked > 0 {
      lines[line]?.asksToConfirm = asked - 1
      said += happens(.sent(on: line))
    }
    return said
  }

  mutating func waits(_ duration: Duration) -> String {
    now = now + duration
    return happens(.reached)
  }

  static let own = Endpoint(Address(v4: 0xc000_0202), 21)
  static let peer = Endpoint(Address(v4: 0xc000_0201), 40_000)

  /// Waits for the alarm that was asked for.
  mutating func waits() -> String {
    now = max(now, alarm ?? now)
    return happens(.reached)
  }

  var differences: [String] {
    role.outcome.steps.flatMap { step in step.differences.map { "\($0.place.line): \($0.grade) \($0.kind)" } }
  }

  var unreached: [Int] { role.outcome.steps.filter { $0.state == .unreached }.map(\.place.line) }

  private mutating func perform(_ actions: [Action]) -> String {
    var said = ""
    for action in actions {
      switch action {
      case .send(let bytes, .main): said += String(decoding: bytes, as: UTF8.self)
      case .confirm(.main): asksToConfirm += 1
      case .wake(let instant): alarm = instant
      case .close(.main): isClosed = true
      case .finish: isFinished = true
      case .finishSending(.main): said += "<end>"
      case .reset(.main): said += "<reset>"
      case .dial(let port, let line): lines[line] = SideLine(dialled: port)
      case .redial: break
      case .listen(let line, _): lines[line] = SideLine()
      case .send(let bytes, let line): lines[line]?.said += String(decoding: bytes, as: UTF8.self)
      case .confirm(let line): lines[line]?.asksToConfirm += 1
      case .finishSending(let line), .close(let line): lines[line]?.said += "<end>"
      case .reset(let line): lines[line]?.said += "<reset>"
      }
    }
    return said
  }
}

/// A secondary connection as the server made it.
struct SideLine: Equatable {
  /// Nil where it waits for the client.
  var dialled: UInt16?
  var said = ""
  var asksToConfirm = 0
}
