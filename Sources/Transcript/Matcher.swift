import Expressions

/// Finds out where each element of a text stands in the observed bytes: from left to right, `any` as short, the others as long as lets the
/// rest match, stepping back where it does not.
///
/// No element is tried twice at the same place, unless it depends on what earlier ones took, so the work grows with the square of the line
/// at worst; `steps` and `tries` bound it for good.
struct Matcher {
  struct Exhausted: Error {}

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
      return stands(literal, at: start) && (tails[at].map { end == bytes.count - $0 } ?? true) ? end : nil
    }
    let last = try reach(element, at)
    if let tail = tails[at] {
      let end = bytes.count - tail
      guard end <= last else { return nil }
      return try accepts(element, at, end) ? end : nil
    }
    if case .expression(let expression, _) = element {
      guard try attempt(bytes[start..<last], { rest throws(ExpressionLimit) in try expression.mayBegin(rest) }) else { return nil }
    }
    if case .any = element { return try search(element, at, stride(from: start, through: last, by: 1)) }
    return try search(element, at, stride(from: last, through: start, by: -1))
  }

  private mutating func nextEnd(_ at: Int) throws(Exhausted) -> Int? {
    guard tails[at] == nil, let element = settled(at) else { return nil }
    if case .literal = element { return nil }
    if case .any = element { return try search(element, at, stride(from: ends[at] + 1, through: try reach(element, at), by: 1)) }
    return try search(element, at, stride(from: ends[at] - 1, through: starts[at], by: -1))
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
    if at + 1 < elements.count, case .literal(let next) = elements[at + 1], !stands(next, at: end) { return false }
    let slice = bytes[starts[at]..<end]
    switch element {
    case .any: return true
    case .typed(let type, _) where type.isMadeOfAnyBytesItAdmits: return !slice.isEmpty
    case .typed(let type, _):
      try spend(slice.count / Matcher.bytesPerStep)
      return type.fits(slice)
    case .value(let value, let type):
      try spend(slice.count / Matcher.bytesPerStep)
      return type.same(slice, value[...])
    case .expression(let expression, _): return try attempt(slice) { bytes throws(ExpressionLimit) in try expression.matches(bytes) }
    case .literal, .again, .call: return false
    }
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

  private func stands(_ literal: [UInt8], at start: Int) -> Bool {
    guard literal.count <= bytes.count - start else { return false }
    for (offset, byte) in literal.enumerated() where bytes[start + offset] != byte { return false }
    return true
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
    if steps > Matcher.steps { throw Exhausted() }
  }

  private mutating func attempt(
    _ slice: ArraySlice<UInt8>, _ match: (ArraySlice<UInt8>) throws(ExpressionLimit) -> Bool
  ) throws(Exhausted) -> Bool {
    tries += 1
    guard tries <= Matcher.tries else { throw Exhausted() }
    do throws(ExpressionLimit) { return try match(slice) } catch { throw Exhausted() }
  }

  /// Places looked at in one match.
  static let steps = 1_000_000
  /// Calls of PCRE2 in one match, each bounded by `ExpressionLimit`.
  static let tries = 4096
  private static let bytesPerStep = 16
}

extension ValueType {
  /// Whether every row of bytes that it admits is a value.
  fileprivate var isMadeOfAnyBytesItAdmits: Bool { self == .word || self == .token || self == .hex || self == .path }
}
