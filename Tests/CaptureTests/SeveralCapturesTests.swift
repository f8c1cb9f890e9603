import Capture
import Dispatch
import Glibc
import Testing
import Wire

@Suite struct SeveralCapturesTests {
  @Test func `a conversation that is spread over several captures is one, whatever order they are given in`() throws {
    let packets = PcapngTests.packets
    var first = PcapFile(link: 1)
    var second = PcapngBlocks()
    var third = PcapFile(link: 101, nanoseconds: true)
    second.interface(link: 113)
    for i in 0..<2 { first.add(Packets.frame(.ethernet, packets[i]), seconds: 5, fraction: UInt32(i)) }
    // This one's time is within the others'.
    for i in [2, 4] { second.packet(Packets.frame(.cooked, packets[i]), time: 5_000_000 + i) }
    third.add(packets[3], seconds: 5, fraction: 3000)
    let files = try [Scratch(first.bytes), Scratch(Packed.gzip(second.bytes)), Scratch(third.bytes)]
    for order in [[0, 1, 2], [2, 1, 0], [1, 2, 0]] {
      var told = Transcriber()
      let summary = try CaptureReader(order.map { files[$0].path }).read(into: &told)
      #expect(told.lines == [["opened", "C hello", "S bye", "closed captureEnded"]])
      #expect(told.broken == [])
      #expect(summary.packets == 5)
      #expect(told.conversations[0].origin.capture == order.firstIndex(of: 0))
    }
  }

  @Test func `conversations have the numbers that they have in their own captures`() throws {
    func capture(from ports: ClosedRange<UInt16>, at seconds: UInt32) -> [UInt8] {
      var pcap = PcapFile(link: 101)
      for port in ports {
        pcap.add(Packets.udp(from: Endpoint(Talk.client.address, port), to: Talk.server, [1]), seconds: seconds, fraction: UInt32(port))
      }
      return pcap.bytes
    }
    let files = try [Scratch(capture(from: 1...3, at: 7)), Scratch(capture(from: 11...12, at: 6)), Scratch(capture(from: 21...22, at: 7))]
    var told = Transcriber()
    _ = try CaptureReader(files.map(\.path)).read(into: &told)
    #expect(told.conversations.map(\.origin.client.port) == [11, 12, 1, 2, 3, 21, 22])
    #expect(told.conversations.map(\.origin.number) == [0, 1, 2, 3, 4, 5, 6])
    #expect(told.conversations.map(\.origin.stream) == [0, 1, 0, 1, 2, 0, 1])
    #expect(told.conversations.map(\.origin.capture) == [1, 1, 0, 0, 0, 2, 2])
  }

