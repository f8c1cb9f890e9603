import Dialects
import Testing
import Transcript
import Wire

@Suite struct DNSSessionTests {
  @Test func `a question is put and answered`() {
    var exchange = Datagrams()
    let question = exchange.write(
      Message(
        .client, ["www.local.demo. IN A"],
        [Part("flags", .set(["rd"])), Part("edns", .fields([Part.Field("size", ["1232"]), Part.Field("do", ["true"])]))]))
    #expect(exchange.hear(question, from: .client) == ["C0 www.local.demo. IN A {rd}"])
    let reply = exchange.write(answer("NOERROR", "www.local.demo. 0 IN A 192.168.1.1"))
    #expect(Array(reply[..<2]) == Array(question[..<2]))
    #expect(exchange.hear(reply, from: .server) == ["S0=0 NOERROR {qr⏎rd⏎ra} {www.local.demo. 0 IN A 192.168.1.1}"])
  }

  @Test func `what EDNS says is a part, and the upper bits of a code are in it`() {
    var exchange = Datagrams()
    let fields = [
      Part.Field("size", ["4096"]), Part.Field("do", ["true"]), Part.Field("version", ["1"]), Part.Field("flags", ["1"]),
      Part.Field("options", ["COOKIE 0011", "OPTION65001", "NSID"]),
    ]
    let sounds = exchange.hears(exchange.write(Message(.client, [". IN NS"], [Part("edns", .fields(fields))])), from: .client)
    guard case .message(let heard)? = sounds.first else {
      Issue.record("\(sounds.map(describe))")
      return
    }
    #expect(heard.message.parts == [Part("edns", .fields(fields))])
    #expect(exchange.hear(exchange.write(Message(.server, ["BADVERS"])), from: .server) == ["S0=0 BADVERS {qr⏎ra}"])
  }

  @Test(arguments: [
    "NOTIFY x. IN SOA", "UPDATE x. IN SOA", "OPCODE7 x. CH TXT", "x. CLASS32 TYPE731", "STATUS", "a\\.b. IN AAAA", ". IN NS",
  ])
  func `other operations and classes are written as such`(question: String) {
    var exchange = Datagrams()
    let bytes = exchange.write(Message(.client, [Text(question)]))
    #expect(exchange.hear(bytes, from: .client) == ["C0 \(question)"])
    #expect(exchange.hear(exchange.write(Message(.server, ["NOTIMP"])), from: .server).first?.hasPrefix("S0=0 NOTIMP") == true)
  }

  @Test func `each question has another id`() {
    var exchange = Datagrams()
    let ids = (0..<1000).map { number in Array(exchange.ask("x\(number). IN A")[..<2]) }
    #expect(Set(ids).count == 1000)
    #expect(exchange.write(Message(.client, ["x. IN A"])) == exchange.write(Message(.client, ["x. IN A"])))
    #expect(Set((0..<20).map { _ in Datagrams().write(Message(.client, ["x. IN A"])) }).count > 10)
  }

  @Test func `answers come in any order, and records tell which question is meant`() {
    var exchange = Datagrams()
    for name in ["a. IN A", "b. IN A", "c. IN AAAA"] { exchange.ask(name) }
    #expect(exchange.hear(exchange.write(answer("NOERROR", "C. 0 IN AAAA ::1")), from: .server).first?.hasPrefix("S0=2") == true)
    #expect(exchange.hear(exchange.write(answer("NOERROR", "b. 0 IN CNAME x.")), from: .server).first?.hasPrefix("S1=1") == true)
    #expect(exchange.hear(exchange.write(answer("NXDOMAIN")), from: .server).first?.hasPrefix("S2=0") == true)
  }

  @Test func `a question that comes again is one question, and its second answer none`() {
    var exchange = Datagrams()
    let question = exchange.ask("a. IN A")
    #expect(exchange.hear(question, from: .client) == [])
    let reply = exchange.write(answer("NXDOMAIN"))
    #expect(exchange.hear(reply, from: .server).count == 1)
    #expect(exchange.hear(reply, from: .server) == [])
    // Once it is answered, it is a new one.
    #expect(exchange.hear(question, from: .client) == ["C1 a. IN A"])
    #expect(exchange.hear(reply, from: .server).first?.hasPrefix("S1=1") == true)
  }

