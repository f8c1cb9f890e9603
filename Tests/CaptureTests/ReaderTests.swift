import Glibc
import Support
import Testing
import Wire

@testable import Capture

@Suite struct ReaderTests {
  @Test(arguments: Packets.Link.allCases) func `a file of each link type is read`(link: Packets.Link) throws {
    let file = try Scratch(Self.conversation(link))
    var told = Transcriber()
    let summary = try CaptureReader(file.path).read(into: &told)
    #expect(told.lines == [["opened", "C hello", "S bye", "closed captureEnded"]])
    #expect(summary.packets == 5)
    #expect(summary.conversations == 1)
    #expect(summary.cutShort == [])
    #expect(summary.ignored == [:])
  }

  @Test func `nanoseconds are kept, microseconds are counted in them`() throws {
    struct Instants: CaptureListener {
      var all: [Int64] = []
      mutating func heard(_ event: CaptureEvent, _ bytes: Span<UInt8>) {
        if case .datagram(_, _, let at) = event { all.append(at.nanoseconds) }
      }
    }
    for (isNano, expected) in [(true, 1_700_000_000_123_456_789), (false, 1_700_000_000_123_456_000)] as [(Bool, Int64)] {
      var pcap = PcapFile(link: 101, nanoseconds: isNano)
      pcap.add(Packets.udp(from: Talk.client, to: Talk.server, [1]), seconds: 1_700_000_000, fraction: isNano ? 123_456_789 : 123_456)
      let file = try Scratch(pcap.bytes)
      var instants = Instants()
      _ = try CaptureReader(file.path).read(into: &instants)
      #expect(instants.all == [expected])
    }
  }

  @Test func `either byte order is read, and what stands beside the lengths and the link type`() throws {
    let expected = [["opened", "C hello", "S bye", "closed captureEnded"]]
    // Words in the other order; with the length of a checksum above the link type; with eight more bytes before each packet.
    for isModified in [false, true] {
      var bytes = Packets.word(isModified ? 0xa1b2_cd34 : 0xa1b2_c3d4) + [0, 2, 0, 4] + [UInt8](repeating: 0, count: 8)
      bytes += Packets.word(65_535) + Packets.word(0x2400_0000 | 101)
      for (i, packet) in PcapngTests.packets.enumerated() {
        bytes +=
          Packets.word(1_700_000_000) + Packets.word(UInt32(i)) + Packets.word(UInt32(packet.count)) + Packets.word(UInt32(packet.count))
        bytes += [UInt8](repeating: 9, count: isModified ? 8 : 0) + packet
      }
      let file = try Scratch(bytes)
      var told = Transcriber()
      #expect(try CaptureReader(file.path).read(into: &told).cutShort == [])
      #expect(told.lines == expected)
      #expect(told.conversations[0].origin.at.nanoseconds == 1_700_000_000_000_000_000)
    }
  }

