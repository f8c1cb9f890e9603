import Transcript
import Wire

/// One connection of HTTP/1 (RFC 9112), both sides: persistent, pipelined, with interim responses, until a tunnel begins.
struct HTTPSession: Session {
  /// What a response is to answer, as far as that says how the response is framed (RFC 9112 §6.3).
  struct Question: Sendable {
    var isHead = false
    var isConnect = false
    var asksForUpgrade = false
    var minor = 1
    /// To which a tunnel is to lead.
    var port: UInt16?
  }

  /// What of a head is known while it is not whole.
  private enum Start: Sendable { case unknown, proper, odd }

  private var starts = Sides(client: Start.unknown, server: Start.unknown)
  private var lines = Sides(client: LineCutter(), server: LineCutter())
  private var bodies = Sides<HTTPBody?>(client: nil, server: nil)
  private(set) var unanswered = Unanswered<Question>()
  /// CONNECT or an upgrade was asked for: what the client says next depends on the answer.
  private var isAsked = false
  /// The last response may have no content, whatever its fields say.
  private var lastHasNoContent = false
  /// Nothing more can be understood of a side.
  private var isLost = Sides(client: false, server: false)
  /// Bytes were lost: a response to nothing may answer what was not seen.
  private var isLenient = false
  /// So many of what is unanswered may have been answered in what was lost.
  private var doubtful = 0
  /// A side's next line may be the rest of one.
  private var isBehindGap = Sides(client: false, server: false)

  mutating func cut(_ side: Side, _ bytes: Span<UInt8>, searched: Int, ending: Ending, quiet: Bool) -> Cut {
    // Without its framing, nothing behind a request can be read; a server refuses it, and that can.
    if isLost[side] { return side == .client ? .blocked : .lost }
    if bodies[side] != nil { return cutBody(side, bytes, searched, ending) }
    return side == .client ? cutRequest(bytes, searched) : cutResponse(bytes, searched, ending, quiet)
  }

  private mutating func cutBody(_ side: Side, _ bytes: Span<UInt8>, _ searched: Int, _ ending: Ending) -> Cut {
    switch bodies[side]?.cut(bytes, searched: searched, ending: ending) {
    case .piece(let piece)?:
      if piece.isLast { bodies[side] = nil }
      return .piece(piece)
    case .broken(let violation)?:
      isLost[side] = true
      bodies[side] = nil
      var piece = Piece(content: 0, taking: 0, isLast: true)
      piece.violations = [violation]
      return .piece(piece)
    case .more?, nil: return .more
    }
  }

  // MARK: The client

  private mutating func cutRequest(_ bytes: Span<UInt8>, _ searched: Int) -> Cut {
    guard !isAsked, !unanswered.isFull else { return .blocked }
    var searched = searched
    if starts.client == .unknown {
      switch lines.client.find(bytes, searched: searched) {
      case .more: return .more
      case .tooLong(let taking): return .broken(Violation("line-too-long", "RFC 9112 §3"), taking: taking)
      case .line(let line):
        if let stray = stray(line, bytes) { return .broken(stray, taking: line.next) }
        searched = 0
      }
    }
    switch HTTPFraming.end(of: bytes, searched: searched) {
    case .more: return .more
    case .tooLong: return giveUp(.client, bytes)
    case .whole(let length): return .head(request(bytes.extracting(..<length)))
    }
  }

  /// Why a line begins no request. One that can be read begins one all the same, which a server refuses.
  private mutating func stray(_ line: Line, _ bytes: Span<UInt8>) -> Violation? {
    let isRequest = HTTPStartLine.request(bytes) != nil
    if isBehindGap.client, !isRequest { return .incomplete }
    isBehindGap.client = false
    if line.length == 0 { return Violation("empty-line", "RFC 9112 §2.2") }
    for i in 0..<line.length where !isRequest && (bytes[i] < 32 || bytes[i] > 126) { return Violation("request-syntax", "RFC 9112 §3") }
    starts.client = isRequest ? .proper : .odd
    return nil
  }

