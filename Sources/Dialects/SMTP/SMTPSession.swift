import Transcript
import Wire

/// One SMTP or LMTP connection (RFC 5321, RFC 2033), both sides, with pipelining (RFC 2920), BDAT (RFC 3030), AUTH (RFC 4954) and
/// STARTTLS (RFC 3207).
struct SMTPSession: Session {
  /// What the client's next bytes are.
  private enum Mode: Sendable {
    case commands
    /// DATA, AUTH or STARTTLS was sent: the reply decides.
    case asked(Question)
    /// After 354, before and inside the message.
    case data(begun: Bool)
    case chunk(left: Int)
    /// After 334.
    case auth
  }

  /// What a reply is to answer.
  private enum Question: Sendable { case greeting, command, data, message, rcpt, transaction, auth, startTLS, quit }

  private let isLMTP: Bool
  private var lines = LineCutter()
  private var reply = CodedReply(.everyLine)
  private var mode = Mode.commands
  private var text = StuffedText(SMTPSession.textLines, ending: "RFC 5321 §4.1.1.4")
  private var chunks = TextCheck(SMTPSession.textLines)
  /// BODY=BINARYMIME was declared: the content has no lines (RFC 3030 §3).
  private var isBinary = false
  private var unanswered = Unanswered(greeting: Question.greeting)
  /// Recipients of the transaction that were accepted.
  private var accepted = 0
  /// Of LMTP's replies to one message.
  private var repliesLeft = 0
  private var exchange = SASLExchange(mechanism: "", hasInitialResponse: false)
  /// Bytes were lost: a reply to nothing may answer what was not seen.
  private var isLenient = false
  /// So many of what is unanswered may have been answered in what was lost.
  private var doubtful = 0
  /// The server has not been heard since bytes of it were lost.
  private var isUnheard = false
  /// The client's next line may be the rest of one.
  private var isBehindGap = false

  init(isLMTP: Bool) { self.isLMTP = isLMTP }

  mutating func cut(_ side: Side, _ bytes: Span<UInt8>, searched: Int, ending: Ending, quiet: Bool) -> Cut {
    side == .client ? cutClient(bytes, searched, ending) : cutReply(bytes, searched, quiet)
  }

  // MARK: The client

  private mutating func cutClient(_ bytes: Span<UInt8>, _ searched: Int, _ ending: Ending) -> Cut {
    switch mode {
    case .asked(let question):
      guard isUnheard, bytes.count > 0 else { return .blocked }
      guard let verb = wholeWord(bytes, ending: ending) else { return .more }
      resolve(question, isCommand: SMTP.commands.contains(verb))
      return cutClient(bytes, 0, ending)
    case .data(begun: false):
      guard bytes.count > 0 else { return .more }
      mode = .data(begun: true)
      text = StuffedText(Self.textLines, ending: "RFC 5321 §4.1.1.4")
      var head = Head(length: 0, label: "")
      head.payload = PayloadPart("message")
      unanswered.ask(.message)
      return .head(head)
    case .data:
      guard let piece = text.cut(bytes) else { return ending == .finished ? text.ended().map(Cut.piece) ?? .more : .more }
      if piece.isLast { mode = .commands }
      return .piece(piece)
    case .chunk(let left):
      guard bytes.count > 0 || left == 0 else { return .more }
      let count = min(left, bytes.count)
      mode = count == left ? .commands : .chunk(left: left - count)
      var piece = Piece(content: count, taking: count, isLast: count == left)
      if !isBinary { piece.violations = chunks.violations(in: bytes, from: 0, to: count) }
      return .piece(piece)
    case .commands, .auth:
      guard !unanswered.isFull else { return .blocked }
      switch lines.find(bytes, searched: searched) {
      case .more: return .more
      case .tooLong(let taking): return .broken(Violation("line-too-long", Self.commandLines.length), taking: taking)
      case .line(let line): return cut(line, bytes)
      }
    }
  }

