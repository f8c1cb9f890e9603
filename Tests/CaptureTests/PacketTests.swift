import Support
import Testing
import Wire

@testable import Capture

@Suite struct PacketTests {
  static let v4 = Sides(client: Talk.client, server: Talk.server)
  static let v6 = Sides(client: Endpoint(Address(v6: 0xfd00 << 48, 1), 40_000), server: Endpoint(Address(v6: 0xfd00 << 48, 2), 25))

  @Test(arguments: Packets.Link.allCases) func `every link layer leads to IPv4 and IPv6`(link: Packets.Link) throws {
    for ends in [Self.v4, Self.v6] {
      let frame = Packets.frame(
        link, Packets.tcp(from: ends.client, to: ends.server, sequence: 7, acknowledgement: 9, .ack, Array("hello".utf8)))
      let packet = try decode(link, frame)
      #expect(packet.source == ends.client)
      #expect(packet.destination == ends.server)
      #expect(Array(frame[packet.payload]) == Array("hello".utf8))
      guard case .tcp(let header) = packet.content else {
        Issue.record("not TCP")
        continue
      }
      #expect(header.sequence == SequenceNumber(7))
      #expect(header.acknowledgement == SequenceNumber(9))
    }
  }

  @Test(arguments: Packets.Link.allCases) func `a packet cut anywhere is read as far as it goes, or refused`(link: Packets.Link) {
    for ends in [Self.v4, Self.v6] {
      let whole = Packets.frame(
        link, Packets.tcp(from: ends.client, to: ends.server, sequence: 7, .ack, options: [2, 4, 5, 180], Array("hello".utf8)))
      for count in 0..<whole.count {
        let cut = Array(whole.prefix(count))
        guard let packet = try? decode(link, cut, length: whole.count) else { continue }
        #expect(packet.payload.upperBound <= count)
        #expect(packet.payload.count + packet.cut == 5)
        #expect(Array(cut[packet.payload]) == Array("hello".utf8.prefix(packet.payload.count)))
      }
    }
  }

  @Test func `any bytes at all are read or refused`() {
    var random = Seeded(7)
    for link in Packets.Link.allCases {
      let whole = Packets.frame(
        link, Packets.tcp(from: Self.v6.client, to: Self.v6.server, sequence: 7, .syn, options: [3, 3, 7, 0], [1, 2]))
      for _ in 0..<2000 {
        var bytes = whole
        for _ in 0..<Int.random(in: 1...8, using: &random) {
          bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
        }
        _ = try? decode(link, bytes, length: Int.random(in: 0...100, using: &random))
      }
      for _ in 0..<2000 {
        _ = try? decode(link, (0..<Int.random(in: 0...80, using: &random)).map { _ in UInt8.random(in: 0...255, using: &random) })
      }
    }
  }

  @Test func `padding at a frame's end is no payload`() throws {
    let ack = Packets.tcp(from: Talk.client, to: Talk.server, sequence: 7, .ack)
    let frame = Packets.frame(.ethernet, ack) + [UInt8](repeating: 0xaa, count: 6)
    #expect(try decode(.ethernet, frame).payload.isEmpty)
    let data = Packets.frame(.ethernet, Packets.udp(from: Talk.client, to: Talk.server, [1])) + [UInt8](repeating: 0xaa, count: 6)
    #expect(Array(data[try decode(.ethernet, data).payload]) == [1])
  }

  @Test func `where segmentation offload left the length empty, the frame's counts`() throws {
    for ends in [Self.v4, Self.v6] {
      var packet = Packets.tcp(from: ends.client, to: ends.server, sequence: 7, .ack, [UInt8](repeating: 1, count: 70_000))
      let isV4 = ends.client.address.family == .v4
      packet[isV4 ? 2 : 4] = 0
      packet[isV4 ? 3 : 5] = 0
      #expect(try decode(.ethernet, Packets.frame(.ethernet, packet)).payload.count == 70_000)
    }
  }

  @Test func `options and extension headers are stepped over`() throws {
    let four = Packets.tcp(from: Talk.client, to: Talk.server, sequence: 7, .ack, Array("x".utf8))
    let withOptions = Packets.ip(6, from: Talk.client, to: Talk.server, Array(four[20...]), options: [1, 1, 1, 0])
    #expect(try decode(.raw, withOptions).payload.count == 1)
    let six = Packets.tcp(from: Self.v6.client, to: Self.v6.server, sequence: 7, .ack, Array("x".utf8))
    // Hop by hop, then routing, then a fragment header of a packet that is whole.
    let headers: [UInt8] = [43, 0, 1, 4, 0, 0, 0, 0] + [44, 0, 0, 0, 0, 0, 0, 0] + [6, 0, 0, 0, 0, 0, 0, 9]
    #expect(
      try decode(.raw, Packets.ip(6, from: Self.v6.client, to: Self.v6.server, Array(six[40...]), options: headers)).payload.count == 1)
    #expect(throws: Ignored.malformed) {
      let endless = [UInt8](repeating: 0, count: 8 * 40)
      _ = try decode(.raw, Packets.ip(0, from: Self.v6.client, to: Self.v6.server, [], options: endless))
    }
  }

  @Test func `other protocols are said to be so`() {
    #expect(throws: Ignored.notTCPOrUDP) { _ = try decode(.raw, Packets.ip(132, from: Talk.client, to: Talk.server, [1, 2, 3, 4])) }
    #expect(throws: Ignored.notIP) {
      _ = try decode(.ethernet, [UInt8](repeating: 2, count: 12) + [8, 6] + [UInt8](repeating: 0, count: 28))
    }
  }

  private func decode(_ link: Packets.Link, _ frame: [UInt8], length: Int? = nil, _ checksums: Checksums = .ignored) throws -> Packet {
    let type = try #require(LinkType(LinkType.dataLink(inFiles: UInt16(link.number))))
    return try Packet(frame.span, length: length ?? frame.count, link: type, checksums)
  }
}
