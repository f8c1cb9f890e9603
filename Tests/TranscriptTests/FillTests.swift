import Support
import Testing
import Transcript
import Wire

@Suite struct FillTests {
  private static let now = Instant(nanoseconds: 1_795_419_281_005_757_000)

  private func fill(_ template: String, _ bindings: inout Bindings) throws -> String {
    String(decoding: try Text(template: template, at: .nowhere).fill(&bindings, at: Self.now), as: UTF8.self)
  }

  @Test func `the bound value comes first, then the example`() throws {
    var bindings = Bindings()
    bindings.bind("to", Array("etu1@local.demo".utf8))
    #expect(try fill("RCPT TO:<${to}>", &bindings) == "RCPT TO:<etu1@local.demo>")
    #expect(try fill("${to:token=other}", &bindings) == "etu1@local.demo")
    #expect(try fill("${id:token=x1} ${id}", &bindings) == "x1 x1")
    #expect(bindings["id"] == Binding("id", Array("x1".utf8), .token))
    #expect(try fill("${r:/[a-z]/=q}${:/[a-z]/=p}", &bindings) == "qp")
    #expect(bindings["r"] == Binding("r", Array("q".utf8)))
    #expect(try fill("caf${:any=}$${", &bindings) == "caf${")
  }

  @Test func `a new value is made once for its name`() throws {
    var bindings = Bindings()
    let line = try fill("${mid:uuid} ${mid}", &bindings)
    #expect(line.split(separator: " ").count == 2)
    #expect(Set(line.split(separator: " ")).count == 1)
    #expect(try fill("${mid:uuid}", &bindings) == line.prefix(36))
    var other = Bindings()
    #expect(try fill("${mid:uuid}", &other) != line.prefix(36))
    #expect(try fill("${:date}", &other) == "Mon, 23 Nov 2026 07:34:41 +0000")
    #expect(try fill("${:token}", &other) != fill("${:token}", &other))
  }

  @Test(arguments: [
    ("${x:token=a} ${to}", Unfillable.unbound("to")), ("${secret.p}", .secret("secret.p")), ("${secret.p:token}", .secret("secret.p")),
    ("${plain(user, secret.p)}", .unbound("user")),
    (#"${plain("u", secret.p)}"#, .secret("secret.p")), ("${e:/a+/}", .expression("a+", name: "e")), ("${:ip}", .type(.ip, name: nil)),
    (#"${repeat("a", 16777217)}"#, .argument(.repeat, "the result would be longer than 16777216 bytes")),
    (#"${repeat("ab", 9223372036854775807)}"#, .argument(.repeat, "the result would be longer than 16777216 bytes")),
    (#"${cram-md5("?", "u", "p")}"#, .argument(.cramMD5, "the challenge is not base 64")),
    (#"${repeat("a", "-1")}"#, .argument(.repeat, "the count is not a whole number")),
  ])
  func `what cannot be filled is named, and nothing is bound`(template: String, error: Unfillable) throws {
    var bindings = Bindings()
    #expect(throws: error) { try fill(template, &bindings) }
    #expect(bindings.all.isEmpty)
    #expect(!"\(error)".isEmpty)
  }

  @Test func `an open name cannot be sent`() throws {
    var bindings = Bindings()
    bindings.open = ["to"]
    #expect(throws: Unfillable.unbound("to")) { try fill("${to}", &bindings) }
  }

  @Test func `functions are those of the RFCs`() throws {
    var bindings = Bindings()
    for (name, value) in [
      ("stamp", "<1896.697170952@dbc.mtview.ca.us>"), ("secret.mrose", "tanstaaf"),
      ("challenge", "PDE4OTYuNjk3MTcwOTUyQHBvc3RvZmZpY2UucmVzdG9uLm1jaS5uZXQ+"), ("user", "tim"),
      ("secret.tim", "tanstaaftanstaaf"), ("secret.open", "open sesame"), ("n", "3"),
    ] { bindings.bind(name, Array(value.utf8)) }
    // RFC 1939 §7.
    #expect(try fill("APOP mrose ${apop(stamp, secret.mrose)}", &bindings) == "APOP mrose c4c9334bac560ecc979e58001b3e22fb")
    // RFC 2195 §2.
    #expect(try fill("${cram-md5(challenge, user, secret.tim)}", &bindings) == "dGltIGI5MTNhNjAyYzdlZGE3YTQ5NWI0ZTZlNzMzNGQzODkw")
    // RFC 4616 §4.
    #expect(try fill("${plain(user, secret.tim)}", &bindings) == "AHRpbQB0YW5zdGFhZnRhbnN0YWFm")
    #expect(try fill(#"${plain(user, secret.tim, "boss")}"#, &bindings) == "Ym9zcwB0aW0AdGFuc3RhYWZ0YW5zdGFhZg==")
    // RFC 7617 §2.
    #expect(try fill(#"${basic("Aladdin", secret.open)}"#, &bindings) == "QWxhZGRpbjpvcGVuIHNlc2FtZQ==")
    #expect(try fill("${base64(user)}", &bindings) == "dGlt")
    #expect(try fill(#"${repeat("ab", 3)}${repeat("c", n)}${repeat("", 9223372036854775807)}${repeat("x", 0)}"#, &bindings) == "abababccc")
  }

  @Test func `a result of a secret is one, too`() throws {
    var bindings = Bindings()
    bindings.bind("secret.tim", Array("tanstaaf".utf8))
    let digest = try fill(#"${apop("<1@x>", secret.tim)}"#, &bindings)
    #expect(bindings.redactor.redact("APOP tim \(digest) tanstaaf") == "APOP tim *** ***")
  }

  @Test func `what was filled matches its own text`() throws {
    var generator = Seeded(5)
    for _ in 0..<1000 {
      let pieces: [Text.Piece] = (0..<Int.random(in: 1...5, using: &generator)).flatMap { at -> [Text.Piece] in
        let type = ValueType.allCases[Int.random(in: ValueType.allCases.indices, using: &generator)]
        let example: [UInt8]? = type == .ip ? Array("::1".utf8) : type == .port ? Array("25".utf8) : nil
        return [
          .hole(Hole(Bool.random(using: &generator) ? "n\(at % 2)\(type)" : nil, .type(type), example: example)),
          .literal(Array(" |".utf8)),
        ]
      }
      let text = Text(pieces: pieces)
      var bindings = Bindings()
      let line = try text.fill(&bindings, at: Self.now, using: &generator)
      guard case .matched(let match) = text.match(line, Bindings()) else {
        Issue.record("\(text.template) against \(String(decoding: line, as: UTF8.self))")
        continue
      }
      var received = Bindings()
      received.bind(match)
      #expect(received.all == bindings.all)
      #expect(text.match(line, bindings) != .differs)
    }
  }
}
