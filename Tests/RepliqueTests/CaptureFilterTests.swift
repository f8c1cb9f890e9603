import Capture
import Testing

@testable import Replique

@Suite struct CaptureFilterTests {
  @Test func `nothing asked for is no filter`() {
    #expect(CaptureFilter.text(ports: [], nil) == nil)
    #expect(CaptureFilter.text(ports: [], "  ") == nil)
  }

  @Test func `a filter stands by itself`() { #expect(CaptureFilter.text(ports: [], "host a or host b") == "(host a or host b)") }

  @Test func `ports and a filter must both fit`() throws {
    let text = try #require(CaptureFilter.text(ports: [25, 110], "host 10.0.0.1"))
    #expect(text.hasPrefix("(port 25 or port 110 or ") && text.hasSuffix(") and (host 10.0.0.1)"))
  }

  @Test func `packets of a port fit, and those of another do not`() throws {
    #expect(try conversations(ports: [24, 25]) == 1)
    #expect(try conversations(ports: [24]) == 0)
    #expect(try conversations(ports: [25], "host 203.0.113.1") == 0)
  }

  /// Of a captured mail.
  private func conversations(ports: [UInt16], _ filter: String? = nil) throws -> Int {
    var listener = Deaf()
    let capture = #filePath.split(separator: "/").dropLast(2).reduce("") { $0 + "/" + $1 } + "/Fixtures/captures/smtp.pcap"
    return try CaptureReader(capture, filter: CaptureFilter.text(ports: ports, filter)).read(into: &listener).conversations
  }

  private struct Deaf: CaptureListener {
    mutating func heard(_ event: CaptureEvent, _ bytes: Span<UInt8>) {}
  }
}
