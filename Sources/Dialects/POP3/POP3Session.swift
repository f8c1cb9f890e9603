import Transcript
import Wire

/// One POP3 connection (RFC 1939), both sides, with pipelining (RFC 2449 §6.6), AUTH (RFC 5034) and STLS (RFC 2595).
struct POP3Session: Session {
  private enum Mode: Sendable {
    case commands
    /// AUTH was sent: the reply decides.
    case asked
    /// After `+ `.
    case auth
  }

  private enum Asked: Sendable {
    case greeting, command, auth, startTLS, quit
    case payload(PayloadPart)
  }

  private var clientLines = LineCutter()
  private var serverLines = LineCutter()
  private var mode = Mode.commands
  private var body: StuffedText?
  private var waiting: [(ordinal: Int?, what: Asked)] = [(nil, .greeting)]
  private var firstWaiting = 0
  private var sent = 0
  private var hasGreeted = false
  private var mechanism = ""
  private var authStep = 0
  private var isLenient = false

  mutating func cut(_ side: Side, _ bytes: Span<UInt8>, searched: Int, ending: Ending, quiet: Bool) -> Cut {
    side == .client ? cutClient(bytes, searched, quiet) : cutServer(bytes, searched, quiet)
  }

  // MARK: The client

  private mutating func cutClient(_ bytes: Span<UInt8>, _ searched: Int, _ quiet: Bool) -> Cut {
    if case .asked = mode { return .blocked }
    switch clientLines.find(bytes, searched: searched) {
    case .more: return .more
    case .tooLong(let taking): return .broken(Violation("line-too-long", "RFC 2449 §4"), taking: taking)
    case .line(let length, let next, let isBare):
      // A server always speaks first: where it has not, the beginning was not seen.
      if !hasGreeted, quiet, sent == 0 { firstWaiting = 1 }
      hasGreeted = true
      var head: Head
      if case .auth = mode {
        authStep += 1
        head = Head(length: next, label: "*\(mechanism.prefix(10))\(authStep)")
        mode = .asked
        expect(.auth)
      } else {
        head = command(bytes, length, next)
      }
      if isBare { head.violations = [Violation("bare-lf", "RFC 1939 §3")] }
      return .head(head)
    }
  }

  private mutating func command(_ bytes: Span<UInt8>, _ length: Int, _ next: Int) -> Head {
    let (verb, end) = word(bytes, from: 0, to: length)
    var at = end
    while at < length, bytes[at] == 32 { at += 1 }
    let hasArgument = at < length
    switch verb {
    case "RETR", "TOP": expect(.payload(PayloadPart("message")))
    case "CAPA": expect(.payload(PayloadPart("lines", isLines: true)))
    case "LIST", "UIDL": expect(hasArgument ? .command : .payload(PayloadPart("lines", isLines: true)))
    case "AUTH":
      if hasArgument {
        mechanism = word(bytes, from: at, to: length).text
        authStep = 0
        mode = .asked
        expect(.auth)
      } else {
        expect(.payload(PayloadPart("lines", isLines: true)))
      }
    case "STLS": expect(.startTLS)
    case "QUIT": expect(.quit)
    default: expect(.command)
    }
    return Head(length: next, label: verb)
  }

  private mutating func expect(_ what: Asked) {
    waiting.append((sent, what))
    sent += 1
  }

  // MARK: The server

  private mutating func cutServer(_ bytes: Span<UInt8>, _ searched: Int, _ quiet: Bool) -> Cut {
    if body != nil {
      guard let piece = body?.cut(bytes) else { return .more }
      if piece.isLast { body = nil }
      return .piece(piece)
    }
    guard firstWaiting < waiting.count || quiet || isLenient else { return .blocked }
    switch serverLines.find(bytes, searched: searched) {
    case .more: return .more
    case .tooLong(let taking): return .broken(Violation("line-too-long", "RFC 2449 §4"), taking: taking)
    case .line(let length, let next, let isBare):
      let (indicator, end) = word(bytes, from: 0, to: length)
      let isContinuation = indicator == "+" && (end < length || length == 1)
      guard indicator == "+OK" || indicator == "-ERR" || isContinuation, bytes[0] == UInt8(ascii: "+") || bytes[0] == UInt8(ascii: "-")
      else {
        return .broken(Violation("reply-syntax", "RFC 1939 §3"), taking: next)
      }
      var head = Head(length: next, label: indicator)
      if isBare { head.violations.append(Violation("bare-lf", "RFC 1939 §3")) }
      // RFC 1939 §3 allows 512 with the line's end; RFC 2449 §4 leaves it so for replies.
      if next > 512 { head.violations.append(Violation("line-too-long", "RFC 1939 §3")) }
      guard firstWaiting < waiting.count else {
        guard isLenient else { return .broken(Violation("unsolicited", "RFC 1939 §3"), taking: next) }
        return .head(head)
      }
      let (ordinal, what) = waiting[firstWaiting]
      advance()
      hasGreeted = true
      if let ordinal { head.answer = .final(ordinal) }
      settle(what, indicator, &head)
      return .head(head)
    }
  }

  private mutating func settle(_ what: Asked, _ indicator: String, _ head: inout Head) {
    let isPositive = indicator == "+OK"
    switch what {
    case .payload(let part) where isPositive:
      head.payload = part
      body = StuffedText(bareLF: "RFC 1939 §3", length: "RFC 5322 §2.1.1", limit: .max)
    case .auth: mode = indicator == "+" ? .auth : .commands
    case .startTLS: if isPositive { head.effects = [.startTLS] }
    case .quit: if isPositive { head.effects = [.ends] }
    case .greeting, .command, .payload: break
    }
  }

  private mutating func advance() {
    firstWaiting += 1
    if firstWaiting == waiting.count {
      waiting.removeAll(keepingCapacity: true)
      firstWaiting = 0
    }
  }

  // MARK: Gaps and our own messages

  mutating func lost(_ count: Int, from side: Side) -> Bool {
    isLenient = true
    if side == .client {
      clientLines.skipRest()
    } else if body != nil {
      body?.lost()
    } else {
      serverLines.skipRest()
    }
    return true
  }

  func write(_ message: Message) -> [UInt8] {
    let head = message.head.onTheWire
    if case .payload(let raw)? = message[part: Part.raw] { return head + raw.bytes }
    if case .payload(let payload)? = message[part: "message"] { return head + stuffed(payload.bytes) }
    if case .lines(let lines)? = message[part: "lines"] { return head + stuffed(lines.onTheWire) }
    return head
  }

  func admits(_ message: Message) -> Admission {
    if message.side == .client, case .asked = mode { return .afterReply }
    return .now
  }
}
