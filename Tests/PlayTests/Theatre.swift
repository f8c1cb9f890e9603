import Play
import Results
import Transcript
import Wire

/// A conversation from lines like `S: 220 ready`, `C: QUIT`, `close: S`; a line that begins with `|` continues the head before it, `+` a payload.
func conversation(_ dialect: String, _ script: String, vars: [Variable] = []) throws -> Conversation {
  var steps: [Step] = []
  for (number, line) in script.split(separator: "\n", omittingEmptySubsequences: false).enumerated() where !line.isEmpty {
    let place = Place(file: "test.yaml", line: number + 1, column: 1)
    let parts = line.split(separator: " ", maxSplits: 1).map(String.init)
    let rest = parts.count > 1 ? parts[1] : ""
    switch parts[0] {
    case "C:": steps.append(Step(.say(Message(.client, [try Text(template: rest, at: place)])), at: place))
    case "S:": steps.append(Step(.say(Message(.server, [try Text(template: rest, at: place)])), at: place))
    case "message:", "lines:":
      let payload = try rest.split(separator: "/", omittingEmptySubsequences: false).map { try Text(template: String($0), at: place) }
      let part = parts[0] == "lines:" ? Part("lines", .lines(payload)) : Part("message", .payload(Payload(.lines(payload), place: place)))
      if case .say(var message)? = steps.last?.action, dialect == "pop3" || message.head.first?.hasPrefix("BDAT") == true {
        message.parts.append(part)
        steps[steps.count - 1].action = .say(message)
      } else {
        steps.append(Step(.say(Message(.client, [], [part])), at: place))
      }
    case "|":
      if case .say(var message)? = steps.last?.action {
        message.head.append(try Text(template: rest, at: place))
        steps[steps.count - 1].action = .say(message)
      }
    case "has:": steps[steps.count - 1].has = try rest.split(separator: ",").map { try Text(template: String($0), at: place) }
    case "or:": steps[steps.count - 1].alternatives = try rest.split(separator: ",").map { try Text(template: String($0), at: place) }
    case "within:": steps[steps.count - 1].within = Duration(transcript: rest)
    case "optional": steps[steps.count - 1].isOptional = true
    case "exact": steps[steps.count - 1].exact = true
    case "close:": steps.append(Step(.close(rest == "S" ? .server : .client), at: place))
    case "reset:": steps.append(Step(.reset(rest == "S" ? .server : .client), at: place))
    case "pause:": steps.append(Step(.pause(Duration(transcript: rest) ?? .zero), at: place))
    case "bytes:":
      let bytes = Array(rest.replacing("\\r", with: "\r").replacing("\\n", with: "\n").utf8)
      steps.append(Step(.say(Message(.client, [], [Part(Part.raw, .payload(Payload(.bytes(bytes))))])), at: place))
    case "grades:":
      let pair = rest.split(separator: " ").map(String.init)
      steps[steps.count - 1].grades[pair[0]] = Grade(rawValue: pair[1])
    case "name:": steps[steps.count - 1].name = rest
    case "silence:": steps.append(Step(.silence(Duration(transcript: rest) ?? .zero), at: place))
    default: throw Diagnostic("not understood: \(line)", at: place)
    }
  }
  var conversation = Conversation(dialect: dialect, steps: steps)
  conversation.vars = vars
  return conversation
}

extension Script {
  init(_ conversation: Conversation, acting side: Side = .client) throws {
    try self.init(conversation, of: Transcript(conversations: [conversation]), acting: side)
  }
}

/// A client's role and whatever the test says on the server's side, without a socket; the clock is the test's.
struct Dialogue {
  private(set) var role: ClientRole
  private(set) var now = Instant(nanoseconds: 0)
  private(set) var isFinished = false
  private(set) var isClosed = false
  private(set) var alarm: Instant?
  /// How often an alarm was set.
  private(set) var alarms = 0

  init(_ dialect: String, _ script: String, secrets: [String: String] = [:], timeout: Duration = .seconds(30)) throws {
    var bindings = Bindings()
    for (name, value) in secrets { bindings.bind(name, Array(value.utf8)) }
    var options = PlayOptions()
    options.timeout = timeout
    role = ClientRole(try Script(try conversation(dialect, script)), bindings: bindings, options: options, at: now, wall: now)
  }

  /// What the client says when that happens.
  mutating func happens(_ event: Event) -> String {
    var actions: [Action] = []
    role.happened(event, at: now, &actions)
    return perform(actions)
  }

