import Dialects
import Testing
import Transcript
import Wire

@Suite struct DNSLikenessTests {
  func recognised(_ opening: [UInt8], _ transport: Transport = .datagrams, port: UInt16) -> String? {
    Registry.recognise(
      Glimpse(port: port, transport: transport, greeting: nil, command: opening, opening: Sides(client: opening, server: [])))?.name
  }

  @Test(arguments: [53, 5300, 40_000]) func `a question tells the protocol at any port, over both transports`(port: UInt16) {
    for question in ["www.x. IN A", "x. IN AXFR", "NOTIFY x. IN SOA", "cloudflare. CH TXT"] {
      #expect(recognised(Datagrams().write(Message(.client, [Text(question)])), port: port) == "dns")
      let bytes = Datagrams(.stream).write(Message(.client, [Text(question)]))
      #expect(recognised(bytes, .stream, port: port) == "dns")
      // The first segment may be short.
      #expect(recognised(Array(bytes[..<16]), .stream, port: port) == "dns")
    }
  }

  @Test func `an answer, a relative and other bytes do not`() {
    let question = Datagrams().write(Message(.client, ["www.x. IN A"]))
    #expect(recognised(question.setting(2, 0x80), port: 53) == nil)
    for port in [137, 5353, 5355] as [UInt16] { #expect(recognised(question, port: port) == nil) }
    #expect(recognised(Array(question.dropLast(3)), port: 4000) == nil)
    // At its own port, what is no question may be meant as one.
    #expect(recognised(Array(question.dropLast(3)), port: 53) == "dns")
    #expect(recognised(Array("GET / HTTP/1.1\r\n".utf8), .stream, port: 53) == "http")
    #expect(recognised(Array("EHLO x\r\n".utf8), .stream, port: 53) != "dns")
    #expect(recognised([22, 3, 1, 2, 0, 1, 0, 1, 252, 3, 3, 1, 2, 3, 4, 5], .stream, port: 53) == nil)
    #expect(recognised([], port: 53) == nil)
  }
}