  private mutating func cut(_ line: Line, _ bytes: Span<UInt8>) -> Cut {
    let (verb, end) = word(bytes, from: 0, to: line.length)
    if isBehindGap {
      isBehindGap = false
      guard SMTP.commands.contains(verb) else { return .broken(.incomplete, taking: line.next) }
    }
    unanswered.removeFirst(doubtful)
    doubtful = 0
    var head: Head
    if case .auth = mode {
      head = Head(length: line.next, label: exchange.next())
      head.violations = line.violations(of: Self.authLines)
      ask(.auth)
    } else {
      head = Head(length: line.next, label: label(verb))
      head.violations = line.violations(of: Self.commandLines(bytes, line))
      command(verb, bytes, end, line.length, &head)
    }
    return .head(head)
  }

  private mutating func command(_ verb: String, _ bytes: Span<UInt8>, _ end: Int, _ length: Int, _ head: inout Head) {
    switch verb {
    case "DATA": ask(.data)
    case "STARTTLS": ask(.startTLS)
    case "AUTH":
      let (mechanism, end) = word(bytes, from: end, to: length)
      exchange = SASLExchange(mechanism: mechanism, hasInitialResponse: !word(bytes, from: end, to: length).text.isEmpty)
      ask(.auth)
    case "BDAT":
      let (size, sizeEnd) = word(bytes, from: end, to: length)
      let (last, lastEnd) = word(bytes, from: sizeEnd, to: length)
      // A chunk follows whatever the server thinks of it (RFC 3030 §2), unless no server could know how long it is.
      guard let count = Int(size), size.utf8.allSatisfy(\.isDigit), last.isEmpty || last == "LAST",
        word(bytes, from: lastEnd, to: length).text.isEmpty
      else { return unanswered.ask(.command) }
      mode = .chunk(left: count)
      head.payload = PayloadPart("message")
      unanswered.ask(last.isEmpty ? .command : .message)
    case "MAIL":
      isBinary = contains("BODY=BINARYMIME", bytes, from: end, to: length)
      chunks = TextCheck(Self.textLines)
      unanswered.ask(.transaction)
    case "RCPT": unanswered.ask(.rcpt)
    case "RSET", "EHLO", "HELO", "LHLO": unanswered.ask(.transaction)
    case "QUIT": unanswered.ask(.quit)
    default: unanswered.ask(.command)
    }
  }

  /// What the client says next depends on the answer.
  private mutating func ask(_ question: Question) {
    mode = .asked(question)
    unanswered.ask(question)
  }

  /// The reply that decides was lost, and the client has gone on: what it says shows what the reply was.
  private mutating func resolve(_ question: Question, isCommand: Bool) {
    switch question {
    case .data where !isCommand: mode = .data(begun: false)
    case .auth where !isCommand: mode = .auth
    default: mode = .commands
    }
    unanswered.removeFirst(unanswered.count)
    doubtful = 0
  }

  // MARK: The server

  private mutating func cutReply(_ bytes: Span<UInt8>, _ searched: Int, _ quiet: Bool) -> Cut {
    guard unanswered.first != nil || quiet || isLenient else { return .blocked }
    let rules = if case .auth? = unanswered.first?.question { Self.authLines } else { Self.replyLines }
    switch reply.cut(bytes, searched: searched, rules: rules) {
    case .more: return .more
    case .took(let count): return .took(count)
    case .broken(let violation, let taking): return .broken(violation, taking: taking)
    case .whole(let code, let length, let violations):
      isUnheard = false
      var head = Head(length: length, label: String(code))
      head.violations = violations
      if code == 421 { head.effects = [.ends] }
      guard let (ordinal, question) = asked(code) else {
        // 421 may come at any time (RFC 5321 §3.8).
        guard code == 421 || isLenient else { return .broken(Violation("unsolicited", "RFC 5321 §4.2"), taking: length) }
        return .head(head)
      }
      if isLMTP, question == .data, code == 354, accepted == 0, !isLenient {
        head.violations.append(Violation("reply-class", "RFC 2033 §4.2"))
      }
      if case .auth = question, code == 334 { exchange.challenged(bytes.extracting(min(4, length)..<length).array) }
      let goesOn = settle(question, code)
      if !goesOn {
        unanswered.removeFirst()
        doubtful = max(0, doubtful - 1)
      }
      if let ordinal { head.answer = goesOn ? .interim(ordinal) : .final(ordinal) }
      if question == .startTLS, code == 220 { head.effects = [.startTLS] }
      if question == .quit, code / 100 == 2 { head.effects = [.ends] }
      return .head(head)
    }
  }

