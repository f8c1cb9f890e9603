package import Transcript
import Wire

extension HTTP {
  /// A status line with its reason, and the lines of `keywords` as its body. The session writes how long that is.
  package func usualReply(_ code: String, to command: Message?, with keywords: [Text]) -> Message {
    let words = code.split(separator: " ")
    let version = words.count > 1 ? String(words[0]) : "HTTP/1.1"
    let status = words.last.map(String.init) ?? code
    let reason = Self.reasons[status] ?? Self.reasons[status.prefix(1) + "00"] ?? "Unknown"
    let body = keywords.isEmpty ? [] : [Part(Self.bodyPart, .payload(Payload(.lines(keywords))))]
    return Message(.server, [Text("\(version) \(status) \(reason)")], body)
  }

  package func refused(_ reply: Message, code: String?) -> Message {
    usualReply(code ?? (succeeded(reply) ? "500" : "200"), to: nil, with: [])
  }

  package func notImplemented(_ command: Message) -> Message { usualReply("501", to: command, with: []) }

  /// `HTTP/1.1 404` leaves the reason open.
  package func bareCode(_ head: Text) -> String? {
    let words = head.words(limit: 3)
    guard words.count == 2, words[0].hasPrefix("HTTP/"), let code = head.literal else { return nil }
    return String(decoding: code, as: UTF8.self)
  }

  /// RFC 9110 §15.
  private static let reasons: [String: String] = [
    "100": "Continue", "101": "Switching Protocols", "200": "OK", "201": "Created", "202": "Accepted",
    "203": "Non-Authoritative Information", "204": "No Content", "205": "Reset Content", "206": "Partial Content",
    "300": "Multiple Choices", "301": "Moved Permanently", "302": "Found", "303": "See Other", "304": "Not Modified", "305": "Use Proxy",
    "307": "Temporary Redirect", "308": "Permanent Redirect", "400": "Bad Request", "401": "Unauthorized", "402": "Payment Required",
    "403": "Forbidden", "404": "Not Found", "405": "Method Not Allowed", "406": "Not Acceptable", "407": "Proxy Authentication Required",
    "408": "Request Timeout", "409": "Conflict", "410": "Gone", "411": "Length Required", "412": "Precondition Failed",
    "413": "Content Too Large", "414": "URI Too Long", "415": "Unsupported Media Type", "416": "Range Not Satisfiable",
    "417": "Expectation Failed", "421": "Misdirected Request", "422": "Unprocessable Content", "426": "Upgrade Required",
    "428": "Precondition Required", "429": "Too Many Requests", "431": "Request Header Fields Too Large",
    "500": "Internal Server Error", "501": "Not Implemented", "502": "Bad Gateway", "503": "Service Unavailable", "504": "Gateway Timeout",
    "505": "HTTP Version Not Supported", "511": "Network Authentication Required",
  ]
}
