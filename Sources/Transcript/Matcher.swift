import Expressions

/// Finds out where each element of a text stands in the observed bytes: from left to right, `any` as short, the others as long as lets the
/// rest match, stepping back where it does not.
///
/// No element is tried twice at the same place, unless it depends on what earlier ones took, so the work grows with the square of the line
/// at worst; `steps` and `tries` bound it for good.
struct Matcher {
  struct Exhausted: Error {}

  /// Where each element stands, or nil where the bytes do not match.
  static func places(of elements: [Element], in bytes: [UInt8], _ bindings: Bindings) throws(Exhausted) -> [Range<Int>]? {
    if let only = elements.onlyOpen { return try places(of: elements, around: only, in: bytes) }
    var matcher = Matcher(elements, bytes, bindings)
    return try matcher.matches() ? elements.indices.map { matcher.starts[$0]..<matcher.ends[$0] } : nil
  }

  /// The same where all elements, or all but one, are literal, as in most lines: there is nothing to search for.
  private static func places(of elements: [Element], around only: Int, in bytes: [UInt8]) throws(Exhausted) -> [Range<Int>]? {
    var front = 0
    var back = bytes.count
    var places = [Range<Int>](repeating: 0..<0, count: elements.count)
    for at in elements.indices.prefix(only) {
      guard case .literal(let literal) = elements[at], bytes.holds(literal, at: front) else { return nil }
      places[at] = front..<(front + literal.count)
      front += literal.count
    }
    for at in elements.indices.dropFirst(only + 1).reversed() {
      guard case .literal(let literal) = elements[at], back - literal.count >= front, bytes.holds(literal, at: back - literal.count) else {
        return nil
      }
      places[at] = (back - literal.count)..<back
      back -= literal.count
    }
    guard only < elements.count else { return front == back ? places : nil }
    let slice = bytes[front..<back]
    guard elements[only].mayCrossLines || !slice.contains(UInt8(ascii: "\n")) else { return nil }
    do throws(ExpressionLimit) {
      guard try elements[only].takes(slice) else { return nil }
    } catch {
      throw Exhausted()
    }
    places[only] = front..<back
    return places
  }

  private let bytes: [UInt8]
  private let bindings: Bindings
  private let elements: [Element]
  /// For each element, the bytes behind it where all of that is literal.
  private var tails: [Int?]
  private(set) var starts: [Int]
  private(set) var ends: [Int]
  /// For each element, bytes that were found to be of its kind without a gap; what begins among them reaches as far.
  private var runs: [Range<Int>]
  /// Places where an element and all behind it were found not to match: its number times the places, plus the place.
  private var failures: Set<Int> = []
  /// For `any`: failing at a place, it fails at the later ones of the same run.
  private var anyFailures: [Int: Range<Int>] = [:]
  private let remembers: Bool
  private var steps = 0
  private var tries = 0

  init(_ elements: [Element], _ bytes: [UInt8], _ bindings: Bindings) {
    self.bytes = bytes
    self.bindings = bindings
    self.elements = elements
    starts = Array(repeating: 0, count: elements.count)
    ends = starts
    runs = Array(repeating: 0..<0, count: elements.count)
    tails = Array(repeating: nil, count: elements.count)
    remembers = !elements.contains(where: \.isDependent)
    var tail = 0
    for at in elements.indices.reversed() {
      tails[at] = tail
      guard case .literal(let literal) = elements[at] else { break }
      tail += literal.count
    }
  }

  /// Whether all of the bytes match. If so, `starts` and `ends` say where each element stands.
  mutating func matches() throws(Exhausted) -> Bool {
    guard !elements.isEmpty else { return bytes.isEmpty }
    var at = 0
    var end = try firstEnd(0)
    while true {
      if let found = end {
        ends[at] = found
        guard at + 1 < elements.count else { return true }
        at += 1
        starts[at] = found
        end = try firstEnd(at)
      } else {
        noteFailure(at)
        guard at > 0 else { return false }
        at -= 1
        end = try nextEnd(at)
      }
    }
  }

  private mutating func firstEnd(_ at: Int) throws(Exhausted) -> Int? {
    try spend(1)
    guard !hasFailed(at), let element = settled(at) else { return nil }
    let start = starts[at]
    if case .literal(let literal) = element {
      let end = start + literal.count
      return bytes.holds(literal, at: start) && (tails[at].map { end == bytes.count - $0 } ?? true) ? end : nil
    }
    let last = try reach(element, at)
    if let tail = tails[at] {
      let end = bytes.count - tail
      guard end <= last else { return nil }
      return try accepts(element, at, end) ? end : nil
    }
    if case .expression(let expression, _) = element, try !begins(expression, bytes[start..<last]) { return nil }
    if case .any = element { return try search(element, at, stride(from: start, through: last, by: 1)) }
    return try search(element, at, stride(from: last, through: start, by: -1))
  }

  private mutating func nextEnd(_ at: Int) throws(Exhausted) -> Int? {
    guard tails[at] == nil, let element = settled(at) else { return nil }
    if case .literal = element { return nil }
    if case .any = element { return try search(element, at, stride(from: ends[at] + 1, through: try reach(element, at), by: 1)) }
    return try search(element, at, stride(from: ends[at] - 1, through: starts[at], by: -1))
  }

