import Testing
import Transcript

@Suite struct MatchTests {
  /// What each hole took, in order; nil where the text does not match.
  private func taken(_ template: String, _ observed: String, _ bindings: Bindings = Bindings()) throws -> [String]? {
    let bytes = Array(observed.utf8)
    switch try Text(template: template, at: .nowhere).match(bytes, bindings) {
    case .matched(let match): return match.holes.map { String(decoding: bytes[$0], as: UTF8.self) }
    case .differs: return nil
    case let other:
      Issue.record("\(other)")
      return nil
    }
  }

  private func bound(_ values: (String, String, ValueType)...) -> Bindings {
    var bindings = Bindings()
    for (name, value, type) in values { bindings.bind(name, Array(value.utf8), as: type) }
    return bindings
  }

  @Test(
    arguments: [
      ("250 Ok", "250 Ok", []), ("250 Ok", "250 ok", nil), ("", "", []), ("", "x", nil), ("a", "", nil),
      ("queued as ${:token=1150EF8A7EB}", "queued as 4Xy-9", ["4Xy-9"]), ("queued as ${:token}", "queued as ", nil),
      ("queued as ${:token}", "queued as a b", nil),
      ("${:token}.", "a.b.", ["a.b"]), ("<${:token}@${:host}>", "<1.2@a.b>", ["1.2", "a.b"]), ("${:any}", "", [""]),
      ("a${:any}b", "ab", [""]), ("a${:any}b", "abb", ["b"]),
      ("${:any} ${:any}", "a b c", ["a", "b c"]), ("${:any} ${:word}", "a b c", ["a b", "c"]), ("${:word} ${:any}", "a b c", ["a", "b c"]),
      ("${:token}${:number}", "abc123", ["abc12", "3"]), ("${:number}${:token}", "12.5x", ["12.5", "x"]),
      ("${:number}.", "12.5.", ["12.5"]), ("${:number}.", "12.", ["12"]),
      ("${:hex}${:hex}", "abc", ["ab", "c"]), ("${:hex}${:hex}", "a", nil), ("${:port}${:port}", "65536", ["6553", "6"]),
      ("${:base64}=", "Zg===", ["Zg=="]),
      ("${:date}x", "2024-03-05x", ["2024-03-05"]), ("${:date} ${:word}", "Mar 05  2024 a.txt", ["Mar 05  2024", "a.txt"]),
      ("${:date} ${:number}", "4 Mar 2021 09:42:07 +0000 5", ["4 Mar 2021 09:42:07 +0000", "5"]),
      ("${:host}.", "a.b.", ["a.b"]), ("${:host}", "a.b.", ["a.b."]), ("${:host}:${:port}", "a:25", ["a", "25"]),
      ("[${:ip}]:${:port}", "[::1]:25", ["::1", "25"]),
      ("\"${:path}\" is", "\"/a b\" is", ["/a b"]), ("\"${:path}\" is", "\"/a\"b\" is", nil),
      ("x ${:/[a-z]+/} y", "x abc y", ["abc"]), ("${:/a|ab/}${:/b?c/}", "abc", ["ab", "c"]), ("${:/a|ab/}c", "abc", ["ab"]),
      ("${:/^\\d+$/} ok", "250 ok", ["250"]),
      ("${:/a*/}${:/a/}", "aaa", ["aa", "a"]), ("${:/.*/}${:/.*/}", "ab", ["ab", ""]), ("${:/(.)\\1/}${:/(.)\\1/}", "aabb", ["aa", "bb"]),
      ("${:/(?i)OK/} ok", "ok OK", nil),
      ("a ${:token} c ${:any} e", "a b c d e e", ["b", "d e"]), ("$${x}", "${x}", []), ("${%xC3.A9}${:any}", "éx", ["x"]),
    ] as [(String, String, [String]?)])
  func `any takes as little, the others as much, as lets the line match`(template: String, observed: String, holes: [String]?) throws {
    #expect(try taken(template, observed) == holes)
  }

