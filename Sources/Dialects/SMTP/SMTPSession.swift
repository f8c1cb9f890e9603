import Transcript
import Wire

/// One SMTP or LMTP connection (RFC 5321, RFC 2033), both sides, with pipelining (RFC 2920), BDAT (RFC 3030) and AUTH (RFC 4954).
struct SMTPSession: Session {
  /// What the client's next bytes are.
  private enum Mode: Sendable {
    case commands
    /// DATA or AUTH was sent: the reply decides.
    case asked
    /// After 354, before and inside the message.
    case data(begun: Bool)
    case chunk(left: Int)
    /// After 334.
    case auth
  }

  /// What a reply is to answer.
  private enum Asked: Sendable { case greeting, command, data, message, rcpt, transaction, auth, startTLS, quit }

  private let isLMTP: Bool
  private var lines = LineCutter()
  private var reply = CodedReply()
  private var text = SMTPSession.message
  private var mode = Mode.commands
  private var waiting: [(ordinal: Int?, what: Asked)] = [(nil, .greeting)]
  private var firstWaiting = 0
  private var sent = 0
  private var accepted = 0
  private var repliesLeft = 0
  private var mechanism = ""
  private var authStep = 0
  /// Bytes were lost: a reply to nothing may answer what was not seen.
  private var isLenient = false

  init(isLMTP: Bool) { self.isLMTP = isLMTP }

  mutating func cut(_ side: Side, _ bytes: Span<UInt8>, searched: Int, ending: Ending, quiet: Bool) -> Cut {
    side == .client ? cutClient(bytes, searched) : cutReply(bytes, searched, quiet)
  }

  // MARK: The client

  private mutating func cutClient(_ bytes: Span<UInt8>, _ searched: Int) -> Cut {
    switch mode {
    case .asked: return .blocked
    case .data(begun: false):
      guard bytes.count > 0 else { return .more }
      mode = .data(begun: true)
      text = SMTPSession.message
      var head = Head(length: 0, label: "")
      head.payload = PayloadPart("message")
      expect(.message)
      return .head(head)
    case .data:
      guard let piece = text.cut(bytes) else { return .more }
      if piece.isLast { mode = .commands }
      return .piece(piece)
    case .chunk(let left):
      guard bytes.count > 0 || left == 0 else { return .more }
      let count = min(left, bytes.count)
      mode = count == left ? .commands : .chunk(left: left - count)
      return .piece(Piece(content: count, taking: count, isLast: count == left))
    case .commands, .auth:
      switch lines.find(bytes, searched: searched) {
      case .more: return .more
      case .tooLong(let taking): return .broken(Violation("line-too-long", "RFC 5321 §4.5.3.1.4"), taking: taking)
      case .line(let length, let next, let isBare):
        if case .auth = mode { return .head(continuation(next, isBare)) }
        return .head(command(bytes, length, next, isBare))
      }
    }
  }

  private mutating func continuation(_ next: Int, _ isBare: Bool) -> Head {
    authStep += 1
    var head = Head(length: next, label: "*\(mechanism.prefix(10))\(authStep)")
    if isBare { head.violations = [Violation("bare-lf", "RFC 5321 §2.3.8")] }
    mode = .asked
    expect(.auth)
    return head
  }

  private mutating func command(_ bytes: Span<UInt8>, _ length: Int, _ next: Int, _ isBare: Bool) -> Head {
    let (verb, end) = word(bytes, from: 0, to: length)
    var head = Head(length: next, label: verb)
    if isBare { head.violations.append(Violation("bare-lf", "RFC 5321 §2.3.8")) }
    switch verb {
    case "DATA":
      mode = .asked
      expect(.data)
    case "BDAT":
      let (_, sizeEnd) = word(bytes, from: min(end + 1, length), to: length)
      if let size = number(bytes, from: end + 1, to: sizeEnd) {
        mode = .chunk(left: size)
        head.payload = PayloadPart("message")
        let isLast = word(bytes, from: min(sizeEnd + 1, length), to: length).text == "LAST"
        expect(isLast ? .message : .command)
      } else {
        expect(.command)
      }
    case "AUTH":
      let start = min(end + 1, length)
      mechanism = word(bytes, from: start, to: length).text
      authStep = 0
      mode = .asked
      expect(.auth)
    case "RCPT": expect(.rcpt)
    case "MAIL", "RSET", "EHLO", "HELO", "LHLO": expect(.transaction)
    case "STARTTLS": expect(.startTLS)
    case "QUIT": expect(.quit)
    default: expect(.command)
    }
    return head
  }

