import Wire

/// A domain name as it stands on the wire without compression (RFC 1035 §3.1): each label behind its length, the root's zero last.
struct DomainName: Sendable, Hashable {
  private(set) var wire: [UInt8]

  static let root = DomainName(wire: [0])

  private init(wire: [UInt8]) { self.wire = wire }

  /// Reads the name that begins at `start` of a message; `next` is what follows it.
  init(_ message: Span<UInt8>, at start: Int, next: inout Int) throws(Malformed) {
    var wire: [UInt8] = []
    next = try Self.walk(message, from: start) { at, length in
      wire.append(UInt8(length))
      for i in 0..<length { wire.append(message[at + i]) }
    }
    wire.append(0)
    self.wire = wire
  }

  /// The same name, however its letters are written (RFC 4343).
  var canonical: DomainName {
    // A length is below 64, and so no letter.
    DomainName(wire: wire.map(\.lowercased))
  }

  /// Follows a name and says where what comes behind it begins.
  ///
  /// A pointer leads to an earlier place than the stretch that it ends (RFC 1035 §4.1.4: "a prior occurrence"), so none is followed twice.
  static func walk(_ message: Span<UInt8>, from start: Int, _ label: (_ at: Int, _ length: Int) -> Void) throws(Malformed) -> Int {
    var at = start
    var stretch = start
    var end: Int?
    var size = 1
    var jumps = 0
    while true {
      guard at < message.count else { throw .short }
      let length = Int(message[at])
      switch length >> 6 {
      case 0 where length == 0: return end ?? at + 1
      case 0:
        size += length + 1
        guard at + length < message.count else { throw .short }
        guard size <= longest else { throw Malformed("name-too-long", "RFC 1035 §2.3.4") }
        label(at + 1, length)
        at += length + 1
      case 3:
        guard at + 1 < message.count else { throw .short }
        let target = (length & 63) << 8 | Int(message[at + 1])
        end = end ?? at + 2
        jumps += 1
        guard target < stretch, jumps <= mostLabels else { throw Malformed("name-pointer", "RFC 1035 §4.1.4") }
        stretch = target
        at = target
      default: throw Malformed("label-type", "RFC 6891 §5")
      }
    }
  }

  // MARK: As zone files write it

  /// Nil where it is none: an empty label, one of more than 63 bytes, more than 255 in all. A name without its last dot is taken as whole.
  init?(text: some Collection<UInt8>) {
    guard !text.isEmpty else { return nil }
    if text.elementsEqual(".".utf8) {
      self = .root
      return
    }
    var wire: [UInt8] = []
    var label: [UInt8] = []
    var characters = Escaped(text)
    while let (byte, isEscaped) = characters.next() {
      guard byte == UInt8(ascii: "."), !isEscaped else {
        label.append(byte)
        continue
      }
      guard (1...63).contains(label.count) else { return nil }
      wire += [UInt8(label.count)] + label
      label = []
    }
    guard !characters.isBroken, label.count <= 63 else { return nil }
    if !label.isEmpty { wire += [UInt8(label.count)] + label }
    guard wire.count < Self.longest else { return nil }
    self.wire = wire + [0]
  }

  /// With a dot behind each label; what would be taken for something else is `\.` or `\DDD` (RFC 1035 §5.1).
  var text: [UInt8] {
    if wire.count == 1 { return [UInt8(ascii: ".")] }
    var out: [UInt8] = []
    var at = 0
    while wire[at] != 0 {
      let end = at + 1 + Int(wire[at])
      for byte in wire[(at + 1)..<end] { out += Escaped.written(byte, besides: Self.special) }
      out.append(UInt8(ascii: "."))
      at = end
    }
    return out
  }

  /// Its ends, longest first, each with its place: what compression looks for.
  var ends: [(at: Int, wire: ArraySlice<UInt8>)] {
    var out: [(Int, ArraySlice<UInt8>)] = []
    var at = 0
    while wire[at] != 0 {
      out.append((at, wire[at...]))
      at += 1 + Int(wire[at])
    }
    return out
  }

  private static let special = Set(".\\\"();".utf8)
  /// RFC 1035 §2.3.4.
  private static let longest = 255
  private static let mostLabels = 127
}

/// Characters of a zone file, with `\DDD` and `\X` undone.
struct Escaped: Sequence, IteratorProtocol {
  private var rest: [UInt8].SubSequence
  /// Whether a backslash stood where nothing, or no byte, followed.
  private(set) var isBroken = false

  init(_ text: some Sequence<UInt8>) { rest = Array(text)[...] }

  mutating func next() -> (byte: UInt8, isEscaped: Bool)? {
    guard let first = rest.popFirst() else { return nil }
    guard first == UInt8(ascii: "\\") else { return (first, false) }
    guard let next = rest.first else {
      isBroken = true
      return nil
    }
    guard next.isDigit else {
      rest.removeFirst()
      return (next, true)
    }
    let digits = rest.prefix(3)
    let value = digits.reduce(0) { $0 * 10 + Int($1) - 48 }
    guard digits.count == 3, digits.allSatisfy(\.isDigit), value < 256 else {
      isBroken = true
      return nil
    }
    rest = rest.dropFirst(3)
    return (UInt8(value), true)
  }

  static func written(_ byte: UInt8, besides special: Set<UInt8>, blanks: Bool = false) -> [UInt8] {
    if special.contains(byte) { return [UInt8(ascii: "\\"), byte] }
    if byte > 32 && byte < 127 || blanks && byte == 32 { return [byte] }
    return [UInt8(ascii: "\\"), 48 + byte / 100, 48 + byte / 10 % 10, 48 + byte % 10]
  }
}

/// Why bytes are no message of DNS.
struct Malformed: Error {
  var violation: Violation

  init(_ kind: String, _ rule: String) { violation = Violation(kind, rule) }

  /// It ends before what it announces does.
  static var short: Malformed { Malformed("short-message", "RFC 1035 §4.1") }
}
