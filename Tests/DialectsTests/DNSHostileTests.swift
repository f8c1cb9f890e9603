import Dialects
import Testing
import Transcript
import Wire

@Suite struct DNSHostileTests {
  static let question = Part("edns", .fields([Part.Field("size", ["1232"]), Part.Field("options", ["COOKIE 0011223344556677"])]))

  static func reply(_ exchange: Datagrams) -> [UInt8] {
    exchange.write(
      Message(
        .server, ["NOERROR"],
        [
          Part("answer", .set(["www.x.org. 1 IN CNAME y.x.org.", "y.x.org. 1 IN A 192.0.2.1", #"y.x.org. 1 IN TXT "a""#])),
          Part("authority", .set(["x.org. 1 IN SOA ns.x.org. root.x.org. 1 2 3 4 5", "x.org. 1 IN NSEC a.x.org. A MX"])),
        ]))
  }

  static func asked() -> Datagrams {
    var exchange = Datagrams()
    exchange.ask("www.x.org. IN A", [question])
    return exchange
  }

  @Test func `cut at every byte, it is broken and nothing else`() {
    let exchange = Self.asked()
    let reply = Self.reply(exchange)
    for count in 0..<reply.count {
      var copy = exchange
      let heard = copy.hear(Array(reply[..<count]), from: .server)
      #expect(heard.count == 1 && heard[0].hasPrefix("S !short-message"), "\(count): \(heard)")
    }
  }

  @Test func `whatever byte is another one, something is heard`() {
    let exchange = Self.asked()
    let reply = Self.reply(exchange)
    let question = Datagrams().write(Message(.client, ["www.x.org. IN A"], [Self.question]))
    for at in reply.indices {
      for flip in [0x01, 0x40, 0x80, 0xc0, 0xff] as [UInt8] {
        var copy = exchange
        #expect(copy.hear(reply.setting(at, reply[at] ^ flip), from: .server).count == 1)
        guard at < question.count else { continue }
        var fresh = Datagrams()
        #expect(fresh.hear(question.setting(at, question[at] ^ flip), from: .client).count == 1)
      }
    }
  }

  /// A header that announces that many questions, and then these bytes.
  static func packet(_ questions: Int, _ rest: [UInt8]) -> [UInt8] {
    [0, 1, 0, 0, UInt8(questions >> 8), UInt8(questions & 255), 0, 0, 0, 0, 0, 0] + rest
  }

  struct Trap: CustomTestStringConvertible, Sendable {
    var testDescription: String
    var packet: [UInt8]
    var kind: String

    init(_ what: String, _ kind: String, questions: Int = 1, _ rest: [UInt8]) {
      testDescription = what
      packet = DNSHostileTests.packet(questions, rest)
      self.kind = kind
    }
  }

  static let label: [UInt8] = [63] + [UInt8](repeating: 97, count: 63)
  static let pointers: [UInt8] = Array([[UInt8]](repeating: [0xc0, 0x0c], count: 32_000).joined())
  /// Each pointer leads to the one before it, the first to the root.
  static let chain: [UInt8] =
    [0]
    + (0..<7000).flatMap { number in
      let target = number == 0 ? 12 : 12 + 1 + (number - 1) * 2
      return [0xc0 | UInt8(target >> 8), UInt8(target & 255)]
    }
  static let traps = [
    Trap("a pointer at itself", "name-pointer", [0xc0, 12, 0, 1, 0, 1]),
    Trap("forward", "name-pointer", [0xc0, 18, 0, 1, 0, 1, 1, 97, 0]),
    Trap("round in a circle", "name-pointer", [1, 97, 0xc0, 12, 0, 1, 0, 1]),
    Trap("beyond the end", "name-pointer", [0xff, 0xff, 0, 1, 0, 1]),
    Trap("half a pointer", "short-message", [0xc0]),
    Trap("another kind of label", "label-type", [0x41, 0, 0, 1, 0, 1]),
    Trap("one more", "label-type", [0x81, 0, 0, 1, 0, 1]),
    Trap("too long a name", "name-too-long", label + label + label + label + [0, 0, 1, 0, 1]),
    Trap("64 KB of pointers", "name-pointer", questions: 0xffff, pointers),
    Trap("a chain of pointers", "name-pointer", questions: 0xffff, chain),
    Trap("questions without end", "short-message", questions: 0xffff, [UInt8](repeating: 0, count: 60_000)),
  ]

  @Test(arguments: traps)
  func `names that lead nowhere are bounded, named and no hang`(trap: Trap) {
    let (what, packet, kind) = (trap.testDescription, trap.packet, trap.kind)
    var exchange = Datagrams()
    let sounds = exchange.hears(packet, from: .client)
    guard case .message(let heard)? = sounds.first else {
      Issue.record("\(what): \(sounds.count)")
      return
    }
    #expect(heard.violations.map(\.kind) == [kind], "\(what)")
    // The same of a server is told, and its question still waits.
    var asked = Self.asked()
    let heardOfServer = asked.hears(packet.setting(2, 0x80), from: .server)
    guard case .broken(.server, let violation, _)? = heardOfServer.first else {
      Issue.record("\(what): \(heardOfServer.map(describe))")
      return
    }
    #expect(violation.kind == kind, "\(what)")
    #expect(asked.hear(Self.reply(asked), from: .server).count == 1)
  }

  @Test func `data that is not as its type has it is told, and shown as bytes`() {
    var exchange = Datagrams()
    exchange.ask("x. IN ANY")
    let message = answer("NOERROR", "x. 1 IN TYPE65280 \\# 3 010203")
    var reply = exchange.write(message)
    // 65280 becomes A.
    let at = reply.count - 3 - 10
    reply[at] = 0
    reply[at + 1] = 1
    #expect(
      exchange.hear(reply, from: .server) == ["S0=0 NOERROR {qr⏎ra} {x. 1 IN A \\\\# 3 010203} !record-data".replacing("\\\\", with: "\\")])
  }

  @Test func `a server's question and a client's answer are told`() {
    var exchange = Datagrams()
    let question = exchange.ask("x. IN A")
    #expect(exchange.hear(question, from: .server).first?.hasPrefix("S !not-an-answer") == true)
    #expect(exchange.hear(exchange.write(answer("NXDOMAIN")), from: .client).first?.contains("!not-a-question") == true)
  }

  @Test func `datagrams without end need no memory`() {
    var exchange = Datagrams()
    for number in 0..<50_000 { exchange.hear([UInt8(number & 255), 0, 0x80, 3, 0, 0, 0, 0, 0, 0, 0, 0], from: .server) }
    #expect(exchange.follower.pending(.server) == 0)
    for number in 0..<3000 { exchange.ask("x\(number). IN A") }
    #expect(exchange.follower.pending(.client) == 0)
  }

  @Test func `bytes behind the last record are told`() {
    var exchange = Self.asked()
    #expect(exchange.hear(Self.reply(exchange) + [0, 0, 0], from: .server).first?.contains("!trailing-bytes") == true)
  }
}