  @Test func `an answer to another question is told, and answers what its id says`() {
    var exchange = Datagrams()
    let other = exchange.ask("b. IN A")
    var second = Datagrams()
    let question = second.ask("a. IN A")
    let reply = exchange.write(answer("NXDOMAIN")).setting(0, question[0]).setting(1, question[1])
    #expect(second.hear(reply, from: .server) == ["S0=0 NXDOMAIN {qr⏎ra} !wrong-question"])
    #expect(other != question)
  }

  @Test func `an answer with another id is its only question's if it repeats that, else none's`() {
    var exchange = Datagrams()
    exchange.ask("a. IN A")
    let reply = exchange.write(answer("NXDOMAIN"))
    let wrong = reply.setting(0, reply[0] ^ 1)
    var copy = exchange
    #expect(copy.hear(wrong, from: .server) == ["S0=0 NXDOMAIN {qr⏎ra} !wrong-id"])
    exchange.ask("b. IN A")
    #expect(exchange.hear(wrong, from: .server).first?.hasPrefix("S !wrong-id") == true)
    #expect(exchange.hear(reply, from: .server) == ["S0=0 NXDOMAIN {qr⏎ra}"])
  }

  @Test func `the question has to be repeated, letter by letter`() {
    var exchange = Datagrams()
    exchange.ask("wWw.X. IN A")
    let reply = exchange.write(answer("NXDOMAIN"))
    #expect(reply[13..<16].elementsEqual("wWw".utf8))
    var copy = exchange
    #expect(copy.hear(reply.setting(13, UInt8(ascii: "W")), from: .server) == ["S0=0 NXDOMAIN {qr⏎ra} !question-case"])
    copy = exchange
    let bare = Array(reply[..<12]).setting(5, 0)
    #expect(copy.hear(bare, from: .server) == ["S0=0 NXDOMAIN {qr⏎ra} !missing-question"])
    // Who does not understand the question cannot repeat it.
    #expect(exchange.hear(bare.setting(3, bare[3] & 0xf0 | 1), from: .server) == ["S0=0 FORMERR {qr⏎ra}"])
  }

  @Test func `what does not fit into a datagram is cut, and is to be asked for over a stream`() {
    let records = (0..<40).map { "x. 0 IN TXT \"\(String(repeating: "a", count: 20))\($0)\"" }
    let message = Message(.server, ["NOERROR"], [Part("answer", .set(records.map { Text($0) }))])
    var exchange = Datagrams()
    exchange.ask("x. IN TXT")
    let reply = exchange.write(message)
    #expect(reply.count <= 512)
    #expect(exchange.hear(reply, from: .server) == ["S0=0 NOERROR {qr⏎tc⏎ra} {} asksAgain"])
    var larger = Datagrams()
    larger.ask("x. IN TXT", [Part("edns", .fields([Part.Field("size", ["4096"])]))])
    #expect(larger.hear(larger.write(message), from: .server).first?.contains("a39") == true)
    var stream = Datagrams(.stream)
    stream.ask("x. IN TXT")
    #expect(stream.hear(stream.write(message), from: .server).first?.contains("a39") == true)
  }

  @Test func `on a stream a length stands before each message, however the bytes come`() {
    var said = Datagrams(.stream)
    let questions = ["a. IN A", "b. IN AAAA"].flatMap { said.ask($0) }
    var probe = said
    let first = probe.write(answer("NOERROR", "a. 0 IN A 192.0.2.1"))
    probe.hear(first, from: .server)
    let replies = first + probe.write(answer("NXDOMAIN"))
    let expected = ["C0 a. IN A", "C1 b. IN AAAA", "S0=0 NOERROR {qr⏎ra} {a. 0 IN A 192.0.2.1}", "S1=1 NXDOMAIN {qr⏎ra}"]
    for size in 1...replies.count {
      var exchange = Datagrams(.stream)
      var heard: [String] = []
      for (bytes, side) in [(questions, Side.client), (replies, .server)] {
        for start in stride(from: 0, to: bytes.count, by: size) {
          heard += exchange.hear(Array(bytes[start..<min(start + size, bytes.count)]), from: side)
        }
      }
      #expect(heard == expected, "\(size) at a time")
    }
    var early = Datagrams(.stream)
    #expect(early.hear(Array(questions[..<5]), from: .client) == [])
    #expect(early.hear(replies, from: .server) == [])
    #expect(early.hear(Array(questions[5...]), from: .client) == expected)
  }

