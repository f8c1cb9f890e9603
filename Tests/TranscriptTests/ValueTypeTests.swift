import Support
import Testing
import Transcript
import Wire

@Suite struct ValueTypeTests {
  @Test(
    arguments: [
      (ValueType.any, ["", " ", "\r\n", "é"], []),
      (.word, ["a", "<é>", "\u{1}"], ["", "a b", "a\tb", "a\n", " "]),
      (.token, ["1150EF8A7EB", "a.b-c_d~e+f/g=", "20261123080407.024624"], ["", "a b", "é", "a:b", "a@b"]),
      (
        .number, ["0", "007", "-1", "+1.50", "3.14159265358979323846264338327950288"],
        ["", "-", ".5", "5.", "1e3", "1,5", "--1", "1.2.3", " 1", "1-"]
      ),
      (.hex, ["0", "dead", "BEEF"], ["", "0x1", "g", "a b"]),
      (
        .base64, ["Zg==", "Zm8=", "Zm9v", "PDE4OTYuNjk3MTcwOTUyQHg+"],
        ["", "Zg=", "Zg", "Zh==", "Z===", "====", "Zg==Zg==", "Zm9_", "Zm9v\n"]
      ),
      (
        .uuid, ["123e4567-e89b-12d3-a456-426614174000", "123E4567-E89B-12D3-A456-426614174000"],
        ["", "123e4567e89b12d3a456426614174000", "123e4567-e89b-12d3-a456-42661417400g", "123e4567-e89b-12d3-a456-4266141740000"]
      ),
      (
        .host,
        [
          "a", "server.local.demo", "server.local.demo.", "xn--caf-dma.fr", "3com", "_dmarc.a", "192.168.1.1", "[192.168.1.1]", "[fd00::1]",
          "[IPv6:fd00::1]",
        ], ["", ".", "a..b", "-a", "a-.b", "a b", "[a]", "[]", "a:25", "fd00::1", "é"]
      ),
      (
        .ip, ["192.168.1.1", "::", "fd00::1", "::ffff:1.2.3.4"],
        ["", "1.2.3", "256.1.1.1", "1.2.3.4.5", "fd00::1::2", "fe80::1%eth0", "[::1]", ":", "1.2.3.04"]
      ),
      (.port, ["1", "25", "65535"], ["", "0", "025", "65536", "-1", "123456"]),
      (.path, ["/", "/home/etu1", "a b", "é"], ["", "a\"b", "a\n", "\u{7f}"]),
      (
        .time, ["07:42", "7:42", "23:59:60", "07:42:11.123456"],
        ["", "24:00", "07:60", "7", "07:42:", "07:42:1", "07:42.5", "07:42:11.", "07:42:61"]
      ),
    ] as [(ValueType, [String], [String])])
  func `a type takes its values and no others`(type: ValueType, values: [String], others: [String]) {
    for value in values { #expect(type.fits(Array(value.utf8)), "'\(value)'") }
    for other in others { #expect(!type.fits(Array(other.utf8)), "'\(other)'") }
  }

  @Test func `a host has labels of 63 bytes, and 253 bytes`() {
    let label = String(repeating: "a", count: 63)
    let name = "\(label).\(label).\(label).\(String(repeating: "a", count: 61))"
    #expect(ValueType.host.fits(Array(name.utf8)))
    #expect(ValueType.host.fits(Array("\(name).".utf8)))
    #expect(!ValueType.host.fits(Array("\(name)a".utf8)))
    #expect(!ValueType.host.fits(Array("\(label)a.b".utf8)))
  }

  @Test(arguments: [
    (ValueType.host, "Server.Local.DEMO", "server.local.demo", true), (.host, "a", "b", false), (.host, "a", "ab", false),
    (.ip, "fd00::1", "FD00:0:0:0:0:0:0:1", true), (.ip, "::1", "::2", false), (.ip, "1.2.3.4", "::ffff:1.2.3.4", false),
    (.ip, "x", "x", true),
    (.number, "1", "1.0", true), (.number, "+007", "7", true), (.number, "-0", "0.00", true), (.number, "-1", "1", false),
    (.number, "0.1", "0.10", true),
    (.number, "9007199254740993", "9007199254740992", false), (.number, "0.1", "0.1000000000000000000000000001", false),
    (.number, "10", "1", false), (.number, "0.1", "1", false),
    (.number, "0.01", "0.1", false), (.hex, "AB", "ab", false), (.uuid, "A", "a", false), (.token, "a", "a", true),
    (.any, "1", "1.0", false), (.port, "25", "25", true),
  ])
  func `the same value is what its type says`(type: ValueType, a: String, b: String, same: Bool) {
    #expect(type.same(Array(a.utf8), Array(b.utf8)) == same)
    #expect(type.same(Array(b.utf8), Array(a.utf8)) == same)
  }

  @Test(arguments: ValueType.allCases)
  func `a new value is of its type, and another each time`(type: ValueType) {
    var generator = Seeded(2)
    let now = Instant(nanoseconds: 1_795_419_281_005_757_000)
    for _ in 0..<100 {
      guard let value = type.fresh(at: now, using: &generator) else {
        #expect(type == .ip || type == .port)
        return
      }
      #expect(type.fits(value), "\(String(decoding: value, as: UTF8.self))")
      if type != .time && type != .date { #expect(value != type.fresh(at: now, using: &generator)) }
    }
  }

  @Test(arguments: [
    (1_795_419_281_005_757_000, "Mon, 23 Nov 2026 07:34:41 +0000"), (951_782_400_000_000_000, "Tue, 29 Feb 2000 00:00:00 +0000"),
    (0, "Thu, 01 Jan 1970 00:00:00 +0000"),
    (-1, "Wed, 31 Dec 1969 23:59:59 +0000"), (-86_400_000_000_000, "Wed, 31 Dec 1969 00:00:00 +0000"),
  ])
  func `a new date is that of the moment`(now: Int64, date: String) {
    var generator = Seeded(3)
    #expect(ValueType.date.fresh(at: Instant(nanoseconds: now), using: &generator) == Array(date.utf8))
  }
}
