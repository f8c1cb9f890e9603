import Results
import Transcript
import Wire

extension Verifier {
  /// Compares JSON texts as values: blanks, the order of members and how a number or a character is written say nothing. The first difference
  /// is told, with its path.
  mutating func compareJSON(_ want: Text, _ got: [UInt8], at place: Place, _ found: inout Findings) {
    guard let expected = JSONValue(want) else {
      // Reading has told it.
      return found.add(.divergence, "content", at: place, hint: "the transcript's JSON is none", fault: .transcript)
    }
    guard let observed = JSONValue(Text(got)) else {
      return found.add(.divergence, "content", at: place, observed: Array(got.prefix(Self.shownBytes)), hint: "this is not JSON")
    }
    compare(expected, observed, "$", at: place, &found)
  }

  /// False where a difference was told.
  @discardableResult
  private mutating func compare(_ want: JSONValue, _ got: JSONValue, _ path: String, at place: Place, _ found: inout Findings) -> Bool {
    switch (want, got) {
    case (.any(let text), _): if match(text, got.text, &found) != .differs { return true }
    case (.string(let text), .string(let other)): if match(text, other.recorded, &found) != .differs { return true }
    case (.plain(let number), .plain(let other)): if Self.areSame(number, other) { return true }
    case (.array(let values), .array(let others)) where values.count == others.count:
      for (index, pair) in zip(values, others).enumerated() {
        guard compare(pair.0, pair.1, "\(path)[\(index)]", at: place, &found) else { return false }
      }
      return true
    case (.object(let members), .object(let others)):
      for member in members {
        let path = "\(path).\(printable(member.name))"
        guard let other = others.last(where: { $0.name == member.name }) else {
          return tell(path, member.value, nil, at: place, &found)
        }
        guard compare(member.value, other.value, path, at: place, &found) else { return false }
      }
      guard let extra = others.first(where: { other in !members.contains { $0.name == other.name } }) else { return true }
      return tell("\(path).\(printable(extra.name))", nil, extra.value, at: place, &found)
    default: break
    }
    return tell(path, want, got, at: place, &found)
  }

  private func tell(_ path: String, _ want: JSONValue?, _ got: JSONValue?, at place: Place, _ found: inout Findings) -> Bool {
    func shown(_ value: JSONValue?) -> [UInt8]? { value.map { Array($0.text.prefix(Self.shownBytes)) } }
    found.add(.divergence, "content", at: place, expected: shown(want), observed: shown(got), hint: "at \(path)")
    return false
  }

  /// `1`, `1.0` and `1e0` are one number, `true` is `true`. Beyond what a `Double` tells apart, digits count.
  private static func areSame(_ a: [UInt8], _ b: [UInt8]) -> Bool {
    if a == b { return true }
    if ValueType.number.fits(a[...]), ValueType.number.fits(b[...]) { return ValueType.number.same(a[...], b[...]) }
    guard let x = Double(String(decoding: a, as: UTF8.self)), let y = Double(String(decoding: b, as: UTF8.self)), x.isFinite else {
      return false
    }
    return x == y
  }
}
