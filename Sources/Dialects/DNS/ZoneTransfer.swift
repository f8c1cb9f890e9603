import Wire

/// The messages of one zone transfer: they end with the SOA that they begin with (RFC 5936 §2.2, RFC 1995 §4).
struct ZoneTransfer: Sendable {
  let ordinal: Int
  private let isIncremental: Bool
  private let known: UInt32?
  private var first: UInt32?
  /// Records so far, and SOAs with the first one's serial.
  private var count = 0
  private var seen = 0
  private var isOfChanges = false
  private(set) var violations: [Violation] = []

  init(_ asked: Asked) {
    ordinal = asked.ordinal
    isIncremental = asked.question?.type == .typeIXFR
    known = asked.serial
  }

  /// True with the last message.
  mutating func take(_ packet: Packet, _ message: Span<UInt8>) -> Bool {
    var isOver = false
    for record in packet.records where record.section == .answer {
      let serial = record.type == .typeSOA ? record.serial(message) : nil
      if count == 0 {
        guard let serial else {
          violations.append(Violation("transfer-order", "RFC 5936 §2.2"))
          return true
        }
        first = serial
      } else if count == 1, isIncremental, serial != nil, serial != first {
        // Differences: the old zone's SOA comes second.
        isOfChanges = true
      }
      count += 1
      if let serial, serial == first { seen += 1 }
      if seen == (isOfChanges ? 3 : 2) { isOver = true }
    }
    // Nothing is new: the SOA alone.
    if isIncremental, count == 1, let first, let known, first == known { return true }
    return isOver || count == 0
  }
}

extension Packet.Record {
  /// A SOA's serial number (RFC 1035 §3.3.13).
  func serial(_ message: Span<UInt8>) -> UInt32? {
    guard let primary = try? DomainName.walk(message, from: data.lowerBound, { _, _ in }),
      let mailbox = try? DomainName.walk(message, from: primary, { _, _ in }), mailbox + 20 == data.upperBound
    else { return nil }
    return UInt32(message.word(mailbox)) << 16 | UInt32(message.word(mailbox + 2))
  }
}