  mutating func hears(_ text: String) -> String { hears(bytes: Array(text.utf8)) }

  mutating func hears(bytes: [UInt8]) -> String {
    var actions: [Action] = []
    role.received(bytes.span, on: .main, at: now, &actions)
    return perform(actions)
  }

  mutating func waits(_ duration: Duration) -> String {
    now = now + duration
    return happens(.reached)
  }

  /// Every difference as `line: grade kind`.
  var differences: [String] {
    role.outcome.steps.flatMap { step in step.differences.map { "\($0.place.line): \($0.grade) \($0.kind)" } }
  }

  /// Those that do not only follow from others.
  var counted: [String] {
    role.outcome.steps.flatMap { step in step.differences.filter { !$0.follows }.map { "\($0.place.line): \($0.grade) \($0.kind)" } }
  }

  var unreached: [Int] { role.outcome.steps.filter { $0.state == .unreached }.map(\.place.line) }

  private mutating func perform(_ actions: [Action]) -> String {
    var said = ""
    for action in actions {
      switch action {
      case .send(let bytes, .main): said += String(decoding: bytes, as: UTF8.self)
      case .wake(let instant):
        alarm = instant
        alarms += 1
      case .close(.main): isClosed = true
      case .finish: isFinished = true
      case .finishSending(.main): said += "<end>"
      case .reset(.main): said += "<reset>"
      case .confirm, .dial, .listen, .send, .finishSending, .close, .reset: break
      }
    }
    return said
  }
}

/// The client's role against the server's, bytes handed over in pieces of a given size.
struct Theatre {
  let client: Outcome
  let server: Outcome

  /// - Parameter other: what the server plays, where that is not what the client plays.
  init(
    _ script: Script, server other: Script? = nil, clientBindings: Bindings = Bindings(), serverBindings: Bindings = Bindings(),
    defaults: [String: [UInt8]] = [:],
    faults: [Fault] = [], pieces: Int = .max
  ) {
    var now = Instant(nanoseconds: 0)
    var options = PlayOptions()
    options.timeout = .seconds(5)
    var client: any Role = ClientRole(script, bindings: clientBindings, options: options, at: now, wall: now)
    var server: any Role = ServerRole(
      other ?? script, bindings: serverBindings, defaults: defaults, options: options, faults: faults, at: now, wall: now)
    var clientActions: [Action] = []
    var serverActions: [Action] = []
    var alarms: (client: Instant?, server: Instant?) = (nil, nil)
    var finished: (client: Bool, server: Bool) = (false, false)
    client.happened(.connected(), at: now, &clientActions)
    server.happened(.connected(), at: now, &serverActions)

    func deliver(
      _ actions: inout [Action], to peer: inout any Role, _ peerActions: inout [Action], alarm: inout Instant?, isFinished: inout Bool
    ) {
      let todo = actions
      actions = []
      for action in todo {
        switch action {
        case .send(let bytes, .main):
          var rest = bytes[...]
          while !rest.isEmpty {
            let piece = Array(rest.prefix(pieces))
            rest = rest.dropFirst(pieces)
            peer.received(piece.span, on: .main, at: now, &peerActions)
          }
        case .wake(let instant): alarm = instant
        case .finishSending(.main), .close(.main): peer.happened(.ended(.finished), at: now, &peerActions)
        case .reset(.main): peer.happened(.ended(.reset), at: now, &peerActions)
        case .finish: isFinished = true
        case .confirm, .dial, .listen, .send, .finishSending, .close, .reset: break
        }
      }
    }
    for _ in 0..<100_000 where !(finished.client && finished.server) {
      if serverActions.isEmpty, clientActions.isEmpty {
        guard let next = [alarms.client, alarms.server].compactMap({ $0 }).min() else { break }
        now = max(now, next)
        if let at = alarms.client, at <= now {
          alarms.client = nil
          client.happened(.reached, at: now, &clientActions)
        }
        if let at = alarms.server, at <= now {
          alarms.server = nil
          server.happened(.reached, at: now, &serverActions)
        }
        continue
      }
      deliver(&serverActions, to: &client, &clientActions, alarm: &alarms.server, isFinished: &finished.server)
      deliver(&clientActions, to: &server, &serverActions, alarm: &alarms.client, isFinished: &finished.client)
    }
    self.client = client.outcome
    self.server = server.outcome
  }

  static func differences(_ outcome: Outcome) -> [String] {
    outcome.steps.flatMap { step in step.differences.map { "\($0.place.line): \($0.grade) \($0.kind)" } }
  }
}
