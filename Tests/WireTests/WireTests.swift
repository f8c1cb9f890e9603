import Testing
import Wire

@Suite struct WireTests {
  @Test(arguments: ["192.168.1.1:25", "[fd00:192:168:1::1]:110", "[::1]:65535"])
  func `an endpoint reads back as it is written`(text: String) { #expect(Endpoint(text)?.description == text) }

  @Test(arguments: ["192.168.1.1", "fd00::1:25", "1.2.3.4:65536", "1.2.3:1", "[::1]", ""])
  func `what is no endpoint is refused`(text: String) { #expect(Endpoint(text) == nil) }

  @Test func `an instant is written in UTC`() {
    #expect(Instant(nanoseconds: 1_795_419_281_005_757_000).rfc3339 == "2026-11-23T07:34:41.005757Z")
    #expect(Instant(nanoseconds: 951_782_400_000_000_000).rfc3339 == "2000-02-29T00:00:00.000000Z")
    #expect(Instant(nanoseconds: -1000).rfc3339 == "1969-12-31T23:59:59.999999Z")
  }

  @Test func `nothing that steers a terminal is printed raw`() {
    #expect(printable([0x1b, 0x5b, 0x41, 0x0d, 0x0a, 0]) == "\\x1b[A\\x0d\\x0a\\x00")
    #expect(printable([0xc3, 0xa9, 0xe9, 0x20, 0xe2, 0x80]) == "é\\xe9 \\xe2\\x80")
    #expect(printable("a\u{202e}b\u{85}") == "a\\u{202e}b\\u{85}")
    #expect(printable("-- 😀") == "-- 😀")
  }

  @Test func `digests are those of the RFCs`() {
    #expect(Digest.md5(Array("<1896.697170952@dbc.mtview.ca.us>tanstaaf".utf8)) == "c4c9334bac560ecc979e58001b3e22fb")
    #expect(
      Digest.hmacMD5(Array("<1896.697170952@postoffice.reston.mci.net>".utf8), key: Array("tanstaaftanstaaf".utf8))
        == "b913a602c7eda7a495b4e6e7334d3890")
    var digest = Digest()
    digest.update(Array("ab".utf8))
    digest.update(Array("c".utf8))
    #expect(digest.hex == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
    #expect(digest.hex == Digest.sha256(Array("abc".utf8)))
  }

  @Test(arguments: [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg==")])
  func `base 64 is that of RFC 4648`(plain: String, coded: String) {
    #expect(Base64.encode(Array(plain.utf8)) == Array(coded.utf8))
    #expect(Base64.decode(coded.utf8) == Array(plain.utf8))
  }

  @Test(arguments: ["Z", "Zg=", "Zh==", "Z===", "Zg==Zg==", "Z*==", "===="])
  func `what is no base 64 is refused`(text: String) { #expect(Base64.decode(text.utf8) == nil) }
}
