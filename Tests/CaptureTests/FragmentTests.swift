import Support
import Testing
import Wire

@testable import Capture

@Suite struct FragmentTests {
  static let text = String((0..<100).map { Character(UnicodeScalar(UInt8(97 + $0 % 26))) })

  /// A datagram of each family.
  static let datagrams = [
    Packets.udp(from: Talk.client, to: Talk.server, Array(text.utf8)),
    Packets.udp(from: PacketTests.v6.client, to: PacketTests.v6.server, Array(text.utf8)),
  ]

  @Test func `pieces in every order, and twice, are one packet`() {
    for datagram in Self.datagrams {
      forEachPermutation(of: Packets.fragments(datagram, of: 24)) { pieces in
        let heard = hear(pieces + pieces)
        return heard.lines == [["opened", "C " + Self.text, "closed captureEnded"]] && heard.summary.ignored.isEmpty
      }
    }
  }

  @Test func `pieces of different packets are told apart, and so are packets that have one number after the other`() {
    for datagram in Self.datagrams {
      let other = Packets.fragments(datagram, of: 40, number: 8)
      let mixed = zip(Packets.fragments(datagram, of: 56), other).flatMap { [$0, $1] } + other.dropFirst(2)
      #expect(hear(mixed).lines == [["opened", "C " + Self.text, "C " + Self.text, "closed captureEnded"]])
      var changed = datagram
      changed[changed.count - 1] = 65
      let again = Packets.fragments(datagram, of: 56) + Packets.fragments(changed, of: 56).reversed()
      #expect(hear(again).lines == [["opened", "C " + Self.text, "C " + Self.text.dropLast() + "A", "closed captureEnded"]])
    }
  }

  @Test func `pieces may overlap as long as they agree`() {
    for datagram in Self.datagrams {
      let body = Array(datagram.dropFirst(datagram[0] >> 4 == 6 ? 40 : 20))
      let pieces = [(8, 40), (0, 16), (32, 72), (40, 48), (64, 108)].map { from, to in
        Packets.piece(of: datagram, Array(body[from..<to]), at: from, isLast: to == 108)
      }
      for order in [pieces, pieces.reversed()] {
        #expect(hear(order).lines == [["opened", "C " + Self.text, "closed captureEnded"]])
      }
    }
  }

  @Test func `of pieces that contradict one another, nothing is believed`() {
    for datagram in Self.datagrams {
      var pieces = Packets.fragments(datagram, of: 56)
      var changed = pieces[0]
      changed[changed.count - 1] = 65
      pieces.insert(changed, at: 1)
      let heard = hear(pieces)
      #expect(heard.lines == [])
      #expect(heard.summary.ignored == ["IP fragments that contradict one another": 2])
      // Two ends, and bytes behind the end.
      let body = [UInt8](repeating: 1, count: 16)
      let ends = [(8, true), (32, true)].map { Packets.piece(of: datagram, body, at: $0, isLast: $1) }
      #expect(hear(ends).summary.ignored == ["IP fragments that contradict one another": 1])
      let behind = [(8, true), (32, false)].map { Packets.piece(of: datagram, body, at: $0, isLast: $1) }
      #expect(hear(behind).summary.ignored == ["IP fragments that contradict one another": 1])
    }
  }

  @Test func `what is never whole is counted, once it is given up and at the end`() {
    for datagram in Self.datagrams {
      let pieces = Packets.fragments(datagram, of: 24)
      #expect(hear(pieces.dropLast()).summary.ignored == ["IP fragments whose others were not captured": pieces.count - 1])
      #expect(hear(Array(pieces[1...])).lines == [])
      // A minute between the first piece and the last.
      let late = hear(pieces, seconds: 31)
      #expect(late.lines == [])
      #expect(late.summary.ignored == ["IP fragments whose others were not captured": pieces.count])
      // A piece that the snap length cut.
      var tap = Tap()
      var told = Transcriber()
      for piece in pieces {
        let cut = Array(piece.prefix(piece == pieces[1] ? piece.count - 5 : piece.count))
        tap.take(cut.span, length: piece.count, .raw, at: Instant(nanoseconds: 0), &told)
      }
      #expect(tap.finish(&told).ignored == ["IP fragments whose others were not captured": pieces.count])
      #expect(told.lines == [])
    }
  }

