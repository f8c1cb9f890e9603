import Dialects
import Transcript
import Wire

/// The lines of a transfer that is a listing, with the dialect's marks on each.
struct Listing {
  let lines: [[UInt8]]
  /// Those of each line, in order.
  let marks: [[Mark]]

  /// Marks that lie outside their line, or on an earlier one, are left out.
  init(_ lines: [[UInt8]], _ found: [Mark]) {
    var marks = [[Mark]](repeating: [], count: lines.count)
    for mark in found {
      guard case .part(_, let line) = mark.place, lines.indices.contains(line), !mark.range.isEmpty,
        mark.range.lowerBound >= 0, mark.range.upperBound <= lines[line].count,
        !marks[line].contains(where: { $0.range.overlaps(mark.range) })
      else { continue }
      marks[line].append(mark)
    }
    self.lines = lines
    self.marks = marks.map { $0.sorted { $0.range.lowerBound < $1.range.lowerBound } }
  }

  func learn(_ names: inout Names) {
    for (line, marks) in zip(lines, marks) { names.learn(line, marks) }
  }
}
