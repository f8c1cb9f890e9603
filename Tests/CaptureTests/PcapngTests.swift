import Capture
import Testing
import Wire

@Suite struct PcapngTests {
  @Test func `interfaces may differ in link type and snap length, and sections in byte order`() throws {
    let packets = Self.packets
    var first = PcapngBlocks(bigEndian: true)
    first.interface(link: 1, snapLength: 65_535)
    first.interface(link: 113, snapLength: 96)
    first.packet(Packets.frame(.ethernet, packets[0]), of: 0, time: 1_000_000)
    first.packet(Packets.frame(.cooked, packets[1]), of: 1, time: 1_000_001)
    first.packet(Packets.frame(.ethernet, packets[2]), of: 0, time: 1_000_002)
    var second = PcapngBlocks()
    second.interface(link: 101)
    second.packet(packets[3], time: 1_000_003)
    second.packet(packets[4], time: 1_000_004)
    second.section()
    second.interface(link: 1)
    let (told, summary) = try read(first.bytes + second.bytes)
    #expect(told.lines == [["opened", "C hello", "S bye", "closed captureEnded"]])
    #expect(summary.packets == 5)
    #expect(summary.cutShort == [])
  }

  @Test(
    arguments: [
      (6, 1_700_000_000_123_456, 1_700_000_000_123_456_000), (9, 1_700_000_000_123_456_789, 1_700_000_000_123_456_789),
      (3, 1_700_000_000_123, 1_700_000_000_123_000_000), (0, 1_700_000_000, 1_700_000_000_000_000_000),
      (12, 1_700_000_123_456_789_999, 1_700_000_123_456_789), (0x80 | 10, 1024 + 512, 1_500_000_000), (0x80 | 32, 3 << 31, 1_500_000_000),
      (0x80, 7, 7_000_000_000),
    ] as [(UInt8, Int, Int64)]) func `each interface counts time in its own units`(resolution: UInt8, time: Int, expected: Int64) throws
  {
    for isBigEndian in [false, true] {
      var blocks = PcapngBlocks(bigEndian: isBigEndian)
      blocks.interface(link: 101, resolution: resolution)
      blocks.interface(link: 101, resolution: resolution, offset: 10)
      blocks.packet(Packets.udp(from: Talk.client, to: Talk.server, [1]), time: time)
      blocks.packet(Packets.udp(from: Talk.server, to: Talk.client, [1]), of: 1, time: time)
      let times = try read(blocks.bytes).told.conversations.map { ($0.origin.at.nanoseconds, $0.last.nanoseconds) }
      #expect(times.map(\.0) == [expected])
      #expect(times.map(\.1) == [expected + 10_000_000_000])
    }
  }

  @Test func `packets in their older forms are read, and what is no packet is read past`() throws {
    var blocks = PcapngBlocks()
    blocks.interface(link: 101, snapLength: 42)
    // Names, statistics, secrets, a block of nobody's; one is larger than any window.
    for (type, count) in [(4, 40), (5, 24), (10, 300_000), (0x4bad, 0)] { blocks.block(type, [UInt8](repeating: 7, count: count)) }
    blocks.oldPacket(Self.packets[0], time: 5_000_000)
    blocks.simplePacket(Self.packets[1])
    blocks.packet(Self.packets[2], time: 5_000_001)
    blocks.simplePacket(Array(Self.packets[3].prefix(42)), length: Self.packets[3].count)
    let (told, _) = try read(blocks.bytes)
    #expect(told.lines == [["opened", "C he", "C gap 3", "closed captureEnded"]])
    #expect(told.conversations[0].last.nanoseconds == 5_000_001_000)
  }

