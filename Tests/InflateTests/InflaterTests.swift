import Inflate
import Testing

@Suite struct InflaterTests {
  /// Made by gzip(1), zstd(1) and zlib.
  static let samples: [(Coding, [UInt8], String)] = [
    (
      .gzip,
      [
        0x1f, 0x8b, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x02, 0x03, 0xcb, 0x48, 0xcd, 0xc9, 0xc9, 0x57, 0xc8, 0x40, 0x27, 0x75, 0x14, 0x8a,
        0x13, 0x33, 0x53, 0x14, 0x4a, 0x32, 0x52, 0x15, 0xd2, 0xab, 0x32, 0x0b, 0x00, 0x02, 0xeb, 0xc1, 0x19, 0x26, 0x00, 0x00, 0x00,
      ], "hello hello hello hello, said the gzip"
    ),
    (
      .zstd,
      [
        0x28, 0xb5, 0x2f, 0xfd, 0x04, 0x68, 0xdd, 0x00, 0x00, 0xa8, 0x68, 0x65, 0x6c, 0x6c, 0x6f, 0x20, 0x2c, 0x20, 0x73, 0x61, 0x69, 0x64,
        0x20, 0x74, 0x68, 0x65, 0x20, 0x7a, 0x73, 0x74, 0x64, 0x01, 0x00, 0x99, 0x4b, 0x11, 0x22, 0xfb, 0xba, 0x6e,
      ], "hello hello hello hello, said the zstd"
    ),
    (
      .zlib,
      [
        120, 218, 203, 72, 205, 201, 201, 87, 200, 64, 39, 117, 20, 138, 19, 51, 83, 20, 170, 114, 50, 147, 0, 220, 12, 12, 111,
      ], "hello hello hello hello, said zlib"
    ),
    (
      .deflate, [203, 72, 205, 201, 201, 87, 200, 64, 39, 117, 20, 138, 19, 51, 83, 20, 170, 114, 50, 147, 0],
      "hello hello hello hello, said zlib"
    ),
  ]

  @Test(arguments: samples) func `whole, byte by byte, or into little room, it is the same content`(
    coding: Coding, compressed: [UInt8], content: String
  ) throws {
    #expect(try Inflater.inflate(compressed, coding, limit: 1000) == Array(content.utf8))
    for piece in [1, 2, 7, 100] {
      for room in [1, 3, 1000] {
        let (out, isWhole) = try inflate(compressed, coding, piece: piece, room: room)
        #expect(String(decoding: out, as: UTF8.self) == content)
        #expect(isWhole)
      }
    }
  }

  @Test(arguments: samples) func `what is cut anywhere is not whole`(coding: Coding, compressed: [UInt8], content: String) throws {
    for count in 0..<compressed.count {
      let (out, isWhole) = try inflate(Array(compressed.prefix(count)), coding, piece: 100, room: 100)
      #expect(content.utf8.starts(with: out))
      #expect(!isWhole, "\(count)")
      #expect(throws: InflateError.cutShort) { try Inflater.inflate(Array(compressed.prefix(count)), coding, limit: 1000) }
    }
  }

  @Test(arguments: samples.prefix(2)) func `contents one behind the other are one`(coding: Coding, compressed: [UInt8], content: String)
    throws
  {
    for piece in [1, 3, 100] {
      let (out, isWhole) = try inflate(compressed + compressed, coding, piece: piece, room: 5)
      #expect(String(decoding: out, as: UTF8.self) == content + content)
      #expect(isWhole)
    }
  }

  @Test func `what stands behind gzip's content is left out`() throws {
    let (_, compressed, content) = Self.samples[0]
    for trailer in [[0, 0, 0], [0x78, 0x1f, 0x8b]] as [[UInt8]] {
      let (out, isWhole) = try inflate(compressed + trailer, .gzip, piece: 1, room: 100)
      #expect(String(decoding: out, as: UTF8.self) == content)
      #expect(isWhole)
    }
  }

  @Test(arguments: samples) func `damage is found, or harms nothing`(coding: Coding, compressed: [UInt8], content: String) {
    var found = 0
    for at in compressed.indices {
      for bit in 0..<8 {
        var damaged = compressed
        damaged[at] ^= 1 << bit
        do throws(InflateError) {
          _ = try Inflater.inflate(damaged, coding, limit: 1000)
        } catch {
          #expect(!error.description.isEmpty)
          found += 1
        }
      }
    }
    #expect(found > 50)
  }

  @Test func `content that is too large, or takes too much memory, is refused`() {
    let (coding, compressed, content) = Self.samples[0]
    #expect(throws: InflateError.tooLarge) { try Inflater.inflate(compressed, coding, limit: content.utf8.count - 1) }
    // A frame with a window of 2 GiB (RFC 8878 §3.1.1.1.2).
    #expect(throws: InflateError.tooMuchMemory) {
      try Inflater.inflate([0x28, 0xb5, 0x2f, 0xfd, 0x00, 0xa8, 0x01, 0x00, 0x00], .zstd, limit: 10)
    }
  }

  private func inflate(_ compressed: [UInt8], _ coding: Coding, piece: Int, room: Int) throws -> ([UInt8], isWhole: Bool) {
    var inflater = Inflater(coding)
    var out: [UInt8] = []
    var page = [UInt8](repeating: 0, count: room)
    var start = 0
    while true {
      let end = min(start + piece, compressed.count)
      var span = page.mutableSpan
      let step = try inflater.inflate(compressed.span.extracting(start..<end), into: &span)
      out += page[..<step.made]
      start += step.taken
      if start == compressed.count, step.made < room { return (out, inflater.isWhole) }
    }
  }
}
