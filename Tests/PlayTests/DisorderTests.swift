import Play
import Results
import Support
import Testing
import Transcript
import Wire

/// The same things happening to a transfer in every order, and anything at all in any order.
@Suite struct DisorderTests {
  enum Happening: CaseIterable { case connected, preliminary, content, ended, final }

  /// Every order in which the replies keep theirs, and what happens to the connection, too.
  static let orders: [[Happening]] = permutations(Happening.allCases).filter { order in
    func at(_ happening: Happening) -> Int { order.firstIndex(of: happening) ?? 0 }
    return at(.preliminary) < at(.final) && at(.connected) < at(.content) && at(.content) < at(.ended)
  }

  @Test(arguments: orders) func `what comes first makes no difference`(order: [Happening]) throws {
    var play = try Dialogue("ftp", TransferTests.passive)
    _ = play.happens(.connected(own: client, peer: server))
    _ = play.hears("220 ready\r\n")
    _ = play.hears("227 Entering Passive Mode (10,0,0,1,19,136)\r\n")
    var said = ""
    for happening in order {
      switch happening {
      case .connected: said += play.happens(.connected(on: .data(0)))
      case .preliminary: said += play.hears("150 Here it comes\r\n")
      case .content: said += play.takes(TransferTests.listing, on: 0)
      case .ended: said += play.happens(.ended(.finished, on: .data(0)))
      case .final: said += play.hears("226 Done\r\n")
      }
    }
    #expect(said == "QUIT\r\n")
    #expect(play.differences == [])
    #expect(play.lines[0] == ["dial 5000", "<close>"])
  }

  @Test func `there is an end to whatever happens`() throws {
    var generator = Seeded(959)
    for script in [TransferTests.passive, TransferTests.active, UploadTests.upload, UploadTests.abort] {
      for _ in 0..<300 {
        var play = try Dialogue("ftp", script)
        _ = play.happens(.connected(own: client, peer: server))
        var steps = 0
        while !play.isFinished, steps < 60 {
          steps += 1
          let line = LineName.data(Int.random(in: 0...1, using: &generator))
          switch Int.random(in: 0...9, using: &generator) {
          case 0...3: _ = play.hears(Self.replies.randomElement(using: &generator) ?? "")
          case 4: _ = play.happens(.connected(on: line))
          case 5: _ = play.happens(.listening(Endpoint(client.address, 5001), on: line))
          case 6: _ = play.happens(.ended(Bool.random(using: &generator) ? .finished : .reset, on: line))
          case 7: _ = play.happens(.sent(on: line))
          case 8: _ = play.takes("12345\r\n", on: line == .data(0) ? 0 : 1)
          default: _ = play.happens(.failed(.refused, "no", on: line))
          }
        }
        // Then only time passes.
        var waits = 0
        while !play.isFinished, waits < 40 {
          waits += 1
          _ = play.happens(.listening(Endpoint(client.address, 5001), on: .data(0)))
          _ = play.waits(.seconds(31))
        }
        #expect(play.isFinished)
      }
    }
  }

  private static let replies = [
    "220 ready", "227 (10,0,0,1,19,136)", "200 ok", "150 go", "226 ok", "425 no", "426 cut", "550 no", "221 Bye",
  ]
  .map { $0 + "\r\n" }

  private static func permutations<Element>(_ elements: [Element]) -> [[Element]] {
    guard let first = elements.first else { return [[]] }
    return permutations(Array(elements.dropFirst())).flatMap { rest in
      (0...rest.count).map { Array(rest[..<$0]) + [first] + Array(rest[$0...]) }
    }
  }
}
