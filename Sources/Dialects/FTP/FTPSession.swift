import Transcript
import Wire

/// One FTP control connection (RFC 959), both sides, with AUTH TLS (RFC 4217): what it announces and transfers on data connections.
///
/// A command has one reply; those of a transfer have a preliminary one before it (RFC 959 §5.4), and what was asked while the transfer
/// ran is answered in between.
struct FTPSession: Session {
  /// What a reply is to answer.
  private enum Question: Sendable, Equatable {
    case greeting, command, startTLS, quit, abort, reinitialize
    /// A line without a word, which some servers refuse and some do not notice.
    case blank
    /// Parameters of transfers, which hold once they are accepted.
    case type(isText: Bool)
    case structure(isFile: Bool)
    case mode(isStream: Bool)
    case transfer(from: Side, isListing: Bool)
  }

  private var lines = LineCutter()
  private var reply = CodedReply(.firstAndLast)
  /// AUTH TLS was sent: whether TLS comes next, the reply decides.
  private var awaitsTLS = false
  private var unanswered = Unanswered(greeting: Question.greeting)
  /// The first that is unanswered is a transfer, and it has begun.
  private var isTransferring = false
  /// ABOR was sent during a transfer, and one reply has come: it may be all there is.
  private var isAborted = false
  private var parameters = Parameters()
  /// Bytes were lost: a reply to nothing may answer what was not seen.
  private var isLenient = false
  /// So many of what is unanswered may have been answered in what was lost.
  private var doubtful = 0
  /// The server has not been heard since bytes of it were lost.
  private var isUnheard = false
  /// The client's next line may be the rest of one.
  private var isBehindGap = false

  /// What transfers depend on, with its defaults (RFC 959 §5.1).
  private struct Parameters: Sendable {
    var isText = true
    var isFile = true
    var isStream = true
  }

  mutating func cut(_ side: Side, _ bytes: Span<UInt8>, searched: Int, ending: Ending, quiet: Bool) -> Cut {
    side == .client ? cutCommand(bytes, searched) : cutReply(bytes, searched, quiet)
  }

  // MARK: The client

  private mutating func cutCommand(_ bytes: Span<UInt8>, _ searched: Int) -> Cut {
    if awaitsTLS {
      guard isUnheard, bytes.count > 0 else { return .blocked }
      // The reply was lost, and the client has gone on.
      awaitsTLS = false
    }
    guard !unanswered.isFull else { return .blocked }
    switch lines.find(bytes, searched: searched) {
    case .more: return .more
    case .tooLong(let taking): return .broken(Violation("line-too-long", Self.commandLines.length), taking: taking)
    case .line(let line): return cut(line, bytes)
    }
  }

  private mutating func cut(_ line: Line, _ bytes: Span<UInt8>) -> Cut {
    let (verb, end) = word(bytes, from: Telnet.commands(bytes, to: line.length), to: line.length)
    if isBehindGap {
      isBehindGap = false
      guard FTP.commands.contains(verb) else { return .broken(.incomplete, taking: line.next) }
    }
    while doubtful > 0 { removeFirst() }
    var head = Head(length: line.next, label: label(verb))
    head.violations = line.violations(of: Self.commandLines)
    unanswered.ask(question(verb, bytes, end, line.length))
    announce(verb, .server, bytes.extracting(..<line.length).array, from: min(end + 1, line.length), &head)
    return .head(head)
  }

  private mutating func question(_ verb: String, _ bytes: Span<UInt8>, _ end: Int, _ length: Int) -> Question {
    func argument() -> String { word(bytes, from: end, to: length).text }
    switch verb {
    case "": return .blank
    case "AUTH":
      guard FTP.mechanismsOfTLS.contains(argument()) else { return .command }
      awaitsTLS = true
      return .startTLS
    case "TYPE": return .type(isText: argument() == "A")
    case "STRU": return .structure(isFile: argument() == "F")
    case "MODE": return .mode(isStream: argument() == "S")
    case "QUIT": return .quit
    case "ABOR": return .abort
    case "REIN": return .reinitialize
    default: return FTP.sender(of: verb).map { .transfer(from: $0, isListing: FTP.listings.contains(verb)) } ?? .command
    }
  }

  /// Tells where a data connection is to be made, or that nobody can know.
  private func announce(_ label: String, _ dialler: Side, _ line: @autoclosure () -> [UInt8], from start: Int, _ head: inout Head) {
    guard let notation = DataEndpoint.Notation(label) else { return }
    let line = line()
    guard let endpoint = DataEndpoint(notation, in: line, from: start) else {
      head.violations.append(Violation("data-endpoint", notation.rule))
      return
    }
    head.effects.append(
      .announces(
        Announcement(dialler: dialler, address: endpoint.address, port: endpoint.port, written: Array(line[endpoint.range]))))
  }

  // MARK: The server

