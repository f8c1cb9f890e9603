import Transcript
import Wire

/// A secondary connection as a role sees it: how it stands, what came over it, what goes over it. Who dials, who sends and what is right is
/// the role's to know.
struct DataLine: Sendable {
  enum Standing: Sendable, Hashable {
    /// The peer waits for us at that port.
    case announced(port: UInt16)
    /// We have asked for a place to wait at.
    case asked
    case listening(Endpoint)
    case dialling
    case up
    case failed(Step.NoConnection, String)
    /// The transcript itself says where it is made: nobody of ours waits there.
    case elsewhere
    /// We have left it.
    case over
  }

  /// What happens once all is sent.
  enum Farewell: Sendable, Hashable {
    /// Our direction ends: in stream mode, that is the end of the file (RFC 959 §3.4.1).
    case end
    /// The transfer is cut.
    case reset
    /// Nothing: it is the peer who ends it.
    case wait
  }

  let name: LineName
  /// The number of the command that made it known, or that the reply which did so answers, among the client's messages.
  let command: Int
  private(set) var standing: Standing
  /// How the peer's direction stands.
  private(set) var ending = Ending.open
  private(set) var received = Intake()
  /// Whether there is or was a connection.
  private(set) var hasCome = false
  /// The number of the command whose transfer goes over it.
  fileprivate(set) var transfer: Int?
  private var cargo = Cargo()

  fileprivate init(_ name: LineName, by command: Int, _ standing: Standing) {
    self.name = name
    self.command = command
    self.standing = standing
  }

  /// Whether nothing will come about on it any more.
  var isOver: Bool {
    switch standing {
    case .failed, .elsewhere, .over: true
    case .announced, .asked, .listening, .dialling, .up: false
    }
  }

  /// Whether all that was to be sent is on its way, and the farewell, too.
  var isAllSent: Bool { cargo.isGone }
  /// Bytes of it that are on their way.
  var sentCount: Int { cargo.sent }
  /// Whether nothing was given to be sent so far.
  var isIdle: Bool { cargo.farewell == nil }
  var isSending: Bool { cargo.farewell != nil && !cargo.isGone }

  // MARK: What happens

  mutating func happened(_ event: Event, _ actions: inout [Action]) {
    guard !isOver else { return }
    switch event {
    case .connected:
      standing = .up
      hasCome = true
      proceed(&actions)
    case .listening(let endpoint, _): standing = .listening(endpoint)
    case .failed(let how, let why, _): standing = .failed(how, why)
    case .ended(let ending, _): self.ending = ending
    case .sent:
      cargo.isOnItsWay = false
      proceed(&actions)
    case .reached, .interrupted: break
    }
  }

  /// - Parameter limit: of what comes, that much is kept; the rest is counted and digested.
  mutating func receive(_ bytes: Span<UInt8>, limit: Int) { if !isOver { received.append(bytes, limit: limit) } }

  // MARK: What we do

  /// Dials where the peer waits, if we have not yet.
  mutating func dial(_ actions: inout [Action]) {
    guard case .announced(let port) = standing else { return }
    standing = .dialling
    actions.append(.dial(port: port, on: name))
  }

  /// Sends that, as soon as the connection is up and at the peer's pace, and then the farewell. Once only.
  mutating func send(_ bytes: [UInt8], then farewell: Farewell, _ actions: inout [Action]) {
    guard cargo.farewell == nil else { return }
    cargo.bytes = bytes
    cargo.farewell = farewell
    proceed(&actions)
  }

  /// Leaves it, after everything sent; waits for it no longer, if it is not up.
  mutating func close(_ actions: inout [Action]) { leave(.close(on: name), &actions) }
  mutating func reset(_ actions: inout [Action]) { leave(.reset(on: name), &actions) }

  private mutating func leave(_ action: Action, _ actions: inout [Action]) {
    if isOver { return }
    // Nobody was told of it yet.
    if case .announced = standing {} else { actions.append(action) }
    standing = .over
  }

