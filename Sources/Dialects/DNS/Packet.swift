import Wire

/// The first twelve bytes of a message (RFC 1035 §4.1.1).
///
///     id | QR opcode AA TC RD | RA Z AD CD rcode | questions | answer | authority | additional
struct Header: Sendable {
  var id: UInt16
  var bits: UInt16
  var questions: Int
  /// Records of each section.
  var counts: [Int]

  static let size = 12

  init(_ bytes: Span<UInt8>) throws(Malformed) {
    guard bytes.count >= Self.size else { throw .short }
    id = bytes.word(0)
    bits = bytes.word(2)
    questions = Int(bytes.word(4))
    counts = [Int(bytes.word(6)), Int(bytes.word(8)), Int(bytes.word(10))]
  }

  var isAnswer: Bool { bits & Flag.qr.bit != 0 }
  var isTruncated: Bool { bits & Flag.tc.bit != 0 }
  var opcode: UInt16 { bits >> 11 & 15 }
  /// Its lower four bits; EDNS has the others.
  var code: UInt16 { bits & 15 }
}

/// The header's bits that have names, in the order in which they are written.
enum Flag: String, CaseIterable, Sendable {
  case qr, aa, tc, rd, ra, z, ad, cd

  var bit: UInt16 {
    switch self {
    case .qr: 1 << 15
    case .aa: 1 << 10
    case .tc: 1 << 9
    case .rd: 1 << 8
    case .ra: 1 << 7
    case .z: 1 << 6
    case .ad: 1 << 5
    case .cd: 1 << 4
    }
  }
}

enum Section: Int, CaseIterable, Sendable {
  case answer, authority, additional

  /// The part that it is.
  var name: String {
    switch self {
    case .answer: "answer"
    case .authority: "authority"
    case .additional: "additional"
    }
  }
}

/// What stands where in a message. Where it exists, all of it can be read, but for the data of records: see `flaws`.
struct Packet: Sendable {
  struct Question: Sendable, Hashable {
    var name: DomainName
    var type: UInt16
    var `class`: UInt16

    /// The same question, however its letters are written.
    var canonical: Question { Question(name: name.canonical, type: type, class: self.class) }
  }

  struct Record: Sendable {
    var section: Section
    /// Where its owner's name begins.
    var owner: Int
    var type: UInt16
    var `class`: UInt16
    var ttl: UInt32
    var data: Range<Int>
  }

  private(set) var header: Header
  private(set) var questions: [Question] = []
  /// In order, without OPT.
  private(set) var records: [Record] = []
  private(set) var edns: Record?
  /// What is wrong with it, though it can be read.
  private(set) var flaws: [Violation] = []
  /// Where it ends: what follows is another message, or does not belong there.
  private(set) var end = Header.size

  init(_ bytes: Span<UInt8>) throws(Malformed) {
    header = try Header(bytes)
    for _ in 0..<header.questions {
      let name = try DomainName(bytes, at: end, next: &end)
      guard end + 4 <= bytes.count else { throw .short }
      questions.append(Question(name: name, type: bytes.word(end), class: bytes.word(end + 2)))
      end += 4
    }
    if questions.count > 1 { tell(Violation("question-count", "RFC 9619 §4")) }
    for section in Section.allCases {
      for _ in 0..<header.counts[section.rawValue] { try read(section, bytes) }
    }
  }

  /// The response code, with the upper bits of EDNS.
  var code: UInt16 { header.code | (edns.map { UInt16($0.ttl >> 24) << 4 } ?? 0) }

  private mutating func read(_ section: Section, _ bytes: Span<UInt8>) throws(Malformed) {
    let owner = end
    end = try DomainName.walk(bytes, from: end) { _, _ in }
    guard end + 10 <= bytes.count else { throw .short }
    let data = (end + 10)..<(end + 10 + Int(bytes.word(end + 8)))
    guard data.upperBound <= bytes.count else { throw .short }
    let record = Record(
      section: section, owner: owner, type: bytes.word(end), class: bytes.word(end + 2),
      ttl: UInt32(bytes.word(end + 4)) << 16 | UInt32(bytes.word(end + 6)), data: data)
    end = data.upperBound
    if record.type == .typeOPT {
      // One at most, owned by the root, in the additional section (RFC 6891 §6.1.1).
      if edns != nil || section != .additional || bytes[owner] != 0 { tell(Violation("opt-record", "RFC 6891 §6.1.1")) }
      edns = edns ?? record
      if EDNS.options(bytes, data) == nil { tell(Violation("opt-record", "RFC 6891 §6.1.2")) }
      return
    }
    records.append(record)
    // Updates have records without data (RFC 2136 §2.5).
    if data.isEmpty, record.class == .classANY || record.class == .classNONE { return }
    do throws(Malformed) { _ = try RecordData.text(bytes, data, record.type) } catch { tell(error.violation) }
  }

  private mutating func tell(_ violation: Violation) {
    if !flaws.contains(violation) { flaws.append(violation) }
  }
}

extension Span<UInt8> {
  /// Two bytes, the higher first.
  func word(_ at: Int) -> UInt16 { UInt16(self[at]) << 8 | UInt16(self[at + 1]) }
}
