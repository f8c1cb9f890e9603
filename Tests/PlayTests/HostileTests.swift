import Play
import Results
import Testing
import Transcript
import Wire

/// Servers that do everything wrong: bounded memory and time, a clear difference, never a hang.
@Suite struct HostileTests {
  /// Feeds the client until it is done, at most `limit` times; returns how often.
  func feed(_ play: inout Dialogue, _ bytes: [UInt8], atMost limit: Int) -> Int {
    for count in 0..<limit {
      if play.isFinished { return count }
      _ = play.hears(bytes: bytes)
    }
    return limit
  }

  func begin(_ script: String = "S: 220\nC: EHLO x\nS: 250\nC: QUIT\nS: 221\nclose: S", greeting: String = "220 x\r\n") throws -> Dialogue {
    var play = try Dialogue("smtp", script)
    _ = play.happens(.connected())
    _ = play.hears(greeting)
    return play
  }

  @Test func `a million lines of EHLO are given up`() throws {
    var play = try begin()
    let lines = Array(String(repeating: "250-KEYWORD\r\n", count: 1000).utf8)
    #expect(feed(&play, lines, atMost: 1000) < 200)
    #expect(play.differences.allSatisfy { $0.hasPrefix("3: violation") })
  }

  @Test func `an endless line is given up`() throws {
    var play = try begin()
    #expect(feed(&play, Array(repeating: 65, count: 65_536), atMost: 100) < 50)
    #expect(play.differences.contains("3: violation line-too-long"))
  }

  @Test func `NULs and garbage are given up`() throws {
    for byte in [UInt8(0), 10, 13, 0xff] {
      var play = try begin()
      #expect(feed(&play, Array(repeating: byte, count: 65_536), atMost: 100) < 50)
      #expect(play.differences.contains { $0.hasPrefix("3: violation") })
    }
  }

  @Test func `a flood behind the goodbye is given up`() throws {
    var play = try begin("S: 220\nC: QUIT\nS: 221\nclose: S")
    _ = play.hears("221 x\r\n")
    #expect(feed(&play, Array(String(repeating: "250 ok\r\n", count: 100).utf8), atMost: 100) == 1)
    #expect(play.differences.contains("4: violation unsolicited"))
  }

  @Test func `goodbyes without end are given up`() throws {
    var play = try begin("S: 220\npause: 10s\nC: QUIT\nS: 221")
    let goodbyes = Array(String(repeating: "421 \(String(repeating: "x", count: 400))\r\n", count: 1000).utf8)
    #expect(feed(&play, goodbyes, atMost: 1000) < 1000)
    #expect(play.differences.contains { $0.hasSuffix("divergence flood") })
  }

  @Test func `replies before their commands are told`() throws {
    var play = try begin(greeting: "220 x\r\n250 y\r\n221 z\r\n")
    _ = play.waits(.seconds(30))
    #expect(play.isFinished)
    #expect(play.differences.contains { $0.hasSuffix("violation unsolicited") })
  }

  @Test(arguments: [1, 2, 3, 5]) func `a server that speaks in pieces is as good as any`(size: Int) throws {
    var play = try Dialogue("smtp", ClientRoleTests.mail)
    _ = play.happens(.connected())
    for reply in MutationTests.smtp {
      var rest = Array((reply + "\r\n").utf8)[...]
      while !rest.isEmpty {
        _ = play.hears(bytes: Array(rest.prefix(size)))
        rest = rest.dropFirst(size)
      }
    }
    _ = play.happens(.ended(.finished))
    #expect(play.isFinished)
    #expect(play.differences == [])
  }

  @Test func `whatever comes, wherever it is cut, the conversation ends`() throws {
    let wire = Array(MutationTests.smtp.map { $0 + "\r\n" }.joined().utf8)
    for end in [Ending.finished, .reset] {
      for count in 0...wire.count {
        var play = try Dialogue("smtp", ClientRoleTests.mail)
        _ = play.happens(.connected())
        // Each byte only once it could come: replies to commands that were said.
        for byte in wire.prefix(count) { _ = play.hears(bytes: [byte]) }
        _ = play.happens(.ended(end))
        #expect(play.isFinished)
        let isWhole = count == wire.count
        #expect(play.differences.contains { $0.hasSuffix("closed-early") } != isWhole, "\(count): \(play.differences)")
      }
    }
  }
}