  @Test func `packets in pieces are bounded, the oldest gives way`() {
    let datagram = Self.datagrams[0]
    var limits = CaptureLimits()
    limits.fragmentedPackets = 3
    let firsts = (0..<5).map { Packets.fragments(datagram, of: 56, number: $0)[0] }
    let lasts = (0..<5).map { Packets.fragments(datagram, of: 56, number: $0)[1] }
    let few = hear(firsts + lasts.reversed(), limits: limits)
    #expect(few.lines[0].count == 3 + 2)
    #expect(few.summary.limits["IP fragments at once"] == 2)
    #expect(few.summary.ignored == ["IP fragments whose others were not captured": 4])
    limits = CaptureLimits()
    limits.fragmentBytes = 600
    #expect(hear(firsts + lasts.reversed(), limits: limits).summary.limits["IP fragments at once"] == 4)
  }

  @Test func `TCP in pieces is put together like any other`() {
    var tap = Tap()
    var told = Transcriber()
    for (number, packet) in PcapngTests.packets.enumerated() {
      for piece in Packets.fragments(packet, of: 16, number: UInt16(number)) {
        tap.take(piece.span, length: piece.count, .raw, at: Instant(nanoseconds: 0), &told)
      }
    }
    _ = tap.finish(&told)
    #expect(told.lines == [["opened", "C hello", "S bye", "closed captureEnded"]])
  }

  @Test func `extension headers may stand before the pieces and in them`() {
    let datagram = Self.datagrams[1]
    let body = Array(datagram.dropFirst(40))
    // Destination options, in what is cut up.
    let inner = [17, 0, 1, 4, 0, 0, 0, 0] + body
    let whole = Packets.ip(60, from: PacketTests.v6.client, to: PacketTests.v6.server, inner)
    let pieces = Packets.fragments(whole, of: 40).map { piece in
      // Hop by hop, before it.
      Packets.ip(0, from: PacketTests.v6.client, to: PacketTests.v6.server, [44, 0, 1, 4, 0, 0, 0, 0] + piece.dropFirst(40))
    }
    #expect(hear(pieces).lines == [["opened", "C " + Self.text, "closed captureEnded"]])
  }

  @Test func `a tunnel in pieces that carries pieces comes out whole`() {
    let inner = Packets.fragments(Self.datagrams[1], of: 56)
    let outer = inner.enumerated().flatMap { number, piece in
      Packets.fragments(Packets.ip(41, from: Talk.client, to: Talk.server, piece), of: 48, number: UInt16(number))
    }
    #expect(hear(outer).lines == [["opened", "C " + Self.text, "closed captureEnded"]])
  }

  @Test func `what can be no piece is malformed`() {
    let datagram = Self.datagrams[0]
    #expect(hear([Packets.piece(of: datagram, [1, 2, 3], at: 0, isLast: false)]).summary.ignored == ["malformed headers": 1])
    let far = Packets.piece(of: datagram, [UInt8](repeating: 1, count: 16), at: 0xfff8, isLast: true)
    #expect(hear([far]).summary.ignored == ["malformed headers": 1])
  }

  @Test func `any pieces at all keep to the limits`() {
    for seed in 0..<200 {
      var random = Seeded(UInt64(seed))
      var limits = CaptureLimits()
      limits.fragmentedPackets = 4
      limits.fragmentBytes = 1000
      let packets = (0..<100).map { _ in
        let count = Int.random(in: 0...5, using: &random) * 8
        return Packets.piece(
          of: Self.datagrams.randomElement(using: &random) ?? [], [UInt8](repeating: UInt8.random(in: 0...1, using: &random), count: count),
          at: Int.random(in: 0...10, using: &random) * 8, isLast: Int.random(in: 0..<4, using: &random) == 0,
          number: UInt16.random(in: 0...2, using: &random))
      }
      #expect(hear(packets, limits: limits).broken == [])
    }
  }

  private func hear(
    _ packets: some Sequence<[UInt8]>, limits: CaptureLimits = CaptureLimits(), seconds: Int64 = 0
  ) -> (lines: [[String]], broken: [String], summary: CaptureSummary) {
    var tap = Tap(limits)
    var told = Transcriber()
    for (i, packet) in packets.enumerated() {
      tap.take(packet.span, length: packet.count, .raw, at: Instant(nanoseconds: Int64(i) * seconds * 1_000_000_000), &told)
    }
    let summary = tap.finish(&told)
    return (told.lines, told.broken, summary)
  }
}
