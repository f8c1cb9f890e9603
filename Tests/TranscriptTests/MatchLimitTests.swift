import Support
import Testing
import Transcript

@Suite struct MatchLimitTests {
  private func match(_ template: String, _ observed: [UInt8]) throws -> MatchResult {
    try Text(template: template, at: .nowhere).match(observed, Bindings())
  }

  @Test func `an expression that backtracks without end is our failure`() throws {
    #expect(try match("x ${:/(a+)+$/} y", Array("x ".utf8) + [UInt8](repeating: 0x61, count: 5000) + Array("! y".utf8)) == .limit)
  }

  @Test func `an expression that does not compile is our failure`() throws { #expect(try match("${:/(/}", [0x28]) == .limit) }

  @Test(arguments: [
    "${:any}a${:any}a${:any}a${:any}a${:any}b", "${:token}-${:token}-${:token}-${:token}!", "${:number}${:number}${:number}${:number}!",
    "${:base64}${:base64}${:base64}!",
    "${a:any}${:token}${a}${b:token}${b}!", "${:date}${:date}${:date}!", "${:host}${:host}${:ip}!", "${:/a*/}${:/a*/}${:/a*/}!",
    "${:word}${:any}${:word}${:any}${:word}!",
  ])
  func `hostile lines stay bounded`(template: String) throws {
    for unit in ["a", "1", "-", "a.", "1:", "Mar 05  2024", "\n", " "] {
      let result = try match(template, Array(String(repeating: unit, count: 600).utf8))
      #expect(result == .differs || result == .limit)
    }
  }

  @Test func `many any in a long line cost no more than the line`() throws {
    let line = [UInt8](repeating: 0x61, count: 60_000)
    #expect(try match("${:any}a${:any}a${:any}a${:any}ab", line) == .differs)
    #expect(try match("${:any}b${:any}", line) == .differs)
  }

  @Test func `a thousand patterns are matched`() throws {
    let template = String(repeating: "${:number},", count: Text.mostHoles)
    #expect(try match(template, Array(String(repeating: "12,", count: Text.mostHoles).utf8)) != .differs)
    #expect(try match(template, Array(String(repeating: "12,", count: Text.mostHoles - 1).utf8)) == .differs)
  }

  @Test func `a page of lines is matched line by line`() throws {
    let template = (0..<300).map { "<p>\($0) ${:any} at ${:date}</p>${%x0D.0A}" }.joined()
    let page = (0..<300).map { "<p>\($0) some words at 2024-03-05</p>\r\n" }.joined()
    #expect(try match(template, Array(page.utf8)) != .differs)
    #expect(try match(template, Array(page.utf8) + [0x21]) == .differs)
  }

  /// Every way of cutting the line is tried; the matcher must agree on whether there is one.
  @Test func `what the matcher says is what trying everything says`() throws {
    var generator = Seeded(4)
    let types: [ValueType] = [.any, .word, .token, .number, .hex, .base64, .port]
    let alphabet = Array("a1 .=-".utf8)
    for _ in 0..<3000 {
      let pieces: [Text.Piece] = (0..<Int.random(in: 1...5, using: &generator)).map { _ in
        switch Int.random(in: 0..<5, using: &generator) {
        case 0, 1: .literal([alphabet[Int.random(in: alphabet.indices, using: &generator)]])
        case 2: .hole(Hole(["x", "y"][Int.random(in: 0...1, using: &generator)], .type(.token)))
        default: .hole(Hole(nil, .type(types[Int.random(in: types.indices, using: &generator)])))
        }
      }
      let text = Text(pieces: pieces)
      let line = (0..<Int.random(in: 0...8, using: &generator)).map { _ in alphabet[Int.random(in: alphabet.indices, using: &generator)] }
      let result = text.match(line, Bindings())
      let expected = cuts(text.pieces[...], line[...], [:])
      #expect((result != .differs) == (expected != nil), "\(text.template) against '\(String(decoding: line, as: UTF8.self))'")
      if case .matched(let match) = result {
        #expect(match.holes.map { Array(line[$0]) } == expected, "\(text.template) against '\(String(decoding: line, as: UTF8.self))'")
      }
    }
  }

  private func cuts(_ pieces: ArraySlice<Text.Piece>, _ line: ArraySlice<UInt8>, _ names: [String: [UInt8]]) -> [[UInt8]]? {
    guard let piece = pieces.first else { return line.isEmpty ? [] : nil }
    guard case .hole(let hole) = piece, case .type(let type) = hole.content else {
      guard case .literal(let bytes) = piece, line.starts(with: bytes) else { return nil }
      return cuts(pieces.dropFirst(), line.dropFirst(bytes.count), names)
    }
    let counts = type == .any ? Array(0...line.count) : Array((0...line.count).reversed())
    for count in counts {
      let value = Array(line.prefix(count))
      var names = names
      if let name = hole.name {
        if let known = names[name], known != value { continue }
        names[name] = value
      }
      if type.fits(value), let rest = cuts(pieces.dropFirst(), line.dropFirst(count), names) { return [value] + rest }
    }
    return nil
  }
}
