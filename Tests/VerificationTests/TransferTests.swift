import Dialects
import Results
import Testing
import Transcript
import Verification
import Wire

/// What came over a secondary connection, against what was expected of it.
@Suite struct TransferTests {
  func differences(
    _ payload: Payload, _ received: String, _ command: Text = "RETR x", isText: Bool = false, keeping limit: Int = .max
  ) throws -> [String] {
    let ftp = try #require(Registry["ftp"])
    var intake = Intake()
    intake.append(Array(received.utf8).span, limit: limit)
    var verifier = Verifier(ftp, bindings: Bindings(), needed: [], commands: [])
    let step = Step(.data(.server, payload), at: Place(file: "t", line: 9, column: 1))
    return verifier.compareTransfer(step, payload, intake, isText: isText, answering: Message(.client, [command])).map {
      "\($0.place.line): \($0.grade) \($0.kind)"
    }
  }

  func lines(_ templates: String...) throws -> Payload {
    Payload(.lines(try templates.enumerated().map { try Text(template: $1, at: Place(file: "t", line: $0 + 1, column: 1)) }))
  }

  @Test func `a file is compared byte by byte, text line by line`() throws {
    for content in [Payload.Content.text("a\nb\n"), .file("x", Array("a\r\nb\r\n".utf8)), .bytes(Array("a\nb\r\n".utf8))] {
      let payload = Payload(content)
      #expect(try differences(payload, "a\nb\n", isText: true).filter { $0 != "9: drift line-ends" } == [])
      #expect(try differences(payload, "a\r\nb\r\n", isText: true) == [])
      #expect(try differences(payload, "a\r\nc\r\n", isText: true) == ["9: divergence content"])
    }
    #expect(try differences(Payload(.text("a\nb\n")), "a\r\nb\r\n") == ["9: divergence content"])
    #expect(try differences(Payload(.text("a\nb\n")), "a\nb\n") == [])
    #expect(try differences(Payload(.text("a\nb")), "a\r\nb\r\n", isText: true) == ["9: divergence content"])
  }

  @Test func `line ends that the server has not made those of the network are a drift, unless they were so before`() throws {
    let crossed = Payload(.file("x", Array("a\r\nb\r\n".utf8)))
    for payload in [crossed, try lines("a", "b"), Payload(.text("a\r\nb\r\n"))] {
      for seen in ["a\nb\n", "a\r\nb\n"] {
        #expect(try differences(payload, seen, isText: true).map { String($0.drop { $0 != " " }) } == [" drift line-ends"])
      }
      #expect(try differences(payload, "a\r\nb\r\n", isText: true) == [])
    }
    for payload in [Payload(.text("a\nb\n")), Payload(.bytes(Array("a\r\nb\n".utf8))), Payload()] {
      #expect(try differences(payload, "a\nb\n", isText: true) == [])
      #expect(try differences(payload, "a\r\nb\r\n", isText: true) == [])
    }
    #expect(try differences(try lines(Self.a), Self.a + "\n", "LIST", isText: true) == ["9: drift line-ends"])
    #expect(try differences(crossed, "a\nb\n") == ["9: divergence content"])
  }

  @Test func `what differs in a block is told at its line`() throws {
    let place = Place(file: "t", line: 2, column: 1)
    var payload = Payload(.text(try Text(template: "a\nb\n\nc\n", at: place, layout: .block)))
    for (isText, end) in [(true, "\n"), (true, "\r\n"), (false, "\n")] {
      func told(_ lines: String...) throws -> [String] {
        try differences(payload, lines.map { $0 + end }.joined(), isText: isText)
      }
      #expect(try told("a", "b", "", "c") == [])
      #expect(try told("x", "b", "", "c") == ["2: divergence content"])
      #expect(try told("a", "x", "", "c") == ["3: divergence content"])
      #expect(try told("a", "b", "x", "c") == ["4: divergence content"])
      #expect(try told("a", "b") == ["4: divergence content"])
      #expect(try told("a", "b", "", "c", "d") == ["5: divergence content"])
      payload.endsEarly = true
      #expect(try told("a", "b", "x") == ["4: divergence content"])
      payload.endsEarly = false
    }
    #expect(try differences(Payload(.text(try Text(template: "a\nb\n", at: place))), "a\nc\n") == ["2: divergence content"])
    // Its line ends are not all those of the file.
    payload = Payload(.text(try Text(template: "a${%x0A}b\nc\n", at: place, layout: .block)))
    #expect(try differences(payload, "a\nb\nx\n") == ["2: divergence content"])
  }

