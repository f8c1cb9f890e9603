import Wire

/// Walks over the bytes of a date or time. What a method does not find, it may have read into: a notation is tried from its start, on a
/// copy.
struct DateScanner {
  enum Presence { case none, optional, required }
  enum Zone { case sign, signWithColon, signOrName }
  enum DayName { case short, either }

  private var rest: ArraySlice<UInt8>

  init(_ bytes: ArraySlice<UInt8>) { rest = bytes }

  var isAtEnd: Bool { rest.isEmpty }

  mutating func take(_ text: String) -> Bool {
    guard rest.starts(with: text.utf8) else { return false }
    rest = rest.dropFirst(text.utf8.count)
    return true
  }

  /// One at least.
  mutating func blanks() -> Bool {
    let count = rest.prefix { $0 == UInt8(ascii: " ") }.count
    rest = rest.dropFirst(count)
    return count > 0
  }

  /// All the digits there are, if they are that many.
  mutating func digits(_ count: ClosedRange<Int>) -> Int? {
    let found = rest.prefix(count.upperBound).prefix(while: \.isDigit)
    guard found.count >= count.lowerBound else { return nil }
    rest = rest.dropFirst(found.count)
    return found.reduce(0) { $0 * 10 + Int($1 - 48) }
  }

  /// Counted from 1.
  mutating func month() -> Int? {
    guard let at = DateNotation.months.firstIndex(where: { begins(with: $0.utf8) }) else { return nil }
    rest = rest.dropFirst(3)
    return at + 1
  }

  mutating func weekday(_ form: DayName) -> Bool {
    guard let name = DateNotation.weekdays.first(where: { begins(with: $0.utf8.prefix(3)) }) else { return false }
    rest = rest.dropFirst(form == .either && begins(with: name.utf8) ? name.utf8.count : 3)
    return true
  }

  /// `07:34:41.005`; a leap second is a second.
  mutating func clock(
    hourDigits: ClosedRange<Int> = 2...2, separator: String = ":", seconds: Presence = .required, fraction: Presence = .none
  ) -> Bool {
    guard let hour = digits(hourDigits), hour < 24, take(separator), let minute = digits(2...2), minute < 60 else { return false }
    guard seconds != .none else { return true }
    var after = self
    guard after.take(separator), let second = after.digits(2...2) else { return seconds == .optional }
    self = after
    guard second <= 60 else { return false }
    guard fraction != .none, after.take(".") || after.take(",") else { return true }
    guard after.digits(1...9) != nil else { return false }
    self = after
    return true
  }

  mutating func take(zoneOf form: Zone) -> Bool {
    if take("+") || take("-") {
      guard let hours = digits(2...2), hours < 24 else { return false }
      if form == .signWithColon, isAtEnd { return true }
      if form == .signWithColon { _ = take(":") }
      guard let minutes = digits(2...2) else { return false }
      return minutes < 60
    }
    let letters = form == .signOrName ? rest.prefix(while: \.isLetter).count : 0
    rest = rest.dropFirst(letters)
    return (1...5).contains(letters)
  }

  /// `(UTC)`; the rest of it.
  mutating func comment() -> Bool {
    guard take("("), rest.last == UInt8(ascii: ")"),
      !rest.dropLast().contains(where: { $0 == UInt8(ascii: "(") || $0 == UInt8(ascii: ")") })
    else {
      return false
    }
    rest = rest.suffix(0)
    return true
  }

  /// Whether a calendar has that day. Without a year, February has 29.
  func isDay(_ year: Int?, _ month: Int, _ day: Int) -> Bool {
    guard (1...12).contains(month), day >= 1 else { return false }
    let isLeap = year.map { $0 % 4 == 0 && ($0 % 100 != 0 || $0 % 400 == 0 || $0 < 100) } ?? true
    return day <= (month == 2 ? (isLeap ? 29 : 28) : [4, 6, 9, 11].contains(month) ? 30 : 31)
  }

  private func begins(with name: some Sequence<UInt8>) -> Bool {
    var at = rest.startIndex
    for byte in name {
      guard at < rest.endIndex, rest[at].lowercased == byte.lowercased else { return false }
      at += 1
    }
    return true
  }
}
