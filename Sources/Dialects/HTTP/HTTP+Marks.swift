import Transcript
import Wire

extension HTTP {
  package func marks(of heard: Heard, answering answered: Heard?) -> [Mark] {
    var marks = heard.side == .client ? targetMarks(heard) : []
    var line = 0
    for field in heard.message.headers {
      let name = field.name.lowercased()
      for value in field.values {
        var found = LineMarks(.part(Self.headersPart, line: line))
        Self.mark(value.recorded, of: name, heard, &found)
        marks += found.marks
        line += 1
      }
    }
    return marks + formMarks(heard)
  }

  // MARK: The request line

  /// The host of an absolute-form and of CONNECT, and a password in front of it (RFC 3986 §3.2.1); secrets that a query carries.
  private func targetMarks(_ heard: Heard) -> [Mark] {
    guard let line = heard.message.head.first?.literal else { return [] }
    let words = wordRanges(line)
    guard words.count > 1 else { return heard.isCutShort ? [Mark(.head(0), 0..<line.count, .secret(of: nil))] : [] }
    var marks = LineMarks(.head(0))
    let target = words[1]
    if let scheme = line[target].firstRange(of: Array("://".utf8)) {
      let end =
        line[scheme.upperBound..<target.upperBound].firstIndex { $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: "?") } ?? target.upperBound
      var host = scheme.upperBound..<end
      if let sign = line[host].lastIndex(of: UInt8(ascii: "@")) {
        if let colon = line[host.lowerBound..<sign].firstIndex(of: UInt8(ascii: ":")) {
          marks.add((colon + 1)..<sign, .secret(of: Array(line[host.lowerBound..<colon])))
        }
        host = (sign + 1)..<end
      }
      Self.markHost(line, host, &marks)
    } else if heard.label == "CONNECT" {
      Self.markHost(line, target, &marks)
    }
    if let query = line[target].firstIndex(of: UInt8(ascii: "?")) { Self.markForm(line, (query + 1)..<target.upperBound, &marks) }
    return marks.marks
  }

  /// `www.example.org:8080`, `[2001:db8::1]:80`: without the port.
  private static func markHost(_ line: [UInt8], _ range: Range<Int>, _ marks: inout LineMarks) {
    var host = range
    if line[host].first == UInt8(ascii: "["), let close = line[host].firstIndex(of: UInt8(ascii: "]")) {
      host = (host.lowerBound + 1)..<close
    } else if let colon = line[host].lastIndex(of: UInt8(ascii: ":")) {
      host = host.lowerBound..<colon
    }
    if ValueType.host.fits(line[host]) || ValueType.ip.fits(line[host]) { marks.add(host, .names("host")) }
  }

  // MARK: Fields

  private static func mark(_ value: [UInt8], of name: String, _ heard: Heard, _ marks: inout LineMarks) {
    let all = 0..<value.count
    switch name {
    case "host": markHost(value, all, &marks)
    case "authorization", "proxy-authorization": markCredentials(value, &marks)
    case "cookie": for pair in pairs(value, all) { marks.add(pair.value, .secret(of: Array(value[pair.name]))) }
    case "set-cookie":
      guard let pair = pairs(value, all).first else { return }
      marks.add(pair.value, .givesSecret(of: Array(value[pair.name])))
      marks.add(FreeText.dates(Array(value)).filter { $0.lowerBound >= pair.value.upperBound }, .varies(.date, name: "date"))
    case "date", "expires", "last-modified", "retry-after": marks.add(FreeText.dates(value), .varies(.date, name: "date"))
    case "etag": markTag(value, &marks)
    case "age", "x-runtime": if ValueType.number.fits(value[...]) { marks.add(all, .varies(.number, name: "age")) }
    case "content-length":
      guard !heard.isCutShort, heard.message[part: bodyPart] != nil, Int(String(decoding: value, as: UTF8.self)) == heard.sentSize else {
        return
      }
      marks.add(all, .size)
    case "www-authenticate", "proxy-authenticate", "authentication-info", "proxy-authentication-info":
      for parameter in pairs(value, all) where ["nonce", "opaque", "nextnonce"].contains(text(value[parameter.name])) {
        marks.add(
          parameter.value, .varies(ValueType.token.fits(value[parameter.value]) ? .token : .word, name: text(value[parameter.name])))
      }
    case let name where secretFields.contains(name):
      marks.add(all, heard.side == .client ? .secret(of: Array(name.utf8)) : .givesSecret(of: Array(name.utf8)))
    case let name where identifierFields.contains(name) && heard.side == .server:
      marks.add(all, .varies(ValueType.token.fits(value[...]) ? .token : ValueType.word.fits(value[...]) ? .word : .any, name: "id"))
    default: break
    }
  }

  /// What stands between the quotes (RFC 9110 §8.8.3), `W/` left out.
  private static func markTag(_ value: [UInt8], _ marks: inout LineMarks) {
    guard let open = value.firstIndex(of: UInt8(ascii: "\"")), value.last == UInt8(ascii: "\""), open + 1 < value.count - 1 else { return }
    let tag = (open + 1)..<(value.count - 1)
    marks.add(tag, .varies(ValueType.token.fits(value[tag]) ? .token : ValueType.word.fits(value[tag]) ? .word : .any, name: "etag"))
  }

  /// `Basic` is user and password in base 64 (RFC 7617 §2); of all other schemes everything behind their name is secret.
  private static func markCredentials(_ value: [UInt8], _ marks: inout LineMarks) {
    let words = wordRanges(value)
    guard words.count > 1 else { return marks.add(0..<value.count, .secret(of: nil)) }
    let scheme = text(value[words[0]])
    let credentials = words[1].lowerBound..<value.count
    if scheme == "basic", let decoded = Base64.decode(value[credentials]), let colon = decoded.firstIndex(of: UInt8(ascii: ":")), colon > 0
    {
      let user = Array(decoded[..<colon])
      return marks.add(credentials, .call(.basic, [.names("user", user), .password(Array(decoded[(colon + 1)...]), of: user)]))
    }
    marks.add(credentials, .secret(of: Array(scheme.utf8)))
  }

  /// `name=value` pairs, apart by `;`, `,` or blanks; values without their quotes, empty ones left out.
  private static func pairs(_ value: [UInt8], _ range: Range<Int>) -> [(name: Range<Int>, value: Range<Int>)] {
    var out: [(Range<Int>, Range<Int>)] = []
    var at = range.lowerBound
    while at < range.upperBound {
      let byte = value[at]
      if byte == 32 || byte == 9 || byte == UInt8(ascii: ";") || byte == UInt8(ascii: ",") {
        at += 1
        continue
      }
      let stop =
        value[at..<range.upperBound].firstIndex { $0 == UInt8(ascii: ";") || $0 == UInt8(ascii: "=") || $0 == 32 } ?? range.upperBound
      guard stop < range.upperBound, value[stop] == UInt8(ascii: "=") else {
        at = stop + 1
        continue
      }
      let name = at..<stop
      var from = stop + 1
      var to: Int
      if from < range.upperBound, value[from] == UInt8(ascii: "\"") {
        from += 1
        to = value[from..<range.upperBound].firstIndex(of: UInt8(ascii: "\"")) ?? range.upperBound
      } else {
        to =
          value[from..<range.upperBound].firstIndex { $0 == UInt8(ascii: ";") || $0 == UInt8(ascii: ",") || $0 == 32 } ?? range.upperBound
      }
      if from < to, !name.isEmpty { out.append((name, from..<to)) }
      at = to + 1
    }
    return out
  }

  // MARK: Forms

  /// Passwords in what a form sends (`application/x-www-form-urlencoded`).
  private func formMarks(_ heard: Heard) -> [Mark] {
    guard heard.side == .client, case .payload(let payload)? = heard.message[part: Self.bodyPart],
      heard.message.header("content-type").first.map({ Self.text($0.recorded[...]).hasPrefix("application/x-www-form-urlencoded") })
        ?? false
    else { return [] }
    return lines(payload.bytes).enumerated().flatMap { number, line -> [Mark] in
      var marks = LineMarks(.part(Self.bodyPart, line: number))
      let bytes = line.recorded
      Self.markForm(bytes, 0..<bytes.count, &marks)
      return marks.marks
    }
  }

  private static func markForm(_ line: [UInt8], _ range: Range<Int>, _ marks: inout LineMarks) {
    var at = range.lowerBound
    while at < range.upperBound {
      let end = line[at..<range.upperBound].firstIndex(of: UInt8(ascii: "&")) ?? range.upperBound
      if let equals = line[at..<end].firstIndex(of: UInt8(ascii: "=")), secretInputs.contains(text(line[at..<equals])) {
        marks.add((equals + 1)..<end, .secret(of: nil))
      }
      at = end + 1
    }
  }

  private static func text(_ bytes: ArraySlice<UInt8>) -> String { String(decoding: bytes.map(\.lowercased), as: UTF8.self) }

  private static let secretInputs: Set<String> = [
    "password", "passwd", "pass", "pwd", "secret", "token", "access_token", "refresh_token", "id_token", "client_secret", "api_key",
    "apikey",
    "passphrase", "pin", "otp",
  ]
  private static let secretFields: Set<String> = [
    "x-api-key", "api-key", "apikey", "x-auth-token", "x-access-token", "x-csrf-token", "x-xsrf-token", "x-amz-security-token", "cookie2",
    "set-cookie2", "x-session-token",
  ]
  /// Name one request of many.
  private static let identifierFields: Set<String> = [
    "x-request-id", "x-correlation-id", "request-id", "x-amz-request-id", "x-amz-id-2", "x-amz-cf-id", "cf-ray", "x-trace-id",
    "traceparent",
    "x-varnish", "x-timer",
  ]
}