  private mutating func request(_ bytes: Span<UInt8>) -> Head {
    starts.client = .unknown
    unanswered.removeFirst(doubtful)
    doubtful = 0
    var out = Head(length: bytes.count, label: "?")
    guard let (line, method) = HTTPStartLine.request(bytes) else {
      out.violations = [Violation("request-syntax", "RFC 9112 §3")]
      unanswered.ask(Question())
      return out
    }
    let head = HTTPHead(bytes, fieldsFrom: line.next)
    out.label = method
    out.violations = line.violations + head.violations
    if line.minor > 0, head.hosts != 1 { out.violations.append(Violation("host", "RFC 9112 §3.2")) }
    if line.minor == 0, head.coding != .none { out.violations.append(Violation("transfer-encoding", "RFC 9112 §6.1")) }
    switch (head.coding, head.length) {
    case (.chunked, _): open(.client, .chunked, &out)
    case (.other, _):
      out.violations.append(Violation("transfer-encoding", "RFC 9112 §6.3"))
      isLost.client = true
    case (.none, .invalid): isLost.client = true
    case (.none, .bytes(let count)) where count > 0: open(.client, .length(count), &out)
    case (.none, _): break
    }
    var question = Question(isHead: method == "HEAD", isConnect: method == "CONNECT", minor: line.minor)
    question.asksForUpgrade = head.asksForUpgrade && line.minor > 0
    if question.isConnect { question.port = line.targetPort(bytes) }
    isAsked = question.isConnect || question.asksForUpgrade
    unanswered.ask(question)
    return out
  }

  // MARK: The server

  private mutating func cutResponse(_ bytes: Span<UInt8>, _ searched: Int, _ ending: Ending, _ quiet: Bool) -> Cut {
    var searched = searched
    if starts.server == .unknown {
      guard unanswered.first != nil || quiet || isLenient || refusesUnread(bytes) else { return .blocked }
      switch lines.server.find(bytes, searched: searched) {
      case .more:
        // What is no response and has no line's end is told where nothing more comes.
        guard ending != .open, bytes.count > 0, !HTTPStartLine.mayBeResponse(bytes) else { return .more }
        return .broken(strayKind, taking: bytes.count)
      case .tooLong(let taking): return .broken(strayKind, taking: taking)
      case .line(let line):
        guard HTTPStartLine.response(bytes) != nil else { return .broken(strayKind, taking: line.next) }
        starts.server = .proper
        searched = 0
      }
    }
    switch HTTPFraming.end(of: bytes, searched: searched) {
    case .more: return .more
    case .tooLong: return giveUp(.server, bytes)
    case .whole(let length): return response(bytes.extracting(..<length))
    }
  }

  /// A server may refuse what it does not read to its end, or does not wait for (RFC 9110 §15.5.1, §15.5.9, §15.5.14; RFC 6585 §5).
  private func refusesUnread(_ bytes: Span<UInt8>) -> Bool {
    guard let (_, status) = HTTPStartLine.response(bytes) else { return false }
    return Self.refusals.contains(status)
  }

  /// What bytes are that are no response.
  private var strayKind: Violation {
    if isBehindGap.server { return .incomplete }
    if lastHasNoContent { return Violation("body-not-allowed", "RFC 9112 §6.3") }
    return unanswered.first == nil ? Violation("excess-bytes", "RFC 9112 §6.3") : Violation("reply-syntax", "RFC 9112 §4")
  }

