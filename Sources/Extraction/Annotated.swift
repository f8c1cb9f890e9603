import Dialects
import Transcript

/// A message of a recording, line by line, with the dialect's marks on each.
struct Annotated {
  let heard: Heard
  let dialect: any Dialect
  private let head: [[UInt8]]
  private let parts: [String: [[UInt8]]]
  private let marks: [Mark.Place: [Mark]]

  /// Marks that lie outside their line, or on an earlier one, are left out.
  ///
  /// - Parameter isMeant: false for marks that are to be left out, too.
  init(_ turn: Recorded.Turn, where isMeant: (Mark) -> Bool = { _ in true }) {
    heard = turn.heard
    dialect = turn.dialect
    let found = dialect.marks(of: heard, answering: turn.command).filter(isMeant)
    head = heard.message.head.map(\.recorded)
    parts = Dictionary(heard.message.parts.map { ($0.name, $0.lines) }) { first, _ in first }
    var marks: [Mark.Place: [Mark]] = [:]
    for mark in found {
      let line = Self.line(mark.place, head, parts)
      guard !mark.range.isEmpty, mark.range.upperBound <= line?.count ?? 0 else { continue }
      guard marks[mark.place]?.contains(where: { $0.range.overlaps(mark.range) }) != true else { continue }
      marks[mark.place, default: []].append(mark)
    }
    self.marks = marks.mapValues { $0.sorted { $0.range.lowerBound < $1.range.lowerBound } }
  }

  /// Every line with its place, from the head to the last part.
  var lines: [(place: Mark.Place, text: [UInt8])] {
    var out: [(Mark.Place, [UInt8])] = head.enumerated().map { (.head($0.offset), $0.element) }
    for part in heard.message.parts { out += lines(of: part.name).enumerated().map { (.part(part.name, line: $0.offset), $0.element) } }
    return out
  }

  func lines(of part: String) -> [[UInt8]] { parts[part] ?? [] }
  func marks(at place: Mark.Place) -> [Mark] { marks[place] ?? [] }

  func hasMarks(in part: String) -> Bool {
    marks.keys.contains { if case .part(part, _) = $0 { true } else { false } }
  }

  /// Whether the head holds a secret.
  var isSecret: Bool {
    marks.contains { place, marks in
      guard case .head = place else { return false }
      return marks.contains { mark in
        switch mark.meaning {
        case .secret, .givesSecret, .call: true
        default: false
        }
      }
    }
  }

  private static func line(_ place: Mark.Place, _ head: [[UInt8]], _ parts: [String: [[UInt8]]]) -> [UInt8]? {
    switch place {
    case .head(let number): return head.indices.contains(number) ? head[number] : nil
    case .part(let name, let number):
      guard let lines = parts[name], lines.indices.contains(number) else { return nil }
      return lines[number]
    }
  }
}

extension Part {
  fileprivate var lines: [[UInt8]] {
    switch content {
    case .lines(let lines), .set(let lines): lines.map(\.recorded)
    case .payload(let payload): Dialects.lines(payload.bytes).map(\.recorded)
    case .fields(let fields): fields.flatMap(\.values).map(\.recorded)
    }
  }
}
