import Transcript
import Wire

/// One POP3 connection (RFC 1939), both sides, with pipelining (RFC 2449 §6.6), AUTH (RFC 5034) and STLS (RFC 2595).
struct POP3Session: Session {
  /// What the client's next bytes are.
  private enum Mode: Sendable {
    case commands
    /// AUTH or STLS was sent: the reply decides.
    case asked(isAuth: Bool)
    /// After `+ `.
    case auth
  }

  /// What a reply is to answer.
  private enum Question: Sendable {
    case greeting, command, auth, startTLS, quit
    /// Answered in several lines, where the answer is positive.
    case mail, listing, capabilities
  }

  private var clientLines = LineCutter()
  private var serverLines = LineCutter()
  private var mode = Mode.commands
  /// The answer of several lines that the server is giving.
  private var body: StuffedText?
  private var unanswered = Unanswered(greeting: Question.greeting)
  private var exchange = SASLExchange(mechanism: "", hasInitialResponse: false)
  /// Bytes were lost: a reply to nothing may answer what was not seen.
  private var isLenient = false
  /// So many of what is unanswered may have been answered in what was lost.
  private var doubtful = 0
  /// The server has not been heard since bytes of it were lost.
  private var isUnheard = false
  /// The client's next line may be the rest of one; the end of the server's answer may be among what was lost.
  private var isBehindGap = Sides(client: false, server: false)

  mutating func cut(_ side: Side, _ bytes: Span<UInt8>, searched: Int, ending: Ending, quiet: Bool) -> Cut {
    side == .client ? cutClient(bytes, searched, ending, quiet) : cutServer(bytes, searched, ending, quiet)
  }

  // MARK: The client

  private mutating func cutClient(_ bytes: Span<UInt8>, _ searched: Int, _ ending: Ending, _ quiet: Bool) -> Cut {
    if case .asked(let isAuth) = mode {
      guard isUnheard, bytes.count > 0 else { return .blocked }
      // The reply was lost, and the client has gone on: what it says shows what the reply was.
      guard let verb = wholeWord(bytes, ending: ending) else { return .more }
      mode = isAuth && !POP3.commands.contains(verb) ? .auth : .commands
      unanswered.removeFirst(unanswered.count)
      doubtful = 0
    }
    guard !unanswered.isFull else { return .blocked }
    switch clientLines.find(bytes, searched: searched) {
    case .more: return .more
    case .tooLong(let taking): return .broken(Violation("line-too-long", Self.commandLines.length), taking: taking)
    case .line(let line): return cut(line, bytes, quiet)
    }
  }

  private mutating func cut(_ line: Line, _ bytes: Span<UInt8>, _ quiet: Bool) -> Cut {
    let (verb, end) = word(bytes, from: 0, to: line.length)
    if isBehindGap.client {
      isBehindGap.client = false
      guard POP3.commands.contains(verb) else { return .broken(.incomplete, taking: line.next) }
    }
    if isBehindGap.server {
      // The client would not go on if it still had something to read.
      isBehindGap.server = false
      body = nil
    }
    unanswered.removeFirst(doubtful)
    doubtful = 0
    // A server speaks first. Where it has not, and the client does not begin as clients do, the beginning was not seen.
    if quiet, unanswered.asked == 0, unanswered.first?.ordinal == nil, POP3.commands.contains(verb), !POP3.openers.contains(verb) {
      unanswered.removeFirst()
    }
    var head: Head
    if case .auth = mode {
      head = Head(length: line.next, label: exchange.next())
      head.violations = line.violations(of: Self.authLines)
      mode = .asked(isAuth: true)
      unanswered.ask(.auth)
    } else {
      head = Head(length: line.next, label: label(verb))
      head.violations = line.violations(of: Self.commandLines)
      command(verb, bytes, end, line.length)
    }
    return .head(head)
  }

  private mutating func command(_ verb: String, _ bytes: Span<UInt8>, _ end: Int, _ length: Int) {
    let (argument, behind) = word(bytes, from: end, to: length)
    switch verb {
    case "RETR", "TOP": unanswered.ask(.mail)
    case "CAPA": unanswered.ask(.capabilities)
    case "LIST", "UIDL": unanswered.ask(argument.isEmpty ? .listing : .command)
    // Bare, it lists mechanisms where it does anything (an old habit, before CAPA).
    case "AUTH" where argument.isEmpty: unanswered.ask(.listing)
    case "AUTH":
      exchange = SASLExchange(mechanism: argument, hasInitialResponse: !word(bytes, from: behind, to: length).text.isEmpty)
      mode = .asked(isAuth: true)
      unanswered.ask(.auth)
    case "STLS":
      mode = .asked(isAuth: false)
      unanswered.ask(.startTLS)
    case "LANG": unanswered.ask(argument.isEmpty ? .listing : .command)
    case "QUIT": unanswered.ask(.quit)
    default: unanswered.ask(.command)
    }
  }

  // MARK: The server