  @Test func `a bound name is its value, even where a longer text would be of its type`() throws {
    #expect(try taken("${a}${b:token}", "abcd", bound(("a", "ab", .token))) == ["ab", "cd"])
    #expect(try taken("${b:token}${a}", "abab", bound(("a", "ab", .token))) == ["ab", "ab"])
    #expect(try taken("${a:token} ok", "ab ok", bound(("a", "ab", .token))) == ["ab"])
    #expect(try taken("${a:token} ok", "abc ok", bound(("a", "ab", .token))) == nil)
    #expect(try taken("${a:/[a-z]+/}c", "abc", bound(("a", "ab", .any))) == ["ab"])
    #expect(try taken("${a}", "", bound(("a", "", .any))) == [""])
    #expect(try taken("${a}", "(a+)+$", bound(("a", "(a+)+$", .any))) == ["(a+)+$"])
  }

  @Test func `hosts are one without case, addresses and numbers by value`() throws {
    #expect(try taken("from ${h} by", "from MX.demo by", bound(("h", "mx.Demo", .host))) == ["MX.demo"])
    #expect(try taken("[${ip}]", "[fd00:0::1]", bound(("ip", "fd00::1", .ip))) == ["fd00:0::1"])
    #expect(try taken("${n} octets", "0120.0 octets", bound(("n", "120", .number))) == ["0120.0"])
    #expect(try taken("${n}${m:number}", "1.05", bound(("n", "1", .number))) == ["1.0", "5"])
    #expect(try taken("${n}", "121", bound(("n", "120", .number))) == nil)
    #expect(try taken("${v:ip}", "FD00::1", bound(("v", "fd00::1", .any))) == ["FD00::1"])
    #expect(try taken("${v}", "FD00::1", bound(("v", "fd00::1", .any))) == nil)
    #expect(try taken("${v:number}", "x", bound(("v", "x", .any))) == ["x"])
  }

  @Test func `a name twice in one text is one value`() throws {
    #expect(try taken("${a:any}-${a}", "x-y-x-y") == ["x-y", "x-y"])
    #expect(try taken("${a:token}${a}", "abab") == ["ab", "ab"])
    #expect(try taken("${a:token} ${a:token}", "ab ac") == nil)
    #expect(try taken("${:token}${x:token}-${x}${:number}", "zab-ab1") == ["z", "ab", "ab", "1"])
    #expect(try taken("${a:host} ${a}", "Mx.demo mx.Demo") == ["Mx.demo", "mx.Demo"])
    #expect(try taken("${a:number}=${a}", "1=1.0") == ["1", "1.0"])
    #expect(try taken("${a:token} ${base64(a)}", "foo Zm9v") == ["foo", "Zm9v"])
    #expect(try taken("${a:token} ${base64(a)}", "foo Zm9w") == nil)
  }

  @Test func `a match says what its names now stand for`() throws {
    let text = try Text(template: "${a:token} ${:word} ${h:host} ${a} ${x:/\\d+/}", at: .nowhere)
    guard case .matched(let match) = text.match(Array("t w h.demo t 5".utf8), Bindings()) else { return _ = Issue.record("no match") }
    #expect(match.bindings == [Binding("a", [0x74], .token), Binding("h", Array("h.demo".utf8), .host), Binding("x", [0x35])])
    var bindings = Bindings()
    bindings.bind(match)
    #expect(bindings["h"] == Binding("h", Array("h.demo".utf8), .host))
    #expect(text.match(Array("t other H.DEMO t 5".utf8), bindings) != .differs)
    #expect(text.match(Array("t other g.demo t 5".utf8), bindings) == .differs)
  }

  @Test(arguments: [
    ("${nobody}", "nobody"), ("x${secret.p}", "secret.p"), ("${plain(user, secret.p)}", "user"), ("${n:token} ${n} ${later}", "later"),
  ])
  func `a name that nobody bound is told, whatever was observed`(template: String, name: String) throws {
    #expect(try Text(template: template, at: .nowhere).match(Array("zzz".utf8), Bindings()) == .unbound(name))
  }

