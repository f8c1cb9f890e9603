import Testing
import Wire

@testable import Capture

@Suite struct TunnelTests {
  static let routers = Sides(client: Endpoint(Address(v4: 0xc000_0201), 0), server: Endpoint(Address(v4: 0xc000_0202), 0))

  @Test func `what is carried within is read, whatever carries it`() throws {
    for ends in [PacketTests.v4, PacketTests.v6] {
      let isV6 = ends.client.address.family == .v6
      let inner = Packets.tcp(from: ends.client, to: ends.server, sequence: 7, .ack, Array("hello".utf8))
      let type: [UInt8] = isV6 ? [0x86, 0xdd] : [0x08, 0x00]
      let frame = Packets.frame(.vlan, inner)
      let tunnels: [(UInt8, [UInt8])] = [
        (isV6 ? 41 : 4, inner),
        // GRE: plain; with checksum, key and number; with a frame, an MPLS label, PPP (PPTP), and mirrored by a switch in both forms.
        (47, [0, 0] + type + inner),
        (47, [0xb0, 0] + type + [UInt8](repeating: 9, count: 12) + inner),
        (47, [0, 0, 0x65, 0x58] + frame),
        (47, [0, 0, 0x88, 0x47, 0, 1, 1, 64] + inner),
        (47, [0x30, 0x81, 0x88, 0x0b] + [UInt8](repeating: 9, count: 12) + Packets.frame(.ppp, inner)),
        (47, [0, 0, 0x88, 0xbe] + frame),
        // VXLAN.
        (
          17,
          Packets.udp(from: Self.routers.client, to: Endpoint(Self.routers.server.address, 4789), [8, 0, 0, 0, 0, 0, 7, 0] + frame).suffix(
            from: 20
          ).map { $0 }
        ),
        (47, [0x10, 0, 0x88, 0xbe, 0, 0, 0, 1] + [UInt8](repeating: 9, count: 8) + frame),
      ]
      for (kind, body) in tunnels {
        let outer = Packets.ip(kind, from: Self.routers.client, to: Self.routers.server, body)
        let padded = Packets.frame(.ethernet, outer) + [UInt8](repeating: 0xaa, count: 9)
        let packet = try Packet(padded.span, length: padded.count, link: .ethernet, .ignored)
        #expect(packet.source == ends.client)
        #expect(packet.destination == ends.server)
        #expect(Array(padded[packet.payload]) == Array("hello".utf8), "\(kind) \(body.prefix(4))")
        for count in 0..<padded.count {
          let cut = Array(padded.prefix(count))
          guard let packet = try? Packet(cut.span, length: padded.count, link: .ethernet, .ignored) else { continue }
          #expect(Array(cut[packet.payload]) == Array("hello".utf8.prefix(packet.payload.count)))
          #expect(packet.payload.count + packet.cut == 5)
        }
      }
    }
  }

  @Test func `tunnels within tunnels come to an end`() {
    var packet = Packets.tcp(from: Talk.client, to: Talk.server, sequence: 7, .ack, Array("hello".utf8))
    for depth in 1...6 {
      packet = Packets.ip(4, from: Self.routers.client, to: Self.routers.server, packet)
      let isRead = (try? Packet(packet.span, length: packet.count, link: .raw, .ignored)) != nil
      #expect(isRead == (depth <= 4))
    }
  }

  @Test func `what only goes to a tunnel's port is a datagram`() throws {
    for content in [[], [8, 0, 0, 0, 0, 0, 7], [9, 0, 0, 0, 0, 0, 7, 0, 1, 2, 3], [8, 0, 0, 0, 0, 0, 7, 1, 1, 2, 3]] as [[UInt8]] {
      let datagram = Packets.udp(from: Talk.client, to: Endpoint(Talk.server.address, 4789), content)
      #expect(try Packet(datagram.span, length: datagram.count, link: .raw, .ignored).payload.count == content.count)
    }
  }

  @Test func `a tunnel that carries something else is said to`() {
    for type in [0x0806, 0x0003] {
      let outer = Packets.ip(47, from: Self.routers.client, to: Self.routers.server, [0, 0] + Packets.short(type) + [1, 2, 3, 4])
      #expect(throws: Ignored.notIP) { try Packet(outer.span, length: outer.count, link: .raw, .ignored) }
    }
    let routed = Packets.ip(47, from: Self.routers.client, to: Self.routers.server, [0x40, 0, 8, 0, 1, 2, 3, 4])
    #expect(throws: Ignored.notTCPOrUDP) { try Packet(routed.span, length: routed.count, link: .raw, .ignored) }
  }
}
