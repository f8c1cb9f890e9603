/// Records by flow. A record has a slot, which stays its own until it is removed; so what is found is changed in place.
///
/// Open addressing with linear probing; the entries hold half of the hash, so that keys are compared once a look-up.
struct FlowTable<Record> {
  private struct Entry {
    var hash: UInt32
    /// -1 where the entry is free.
    var slot: Int32
  }

  private var entries = [Entry](repeating: Entry(hash: 0, slot: -1), count: 1024)
  private var keys: [FlowKey] = []
  /// Of a vacant slot: what was there last.
  private var records: [Record] = []
  private var vacant: [Int32] = []
  private(set) var count = 0
  private let seed = UInt64.random(in: .min ... .max)

  /// The record of a slot that is in use.
  subscript(slot: Int) -> Record {
    _read { yield records[slot] }
    _modify { yield &records[slot] }
  }

  func find(_ key: FlowKey) -> Int? {
    let hash = UInt32(truncatingIfNeeded: key.hash(seed: seed))
    var at = Int(hash) & mask
    while entries[at].slot >= 0 {
      if entries[at].hash == hash, keys[Int(entries[at].slot)] == key { return Int(entries[at].slot) }
      at = (at + 1) & mask
    }
    return nil
  }

  /// - Precondition: the key is not there.
  mutating func insert(_ record: Record, for key: FlowKey) -> Int {
    if count * 4 >= entries.count * 3 { grow() }
    let slot: Int
    if let free = vacant.popLast() {
      slot = Int(free)
      keys[slot] = key
      records[slot] = record
    } else {
      slot = records.count
      keys.append(key)
      records.append(record)
    }
    place(Entry(hash: UInt32(truncatingIfNeeded: key.hash(seed: seed)), slot: Int32(slot)))
    count += 1
    return slot
  }

  mutating func remove(_ slot: Int) {
    var at = Int(UInt32(truncatingIfNeeded: keys[slot].hash(seed: seed))) & mask
    while entries[at].slot != Int32(slot) { at = (at + 1) & mask }
    close(at)
    vacant.append(Int32(slot))
    count -= 1
  }

  private var mask: Int { entries.count - 1 }

  private mutating func place(_ entry: Entry) {
    var at = Int(entry.hash) & mask
    while entries[at].slot >= 0 { at = (at + 1) & mask }
    entries[at] = entry
  }

  /// Moves up what a look-up would otherwise not find behind the free entry.
  private mutating func close(_ hole: Int) {
    var hole = hole
    var at = hole
    while true {
      at = (at + 1) & mask
      guard entries[at].slot >= 0 else { break }
      let home = Int(entries[at].hash) & mask
      if (at - home) & mask >= (at - hole) & mask {
        entries[hole] = entries[at]
        hole = at
      }
    }
    entries[hole].slot = -1
  }

  private mutating func grow() {
    let old = entries
    entries = [Entry](repeating: Entry(hash: 0, slot: -1), count: old.count * 2)
    for entry in old where entry.slot >= 0 { place(entry) }
  }
}
