import Play
import Replay
import Results
import Synchronization
import Transcript
import Wire

/// A script from lines like `S: 220 ready`, `C: QUIT`, `message: a/b`, `close: S`.
func script(_ text: String, _ dialect: String = "smtp", acting side: Side = .client) throws -> Script {
  var steps: [Step] = []
  for (number, line) in text.split(separator: "\n").enumerated() {
    let place = Place(file: "t", line: number + 1, column: 1)
    let parts = line.split(separator: " ", maxSplits: 1).map(String.init)
    let rest = parts.count > 1 ? parts[1] : ""
    let sides: Side = rest == "S" ? .server : .client
    switch parts[0] {
    case "C:": steps.append(Step(.say(Message(.client, [try Text(template: rest, at: place)])), at: place))
    case "S:": steps.append(Step(.say(Message(.server, [try Text(template: rest, at: place)])), at: place))
    case "message:":
      let lines = rest.split(separator: "/", omittingEmptySubsequences: false).map { Text(String($0)) }
      steps.append(Step(.say(Message(.client, [], [Part("message", .payload(Payload(.lines(lines))))])), at: place))
    case "data:": steps.append(Step(.data(sides, Payload()), at: place))
    case "content:":
      guard case .data(let side, _)? = steps.last?.action else { throw Diagnostic("no transfer: \(line)", at: place) }
      steps[steps.count - 1].action = .data(side, Payload(.bytes(Array(rest.utf8))))
    case "close:": steps.append(Step(.close(sides), at: place))
    case "reset:": steps.append(Step(.reset(sides), at: place))
    case "connect:": steps.append(Step(.connect(Step.NoConnection(rawValue: rest) ?? .refused), at: place))
    default: throw Diagnostic("not understood: \(line)", at: place)
    }
  }
  return try Script(steps, dialect, acting: side)
}

extension Script {
  init(_ steps: [Step], _ dialect: String, acting side: Side = .client) throws {
    let conversation = Conversation(dialect: dialect, steps: steps)
    try self.init(conversation, of: Transcript(conversations: [conversation]), acting: side)
  }

  func play(
    at destination: Destination, timeout: Duration = .seconds(20), connectTimeout: Duration = .seconds(10), payloadLimit: Int = 16 << 20,
    interruption: Interruption = Interruption()
  ) async -> Outcome {
    var options = PlayOptions()
    options.timeout = timeout
    options.payloadLimit = payloadLimit
    return await Replayer.play(
      self, bindings: Bindings(), options: options, at: destination, connectTimeout: connectTimeout, interruption: interruption)
  }
}

extension Outcome {
  var differences: [String] {
    steps.flatMap { step in step.differences.map { "\($0.place.line): \($0.grade) \($0.kind)" } }
  }
}

let mail = """
  S: 220
  C: EHLO me
  S: 250
  C: MAIL FROM:<a@x>
  S: 250
  C: RCPT TO:<b@x>
  S: 250
  C: DATA
  S: 354
  message: Subject: x//.hello
  S: 250
  C: QUIT
  S: 221
  close: S
  """

/// Answers that mail.
@Sendable func takeMail(_ call: Call) {
  call.say("220 x\r\n")
  for _ in 0..<3 {
    guard case .text = call.hear() else { return }
    call.say("250 ok\r\n")
  }
  guard case .text = call.hear() else { return }
  call.say("354 go\r\n")
  call.hear(until: ".")
  call.say("250 taken\r\n")
  guard case .text = call.hear() else { return }
  call.say("221 bye\r\n")
}

/// A value that a test and its peer both see.
final class Shared<Value: Sendable>: Sendable {
  private let value: Mutex<Value>

  init(_ value: Value) { self.value = Mutex(value) }

  func with<Result: Sendable>(_ body: (inout Value) -> Result) -> Result { value.withLock { body(&$0) } }
}