  private mutating func cutReply(_ bytes: Span<UInt8>, _ searched: Int, _ quiet: Bool) -> Cut {
    guard unanswered.first != nil || quiet || isLenient else { return .blocked }
    switch reply.cut(bytes, searched: searched, rules: Self.replyLines) {
    case .more: return .more
    case .took(let count): return .took(count)
    case .broken(let violation, let taking): return .broken(violation, taking: taking)
    case .whole(let code, let length, let violations):
      isUnheard = false
      var head = Head(length: length, label: String(code))
      head.violations = violations
      if code == 421 { head.effects = [.ends] }
      if code == 227 || code == 228 || code == 229 {
        let line = bytes.extracting(..<length).array
        announce(head.label, .client, line, from: min(line.count, Telnet.commands(line) + 4), &head)
      }
      guard let asked = asked(code) else {
        // 421 may come at any time (RFC 959 §4.2.1); some take leave of who is idle with 221.
        if code == 221 { head.effects.append(.ends) }
        if code == 421 || isLenient { return .head(head) }
        let violation = Violation("unsolicited", "RFC 959 §5.4")
        guard code == 221 else { return .broken(violation, taking: length) }
        head.violations.append(violation)
        return .head(head)
      }
      answer(asked, code, &head)
      return .head(head)
    }
  }

  private mutating func answer(_ entry: Unanswered<Question>.Entry, _ code: Int, _ head: inout Head) {
    let isInterim = code / 100 == 1
    if let ordinal = entry.ordinal { head.answer = isInterim ? .interim(ordinal) : .final(ordinal) }
    settle(entry.question, code, &head)
    guard !isInterim else { return }
    if entry.ordinal == unanswered.first?.ordinal { removeFirst() } else { unanswered.removeSecond() }
  }

  private mutating func removeFirst() {
    unanswered.removeFirst()
    doubtful = max(0, doubtful - 1)
    isTransferring = false
  }

  /// What a reply answers. What will not be answered any more is passed over.
  private mutating func asked(_ code: Int) -> Unanswered<Question>.Entry? {
    while let first = unanswered.first, let second = unanswered.second {
      if isTransferring, !Self.endsTransfer(code) {
        // Of 1yz there is one for each transfer; 110 is a marker within.
        let beginsNext = if case .transfer = second.question { code / 100 == 1 && code != 110 } else { false }
        guard isAborted || beginsNext else { return code / 100 == 1 ? first : second }
      } else if !isPassedOver(first.question, code) {
        return first
      }
      removeFirst()
    }
    return unanswered.first
  }

  private func isPassedOver(_ question: Question, _ code: Int) -> Bool {
    switch question {
    // The greeting was not seen.
    case .greeting: ![120, 220, 421].contains(code)
    case .blank: code / 100 != 5
    case .abort: isAborted && ![225, 226, 421, 426, 500, 501, 502].contains(code)
    default: false
    }
  }

  /// Codes with which a transfer may end that has begun (RFC 959 §5.4, RFC 2228 §8, RFC 4217).
  private static func endsTransfer(_ code: Int) -> Bool {
    switch code {
    case 226, 250, 400..<500, 521, 522, 532, 534, 535, 550..<560: true
    default: false
    }
  }

  /// What the reply decides.
  private mutating func settle(_ question: Question, _ code: Int, _ head: inout Head) {
    let isPositive = code / 100 == 2
    switch question {
    case .startTLS:
      awaitsTLS = false
      if code == 234 { head.effects.append(.startTLS) }
    case .quit: if isPositive { head.effects.append(.ends) }
    case .type(let isText): if isPositive { parameters.isText = isText }
    case .structure(let isFile): if isPositive { parameters.isFile = isFile }
    case .mode(let isStream): if isPositive { parameters.isStream = isStream }
    case .reinitialize: if isPositive { parameters = Parameters() }
    case .transfer(let side, let isListing):
      if !isTransferring, isPositive || code / 100 == 1 && code != 110 {
        let isText = parameters.isStream && (isListing || parameters.isText && parameters.isFile)
        head.effects.append(.transfers(Transfer(from: side, isText: isText)))
        isTransferring = !isPositive
      }
      isAborted = code / 100 != 1 && unanswered.second?.question == .abort
    case .abort: isAborted = isTransferring
    case .greeting, .command, .blank: break
    }
  }

  // MARK: Gaps and our own messages

  mutating func lost(_ count: Int, from side: Side) -> Bool {
    isLenient = true
    guard side == .server else {
      isBehindGap = true
      return true
    }
    reply.lost()
    doubtful = unanswered.count
    isUnheard = true
    // Whether TLS begins now cannot be known.
    return !awaitsTLS
  }

  func write(_ message: Message) -> [UInt8] {
    if case .payload(let raw)? = message[part: Part.raw] { return message.head.onTheWire + raw.bytes }
    return message.head.onTheWire
  }

  func admits(_ message: Message) -> Admission { message.side == .client && awaitsTLS ? .afterReply : .now }

  // MARK: Lines

  /// Lines end as Telnet's do, and no RFC limits them.
  private static let commandLines = LineRules(ends: "RFC 959 §5.3", limit: .max, length: "RFC 959 §5.3")
  private static let replyLines = LineRules(ends: "RFC 959 §4.2", limit: .max, length: "RFC 959 §4.2")
}
