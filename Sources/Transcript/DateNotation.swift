import Wire

/// The ways in which the protocols here write a date. Names of months and days are read without case; a date that no calendar has, such as
/// 31 April, is in no notation. A weekday is not held against its date.
package enum DateNotation: String, Sendable, Hashable, CaseIterable {
  /// RFC 9110 §5.6.7, preferred: `Sun, 06 Nov 1994 08:49:37 GMT`.
  case http
  /// RFC 9110 §5.6.7, obsolete: `Sunday, 06-Nov-94 08:49:37 GMT`; cookies with a short day and a long year.
  case rfc850
  /// RFC 5322 §3.3: `Thu, 4 Mar 2021 09:42:07 +0000 (UTC)`; the day's name, seconds and comment may be missing, the zone have a name.
  case mail
  /// RFC 3501 §9, `date-time`: `17-Jul-1996 02:44:25 -0700`.
  case imap
  /// C's `asctime`, and `date` with a zone: `Sun Nov  6 08:49:37 1994`, `Sun Nov  6 08:49:37 UTC 1994`.
  case asctime
  /// RFC 3339 and ISO 8601, extended: `2024-03-05`, `2024-03-05T10:20:00.5Z`, `2024-03-05 10:20:00 +0100`.
  case iso8601
  /// RFC 3659 §2.3 and ISO 8601, basic: `20240305102000.123`, `20240305T102000Z`.
  case compact
  /// A listing by `ls`: `Nov 23 07:42`, and `Mar 05  2024` once it is old.
  case listing
  /// A listing by DOS and IIS: `03-05-24  10:20AM`.
  case dos

  /// The notation that these bytes, all of them, are a date in; nil where they are none.
  package init?(of bytes: ArraySlice<UInt8>) {
    guard (10...DateNotation.longest).contains(bytes.count),
      let notation = DateNotation.allCases.first(where: { $0.reads(bytes) })
    else { return nil }
    self = notation
  }

  package init?(of bytes: [UInt8]) { self.init(of: bytes[...]) }

  private func reads(_ bytes: ArraySlice<UInt8>) -> Bool {
    var scanner = DateScanner(bytes)
    let isDate =
      switch self {
      case .http: scanner.http()
      case .rfc850: scanner.rfc850()
      case .mail: scanner.mail()
      case .imap: scanner.imap()
      case .asctime: scanner.asctime()
      case .iso8601: scanner.iso8601()
      case .compact: scanner.compact()
      case .listing: scanner.listing()
      case .dos: scanner.dos()
      }
    return isDate && scanner.isAtEnd
  }

  /// Whether a date may begin there: cheap, for who looks everywhere. It begins with the name of a month or a day, or with a number that can be a
  /// day or a year, or both with the month between them.
  package static func mayBegin(at bytes: ArraySlice<UInt8>) -> Bool {
    guard let first = bytes.first else { return false }
    if first.isDigit {
      let digits = bytes.prefix(while: \.isDigit).count
      let next = bytes.dropFirst(digits).first
      let isDay = digits <= 2 && (next == UInt8(ascii: " ") || next == UInt8(ascii: "-") || next == UInt8(ascii: "\t"))
      return isDay || digits == 4 && next == UInt8(ascii: "-") || digits >= 8
    }
    let name = bytes.prefix(3).reduce(0) { $0 << 8 | Int($1.lowercased) }
    return beginnings.contains(name)
  }

  private static let beginnings = Set((months + weekdays).map { $0.utf8.prefix(3).reduce(0) { $0 << 8 | Int($1.lowercased) } })

  /// Bytes of the longest date, a comment behind its zone included.
  static let longest = 80

  static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
  static let weekdays = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"]
}

extension DateScanner {
  fileprivate mutating func http() -> Bool {
    guard weekday(.short), take(", "), let day = digits(2...2), take(" "), let month = month(), take(" "), let year = digits(4...4) else {
      return false
    }
    return isDay(year, month, day) && take(" ") && clock() && take(" GMT")
  }

  fileprivate mutating func rfc850() -> Bool {
    guard weekday(.either), take(", "), let day = digits(2...2), take("-"), let month = month(), take("-"), let year = digits(2...4) else {
      return false
    }
    return isDay(year, month, day) && take(" ") && clock() && take(" GMT")
  }

  fileprivate mutating func mail() -> Bool {
    if weekday(.short) {
      guard take(",") else { return false }
      _ = blanks()
    }
    guard let day = digits(1...2), blanks(), let month = month(), blanks(), let year = digits(2...4), isDay(year, month, day), blanks(),
      clock(hourDigits: 1...2, seconds: .optional), blanks(), take(zoneOf: .signOrName)
    else { return false }
    guard !isAtEnd else { return true }
    return blanks() && comment()
  }

  fileprivate mutating func imap() -> Bool {
    _ = take(" ")
    guard let day = digits(1...2), take("-"), let month = month(), take("-"), let year = digits(4...4) else { return false }
    return isDay(year, month, day) && take(" ") && clock() && take(" ") && take(zoneOf: .sign)
  }

  fileprivate mutating func asctime() -> Bool {
    guard weekday(.short), take(" "), let month = month(), blanks(), let day = digits(1...2), take(" "), clock(), take(" ") else {
      return false
    }
    if take(zoneOf: .signOrName), !take(" ") { return false }
    guard let year = digits(4...4) else { return false }
    return isDay(year, month, day)
  }

  fileprivate mutating func iso8601() -> Bool {
    guard let year = digits(4...4), take("-"), let month = digits(2...2), take("-"), let day = digits(2...2), isDay(year, month, day) else {
      return false
    }
    guard !isAtEnd else { return true }
    guard take("T") || take("t") || take(" "), clock(seconds: .optional, fraction: .optional) else { return false }
    guard !isAtEnd else { return true }
    return take("Z") || take("z")
      || {
        _ = take(" "); return take(zoneOf: .signWithColon)
      }()
  }

  fileprivate mutating func compact() -> Bool {
    guard let year = digits(4...4), let month = digits(2...2), let day = digits(2...2), isDay(year, month, day) else { return false }
    _ = take("T")
    guard clock(separator: "", fraction: .optional) else { return false }
    _ = take("Z")
    return true
  }

  fileprivate mutating func listing() -> Bool {
    guard let month = month(), blanks(), let day = digits(1...2), blanks() else { return false }
    var short = self
    if short.clock(seconds: .none) {
      self = short
      return isDay(nil, month, day)
    }
    guard let year = digits(4...4) else { return false }
    return isDay(year, month, day)
  }

  fileprivate mutating func dos() -> Bool {
    guard let month = digits(2...2), take("-"), let day = digits(2...2), take("-"), let year = digits(2...4), isDay(year, month, day),
      blanks(),
      clock(hourDigits: 2...2, seconds: .none)
    else { return false }
    return isAtEnd || take("AM") || take("PM")
  }
}
