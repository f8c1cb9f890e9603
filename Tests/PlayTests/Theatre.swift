import Play
import Results
import Testing
import Transcript
import Wire

/// A conversation from lines like `S: 220 ready`, `C: QUIT`, `close: S`; a line that begins with `|` continues the head before it, `+` a payload.
/// Behind `data: S`, `content: a/b` are its lines, or `text:`, `sha256:` and `early` say what is known of it.
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
    case "data:": steps.append(Step(.data(rest == "S" ? .server : .client, Payload(place: place)), at: place))
    case "content:", "text:", "early", "sha256:":
      guard case .data(let side, var payload)? = steps.last?.action else { throw Diagnostic("no transfer: \(line)", at: place) }
      switch parts[0] {
      case "content:":
        payload.content = .lines(
          try rest.split(separator: "/", omittingEmptySubsequences: false).map { try Text(template: String($0), at: place) })
      case "text:": payload.content = .text(try Text(template: rest.replacing("\\r", with: "\r").replacing("\\n", with: "\n"), at: place))
      case "sha256:": payload.sha256 = rest
      default: payload.endsEarly = true
      }
      steps[steps.count - 1].action = .data(side, payload)
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
  /// What it did with each secondary connection: `dial 5000`, `listen`, what it sent, `<end>`, `<close>`, `<reset>`.
  private(set) var lines: [Int: [String]] = [:]

  init(_ script: Script) {
    var options = PlayOptions()
    options.timeout = .seconds(30)
    role = ClientRole(script, bindings: Bindings(), options: options, at: now, wall: now)
  }

  init(
    _ dialect: String, _ script: String, secrets: [String: String] = [:], timeout: Duration = .seconds(30),
    adjust: (inout PlayOptions) -> Void = { _ in }
  ) throws {
    var bindings = Bindings()
    for (name, value) in secrets { bindings.bind(name, Array(value.utf8)) }
    var options = PlayOptions()
    options.timeout = timeout
    adjust(&options)
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

  /// What the client says when that comes over a secondary connection.
  mutating func takes(_ text: String, on line: Int) -> String { takes(bytes: Array(text.utf8), on: line) }

  mutating func takes(bytes: [UInt8], on line: Int) -> String {
    var actions: [Action] = []
    role.received(bytes.span, on: .data(line), at: now, &actions)
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
      case .redial: said += "<redial>"
      case .reset(.main): said += "<reset>"
      case .confirm: break
      case .dial(let port, .data(let line)): lines[line, default: []].append("dial \(port)")
      case .listen(.data(let line), let port): lines[line, default: []].append("listen" + (port.map { " \($0)" } ?? ""))
      case .send(let bytes, .data(let line)): lines[line, default: []].append(String(decoding: bytes, as: UTF8.self))
      case .finishSending(.data(let line)): lines[line, default: []].append("<end>")
      case .close(.data(let line)): lines[line, default: []].append("<close>")
      case .reset(.data(let line)): lines[line, default: []].append("<reset>")
      case .dial, .listen: Issue.record("the control connection is made by others")
      }
    }
    return said
  }
}