  private mutating func proceed(_ actions: inout [Action]) {
    guard standing == .up, ending != .reset, let farewell = cargo.farewell, !cargo.isOnItsWay, !cargo.isGone else { return }
    if let stretch = cargo.next(Self.stretch) {
      actions += [.send(stretch, on: name), .confirm(on: name)]
      return
    }
    cargo.isGone = true
    cargo.bytes = []
    switch farewell {
    case .end: actions.append(.finishSending(on: name))
    case .reset: reset(&actions)
    case .wait: break
    }
  }

  /// Bytes that are handed over at once.
  private static let stretch = 256 << 10
}

/// What goes over a connection.
private struct Cargo: Sendable {
  var bytes: [UInt8] = []
  var farewell: DataLine.Farewell?
  private(set) var sent = 0
  var isOnItsWay = false
  /// And so is the farewell.
  var isGone = false

  mutating func next(_ length: Int) -> [UInt8]? {
    guard sent < bytes.count else { return nil }
    let stretch = Array(bytes[sent..<min(bytes.count, sent + length)])
    sent += stretch.count
    isOnItsWay = true
    return stretch
  }
}

/// The secondary connections of a conversation, numbered in the order in which they become known.
///
/// Each belongs to the command that made it known, and is taken by the next transfer, or carries that command itself where it is put again
/// over a stream. Both are told by their numbers among the client's messages, so it does not matter how many commands were sent before the
/// first was answered.
struct DataLines: Sendable {
  private var lines: [DataLine] = []
  private var count = 0

  subscript(name: LineName) -> DataLine? {
    get { lines.first { $0.name == name } }
    _modify {
      // Taken out while it is changed, so that what it keeps is not copied.
      let index = lines.firstIndex { $0.name == name }
      var line = index.map { lines.remove(at: $0) }
      defer { if let index, let line { lines.insert(line, at: index) } }
      yield &line
    }
  }

  var all: [DataLine] { lines }

  /// A new one, made known by the command of that number.
  mutating func add(by command: Int, _ standing: DataLine.Standing) -> LineName {
    let name = LineName.data(count)
    count += 1
    lines.append(DataLine(name, by: command, standing))
    return name
  }

  /// A new one for us to wait on, at that port, or at any. Where, is told by `listening`.
  mutating func listen(by command: Int, at port: UInt16? = nil, _ actions: inout [Action]) -> LineName {
    let name = add(by: command, .asked)
    actions.append(.listen(on: name, at: port))
    return name
  }

  /// The one that the transfer of the command of that number goes over: the last that was made known by then and that no other transfer
  /// has. Nil where there is none. Those before it are void, and left.
  mutating func take(for command: Int, _ actions: inout [Action]) -> LineName? {
    if let known = of(command) { return known.name }
    guard let index = lines.lastIndex(where: { $0.transfer == nil && $0.command <= command }) else { return nil }
    lines[index].transfer = command
    let name = lines[index].name
    for void in lines.prefix(index).filter({ $0.transfer == nil }) { remove(void.name, &actions) }
    return name
  }

  /// Whether one is known that no transfer has.
  var hasUnused: Bool { lines.contains { $0.transfer == nil } }

  /// The one that the transfer of the command of that number goes over, if it has one.
  func of(_ command: Int) -> DataLine? { lines.first { $0.transfer == command } }

  /// Forgets those that no transfer has: a later announcement makes them void.
  mutating func removeUnused(_ actions: inout [Action]) {
    for unused in lines.filter({ $0.transfer == nil }) { remove(unused.name, &actions) }
  }

  /// The command of that number was refused: what it made known is void.
  mutating func removeUnused(by command: Int, _ actions: inout [Action]) {
    for line in lines where line.command == command && line.transfer == nil { remove(line.name, &actions) }
  }

  /// Forgets one, and leaves it if it still stands.
  mutating func remove(_ name: LineName, _ actions: inout [Action]) {
    guard let index = lines.firstIndex(where: { $0.name == name }) else { return }
    lines[index].close(&actions)
    lines.remove(at: index)
  }
}
