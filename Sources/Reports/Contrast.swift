import Results
import Wire

/// Two lines that are not the same, and the stretch of each that is another one: what they have in common at both ends is left out, by
/// whole words. Where they have nothing in common, their codes are what counts: 550 for 250, `-ERR` for `+OK`.
///
///     expected  250 2.1.0 Ok          expected  250 2.1.5 Ok
///     observed  250 2.1.5 Ok          observed  550 5.1.1 User unknown
///                   ^^^^^                       ^^^
struct Contrast {
  private let expected: [Character]
  private let observed: [Character]
  private let changed: (expected: Range<Int>, observed: Range<Int>)
  private let isMarked: Bool

  /// What does not fit in `searched` bytes is not compared.
  init(_ expected: Said, _ observed: Said) {
    self.init(printable(expected.bytes.prefix(Self.searched)), printable(observed.bytes.prefix(Self.searched)))
  }

  init(_ expected: String, _ observed: String) {
    let (a, b) = (Array(expected), Array(observed))
    let shorter = min(a.count, b.count)
    var front = 0
    while front < shorter, a[front] == b[front] { front += 1 }
    var back = 0
    while back < shorter - front, a[a.count - 1 - back] == b[b.count - 1 - back] { back += 1 }
    front -= Self.word(before: front, a, b)
    back -= Self.word(behind: back, a, b)
    self.expected = a
    self.observed = b
    if front == 0, back == 0, Self.isCode(a), Self.isCode(b) {
      changed = (0..<Self.firstWord(a), 0..<Self.firstWord(b))
      isMarked = true
    } else {
      changed = (front..<(a.count - back), front..<(b.count - back))
      isMarked = front > 0 || back > 0
    }
  }

  /// Both lines, and without colours carets under what changed in the observed one, or, where something is only missing there, in the
  /// expected one; none where all of it did. Both are cut at the same place, so that they stand under each other.
  func lines(width: Int, _ ink: Ink) -> [String] {
    let front = changed.expected.lowerBound
    let start = columns(expected[..<front]) > width / 2 ? max(0, front - Self.kept) : 0
    func shown(_ label: String, _ line: [Character], _ range: Range<Int>, _ tone: Ink.Tone) -> String {
      let mark = start > 0 ? "…" : ""
      let text = Array(mark + clipped(line[start...], to: width - mark.count))
      let from = min(text.count, range.lowerBound - start + mark.count)
      let to = max(from, min(text.count, range.upperBound - start + mark.count))
      return label + String(text[..<from]) + ink(tone, String(text[from..<to])) + String(text[to...])
    }
    func carets(_ line: [Character], _ range: Range<Int>) -> String {
      let before = columns(line[start..<range.lowerBound]) + (start > 0 ? 1 : 0)
      let count = max(1, min(columns(line[range]), width - before))
      return String(repeating: " ", count: Label.width + before) + String(repeating: "^", count: count)
    }
    let hasCarets = isMarked && !ink.usesColor
    var out = [shown(Label.expected, expected, changed.expected, .wanted)]
    if hasCarets, changed.observed.isEmpty, !changed.expected.isEmpty { out.append(carets(expected, changed.expected)) }
    out.append(shown(Label.observed, observed, changed.observed, .found))
    if hasCarets, !changed.observed.isEmpty { out.append(carets(observed, changed.observed)) }
    return out
  }

  /// How much of the common front belongs to a word that goes on in one of the lines.
  private static func word(before front: Int, _ a: [Character], _ b: [Character]) -> Int {
    guard goesOn(a, front) || goesOn(b, front) else { return 0 }
    var count = 0
    while count < front, a[front - count - 1].isOfWord {
      count += 1
      if count > longestWord { return 0 }
    }
    return count
  }

  private static func word(behind back: Int, _ a: [Character], _ b: [Character]) -> Int {
    guard goesOn(a, a.count - back - 1) || goesOn(b, b.count - back - 1) else { return 0 }
    var count = 0
    while count < back, a[a.count - back + count].isOfWord {
      count += 1
      if count > longestWord { return 0 }
    }
    return count
  }

  private static func goesOn(_ line: [Character], _ index: Int) -> Bool { line.indices.contains(index) && line[index].isOfWord }
  private static func isCode(_ line: [Character]) -> Bool { line.first.map { !$0.isLetter } ?? false }
  private static func firstWord(_ line: [Character]) -> Int { line.firstIndex(of: " ") ?? line.count }

  private static let searched = 4096
  /// A longer one is no word: base 64, a digest.
  private static let longestWord = 16
  /// Of a common front that is too long, that much.
  private static let kept = 24
}

/// What stands before each line of a difference.
enum Label {
  static let expected = "expected  "
  static let observed = "observed  "
  static let rule = "rule      "
  static let hint = "hint      "
  static let cite = "cites     "
  static let about = "about     "
  static let width = 10
}

extension Character {
  fileprivate var isOfWord: Bool { isLetter || isNumber }
}
