import Testing
import Wire

@testable import Capture

@Suite struct ChecksumTests {
  /// Odd and even numbers of bytes, both families, both transports.
  static let packets = [PacketTests.v4, PacketTests.v6].flatMap { ends in
    ["hello", "hello!"].flatMap { text in
      [
        Packets.tcp(from: ends.client, to: ends.server, sequence: 0xffff_fff0, .ack, Array(text.utf8)),
        Packets.udp(from: ends.client, to: ends.server, Array(text.utf8)),
      ].map(Packets.checked)
    }
  }

  @Test(arguments: packets) func `a packet is read whose checksums are right, and with one bit changed, it is not`(packet: [UInt8]) throws {
    #expect(try decode(packet).payload.count > 4)
    let isV4 = packet[0] >> 4 == 4
    for at in packet.indices {
      var changed = packet
      changed[at] ^= 4
      // Of IPv6's header, only the addresses are covered, and nothing is of what an empty checksum means.
      if !isV4, at < 8 { continue }
      #expect((try? decode(changed)) == nil, "\(at)")
      #expect(throws: Never.self) { if at >= (isV4 ? 12 : 8) { _ = try? decode(changed, .ignored) } }
    }
  }

  @Test func `unasked, wrong ones are accepted`() throws {
    for packet in Self.packets {
      var changed = packet
      changed[changed.count - 1] ^= 1
      #expect(try decode(changed, .ignored).payload.count > 4)
      #expect(throws: Ignored.wrongChecksum) { try decode(changed) }
    }
  }

  @Test func `what was not captured whole, or has no checksum, is believed`() throws {
    for packet in Self.packets { #expect(try decode(Array(packet.dropLast()), length: packet.count).cut == 1) }
    var datagram = Packets.checked(Packets.udp(from: Talk.client, to: Talk.server, [1, 2, 3]))
    datagram.replaceSubrange(26..<28, with: [0, 0])
    #expect(try decode(datagram).payload.count == 3)
  }

  @Test func `of packets in pieces and in tunnels, what is within is checked`() {
    let packet = Self.packets[0]
    var wrong = packet
    wrong[wrong.count - 1] ^= 1
    for (inner, expected) in [(packet, 0), (wrong, 1)] {
      let carried = Packets.ip(4, from: TunnelTests.routers.client, to: TunnelTests.routers.server, inner)
      var header = carried
      // The header's own has to be right.
      header.replaceSubrange(10..<12, with: [0, 0])
      var sum = stride(from: 0, to: 20, by: 2).reduce(0) { $0 + Int(header[$1]) << 8 + Int(header[$1 + 1]) }
      while sum > 0xffff { sum = sum >> 16 + sum & 0xffff }
      header.replaceSubrange(10..<12, with: Packets.short(~sum))
      var told = Transcriber()
      var tap = Tap(CaptureLimits(), .verified)
      tap.take(header.span, length: header.count, .raw, at: Instant(nanoseconds: 0), &told)
      #expect(tap.finish(&told).ignored["wrong checksums", default: 0] == expected)
    }
    for (whole, expected) in [(Self.packets[4], 0), (Self.packets[4].dropLast() + [7], 1)] {
      var told = Transcriber()
      var tap = Tap(CaptureLimits(), .verified)
      for piece in Packets.fragments(Array(whole), of: 16) {
        tap.take(piece.span, length: piece.count, .raw, at: Instant(nanoseconds: 0), &told)
      }
      #expect(tap.finish(&told).ignored["wrong checksums", default: 0] == expected)
    }
  }

  private func decode(_ packet: [UInt8], _ checksums: Checksums = .verified, length: Int? = nil) throws(Ignored) -> Packet {
    try Packet(packet.span, length: length ?? packet.count, link: .raw, checksums)
  }
}
