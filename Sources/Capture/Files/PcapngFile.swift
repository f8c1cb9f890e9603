import Wire

/// A pcapng file, block by block (draft-ietf-opsawg-pcapng). libpcap reads them, too, but not those whose interfaces differ in link type or snap
/// length, nor sections of different byte order.
@safe final class PcapngFile {
  private struct Interface {
    var link: LinkLayer
    /// Bytes, or 0 for no limit.
    var snapLength: Int
    var clock = PcapngClock()
  }

  private let stream: ByteStream
  private var isBigEndian = false
  private var interfaces: [Interface] = []
  /// Blocks that say no time have that of the one before.
  private var last = Instant(nanoseconds: 0)
  /// Of the last packet's block, what its bytes left over; read past when the next one is asked for.
  private var behind = 0
  /// Why it broke off, if it did.
  private(set) var failure: String?

  /// - Throws: where its first section says nothing that can be read.
  init(_ stream: ByteStream) throws(CaptureError) {
    self.stream = stream
    guard stream.need(8), readSection() else { throw stream.error(failure ?? "its first section is cut off") }
  }

  /// The next packet; nil at the end, and where it broke off.
  func next() -> Frame? {
    stream.advance(behind)
    behind = 0
    while failure == nil {
      guard stream.need(8) else {
        failure = stream.failure ?? (stream.ready > 0 ? "a block is cut off" : nil)
        return nil
      }
      let type = word(0)
      if type == BlockType.section {
        guard readSection() else { return nil }
        continue
      }
      let length = Int(word(4))
      guard length >= 12, length % 4 == 0 else { return fail("a block has a length of \(length)") }
      switch type {
      case BlockType.interface:
        guard needBlock(length), readInterface(length) else { return nil }
        stream.advance(length)
      case BlockType.packet, BlockType.simplePacket, BlockType.oldPacket:
        guard needBlock(length) else { return nil }
        return readPacket(type, length)
      default:
        guard stream.skip(length) else { return fail("a block is cut off") }
      }
    }
    return nil
  }

  // MARK: Blocks

  /// A section begins anew: byte order, interfaces. The first eight bytes stand ready.
  private func readSection() -> Bool {
    guard stream.need(16) else { return cut() }
    let magic = stream.word(8, isBigEndian: true)
    guard magic == Self.magic || magic.byteSwapped == Self.magic else {
      return refuse("a section without the number that tells its byte order")
    }
    isBigEndian = magic == Self.magic
    let length = Int(word(4))
    guard length >= 28, length % 4 == 0 else { return refuse("a section header has a length of \(length)") }
    guard short(12) == 1 else { return refuse("version \(short(12)).\(short(14)) of pcapng is not read") }
    guard needBlock(length) else { return false }
    stream.advance(length)
    interfaces = []
    return true
  }

  private func readInterface(_ length: Int) -> Bool {
    guard length >= 20 else { return refuse("an interface's block is too short") }
    guard interfaces.count < Self.interfacesAtMost else { return refuse("more than \(Self.interfacesAtMost) interfaces") }
    var interface = Interface(link: LinkLayer(LinkType.dataLink(inFiles: short(8))), snapLength: Int(word(12)))
    var at = 16
    while at + 4 <= length - 4 {
      let (option, size) = (short(at), Int(short(at + 2)))
      guard option != 0, at + 4 + size <= length - 4 else { break }
      if option == 9, size == 1 { interface.clock.resolution = unsafe stream.next[at + 4] }
      if option == 14, size == 8 { interface.clock.offset = Int64(bitPattern: long(at + 4, isTime: false)) }
      at += 4 + (size + 3) & ~3
    }
    interfaces.append(interface)
    return true
  }