  private mutating func begins(_ expression: Expression, _ rest: ArraySlice<UInt8>) throws(Exhausted) -> Bool {
    tries += 1
    guard tries <= Matcher.tries else { throw Exhausted() }
    do throws(ExpressionLimit) { return try expression.mayBegin(rest) } catch { throw Exhausted() }
  }

  private mutating func search(_ element: Element, _ at: Int, _ candidates: StrideThrough<Int>) throws(Exhausted) -> Int? {
    for end in candidates {
      if try accepts(element, at, end) { return end }
    }
    return nil
  }

  /// Whether the element can stand between its start and `end`, and a literal behind it there.
  private mutating func accepts(_ element: Element, _ at: Int, _ end: Int) throws(Exhausted) -> Bool {
    try spend(1)
    guard end >= starts[at] else { return false }
    if at + 1 < elements.count, case .literal(let next) = elements[at + 1], !bytes.holds(next, at: end) { return false }
    if case .any = element { return true }
    try spend((end - starts[at]) / Matcher.bytesPerStep)
    if case .expression = element {
      tries += 1
      guard tries <= Matcher.tries else { throw Exhausted() }
    }
    do throws(ExpressionLimit) { return try element.takes(bytes[starts[at]..<end]) } catch { throw Exhausted() }
  }

  /// The element itself, or what an earlier one makes of it. Nil where that is nothing.
  private func settled(_ at: Int) -> Element? {
    switch elements[at] {
    case .again(let name, let type):
      return taken(name, before: at).map { Element(value: $0.value, of: type ?? $0.type) }
    case .call(let function, let arguments):
      let result = try? function.result(arguments) { name throws(Unfillable) in
        guard let value = taken(name, before: at)?.value else { return try bindings.value(of: name) }
        return value
      }
      return result.map { .literal($0) }
    case let element: return element
    }
  }

  private func taken(_ name: String, before at: Int) -> Binding? {
    guard let earlier = elements[..<at].firstIndex(where: { $0.name == name }) else { return nil }
    return Binding(name, Array(bytes[starts[earlier]..<ends[earlier]]), elements[earlier].type)
  }

  /// How far the element can reach from its start.
  private mutating func reach(_ element: Element, _ at: Int) throws(Exhausted) -> Int {
    let start = starts[at]
    let limit: Int
    let admits: (UInt8) -> Bool
    switch element {
    case .any(_, crossesLines: true): return bytes.count
    case .any, .expression: (limit, admits) = (bytes.count, { $0 != UInt8(ascii: "\n") })
    case .typed(let type, _): (limit, admits) = (min(bytes.count, type.longest.map { start + $0 } ?? bytes.count), type.admits)
    case .value(let value, .host): return min(bytes.count, start + value.count)
    case .value(_, let type): (limit, admits) = (bytes.count, type.admits)
    case .literal, .again, .call: return start
    }
    // Only a run that is not cut short by a limit of its own says anything about a later start.
    if limit == bytes.count, runs[at].contains(start) { return runs[at].upperBound }
    var end = start
    while end < limit, admits(bytes[end]) { end += 1 }
    try spend((end - start) / Matcher.bytesPerStep)
    if limit == bytes.count { runs[at] = start..<end }
    return end
  }

  private func hasFailed(_ at: Int) -> Bool {
    guard remembers else { return false }
    return anyFailures[at]?.contains(starts[at]) ?? false || !failures.isEmpty && failures.contains(key(at))
  }

  private mutating func noteFailure(_ at: Int) {
    guard remembers, !hasFailed(at) else { return }
    switch elements[at] {
    case .literal: break
    case .any(_, crossesLines: true): anyFailures[at] = starts[at]..<(bytes.count + 1)
    case .any: anyFailures[at] = starts[at]..<max(starts[at] + 1, runs[at].upperBound + 1)
    default: failures.insert(key(at))
    }
  }

  private func key(_ at: Int) -> Int { at * (bytes.count + 1) + starts[at] }

  private mutating func spend(_ count: Int) throws(Exhausted) {
    steps += count
    if steps > Matcher.steps + bytes.count * Matcher.stepsPerByte { throw Exhausted() }
  }

  /// Places looked at in one match, and for each byte of it.
  static let steps = 100_000
  static let stepsPerByte = 32
  /// Calls of PCRE2 in one match, each bounded by `ExpressionLimit`.
  static let tries = 4096
  private static let bytesPerStep = 16
}

extension [Element] {
  /// The one element that is not literal, or the end if there is none; nil if there are more. One that depends on others never is alone.
  fileprivate var onlyOpen: Int? {
    var found: Int?
    for (at, element) in enumerated() {
      if case .literal = element { continue }
      guard found == nil else { return nil }
      found = at
    }
    return found ?? count
  }
}

extension [UInt8] {
  fileprivate func holds(_ literal: [UInt8], at start: Int) -> Bool {
    guard literal.count <= count - start else { return false }
    for (offset, byte) in literal.enumerated() where self[start + offset] != byte { return false }
    return true
  }
}