  private mutating func response(_ bytes: Span<UInt8>) -> Cut {
    starts.server = .unknown
    isBehindGap.server = false
    guard let (line, status) = HTTPStartLine.response(bytes) else { return .broken(strayKind, taking: bytes.count) }
    let head = HTTPHead(bytes, fieldsFrom: line.next)
    guard unanswered.first != nil || isLenient || Self.refusals.contains(status) else {
      // What an earlier response was split into, or an answer to nobody (RFC 9112 §9.2). It is passed over with its content.
      var passedOver = Head(length: 0, label: "")
      frame(status, Question(), head, line.minor, &passedOver)
      return .broken(Violation("unsolicited", "RFC 9112 §9.2"), taking: bytes.count)
    }
    var out = Head(length: bytes.count, label: String(status))
    out.violations = line.violations + head.violations
    let question = unanswered.first?.question ?? Question()
    let isInterim = (100..<200).contains(status) && !(status == 101 && question.asksForUpgrade)
    if let ordinal = unanswered.first?.ordinal { out.answer = isInterim ? .interim(ordinal) : .final(ordinal) }
    // None to who does not know them; no upgrade that nobody asked for (RFC 9110 §15.2, §7.8).
    if isInterim, question.minor == 0 { out.violations.append(Violation("reply-class", "RFC 9110 §15.2")) }
    if isInterim, status == 101 { out.violations.append(Violation("reply-class", "RFC 9110 §7.8")) }
    frame(status, question, head, line.minor, &out)
    guard !isInterim else { return .head(out) }
    unanswered.removeFirst()
    doubtful = max(0, doubtful - 1)
    if question.isConnect && status / 100 == 2 || status == 101 { out.effects = [.tunnels(to: question.port)] }
    if question.isConnect || question.asksForUpgrade { isAsked = false }
    return .head(out)
  }

  /// How the content is framed (RFC 9112 §6.3), and whether the connection ends behind it (§9.3).
  private mutating func frame(_ status: Int, _ question: Question, _ head: HTTPHead, _ minor: Int, _ out: inout Head) {
    let isTunnel = question.isConnect && status / 100 == 2
    lastHasNoContent = question.isHead || isTunnel || status / 100 == 1 || status == 204 || status == 304
    if isTunnel || status / 100 == 1 || status == 204 {
      if head.length != .none || head.coding != .none {
        out.violations.append(Violation("body-not-allowed", isTunnel ? "RFC 9110 §9.3.6" : "RFC 9110 §8.6"))
      }
      if isTunnel || status / 100 == 1 { return }
    }
    if head.coding != .none, minor == 0 || question.minor == 0 { out.violations.append(Violation("transfer-encoding", "RFC 9112 §6.1")) }
    var endsHere = head.closes || minor == 0 && !head.keepsAlive || Self.refusals.contains(status) && unanswered.first == nil
    if !lastHasNoContent {
      switch (head.coding, head.length) {
      case (.chunked, _): open(.server, .chunked, &out)
      case (.none, .bytes(let count)): if count > 0 { open(.server, .length(count), &out) }
      case (.none, .invalid): isLost.server = true
      case (.other, _), (.none, .none):
        open(.server, .untilClose, &out)
        endsHere = true
      }
    }
    if endsHere { out.effects = [.ends] }
  }

  private mutating func open(_ side: Side, _ framing: HTTPBody.Framing, _ head: inout Head) {
    bodies[side] = HTTPBody(framing)
    head.payload = PayloadPart("body")
  }

  private mutating func giveUp(_ side: Side, _ bytes: Span<UInt8>) -> Cut {
    isLost[side] = true
    return .broken(Self.headTooLong, taking: bytes.count)
  }

  static let headTooLong = Violation("head-too-long", "RFC 9110 §5.4")
  private static let refusals: Set = [400, 408, 413, 414, 431]

  // MARK: Gaps and our own messages

  mutating func lost(_ count: Int, from side: Side) -> Bool {
    // Whether a tunnel begins now cannot be known.
    if side == .server, isAsked { return false }
    isLenient = true
    starts[side] = .unknown
    if bodies[side]?.lost(count) == true { return true }
    bodies[side] = nil
    isBehindGap[side] = true
    if side == .server { doubtful = unanswered.count }
    return true
  }

  func write(_ message: Message) -> [UInt8] { HTTPWriting(message, answering: unanswered.first?.question).bytes }

  func admits(_ message: Message) -> Admission {
    if message.side == .server || message[part: Part.raw] != nil { return .now }
    if isAsked { return .afterReply }
    return bodies.client == nil ? .now : .never
  }
}
