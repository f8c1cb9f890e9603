package import Transcript
import Wire

/// A message as it goes onto the wire (RFC 9112 §2.1). Its texts are literal.
///
/// What is written is sent as it stands. Where a body has neither a length nor chunks written beside it, `Content-Length` is added, since
/// without one nobody could know where it ends; not in a response behind which the connection ends, as it says. `chunks` without
/// `Transfer-Encoding` get one.
struct HTTPWriting {
  private let message: Message
  private let question: HTTPSession.Question?

  /// - Parameter question: what a response answers.
  init(_ message: Message, answering question: HTTPSession.Question?) {
    self.message = message
    self.question = question
  }

  var bytes: [UInt8] {
    if case .payload(let raw)? = message[part: Part.raw] { return message.head.onTheWire + raw.bytes }
    var out = message.head.onTheWire
    for field in message.headers { out += field.onTheWire }
    out += Array((framing ?? "").utf8) + [13, 10]
    guard mayHaveBody else { return out }
    return out + (isChunked ? chunked : content)
  }

  /// The body with its encodings: what `Content-Length` counts.
  private var content: [UInt8] {
    guard case .payload(let payload)? = message[part: HTTP.bodyPart] else { return [] }
    return HTTPEncoding(message).encode(payload.bytes)
  }

  private var isChunked: Bool {
    let codings = message.headerWords("transfer-encoding")
    if codings.isEmpty { return chunks != nil && message.header("content-length").isEmpty }
    return codings.last == "chunked"
  }

  private var chunks: [[UInt8]]? {
    guard case .payload(let payload)? = message[part: HTTP.bodyPart], case .chunks(let texts)? = payload.content else { return nil }
    return texts.map(\.recorded)
  }

  private var chunked: [UInt8] {
    var out: [UInt8] = []
    // Encoded, there is no telling any more what was in which.
    let chunks = HTTPEncoding(message).isIdentity ? chunks : nil
    for chunk in chunks ?? [content] where !chunk.isEmpty { out += Array("\(String(chunk.count, radix: 16))\r\n".utf8) + chunk + [13, 10] }
    out += Array("0\r\n".utf8)
    if case .fields(let fields)? = message[part: HTTP.trailersPart] { for field in fields { out += field.onTheWire } }
    return out + [13, 10]
  }

  /// The field that says where the body ends, where the message has none and needs one.
  private var framing: String? {
    guard mayHaveBody, message.header("content-length").isEmpty, message.header("transfer-encoding").isEmpty else { return nil }
    if isChunked { return "Transfer-Encoding: chunked\r\n" }
    if message.side == .client { return message[part: HTTP.bodyPart] == nil ? nil : "Content-Length: \(content.count)\r\n" }
    return endsTheConnection ? nil : "Content-Length: \(content.count)\r\n"
  }

  /// RFC 9112 §6.3.
  private var mayHaveBody: Bool {
    guard message.side == .server else { return true }
    let code = HTTPStatus(message)?.code ?? 200
    if code / 100 == 1 || code == 204 || code == 304 { return false }
    return question.map { !$0.isHead && !($0.isConnect && code / 100 == 2) } ?? true
  }

  /// RFC 9112 §9.3.
  private var endsTheConnection: Bool {
    let options = message.headerWords("connection")
    if options.contains("close") { return true }
    return message.head.first?.hasPrefix("HTTP/1.0") == true && !options.contains("keep-alive")
  }
}

extension Part.Field {
  fileprivate var onTheWire: [UInt8] { values.flatMap { Array("\(name): ".utf8) + $0.recorded + [13, 10] } }
}

extension HTTP {
  package func sentSize(of message: Message) -> Int? {
    guard case .payload(let payload)? = message[part: Self.bodyPart] else { return nil }
    return HTTPEncoding(message).encode(payload.bytes).count
  }
}