  @Test func `a message that its side's end cuts is no message`() {
    var exchange = Datagrams(.stream)
    #expect(exchange.hear([0, 40, 1, 2], from: .client) == [])
    #expect(exchange.end(.client).count == 1)
    #expect(exchange.end(.client) == [])
  }

  @Test(arguments: [
    ("x. IN AXFR", [["S1", "A", "A"], ["A"], ["A", "S1"]]), ("x. IN AXFR", [["S1"], ["S1"]]),
    ("x. IN IXFR", [["S1", "S0", "A", "S1", "A"], ["S1"]]),
    ("x. IN IXFR", [["S1", "S0", "A", "S1", "A", "S1"]]), ("x. IN IXFR", [["S1", "A"], ["S1"]]), ("x. IN IXFR", [["S0"]]),
  ])
  func `a zone transfer is one answer, however many messages it takes`(question: String, messages: [[String]]) {
    var exchange = Datagrams(.stream)
    let soa = "x. 0 IN SOA ns.x. root.x. %. 1 1 1 1"
    func record(_ kind: String) -> String { kind == "A" ? "a.x. 0 IN A 192.0.2.1" : soa.replacing("%.", with: String(kind.dropFirst())) }
    exchange.ask(question, [Part("authority", .set([Text(record("S0"))]))])
    // Written as answers to a question for anything, they are single messages.
    var heard: [String] = []
    for (index, message) in messages.enumerated() {
      var plain = Datagrams(.stream)
      plain.ask(question, [Part("authority", .set([Text(record("S0"))]))])
      var bytes = plain.write(Message(.server, ["NOERROR"], [Part("answer", .set(message.map { Text(record($0)) }))]))
      let asked = exchange.write(answer("NOERROR", "a. 0 IN A 1.1.1.1"))
      bytes[2] = asked[2]
      bytes[3] = asked[3]
      heard += exchange.hear(bytes, from: .server)
      #expect(heard.count == (index + 1 == messages.count ? 1 : 0))
    }
    let all = messages.flatMap { $0.map(record) }.joined(separator: "⏎")
    #expect(heard == ["S0=0 NOERROR {qr⏎ra} {\(all)}"])
    // The next question is answered as ever.
    exchange.ask("b. IN A")
    #expect(exchange.hear(exchange.write(answer("NXDOMAIN")), from: .server).first?.hasPrefix("S1=1 NXDOMAIN") == true)
  }

  @Test func `a large zone is written in several messages`() {
    var exchange = Datagrams(.stream)
    exchange.ask("x. IN AXFR")
    let soa = "x. 0 IN SOA ns.x. root.x. 1 1 1 1 1"
    let records = [soa] + (0..<3000).map { "host\($0).x. 0 IN TXT \"\(String(repeating: "t", count: 40))\"" } + [soa]
    let bytes = exchange.write(Message(.server, ["NOERROR"], [Part("answer", .set(records.map { Text($0) }))]))
    let sounds = exchange.hears(bytes, from: .server)
    guard case .message(let heard)? = sounds.first, case .set(let got)? = heard.message[part: "answer"] else {
      Issue.record("nothing was heard")
      return
    }
    #expect(got.map { String(decoding: $0.recorded, as: UTF8.self) } == records)
    #expect(heard.violations == [])
  }

  @Test func `bytes are sent as they are, and what is no question is its bytes`() {
    var exchange = Datagrams()
    let odd: [UInt8] = [0, 1, 255]
    let message = Message(.client, [], [Part(Part.raw, .payload(Payload(.bytes(odd))))])
    #expect(exchange.write(message) == odd)
    let sounds = exchange.hears(odd, from: .client)
    guard case .message(let heard)? = sounds.first else {
      Issue.record("\(sounds.map(describe))")
      return
    }
    #expect(heard.message == message)
    #expect(heard.violations.map(\.kind) == ["short-message"])
    // Two questions in one message cannot be one line.
    let two = exchange.ask("a. IN A").setting(5, 2) + [0, 0, 1, 0, 1]
    #expect(exchange.hear(two, from: .client).first?.contains("!question-count") == true)
  }
}