  @Test func `an open name takes what the peer says and keeps it`() throws {
    var bindings = bound(("user", "etu1", .any))
    bindings.open = ["to", "secret.p"]
    let rcpt = try Text(template: "RCPT TO:<${to}> ${to}", at: .nowhere)
    guard case .matched(let match) = rcpt.match(Array("RCPT TO:<a@b> a@b".utf8), bindings) else { return _ = Issue.record("no match") }
    #expect(match.bindings == [Binding("to", Array("a@b".utf8))])
    let auth = try Text(template: "AUTH PLAIN ${plain(user, secret.p)}", at: .nowhere)
    guard case .matched(let seen) = auth.match(Array("AUTH PLAIN AGEAYg==".utf8), bindings) else { return _ = Issue.record("no match") }
    #expect(seen.secrets == [Array("AGEAYg==".utf8)])
    bindings.bind(seen)
    #expect(bindings.redactor.redact("AUTH PLAIN AGEAYg==") == "AUTH PLAIN ***")
  }

  @Test func `a date in another notation is a note`() throws {
    let text = try Text(template: "${:any} at ${:date=Thu, 04 Mar 2021 09:42:07 +0000}", at: .nowhere)
    guard case .matched(let other) = text.match(Array("x at 2021-03-04T09:42:07Z".utf8), Bindings()) else {
      return _ = Issue.record("no match")
    }
    #expect(other.notes == [Match.OtherNotation(hole: 1, expected: .mail, observed: .iso8601)])
    guard case .matched(let same) = text.match(Array("x at Fri, 05 Mar 2021 09:42:07 +0100".utf8), Bindings()) else {
      return _ = Issue.record("no match")
    }
    #expect(same.notes.isEmpty)
    #expect(text.match(Array("x at Thu, 32 Mar 2021 09:42:07 +0000".utf8), Bindings()) == .differs)
  }

  @Test func `no hole takes the end of a line, unless it is all that there is`() throws {
    #expect(try taken("a ${:any}", "a b\nc") == nil)
    #expect(try taken("${:any}", "b\r\nc\r\n") == ["b\r\nc\r\n"])
    #expect(try taken("${:any}${%x0D.0A}x ${:any}${%x0D.0A}", "b\r\nx c\r\n") == ["b", "c"])
    #expect(try taken("${:/[^x]+/}${%x0A}${:/[^x]+/}", "b\nc\n") == nil)
    #expect(try taken("${v}!", "a\nb!", bound(("v", "a\nb", .any))) == ["a\nb"])
  }

  @Test(arguments: [
    ("PIPELINING", "250-PIPELINING", true), ("pipelining", "250-PIPELINING", false), ("<title>", "<head><title>x", true), ("", "x", true),
    ("x", "", false),
    ("SIZE ${:number}", "250-SIZE 1024 x", true), ("SIZE ${:number}", "250-SIZE x", false), ("${:/[0-9]{3}/}", "ab 12 345", true),
    ("${:/[0-9]{3}/}", "ab 12 34", false),
    ("${:any}", "", true), ("a${:any}b", "ax\nab", true), ("a${:any}b", "ax\nxb", false), ("a${:any}c", "xabcx", true),
    ("${:/\\d+$/}", "size 123 bytes", true),
  ])
  func `a text can be looked for inside a line`(template: String, line: String, occurs: Bool) throws {
    let result = try Text(template: template, at: .nowhere).occurs(in: Array(line.utf8), Bindings())
    #expect((result != .differs) == occurs)
    #expect(result != .limit)
  }

  @Test func `what is found inside a line is leftmost, and as long as can be`() throws {
    let line = Array("ids: ab-12 cd-34".utf8)
    guard case .matched(let match) = try Text(template: "${id:/[a-z]+-\\d+/}", at: .nowhere).occurs(in: line, Bindings()) else {
      return _ = Issue.record("no match")
    }
    #expect(match.bindings == [Binding("id", Array("ab-12".utf8))])
    #expect(match.holes == [5..<10])
  }

  @Test func `every byte is matched as it is`() throws {
    let every = Array(UInt8.min...UInt8.max).filter { $0 != 10 }
    let text = Text(pieces: [.literal(every), .hole(Hole(nil, .type(.any))), .literal(every)])
    #expect(text.match(every + every, Bindings()) != .differs)
    #expect(text.match(every + [0xff, 0] + every, Bindings()) != .differs)
    #expect(text.match(every + [10] + every, Bindings()) == .differs)
  }
}
