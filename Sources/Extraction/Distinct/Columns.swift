/// Which of the places that differ within a group hold the same value in every one of its conversations: those of one column do.
///
/// Each conversation is one row: places that were together until then are parted where it has different values for them.
struct Columns {
  private enum Before: Hashable {
    /// A place that did not differ until now, and its value.
    case agreed([UInt8]?)
    case column(Int)
  }

  private struct Key: Hashable {
    var before: Before
    var now: [UInt8]?
  }

  private var parted: [Key: Int] = [:]
  private var next = 0

  mutating func endRow() { parted = [:] }

  /// The column of a place from this row on. A place that no longer changes keeps the one that it has.
  mutating func column(_ before: Int?, agreedOn value: [UInt8]?, now: [UInt8]?) -> Int {
    let key = Key(before: before.map { .column($0) } ?? .agreed(value), now: now)
    if let known = parted[key] { return known }
    defer { next += 1 }
    parted[key] = next
    return next
  }
}