  /// What a reply answers. A greeting that was not seen is passed over.
  private mutating func asked(_ code: Int) -> (Int?, Question)? {
    if unanswered.count > 1, unanswered.first?.ordinal == nil, ![220, 421, 521, 554].contains(code) { unanswered.removeFirst() }
    return unanswered.first.map { ($0.ordinal, $0.question) }
  }

  /// What the reply decides; true where more replies to the same message follow.
  private mutating func settle(_ question: Question, _ code: Int) -> Bool {
    let isPositive = code / 100 == 2
    switch question {
    case .data: mode = code == 354 ? .data(begun: false) : .commands
    case .auth: mode = code == 334 ? .auth : .commands
    case .startTLS: mode = .commands
    case .rcpt: accepted += isPositive ? 1 : 0
    case .transaction: if isPositive { accepted = 0 }
    case .message where isLMTP && code != 421:
      // One reply for each accepted recipient (RFC 2033 §4.2); without any, one that says so.
      if repliesLeft == 0 { repliesLeft = max(1, accepted) }
      repliesLeft -= 1
      if repliesLeft == 0 { accepted = 0 }
      return repliesLeft > 0
    case .greeting, .command, .message, .quit: break
    }
    return false
  }

  // MARK: Gaps and our own messages

  mutating func lost(_ count: Int, from side: Side) -> Bool {
    isLenient = true
    if side == .server {
      reply.lost()
      doubtful = unanswered.count
      isUnheard = true
      // Whether TLS begins now cannot be known.
      if case .asked(.startTLS) = mode { return false }
      return true
    }
    switch mode {
    case .data(begun: false): break
    case .data: text.lost()
    case .chunk(let left):
      chunks.lost()
      mode = count < left ? .chunk(left: left - count) : .commands
      isBehindGap = count > left
    case .commands, .asked, .auth: isBehindGap = true
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

  // MARK: Lines

  private static let replyLines = LineRules(ends: "RFC 5321 §2.3.8", limit: 512, length: "RFC 5321 §4.5.3.1.5")
  private static let commandLines = LineRules(ends: "RFC 5321 §2.3.8", limit: 512, length: "RFC 5321 §4.5.3.1.4")
  private static let textLines = LineRules(ends: "RFC 5321 §2.3.8", limit: 1000, length: "RFC 5321 §4.5.3.1.6")
  /// Challenges and answers; AUTH itself is a command like others.
  private static let authLines = LineRules(ends: "RFC 5321 §2.3.8", limit: 12_288, length: "RFC 4954 §4")

  /// Parameters make a command's line longer than it may be without.
  private static func commandLines(_ bytes: Span<UInt8>, _ line: Line) -> LineRules {
    var rules = commandLines
    guard line.next > rules.limit else { return rules }
    for (parameter, octets) in parameters where contains(parameter, bytes, from: 0, to: line.length) { rules.limit += octets }
    return rules
  }

  /// How much longer: RFC 1870 §3, RFC 6152 §2, RFC 4954 §3, RFC 6531 §3.1, RFC 3461 §4, RFC 2852 §4.
  private static let parameters = [
    ("SIZE=", 26), ("BODY=", 17), ("AUTH=", 500), ("SMTPUTF8", 10), ("RET=", 107), ("ENVID=", 107), ("NOTIFY=", 500), ("ORCPT=", 500),
    ("BY=", 17),
  ]
}

/// Whether one of a line's words begins so, in either case; `upper` is in upper case.
private func contains(_ upper: String, _ bytes: Span<UInt8>, from start: Int, to end: Int) -> Bool {
  var at = start
  while at < end {
    let (text, next) = word(bytes, from: at, to: end)
    if text.hasPrefix(upper) { return true }
    at = max(next, at + 1)
  }
  return false
}