  private mutating func expect(_ what: Asked) {
    waiting.append((sent, what))
    sent += 1
  }

  // MARK: The server

  private mutating func cutReply(_ bytes: Span<UInt8>, _ searched: Int, _ quiet: Bool) -> Cut {
    guard firstWaiting < waiting.count || quiet || isLenient else { return .blocked }
    switch reply.cut(bytes, searched: searched) {
    case .more: return .more
    case .took(let count): return .took(count)
    case .broken(let violation, let taking): return .broken(violation, taking: taking)
    case .whole(let code, let length, let violations):
      var head = Head(length: length, label: String(code))
      head.violations = violations
      guard let (ordinal, what) = asked(code) else {
        // 421 may come at any time (RFC 5321 §3.8).
        guard code == 421 || isLenient else { return .broken(Violation("unsolicited", "RFC 5321 §4.2"), taking: length) }
        head.effects = code == 421 ? [.ends] : []
        return .head(head)
      }
      let goesOn = settle(what, code)
      if !goesOn { advance() }
      if let ordinal { head.answer = goesOn ? .interim(ordinal) : .final(ordinal) }
      if what == .startTLS, code == 220 { head.effects = [.startTLS] }
      if what == .quit && code / 100 == 2 || code == 421 { head.effects = [.ends] }
      return .head(head)
    }
  }

  /// What a reply answers. A greeting that was not seen is passed over.
  private mutating func asked(_ code: Int) -> (Int?, Asked)? {
    let isGreeting = code == 220 || code == 554 || code == 421
    if firstWaiting + 1 < waiting.count, waiting[firstWaiting].what == .greeting, !isGreeting { firstWaiting += 1 }
    return firstWaiting < waiting.count ? waiting[firstWaiting] : nil
  }

  private mutating func advance() {
    firstWaiting += 1
    if firstWaiting == waiting.count {
      waiting.removeAll(keepingCapacity: true)
      firstWaiting = 0
    }
  }

  /// What the reply decides; true where more replies to the same message follow.
  private mutating func settle(_ what: Asked, _ code: Int) -> Bool {
    switch what {
    case .data: mode = code == 354 ? .data(begun: false) : .commands
    case .auth: mode = code == 334 ? .auth : .commands
    case .rcpt: accepted += code / 100 == 2 ? 1 : 0
    case .transaction: if code / 100 == 2 { accepted = 0 }
    case .message where isLMTP:
      // One reply for each accepted recipient (RFC 2033 §4.2).
      if repliesLeft == 0 { repliesLeft = max(1, accepted) }
      repliesLeft -= 1
      if repliesLeft == 0 { accepted = 0 }
      return repliesLeft > 0
    case .greeting, .command, .message, .startTLS, .quit: break
    }
    return false
  }

  // MARK: Gaps and our own messages

  mutating func lost(_ count: Int, from side: Side) -> Bool {
    isLenient = true
    if side == .server {
      reply.lost()
      return true
    }
    switch mode {
    case .data: text.lost()
    case .chunk(let left):
      mode = count < left ? .chunk(left: left - count) : .commands
      if count > left { lines.skipRest() }
    case .commands, .asked, .auth: lines.skipRest()
    }
    return true
  }

  func write(_ message: Message) -> [UInt8] {
    if case .payload(let raw)? = message[part: Part.raw] { return message.head.onTheWire + raw.bytes }
    guard case .payload(let payload)? = message[part: "message"] else { return message.head.onTheWire }
    return message.head.isEmpty ? stuffed(payload.bytes) : message.head.onTheWire + payload.bytes
  }

  func admits(_ message: Message) -> Admission {
    if message.side == .server || message[part: Part.raw] != nil { return .now }
    let isPayload = message.head.isEmpty
    switch mode {
    case .asked: return .afterReply
    case .data: return isPayload ? .now : .never
    case .commands, .auth: return isPayload ? .never : .now
    case .chunk: return .never
    }
  }

  private static let message = StuffedText(bareLF: "RFC 5321 §2.3.8", length: "RFC 5321 §4.5.3.1.6", limit: 1000)
}
