import Capture
import Glibc
import Testing
import Wire

/// What each side of each TCP conversation said, and how it went.
struct Transcriber: CaptureListener {
  var origins: [Int: Origin] = [:]
  var streams: [Int: Sides<[UInt8]>] = [:]
  var gaps: [Int: Sides<Int>] = [:]
  var endings: [Int: [String]] = [:]
  var refused: [Refusal] = []

  mutating func heard(_ event: CaptureEvent, _ bytes: Span<UInt8>) {
    switch event {
    case .opened(let origin):
      origins[origin.number] = origin
      streams[origin.number] = Sides(client: [], server: [])
      gaps[origin.number] = Sides(client: 0, server: 0)
    case .refused(_, let how): refused.append(how)
    case .bytes(let number, let side, _), .datagram(let number, let side, _):
      for i in bytes.indices { streams[number]?[side].append(bytes[i]) }
    case .gap(let number, let side, let count, _): gaps[number]?[side] += count
    case .ended(let number, let side, let ending, _): endings[number, default: []].append("\(side.letter) \(ending)")
    case .closed(let number, let how, _): endings[number, default: []].append("\(how)")
    }
  }
}

/// Captures made by others, used in place.
enum Corpus {
  static let root = #filePath.split(separator: "/").dropLast(3).reduce("") { $0 + "/" + $1 }
  static let folder = root + "/../shared/corpus/captures"
  static let isThere = access(folder, R_OK) == 0

  static func captures(in folder: String) -> [String] {
    guard let directory = opendir(folder) else { return [] }
    defer { closedir(directory) }
    var names: [String] = []
    while let entry = readdir(directory) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name.hasSuffix(".pcap") || name.hasSuffix(".pcapng") { names.append(name) }
    }
    return names.sorted()
  }
}

@Suite struct CorpusTests {
  static let own = Corpus.root + "/Tests/Fixtures/captures"

  @Test(arguments: Corpus.captures(in: own)) func `every conversation of our own captures is whole`(name: String) throws {
    var transcriber = Transcriber()
    let summary = try CaptureReader("\(Self.own)/\(name)").read(into: &transcriber)
    #expect(summary.cutShort == nil)
    #expect(summary.conversations > 0)
    #expect(transcriber.gaps.values.allSatisfy { $0.client == 0 && $0.server == 0 })
  }

  @Test func `a mail is put together byte for byte`() throws {
    var transcriber = Transcriber()
    _ = try CaptureReader("\(Self.own)/smtp.pcap").read(into: &transcriber)
    let number = try #require(transcriber.origins.values.first { $0.server.port == 25 }?.number)
    let stream = try #require(transcriber.streams[number])
    #expect(String(decoding: stream.client.prefix(44), as: UTF8.self) == "EHLO client.local.demo\r\nMAIL FROM:<prof@loca")
    #expect(String(decoding: stream.server.suffix(15), as: UTF8.self) == "221 2.0.0 Bye\r\n")
    #expect(transcriber.endings[number] == ["S finished", "C finished", "finished"])
  }

  @Test(.enabled(if: Corpus.isThere, "the corpus beside the project is not here"), arguments: Corpus.captures(in: Corpus.folder))
  func `nothing that others captured is too much`(name: String) throws {
    var transcriber = Transcriber()
    do throws(CaptureError) {
      let summary = try CaptureReader("\(Corpus.folder)/\(name)").read(into: &transcriber)
      #expect(summary.packets > 0)
    } catch {
      #expect(error.description.contains(name))
    }
  }
}
