package import Transcript
package import Wire

/// The Hypertext Transfer Protocol, versions 1.0 and 1.1 (RFC 9110, RFC 9112).
package struct HTTP: Dialect {
  package init() {}

  package var name: String { "http" }
  package var transports: [Transport] { [.stream] }
  package var ports: [UInt16] { [80, 8080, 3128] }
  package var parts: [PartShape] {
    [PartShape("headers", .fields, isOpen: true), PartShape("body", .text), PartShape("trailers", .fields, isOpen: true)]
  }
  package var subjects: [String] { ["host"] }
  /// A client just leaves.
  package var farewell: Message? { nil }
  package var capabilities: Message? { nil }

  package func begin(_ transport: Transport) -> any Session { HTTPSession() }

  /// The version at the end of a request line, or at the beginning of a status line, is nobody else's but RTSP's and SIP's, which have
  /// their own. A server that speaks first is none.
  package func likeness(_ glimpse: Glimpse) -> Int {
    guard glimpse.transport == .stream else { return 0 }
    let isKnownPort = ports.contains(glimpse.port)
    let answers = glimpse.greeting.map { $0.starts(with: "HTTP/1.".utf8) }
    guard let command = glimpse.command else { return answers == true ? 90 : answers == nil && isKnownPort ? 30 : 0 }
    // One that greets is none, even if that is what somebody took it for.
    if HTTPStartLine.request((command + [13, 10]).span) != nil { return answers == false ? 40 : 100 }
    return answers == true ? 80 : 0
  }

  package func message(_ head: [UInt8], from side: Side) -> Message {
    let (line, next) = HTTPFields.startLine(head)
    let fields = HTTPFields.parse(head[next...])
    return Message(side, [Text(line)], fields.isEmpty ? [] : [Part(Self.headersPart, .fields(fields))])
  }

  package func trailers(_ bytes: [UInt8]) -> Part? {
    let fields = HTTPFields.parse(bytes[...])
    return fields.isEmpty ? nil : Part(Self.trailersPart, .fields(fields))
  }

  package func verb(of command: Message) -> String {
    guard let first = command.head.first else { return "" }
    return Words.upper(first.words(limit: 2)[0].recorded).first ?? ""
  }

  /// Methods have case (RFC 9110 §9.1).
  package func canonical(_ command: Text) -> Text { command }

  package func succeeded(_ reply: Message) -> Bool {
    guard let status = HTTPStatus(reply) else { return false }
    return status.code < 400
  }

  /// Requests stand alone; only what was to go through a tunnel goes nowhere without it.
  package func isHindered(_ command: Message, by history: [Turn]) -> Bool {
    history.contains { verb(of: $0.command) == "CONNECT" && $0.wasToSucceed && !$0.didSucceed }
  }

  /// RFC 9112 §9.3: requests stand alone, whatever connection they come over.
  package var mayReconnect: Bool { true }

  /// `100 Continue` and its kind, which a client must be ready for (RFC 9110 §15.2).
  package func isIncidental(_ reply: Heard) -> Bool { if case .interim = reply.answer { true } else { false } }

  package func uses(_ keyword: String, in command: Message) -> Bool { false }

  /// Any code of any class may come; there are five (RFC 9110 §15).
  package func replies(to command: Message?) -> ReplyRule? {
    command == nil ? nil : ReplyRule(listed: [], classes: "12345", rule: "RFC 9110 §15")
  }

  package func dropping(keyword: String?, from reply: Message) -> Message? { nil }

  static let headersPart = "headers"
  static let bodyPart = "body"
  static let trailersPart = "trailers"
}

/// What a status line says.
struct HTTPStatus {
  var code: Int

  /// Nil where there is a pattern in its place.
  init?(_ reply: Message) {
    guard reply.side == .server, let words = reply.head.first?.words(limit: 3), words.count > 1, let digits = words[1].literal,
      digits.count == 3, let code = number(digits.span, from: 0, to: 3)
    else { return nil }
    self.code = code
  }
}
