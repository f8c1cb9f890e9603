import Capture
import Glibc
import Support
import Testing
import Wire

/// Captures made by others, used in place.
enum Corpus {
  static let folder = Folder.root + "/../shared/corpus/captures"
  static let isThere = access(folder, R_OK) == 0

  static let lab = Folder.root + "/../shared/lab/captures"
  static let hasLab = access(lab, R_OK) == 0
}

@Suite struct CorpusTests {
  static let own = Folder.root + "/Tests/Fixtures/captures"

  /// Of one, only so much of each packet was captured.
  @Test(arguments: Folder.captures(in: own).filter { $0 != "ftp-snaplen80.pcap" })
  func `every conversation of our own captures is whole`(name: String) throws {
    var transcriber = Transcriber()
    let summary = try CaptureReader("\(Self.own)/\(name)").read(into: &transcriber)
    #expect(summary.cutShort == [])
    #expect(summary.conversations > 0)
    #expect(transcriber.conversations.allSatisfy { $0.gaps == Sides(client: 0, server: 0) })
    #expect(transcriber.broken == [])
  }

  @Test func `a mail is put together byte for byte`() throws {
    var transcriber = Transcriber()
    _ = try CaptureReader("\(Self.own)/smtp.pcap").read(into: &transcriber)
    let mail = try #require(transcriber.conversations.first { $0.origin.server.port == 25 })
    #expect(String(decoding: mail.streams.client.prefix(44), as: UTF8.self) == "EHLO client.local.demo\r\nMAIL FROM:<prof@loca")
    #expect(String(decoding: mail.streams.server.suffix(15), as: UTF8.self) == "221 2.0.0 Bye\r\n")
    #expect(mail.lines.suffix(3) == ["S end", "C end", "closed finished"])
  }

  @Test(.enabled(if: Corpus.isThere, "the corpus beside the project is not here"), arguments: Folder.captures(in: Corpus.folder))
  func `nothing that others captured is too much`(name: String) throws {
    var transcriber = Transcriber()
    do throws(CaptureError) {
      let summary = try CaptureReader("\(Corpus.folder)/\(name)").read(into: &transcriber)
      #expect(summary.packets > 0)
      #expect(transcriber.broken == [])
    } catch {
      #expect(error.description.contains(name))
    }
  }
}