  @Test func `digests and sizes are those on the wire`() throws {
    var payload = Payload()
    payload.sha256 = Digest.sha256(Array("a\r\n".utf8))
    payload.size = 3
    #expect(try differences(payload, "a\r\n", isText: true) == [])
    #expect(try differences(payload, "a\n", isText: true) == ["9: divergence size", "9: divergence sha256"])
  }

  @Test func `what is too large to be kept is compared by its digest`() throws {
    let text = String(repeating: "0123456789\r\n", count: 100)
    var facts = Payload()
    facts.sha256 = Digest.sha256(Array(text.utf8))
    #expect(try differences(facts, text, keeping: 50) == [])
    #expect(try differences(Payload(.text(Text(text))), text, keeping: 50) == [])
    #expect(try differences(Payload(.text(Text(text.replacing("\r\n", with: "\n")))), text, isText: true, keeping: 50) == [])
    #expect(try differences(Payload(.text(Text(text))), text + "x", keeping: 50) == ["9: divergence content"])
    #expect(try differences(try lines("${:any}"), text, "LIST", isText: true, keeping: 50) == ["9: note match-limit"])
  }

  static let a = "-rw-r--r--    1 0        0               4 Jan 01  2024 a.txt"
  static let b = "-rw-r--r--    1 0        0               5 Jan 01  2024 b.txt"
  static let d = "drwxr-xr-x    2 0        0            4096 Jan 01  2024 d"

  @Test(arguments: [
    ([a, b, d], []),
    ([b, a, d], ["1: note order"]),
    ([a, d], ["2: divergence missing-entry"]),
    ([a, b, d, a.replacing("a.txt", with: "c.txt")], ["3: divergence new-entry"]),
    ([a.replacing(" 4 ", with: "99 "), b, d], ["1: divergence entry-size"]),
    ([a.replacing("Jan", with: "Feb"), b, d], ["1: drift entry-date"]),
    ([a.replacing("-rw-", with: "-rwx"), b, d], ["1: note entry-column"]),
    ([a, b, d.replacing("drwx", with: "-rwx")], ["3: divergence entry-type"]),
  ])
  func `a listing is compared entry by entry`(seen: [String], expected: [String]) throws {
    let found = try differences(try lines(Self.a, Self.b, Self.d), seen.map { $0 + "\r\n" }.joined(), "LIST", isText: true)
    #expect(found == expected)
  }

  @Test func `a pattern for a date or a name takes what comes`() throws {
    let dated = try lines("-rw-r--r--    1 0        0               4 ${:date=Jan 01  2024} a.txt")
    #expect(try differences(dated, Self.a.replacing("Jan 01", with: "Dec 24") + "\r\n", "LIST", isText: true) == [])
    let named = try lines("-rw-r--r--    1 0        0               4 Jan 01  2024 ${:word=a.txt}", Self.b)
    #expect(
      try differences(named, "\(Self.b)\r\n\(Self.a.replacing("a.txt", with: "z.txt"))\r\n", "LIST", isText: true) == ["1: note order"])
  }

  @Test func `of many entries that differ in the same way a few are told, the gravest first`() throws {
    let names = (0..<1000).map { Self.a.replacing("a.txt", with: "f\($0)") }
    let payload = Payload(.lines((names + [Self.b]).enumerated().map { Text($1, place: Place(file: "t", line: $0 + 1, column: 1)) }))
    let seen = names.map { $0.replacing("Jan", with: "Feb") + "\r\n" }.joined()
    let found = try differences(payload, seen, "LIST", isText: true)
    #expect(found.first == "1001: divergence missing-entry")
    #expect(found.count == 11)
  }

  @Test func `exact compares line by line, and so are names that a file holds`() throws {
    var exact = try lines(Self.a, Self.b)
    exact.exact = true
    #expect(try differences(exact, "\(Self.b)\r\n\(Self.a)\r\n", "LIST", isText: true) == ["1: divergence content"])
    #expect(try differences(try lines("b", "a"), "a\r\nb\r\n", "RETR x", isText: true) == ["1: divergence content"])
    var has = Payload()
    has.has = ["a.txt"]
    #expect(try differences(has, "\(Self.b)\r\n", "LIST", isText: true).count == 1)
  }

  @Test func `long listings take time by their length`() throws {
    // Whatever is done for each pair of lines would not be over today.
    let names = (0..<50_000).map { Self.a.replacing("a.txt", with: "f\($0)") }
    let payload = Payload(.lines(names.map { Text($0) }))
    let seen = names.reversed().map { $0 + "\r\n" }.joined()
    #expect(try differences(payload, seen, "LIST", isText: true) == ["9: note order"])
    #expect(try differences(payload, "", "LIST", isText: true).count == 10)
  }
}