  @Test func `a capture that breaks off says where`() throws {
    func breaking(_ change: (inout [UInt8]) -> Void) throws -> [CaptureSummary.CutShort] {
      var bytes = Self.conversation(.raw)
      change(&bytes)
      let file = try Scratch(bytes)
      var told = Transcriber()
      return try CaptureReader(file.path).read(into: &told).cutShort.map { .init(capture: "FILE", packets: $0.packets, reason: $0.reason) }
    }
    #expect(
      try breaking { $0.removeLast(3) } == [.init(capture: "FILE", packets: 4, reason: "the last packet is cut off: 40 of 43 bytes")])
    #expect(try breaking { $0 += [1, 2, 3] } == [.init(capture: "FILE", packets: 5, reason: "the last packet's header is cut off")])
    #expect(
      try breaking { $0 += [UInt8](repeating: 1, count: 16) }
        == [.init(capture: "FILE", packets: 5, reason: "a packet of 16843009 bytes, more than 262144")])
  }

  @Test func `a filter leaves out what it does not match`() throws {
    let file = try Scratch(Self.conversation(.ethernet))
    var told = Transcriber()
    #expect(try CaptureReader(file.path, filter: "udp port 53").read(into: &told).packets == 0)
    #expect(try CaptureReader(file.path, filter: "tcp port 25").read(into: &told).packets == 5)
    #expect(told.lines.count == 1)
    let error = #expect(throws: CaptureError.self) { _ = try CaptureReader(file.path, filter: "tcp prot 25").read(into: &told) }
    #expect(error?.description.hasPrefix("--filter tcp prot 25: ") == true)
  }

  @Test func `what is no capture is said to be none`() throws {
    func reading(_ bytes: [UInt8]) throws -> String {
      let file = try Scratch(bytes)
      return refusal(file.path).replacing(file.path, with: "FILE")
    }
    #expect(try reading([]) == "FILE: empty, not even the header of a capture")
    #expect(try reading(Array("not a capture, by any means".utf8)) == "FILE: neither a pcap nor a pcapng capture")
    #expect(try reading([0x1f, 0x8b] + [UInt8](repeating: 0, count: 40)).hasPrefix("FILE: the compressed content is damaged: "))
    #expect(try reading([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]).hasPrefix("FILE: looks compressed by xz; unpack it on the way"))
    #expect(try reading(PcapFile(link: 105).bytes).hasPrefix("FILE: link type IEEE802_11 is not read; those read are Ethernet, "))
    #expect(try reading(Array(PcapFile(link: 1).bytes.prefix(20))) == "FILE: its header is cut off")
    var old = PcapFile(link: 1)
    old.bytes[4] = 1
    #expect(try reading(old.bytes) == "FILE: version 1.4 of pcap is not read")
    #expect(refusal("/") == "/: Is a directory")
    #expect(refusal("/no\u{1b}where") == "/no\\x1bwhere: No such file or directory")
  }

  @Test func `a file that nobody may read is said to be so`() throws {
    // For root there is no such file.
    guard geteuid() != 0 else { return }
    let file = try Scratch(Self.conversation(.raw))
    chmod(file.path, 0)
    #expect(refusal(file.path) == "\(file.path): Permission denied")
  }

  @Test func `a capture of no packets holds no conversations`() throws {
    let file = try Scratch(PcapFile(link: 1).bytes)
    var told = Transcriber()
    #expect(try CaptureReader(file.path).read(into: &told) == CaptureSummary())
    #expect(told.events == 0)
  }

  @Test(arguments: ["smtp.pcap", "two-ifaces.pcapng"]) func `a capture cut anywhere is read up to there, or refused`(name: String) throws {
    let whole = try #require(Scratch.bytes(of: "\(CorpusTests.own)/\(name)"))
    let file = try Scratch(whole)
    var read = 0
    // Every place at the beginning, then strides that meet every place in a record.
    for count in (0..<whole.count).reversed() where count < 600 || count % 7 == 0 {
      truncate(file.path, count)
      var told = Transcriber()
      do throws(CaptureError) {
        let summary = try CaptureReader(file.path).read(into: &told)
        #expect(summary.packets > 0 || told.events == 0)
        read += summary.cutShort.isEmpty ? 0 : 1
      } catch {
        #expect(error.description.hasPrefix(file.path))
        #expect(told.events == 0)
      }
      #expect(told.broken == [], "cut to \(count)")
    }
    #expect(read > 100)
  }

  @Test(arguments: ["smtp.pcap", "two-ifaces.pcapng", "any-sll.pcap", "smtp6.pcap"]) func `flipped bytes harm nothing`(name: String) throws
  {
    let whole = try #require(Scratch.bytes(of: "\(CorpusTests.own)/\(name)"))
    for seed in 0..<150 {
      var random = Seeded(UInt64(seed))
      var bytes = whole
      for _ in 0..<Int.random(in: 1...30, using: &random) {
        bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
      }
      let file = try Scratch(bytes)
      var told = Transcriber()
      do throws(CaptureError) {
        _ = try CaptureReader(file.path).read(into: &told)
      } catch {
        #expect(!error.description.isEmpty)
      }
      #expect(told.broken == [], "seed \(seed)")
    }
  }

  @Test func `standard input is read while it is written`() throws {
    let bytes = Self.conversation(.ethernet)
    let records = Array(bytes.dropFirst(24))
    let (told, summary) = try Standard.input({ writing in
      Scratch.write(Array(bytes.prefix(24)), to: writing)
      // More than a pipe holds: who waits for its end would wait for ever.
      for _ in 0..<2000 { Scratch.write(records, to: writing) }
    }) {
      var told = Transcriber()
      let summary = try CaptureReader("-").read(into: &told)
      return (told, summary)
    }
    #expect(summary.packets == 10_000)
    #expect(told.lines == [["opened", "C hello", "S bye", "closed captureEnded"]])
  }

  /// A handshake, a word from each side.
  static func conversation(_ link: Packets.Link) -> [UInt8] {
    let talk = Talk()
    var pcap = PcapFile(link: link.number)
    let segments: [Talk.Segment] = [
      .init(side: .client, place: -1, answers: nil, flags: .syn, text: ""),
      .init(side: .server, place: -1, answers: 0, flags: [.syn, .ack], text: ""),
      .init(side: .client, place: 0, answers: 0, flags: .ack, text: ""),
      .init(side: .client, place: 0, answers: 0, flags: .ack, text: "hello"),
      .init(side: .server, place: 0, answers: 5, flags: .ack, text: "bye"),
    ]
    for (i, segment) in segments.enumerated() {
      pcap.add(Packets.frame(link, talk.packet(segment)), seconds: 1_700_000_000, fraction: UInt32(i))
    }
    return pcap.bytes
  }

  private func refusal(_ path: String) -> String {
    var told = Transcriber()
    do throws(CaptureError) {
      let summary = try CaptureReader(path).read(into: &told)
      return "read: \(summary)"
    } catch {
      return error.description
    }
  }
}

/// A file that is gone when the test is over.
final class Scratch {
  let path: String

  init(_ bytes: [UInt8]) throws {
    var name = Array("/tmp/replique-capture-XXXXXX".utf8CString)
    let file = mkstemp(&name)
    try #require(file >= 0)
    path = String(decoding: name.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    Scratch.write(bytes, to: file)
    close(file)
  }

  deinit { unlink(path) }

  static func write(_ bytes: [UInt8], to file: Int32) {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) }
      guard count > 0 else { return }
      rest = rest.dropFirst(count)
    }
  }

  static func bytes(of path: String) -> [UInt8]? {
    guard let file = fopen(path, "rb") else { return nil }
    defer { fclose(file) }
    var out: [UInt8] = []
    var page = [UInt8](repeating: 0, count: 65_536)
    while true {
      let count = fread(&page, 1, page.count, file)
      if count == 0 { return out }
      out += page.prefix(count)
    }
  }
}
