import Support
import Testing
import Transcript

@Suite struct TemplateTests {
  private static let place = Place(file: "t.yaml", line: 7, column: 10)

  private func parse(_ template: String) throws -> Text { try Text(template: template, at: Self.place) }

  @Test(arguments: [
    ("${name}", Hole("name")), ("${a-b_9}", Hole("a-b_9")), ("${secret.p}", Hole("secret.p")), ("${9}", Hole("9")),
    ("${name:token}", Hole("name", .type(.token))), ("${:any}", Hole(nil, .type(.any))),
    ("${:token=a=b}", Hole(nil, .type(.token), example: Array("a=b".utf8))), ("${x:any=}", Hole("x", .type(.any), example: [])),
    (#"${:any=x\}y\z}"#, Hole(nil, .type(.any), example: Array(#"x}y\z"#.utf8))),
    (#"${re:/a\/b\}?/}"#, Hole("re", .expression(#"a/b\}?"#))), (#"${:/[}]\\d/=}}"#, Hole(nil, .expression(#"[}]\\d"#), example: [])),
    ("${:/<[^>]+>/=<1@x>}", Hole(nil, .expression("<[^>]+>"), example: Array("<1@x>".utf8))),
    ("${:/é/=é}", Hole(nil, .expression("é"), example: Array("é".utf8))),
    ("${base64(x)}", Hole(nil, .call(.base64, [.name("x")]))),
    ("${plain( user , secret.p )}", Hole(nil, .call(.plain, [.name("user"), .name("secret.p")]))),
    (#"${basic("a \"b\"", secret.p)}"#, Hole(nil, .call(.basic, [.text(Array(#"a "b""#.utf8)), .name("secret.p")]))),
    ("${apop(stamp, secret.p)}", Hole(nil, .call(.apop, [.name("stamp"), .name("secret.p")]))),
    ("${cram-md5(c, u, secret.p)}", Hole(nil, .call(.cramMD5, [.name("c"), .name("u"), .name("secret.p")]))),
    (#"${repeat("a", 600)}"#, Hole(nil, .call(.repeat, [.text([97]), .number(600)]))),
  ])
  func `each form of a pattern is read`(template: String, hole: Hole) throws {
    let text = try Text(template: template, at: Self.place)
    #expect(text.holes.first == hole)
    #expect(try Text(template: text.template, at: Self.place) == text, "\(text.template)")
  }

  @Test(arguments: ValueType.allCases)
  func `each type has its name`(type: ValueType) throws {
    #expect(try parse("a${x:\(type.rawValue)}b").pieces == [.literal([97]), .hole(Hole("x", .type(type))), .literal([98])])
  }

  @Test(arguments: [
    ("", ""), ("$", "$"), ("$$", "$$"), ("a$b {c} $5", "a$b {c} $5"), ("$${", "${"), ("$$${", "$${"), ("$${HOME}", "${HOME}"), ("{}", "{}"),
    ("a}", "a}"), (#"\${"#, ""), ("${%x41.42}c", "ABc"), ("${%x0d}", "\r"), ("é😀", "é😀"),
  ])
  func `what is no pattern is itself`(template: String, text: String) throws {
    guard template != #"\${"# else { return _ = #expect(throws: Diagnostic.self) { try parse(template) } }
    #expect(try parse(template).literal == Array(text.utf8))
  }

  @Test func `bytes are written in hexadecimal`() throws {
    #expect(try parse("caf${%xE9}${%x00}").literal == Array("caf".utf8) + [0xe9, 0])
    #expect(Text(Array("caf".utf8) + [0xe9, 0, 0x21, 0xc3]).template == "caf${%xE9.00}!${%xC3}")
    #expect(Text("a\u{202e}\u{feff}\r\n").template == "a${%xE2.80.AE.EF.BB.BF.0D.0A}")
  }

  @Test(arguments: [
    ("1️⃣${", "never closed"), ("x1️⃣${name", "never closed"), ("é€1️⃣${name", "never closed"), ("1️⃣${}", "names nothing"),
    ("1️⃣${na me}", "cannot stand"),
    ("1️⃣${né}", "'é' cannot stand"), ("1️⃣${x=1}", "needs a type"), ("1️⃣${x:}", "a type is missing"), ("a ${y} 1️⃣${x:tokn}", "no type 'tokn'"),
    ("1️⃣${x:token", "never closed"), ("1️⃣${x:token=a", "the pattern is never closed"), (#"1️⃣${x:token=a\}"#, "the pattern is never closed"),
    ("1️⃣${:/a", "the expression is never closed"), (#"1️⃣${:/a\/}"#, "the expression is never closed"), ("1️⃣${:/a/", "never closed"),
    ("1️⃣${:/a/x}", "'x' is not expected"),
    ("1️⃣${x:token x}", "' ' is not expected"), ("1️⃣${bas64(x)}", "no function 'bas64'"), ("1️⃣${(x)}", "no function ''"),
    ("1️⃣${base64(}", "an argument of 'base64' is missing"),
    ("1️⃣${base64(x", "never closed"), ("1️⃣${base64(x)", "never closed"), ("1️⃣${base64(x) }", "' ' is not expected"),
    ("1️⃣${base64(x y)}", "'y' is not expected"),
    ("1️⃣${plain(x)}", "takes 2 or 3 arguments, not 1"), ("1️⃣${base64(x, y)}", "takes 1 argument, not 2"),
    (#"1️⃣${base64("x)}"#, "the quoted text is never closed"),
    ("1️⃣${%x}", "two hexadecimal digits"), ("1️⃣${%x4}", "two hexadecimal digits"), ("1️⃣${%x414}", "two hexadecimal digits"),
    ("1️⃣${%x41", "never closed"), ("1️⃣${%x41,42}", "',' is not expected"),
    ("1️⃣${%y}", "'%' cannot stand"), ("1️⃣${a.b}", "'a.b' is no name"), ("1️⃣${secret.}", "'secret.' is no name"),
    ("1️⃣${secret.a.b:any}", "is no name"), ("$${ok} 1️⃣${", "never closed"),
  ])
  func `an error points at its pattern`(marked: String, message: String) throws {
    let parts = marked.split(separator: "1️⃣", omittingEmptySubsequences: false)
    let error = #expect(throws: Diagnostic.self) { try parse(parts.joined()) }
    #expect(error?.message.contains(message) == true, "\(error?.message ?? "")")
    #expect(error?.place.column == 10 + parts[0].count)
    #expect((1...(parts[1].count)).contains(error?.place.length ?? 0))
  }

  @Test func `a misspelt type or function is told its neighbour`() {
    #expect(#expect(throws: Diagnostic.self) { try parse("${x:tokn}") }?.hint == "did you mean 'token'?")
    #expect(#expect(throws: Diagnostic.self) { try parse("${bas64(x)}") }?.hint == "did you mean 'base64'?")
  }

  @Test func `a pattern knows where it stands`() throws {
    let holes = try parse("é ${a}-${b:token=x}").holes
    #expect(
      holes.map(\.place) == [Place(file: "t.yaml", line: 7, column: 12, length: 4), Place(file: "t.yaml", line: 7, column: 17, length: 12)])
  }

  @Test func `a dollar in front of a pattern stays one`() throws {
    let text = Text(pieces: [.literal(Array("a$".utf8)), .hole(Hole("x"))])
    #expect(text.template == "a${%x24}${x}")
    #expect(try parse(text.template) == text)
    let twice = Text(pieces: [.literal(Array("$${$".utf8)), .hole(Hole("x"))])
    #expect(try parse(twice.template) == twice)
  }

  @Test(arguments: [
    Hole("x", .type(.any), example: Array("a}\u{301}".utf8)), Hole("x", .expression("a/\u{301}"), example: Array("}}".utf8)),
    Hole(nil, .call(.plain, [.text(Array(#"a"b"#.utf8)), .name("p")])), Hole(nil, .type(.any), example: Array(#"a\}b"#.utf8)),
  ])
  func `what would end a pattern early is escaped`(hole: Hole) throws {
    let text = Text(pieces: [.hole(hole)])
    #expect(try parse(text.template) == text)
  }

  @Test func `whatever the bytes, the written form is the same text`() throws {
    var generator = Seeded(1)
    let pool: [[UInt8]] = [
      Array("$".utf8), Array("{".utf8), Array("}".utf8), Array("${%x".utf8), Array("é".utf8), Array("😀".utf8), [0], [0xff], [13, 10],
      [0xc3], Array("\u{feff}".utf8), [0x20], [9],
    ]
    for round in 0..<2000 {
      let bytes = (0..<Int.random(in: 0...12, using: &generator)).flatMap { _ in
        round % 2 == 0 ? [UInt8.random(in: .min ... .max, using: &generator)] : pool[Int.random(in: pool.indices, using: &generator)]
      }
      let text = Text(bytes)
      #expect(try parse(text.template) == text, "\(bytes)")
      let behind = Text(pieces: [.literal(bytes), .hole(Hole("x")), .literal(bytes), .hole(Hole(nil, .type(.any)))])
      #expect(try parse(behind.template) == behind, "\(bytes)")
    }
  }
}