  private func readPacket(_ type: UInt32, _ length: Int) -> Frame? {
    let isSimple = type == BlockType.simplePacket
    let head = isSimple ? 12 : 28
    guard length >= head + 4 else { return fail("a packet's block is too short") }
    let number = isSimple ? 0 : type == BlockType.packet ? Int(word(8)) : Int(short(8))
    guard number < interfaces.count else { return fail("a packet of interface \(number), which was not described") }
    let interface = interfaces[number]
    let sent = Int(word(head - 4))
    let room = length - head - 4
    let count: Int
    if isSimple {
      count = min(sent, room, interface.snapLength == 0 ? .max : interface.snapLength)
    } else {
      count = Int(word(20))
      last = interface.clock.instant(long(12, isTime: true))
    }
    guard count <= room else { return fail("a packet of \(count) bytes in a block of \(length)") }
    behind = length
    return unsafe Frame(start: stream.next + head, count: count, length: max(sent, count), at: last, link: interface.link)
  }

  /// Makes a whole block stand ready whose length is said twice, in front and behind.
  private func needBlock(_ length: Int) -> Bool {
    guard length <= Self.blockAtMost else { return refuse("a block of \(length) bytes, more than \(Self.blockAtMost)") }
    guard stream.need(length) else { return cut() }
    guard Int(word(length - 4)) == length else { return refuse("a block whose two lengths differ") }
    return true
  }

  private func cut() -> Bool { refuse(stream.failure ?? "a block is cut off") }

  private func refuse(_ reason: String) -> Bool {
    failure = reason
    return false
  }

  private func fail(_ reason: String) -> Frame? {
    failure = stream.failure ?? reason
    return nil
  }

  // MARK: Numbers, in the section's byte order

  private func word(_ at: Int) -> UInt32 { stream.word(at, isBigEndian: isBigEndian) }
  private func short(_ at: Int) -> UInt16 { stream.short(at, isBigEndian: isBigEndian) }

  /// A time's upper half stands first, whatever the byte order.
  private func long(_ at: Int, isTime: Bool) -> UInt64 {
    let (first, second) = (UInt64(word(at)), UInt64(word(at + 4)))
    return isTime || isBigEndian ? first << 32 | second : second << 32 | first
  }

  private enum BlockType {
    static let interface: UInt32 = 1
    /// Obsolete; still met.
    static let oldPacket: UInt32 = 2
    static let simplePacket: UInt32 = 3
    static let packet: UInt32 = 6
    /// The same in both byte orders.
    static let section: UInt32 = 0x0a0d_0d0a
  }

  private static let magic: UInt32 = 0x1a2b_3c4d
  /// Bytes of a block that is looked into. Others are read past, whatever they hold.
  private static let blockAtMost = 1 << 20
  /// Of a section.
  private static let interfacesAtMost = 1 << 16
}

/// How an interface of pcapng counts time.
struct PcapngClock {
  /// Units a second: a negative power of ten, or, with the highest bit set, of two.
  var resolution: UInt8 = 6
  /// Seconds to be added.
  var offset: Int64 = 0

  func instant(_ count: UInt64) -> Instant {
    let power = Int(resolution & 0x7f)
    if resolution & 0x80 != 0 {
      guard power < 64 else { return Instant(seconds: offset, nanoseconds: 0) }
      let rest = count & (1 << UInt64(power) - 1)
      let (high, low) = rest.multipliedFullWidth(by: 1_000_000_000)
      return instant(count >> UInt64(power), Int64(power == 0 ? 0 : high << UInt64(64 - power) | low >> UInt64(power)))
    }
    guard power <= 19 else { return Instant(seconds: offset, nanoseconds: 0) }
    let units = Self.powersOfTen[power]
    let (seconds, rest) = count.quotientAndRemainder(dividingBy: units)
    return instant(seconds, Int64(power <= 9 ? rest * Self.powersOfTen[9 - power] : rest / Self.powersOfTen[power - 9]))
  }

  private func instant(_ seconds: UInt64, _ nanoseconds: Int64) -> Instant {
    Instant(seconds: Int64(clamping: seconds).addingReportingOverflow(offset).partialValue, nanoseconds: nanoseconds)
  }

  private static let powersOfTen: [UInt64] = (0...19).map { (0..<$0).reduce(1) { power, _ in power * 10 } }
}
