import Testing
import Wire

@testable import Replique

@Suite struct ProvenanceTests {
  @Test func `transcripts of an interface are named after it and the time`() {
    let since = Instant(nanoseconds: 1_700_000_000_000_000_000)
    #expect(Provenance.interface("eth0", since: since, log: nil).stem == "eth0-20231114T221320Z")
  }

  @Test func `transcripts of an interface whose packets are kept are named after their file`() {
    #expect(Provenance.interface("eth0", since: Instant(nanoseconds: 0), log: "a/mail.pcap").stem == "mail")
    #expect(Provenance.capture("a/mail.pcap.gz").stem == "mail")
    #expect(Provenance.capture("-").stem == "stdin")
  }
}