  private mutating func cutServer(_ bytes: Span<UInt8>, _ searched: Int, _ ending: Ending, _ quiet: Bool) -> Cut {
    if body != nil {
      guard let piece = body?.cut(bytes) else { return ending == .finished ? body?.ended().map(Cut.piece) ?? .more : .more }
      if piece.isLast {
        body = nil
        isBehindGap.server = false
      }
      return .piece(piece)
    }
    guard unanswered.first != nil || quiet || isLenient else { return .blocked }
    switch serverLines.find(bytes, searched: searched) {
    case .more: return .more
    case .tooLong(let taking): return .broken(Violation("line-too-long", Self.replyLines.length), taking: taking)
    case .line(let line):
      guard let indicator = indicator(bytes, line.length) else {
        return .broken(Violation("reply-syntax", "RFC 1939 §3"), taking: line.next)
      }
      return cut(line, bytes, indicator)
    }
  }

  private mutating func cut(_ line: Line, _ bytes: Span<UInt8>, _ indicator: String) -> Cut {
    isUnheard = false
    var head = Head(length: line.next, label: indicator)
    let isChallenge = indicator == "+"
    head.violations = line.violations(of: isChallenge ? Self.authLines : Self.replyLines)
    // Status indicators are upper case (RFC 1939 §3).
    if !isChallenge, bytes[1] >= 97 { head.violations.append(Violation("reply-syntax", "RFC 1939 §3")) }
    if unanswered.count == 2, unanswered.first?.ordinal == nil, !Self.greets(bytes, line.length) { unanswered.removeFirst() }
    guard let (ordinal, question) = unanswered.first.map({ ($0.ordinal, $0.question) }) else {
      guard isLenient else { return .broken(Violation("unsolicited", "RFC 1939 §3"), taking: line.next) }
      return .head(head)
    }
    unanswered.removeFirst()
    doubtful = max(0, doubtful - 1)
    if let ordinal { head.answer = .final(ordinal) }
    let isPositive = indicator == "+OK"
    switch question {
    case .mail where isPositive, .listing where isPositive, .capabilities where isPositive:
      head.payload = if case .mail = question { PayloadPart("message") } else { PayloadPart("lines", isLines: true) }
      let rules = if case .capabilities = question { Self.capabilityLines } else { Self.furtherLines }
      body = StuffedText(rules, ending: "RFC 1939 §3", takesBareLF: line.endsInBareLF)
    case .auth:
      mode = isChallenge ? .auth : .commands
      if isChallenge { exchange.challenged(bytes.extracting(min(2, line.length)..<line.length).array) }
    case .startTLS:
      mode = .commands
      if isPositive { head.effects = [.startTLS] }
    case .quit: if isPositive { head.effects = [.ends] }
    case .greeting, .command, .mail, .listing, .capabilities: break
    }
    return .head(head)
  }

  /// `+OK`, `-ERR`, or within AUTH `+` for a challenge (RFC 5034 §4), which has a blank behind it, though some leave it out where
  /// nothing follows.
  private func indicator(_ bytes: Span<UInt8>, _ length: Int) -> String? {
    guard length > 0, bytes[0] == UInt8(ascii: "+") || bytes[0] == UInt8(ascii: "-") else { return nil }
    let (text, end) = word(bytes, from: 0, to: length)
    if text == "+OK" || text == "-ERR" { return text }
    var awaitsChallenge = isLenient
    if case .auth? = unanswered.first?.question { awaitsChallenge = true }
    return text == "+" && awaitsChallenge && (end == length || bytes[end] == 32) ? text : nil
  }

  /// Where the client spoke first and waits for one reply, the server's first line may be that: a greeting says who speaks.
  private static func greets(_ bytes: Span<UInt8>, _ length: Int) -> Bool {
    let words = Words.upper(bytes.extracting(..<length).array)
    return words.contains { word in greetings.contains { word.contains($0) } }
  }

  private static let greetings = ["POP", "READY", "SERVER", "SERVICE", "WELCOME", "HELLO", "@"]

  // MARK: Gaps and our own messages

  mutating func lost(_ count: Int, from side: Side) -> Bool {
    isLenient = true
    isBehindGap[side] = true
    guard side == .server else { return true }
    body?.lost()
    if body == nil { doubtful = unanswered.count }
    isUnheard = true
    // Whether TLS begins now cannot be known.
    if case .asked(isAuth: false) = mode { return false }
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

  // MARK: Lines

  private static let commandLines = LineRules(ends: "RFC 1939 §3", limit: 255, length: "RFC 2449 §4")
  private static let replyLines = LineRules(ends: "RFC 1939 §3", limit: 512, length: "RFC 1939 §3")
  /// Challenges and answers may be as long as the mechanism needs (RFC 5034 §4); this is what SMTP knows as sufficient.
  private static let authLines = LineRules(ends: "RFC 1939 §3", limit: 12_288, length: "RFC 5034 §4")
  private static let capabilityLines = LineRules(ends: "RFC 1939 §3", limit: 512, length: "RFC 2449 §3")
  /// Only an answer's first line has a limit; a mail has lines of whatever length it was stored with (RFC 2449 §4).
  private static let furtherLines = LineRules(ends: "RFC 1939 §3", limit: .max, length: "RFC 2449 §4")
}