  @Test func `of link types that are not read, the packets are counted`() throws {
    var blocks = PcapngBlocks()
    blocks.interface(link: 101)
    blocks.interface(link: 105)
    for packet in Self.packets {
      blocks.packet(packet, time: 1)
      blocks.packet(packet, of: 1, time: 1)
    }
    let (told, summary) = try read(blocks.bytes)
    #expect(told.lines == [["opened", "C hello", "S bye", "closed captureEnded"]])
    #expect(summary.ignored == ["link type IEEE802_11": 5])

    var strange = PcapngBlocks()
    strange.interface(link: 105)
    strange.packet([1, 2, 3], time: 1)
    let error = #expect(throws: CaptureError.self) { try read(strange.bytes) }
    #expect(error?.description.contains(": link type IEEE802_11 is not read; those read are Ethernet, ") == true)
  }

  @Test func `a filter is made for each link type`() throws {
    var blocks = PcapngBlocks()
    blocks.interface(link: 1)
    blocks.interface(link: 113)
    for packet in [Packets.udp(from: Talk.client, to: Talk.server, [1])] + Self.packets {
      blocks.packet(Packets.frame(.ethernet, packet), time: 1)
      blocks.packet(Packets.frame(.cooked, packet), of: 1, time: 1)
    }
    #expect(try read(blocks.bytes, filter: "tcp port 25").summary.packets == 10)
    #expect(try read(blocks.bytes, filter: "udp").summary.packets == 2)
  }

  @Test func `what breaks off is read up to there, and said why`() throws {
    func broken(_ change: (inout PcapngBlocks) -> Void) throws -> [String] {
      var blocks = PcapngBlocks()
      blocks.interface(link: 101)
      blocks.packet(Self.packets[0], time: 1)
      change(&blocks)
      let (told, summary) = try read(blocks.bytes)
      #expect(told.lines == [["refused timedOut"]])
      return summary.cutShort.map(\.reason)
    }
    #expect(try broken { $0.packet(Self.packets[1], of: 3, time: 1) } == ["a packet of interface 3, which was not described"])
    #expect(try broken { $0.block(6, [1, 2, 3]) } == ["a packet's block is too short"])
    #expect(try broken { $0.block(6, [UInt8](repeating: 0, count: 40), trailer: 8) } == ["a block whose two lengths differ"])
    #expect(try broken { $0.block(1, []) } == ["an interface's block is too short"])
    #expect(try broken { $0.bytes += [6, 0, 0, 0, 13, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0] } == ["a block has a length of 13"])
    #expect(try broken { $0.bytes += [6, 0, 0, 0, 0, 0, 0, 0x40, 0] } == ["a block of 1073741824 bytes, more than 1048576"])
    #expect(try broken { $0.bytes += [9, 0, 0, 0, 0, 0, 0, 0x40, 0] } == ["a block is cut off"])
    #expect(try broken { $0.bytes += [0x0a, 0x0d, 0x0d, 0x0a] } == ["a block is cut off"])
    #expect(
      try broken { $0.block(0x0a0d_0d0a, [1, 2, 3, 4, 5, 6, 7, 8]) } == ["a section without the number that tells its byte order"])
    #expect(
      try broken { $0.block(6, Packets.word(0) + [UInt8](repeating: 0, count: 8) + [255, 0, 0, 0] + [255, 0, 0, 0]) }
        == ["a packet of 255 bytes in a block of 32"])
  }

  static let packets: [[UInt8]] = {
    let talk = Talk()
    return [
      Talk.Segment(side: .client, place: -1, answers: nil, flags: .syn, text: ""),
      .init(side: .server, place: -1, answers: 0, flags: [.syn, .ack], text: ""),
      .init(side: .client, place: 0, answers: 0, flags: .ack, text: ""),
      .init(side: .client, place: 0, answers: 0, flags: .ack, text: "hello"),
      .init(side: .server, place: 0, answers: 5, flags: .ack, text: "bye"),
    ].map { talk.packet($0) }
  }()

  private func read(_ bytes: [UInt8], filter: String? = nil) throws -> (told: Transcriber, summary: CaptureSummary) {
    let file = try Scratch(bytes)
    var told = Transcriber()
    let summary = try CaptureReader(file.path, filter: filter).read(into: &told)
    #expect(told.broken == [])
    return (told, summary)
  }
}
