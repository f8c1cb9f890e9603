/// Builds pcapng, block by block, in either byte order.
struct PcapngBlocks {
  var bytes: [UInt8] = []
  private let isBigEndian: Bool

  init(bigEndian: Bool = false) {
    isBigEndian = bigEndian
    section()
  }

  mutating func section() { block(0x0a0d_0d0a, word(0x1a2b_3c4d) + short(1) + short(0) + [UInt8](repeating: 0xff, count: 8)) }

  mutating func interface(link: Int, snapLength: Int = 0, resolution: UInt8? = nil, offset: Int? = nil) {
    var body = short(link) + short(0) + word(snapLength)
    if let resolution { body += short(9) + short(1) + [resolution, 0, 0, 0] }
    if let offset { body += short(14) + short(8) + (isBigEndian ? word(0) + word(offset) : word(offset) + word(0)) }
    block(1, body + short(0) + short(0))
  }

  mutating func packet(_ frame: [UInt8], of interface: Int = 0, time: Int, length: Int? = nil) {
    block(6, word(interface) + word(time >> 32) + word(time) + word(frame.count) + word(length ?? frame.count) + frame)
  }

  /// As they were written once.
  mutating func oldPacket(_ frame: [UInt8], of interface: Int = 0, time: Int) {
    block(2, short(interface) + short(0) + word(time >> 32) + word(time) + word(frame.count) + word(frame.count) + frame)
  }

  mutating func simplePacket(_ frame: [UInt8], length: Int? = nil) { block(3, word(length ?? frame.count) + frame) }

  /// - Parameter trailer: what the block's end says of its length, if not the truth.
  mutating func block(_ type: Int, _ body: [UInt8], trailer: Int? = nil) {
    let padding = [UInt8](repeating: 0, count: (4 - body.count % 4) % 4)
    let length = 12 + body.count + padding.count
    bytes += word(type) + word(length) + body + padding + word(trailer ?? length)
  }

  private func short(_ n: Int) -> [UInt8] { isBigEndian ? Packets.short(n) : Packets.short(n).reversed() }
  private func word(_ n: Int) -> [UInt8] {
    let bytes = Packets.word(UInt32(truncatingIfNeeded: n))
    return isBigEndian ? bytes : bytes.reversed()
  }
}

/// Compressed in form: headers and checksums as they must be, the content as it is.
enum Packed: CaseIterable {
  case gzip, zstd

  func callAsFunction(_ content: [UInt8]) -> [UInt8] {
    switch self {
    case .gzip: [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3] + blocks(content) + little(Self.crc(content)) + little(UInt32(content.count))
    // A frame with a window of 256 KiB, without a checksum (RFC 8878 §3.1.1).
    case .zstd: [0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x40] + blocks(content)
    }
  }

  private func blocks(_ content: [UInt8]) -> [UInt8] {
    var out: [UInt8] = []
    var rest = content[...]
    repeat {
      let block = rest.prefix(60_000)
      rest = rest.dropFirst(block.count)
      let isLast: UInt32 = rest.isEmpty ? 1 : 0
      switch self {
      // RFC 1951 §3.2.4.
      case .gzip: out += [UInt8(isLast)] + little(UInt32(block.count) | ~UInt32(block.count) << 16)
      case .zstd: out += little(UInt32(block.count) << 3 | isLast).prefix(3)
      }
      out += block
    } while !rest.isEmpty
    return out
  }

  private func little(_ n: UInt32) -> [UInt8] { Packets.word(n).reversed() }

  private static func crc(_ bytes: [UInt8]) -> UInt32 {
    ~bytes.reduce(~0) { crc, byte in (0..<8).reduce(crc ^ UInt32(byte)) { crc, _ in crc >> 1 ^ (crc & 1 == 1 ? 0xedb8_8320 : 0) } }
  }
}