  @Test func `what cannot be read, or breaks off, does not keep the others from being read`() throws {
    let whole = ReaderTests.conversation(.raw)
    let files = try [
      Scratch(Array("no capture".utf8)), Scratch(whole), Scratch(Array(whole.dropLast(3))), Scratch(PcapFile(link: 1).bytes),
    ]
    var told = Transcriber()
    let summary = try CaptureReader(files.map(\.path) + ["/nowhere"]).read(into: &told)
    #expect(told.lines == [["opened", "C hello", "S bye", "closed captureEnded"]])
    #expect(
      summary.refused.map { $0.description.replacing(files[0].path, with: "FILE") } == [
        "FILE: neither a pcap nor a pcapng capture", "/nowhere: No such file or directory",
      ])
    #expect(summary.cutShort.map(\.capture) == [files[2].path])
    #expect(summary.cutShort.map(\.packets) == [4])
    let error = #expect(throws: CaptureError.self) { try CaptureReader([files[0].path, "/nowhere"]).read(into: &told) }
    #expect(error?.lines.count == 2)
  }

  @Test func `of many captures, those are open whose time has come`() throws {
    struct Counting: CaptureListener {
      var mine: Set<String>
      var mostOpen = 0
      var content: [UInt8] = []

      mutating func heard(_ event: CaptureEvent, _ bytes: Span<UInt8>) {
        if case .datagram = event { for i in bytes.indices { content.append(bytes[i]) } }
        let open = (0..<1024).count { descriptor in
          var name = [CChar](repeating: 0, count: 256)
          let count = readlink("/proc/self/fd/\(descriptor)", &name, name.count)
          return count > 0 && mine.contains(String(decoding: name.prefix(count).map { UInt8(bitPattern: $0) }, as: UTF8.self))
        }
        mostOpen = max(mostOpen, open)
      }
    }
    let count = 60
    let files = try (0..<count).map { i in
      var pcap = PcapFile(link: 101)
      for second in 0..<2 {
        pcap.add(Packets.udp(from: Talk.client, to: Talk.server, [UInt8(i)]), seconds: UInt32((count - i) * 2 + second * 3))
      }
      return try Scratch(pcap.bytes)
    }
    var counting = Counting(mine: Set(files.map(\.path)))
    let summary = try CaptureReader(files.map(\.path)).read(into: &counting)
    #expect(summary.packets == 2 * count)
    // Each one's second packet comes behind the next one's first.
    #expect(counting.content.prefix(6) == [59, 58, 59, 57, 58, 56])
    #expect((1...3).contains(counting.mostOpen))
  }

  @Test(arguments: Packed.allCases) func `a compressed capture is inflated on the way`(packed: Packed) throws {
    for content in [ReaderTests.conversation(.ethernet), large] {
      let (expected, _) = try read(content)
      #expect(try read(packed(content)).told.lines == expected.lines)
      // One behind the other: what `cat` makes of two, or a tool that compresses in pieces.
      #expect(try read(packed(Array(content.prefix(30))) + packed(Array(content.dropFirst(30)))).told.lines == expected.lines)
    }
  }

  @Test(arguments: Packed.allCases) func `a compressed capture that is cut anywhere is read up to there, or refused`(packed: Packed) throws
  {
    let whole = packed(ReaderTests.conversation(.ethernet))
    var read = 0
    for count in 0..<whole.count {
      let file = try Scratch(Array(whole.prefix(count)))
      var told = Transcriber()
      do throws(CaptureError) {
        let summary = try CaptureReader(file.path).read(into: &told)
        #expect(summary.packets > 0 && summary.cutShort.map(\.reason) == ["the compressed content ends too early"] || summary.packets == 5)
        read += 1
      } catch {
        #expect(error.description.hasPrefix(file.path))
      }
      #expect(told.broken == [])
    }
    #expect(read > 100)
  }

  @Test(arguments: Packed.allCases) func `standard input may be compressed, too`(packed: Packed) throws {
    let bytes = packed(large)
    let told = try Standard.input({ Scratch.write(bytes, to: $0) }) {
      var told = Transcriber()
      _ = try CaptureReader("-").read(into: &told)
      return told
    }
    #expect(told.lines == [["opened", "C hello", "S bye", "closed captureEnded"]])
  }

  @Test func `what was read of standard input to learn what it is counts`() throws {
    let bytes = ReaderTests.conversation(.ethernet)
    let told = try Standard.input({ Scratch.write(Array(bytes.dropFirst(16)), to: $0) }) {
      var told = Transcriber()
      _ = try CaptureReader("-", begun: Array(bytes.prefix(16))).read(into: &told)
      return told
    }
    #expect(told.lines == [["opened", "C hello", "S bye", "closed captureEnded"]])
  }

  /// More than a window holds.
  private var large: [UInt8] {
    let bytes = ReaderTests.conversation(.ethernet)
    return bytes.prefix(24) + (0..<1000).flatMap { _ in bytes.dropFirst(24) }
  }

  private func read(_ bytes: [UInt8]) throws -> (told: Transcriber, summary: CaptureSummary) {
    let file = try Scratch(bytes)
    var told = Transcriber()
    let summary = try CaptureReader(file.path).read(into: &told)
    #expect(summary.cutShort == [])
    return (told, summary)
  }
}

/// Standard input is one for the whole process: what puts something else in its place does so one after the other.
enum Standard {
  private static let turn = DispatchSemaphore(value: 1)

  /// - Parameter write: writes to a pipe's end, on a thread of its own.
  static func input<T>(_ write: @escaping @Sendable (Int32) -> Void, _ body: () throws -> T) throws -> T {
    turn.wait()
    defer { turn.signal() }
    var ends: [Int32] = [0, 0]
    try #require(pipe(&ends) == 0)
    let writing = ends[1]
    let kept = dup(0)
    dup2(ends[0], 0)
    close(ends[0])
    defer {
      dup2(kept, 0)
      close(kept)
    }
    DispatchQueue.global().async {
      write(writing)
      close(writing)
    }
    return try body()
  }
}
