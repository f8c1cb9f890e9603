/// Slots of a table in a line, oldest first. A slot joins, leaves or moves to the end in constant time; nothing is allocated once the table
/// has its size.
struct Chain: Sequence {
  private struct Link {
    var older = Chain.none
    var newer = Chain.none
    var isIn = false
  }

  private var links: [Link] = []
  private var oldest = Chain.none
  private var newest = Chain.none
  private(set) var count = 0

  var first: Int? { oldest == Self.none ? nil : Int(oldest) }

  /// Oldest first.
  func makeIterator() -> some IteratorProtocol<Int> {
    sequence(state: oldest) { [links] slot -> Int? in
      guard slot != Self.none else { return nil }
      defer { slot = links[Int(slot)].newer }
      return Int(slot)
    }
  }

  func contains(_ slot: Int) -> Bool { slot < links.count && links[slot].isIn }

  mutating func append(_ slot: Int) {
    while slot >= links.count { links.append(Link()) }
    links[slot] = Link(older: newest, newer: Self.none, isIn: true)
    if newest == Self.none { oldest = Int32(slot) } else { links[Int(newest)].newer = Int32(slot) }
    newest = Int32(slot)
    count += 1
  }

  mutating func remove(_ slot: Int) {
    guard contains(slot) else { return }
    let link = links[slot]
    if link.older == Self.none { oldest = link.newer } else { links[Int(link.older)].newer = link.newer }
    if link.newer == Self.none { newest = link.older } else { links[Int(link.newer)].older = link.older }
    links[slot] = Link()
    count -= 1
  }

  /// - Precondition: the slot is in the line.
  mutating func moveToEnd(_ slot: Int) {
    if newest == Int32(slot) { return }
    let link = links[slot]
    if link.older == Self.none { oldest = link.newer } else { links[Int(link.older)].newer = link.newer }
    links[Int(link.newer)].older = link.older
    links[Int(newest)].newer = Int32(slot)
    links[slot] = Link(older: newest, newer: Self.none, isIn: true)
    newest = Int32(slot)
  }

  private static let none: Int32 = -1
}
