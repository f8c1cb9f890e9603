import Dialects
import Results
import Testing
import Transcript
import Verification
import Wire

/// FORMAT's table of grades, row by row: dns. The head stands in line 1, flags in line 2, records from line 11 (answer), 21 and 31 on.
@Suite struct DNSGradeTests {
  func grade(
    _ question: String = "www.x. IN A", _ code: String = "NOERROR", _ answer: [String]? = nil, flags: [String]? = nil,
    authority: [String]? = nil, additional: [String]? = nil, edns: [String: String]? = nil, needed: Set<String> = [],
    or alternatives: [String] = [],
    reply: Message
  ) throws -> (found: [String], verifier: Verifier, hasOutcome: Bool) {
    func set(_ name: String, _ texts: [String]?, from line: Int) throws -> [Part] {
      guard let texts else { return [] }
      return [
        Part(
          name, .set(try texts.enumerated().map { try Text(template: $1, at: Place(file: "t", line: line + $0, column: 1)) }))
      ]
    }
    var parts = try set("flags", flags, from: 2) + set("answer", answer, from: 11)
    parts += try set("authority", authority, from: 21) + set("additional", additional, from: 31)
    if let edns { parts.append(Part("edns", .fields(edns.map { Part.Field($0, [Text($1)]) }))) }
    var step = Step(
      .say(Message(.server, [Text(code, place: Place(file: "t", line: 1, column: 1))], parts)), at: Place(file: "t", line: 1, column: 1))
    step.alternatives = alternatives.map { Text($0) }
    let command = Message(.client, [Text(question)], [Part("edns", .fields([Part.Field("size", ["4096"])]))])
    var follower = Follower(DNS().begin(.datagrams), over: .datagrams)
    var ear = Ear(DNS(), payloadLimit: 1 << 16)
    follower.receive(follower.write(command).span, from: .client, into: &ear)
    follower.receive(follower.write(reply).span, from: .server, into: &ear)
    guard case .message(let heard)? = ear.takeSounds().last else { throw Diagnostic("no reply", at: .nowhere) }
    var verifier = Verifier(DNS(), bindings: Bindings(), needed: needed, commands: [])
    let comparison = verifier.compare(step, heard, answering: command, later: 0)
    return (comparison.differences.map { "\($0.place.line): \($0.grade) \($0.kind)" }, verifier, comparison.hasOutcome)
  }

  func reply(
    _ code: String = "NOERROR", _ answer: [String] = [], flags: [String]? = nil, authority: [String] = [], additional: [String] = [],
    edns: Bool = true
  ) -> Message {
    var parts = [Part("answer", .set(answer.map { Text($0) })), Part("authority", .set(authority.map { Text($0) }))]
    parts.append(Part("additional", .set(additional.map { Text($0) })))
    if let flags { parts.append(Part("flags", .set(flags.map { Text($0) }))) }
    return Message(.server, [Text(code)], parts)
  }

  static let a = "www.x. 300 IN A 192.0.2.1"
  static let b = "www.x. 300 IN A 192.0.2.2"

  @Test func `the response code is the outcome`() throws {
    let other = try grade(reply: reply("NXDOMAIN"))
    #expect(other.found == ["1: divergence reply-code"])
    #expect(!other.hasOutcome)
    #expect(try grade(reply: reply("NOERROR", [Self.a])).found == [])
    #expect(try grade("www.x. IN A", "NXDOMAIN", reply: reply("SERVFAIL")).found == ["1: divergence reply-code"])
    #expect(try grade("www.x. IN A", "SERVFAIL", or: ["REFUSED"], reply: reply("REFUSED")).found == [])
  }

  @Test func `no data is another outcome than data`() throws {
    let none = try grade("www.x. IN A", "NOERROR", [Self.a], reply: reply())
    #expect(none.found == ["11: divergence nodata"])
    #expect(!none.hasOutcome)
    #expect(try grade("www.x. IN A", "NOERROR", [], reply: reply("NOERROR", [Self.a])).found == ["1: divergence nodata"])
    #expect(try grade("www.x. IN A", "NOERROR", [], reply: reply()).found == [])
    // A CNAME alone is no data either.
    let cname = "www.x. 300 IN CNAME y."
    #expect(try grade("www.x. IN A", "NOERROR", [Self.a], reply: reply("NOERROR", [cname])).found == ["11: divergence nodata"])
    // An answer that is not named is not compared.
    #expect(try grade(reply: reply()).found == [])
  }

  @Test func `the records that were asked for are values, in any order`() throws {
    let both = [Self.a, Self.b]
    #expect(try grade("www.x. IN A", "NOERROR", both, reply: reply("NOERROR", both.reversed())).found == [])
    #expect(try grade("www.x. IN A", "NOERROR", both, reply: reply("NOERROR", [Self.b])).found == ["11: divergence missing-record"])
    #expect(try grade("www.x. IN A", "NOERROR", [Self.a], reply: reply("NOERROR", [Self.b])).found == ["11: divergence record"])
    #expect(try grade("www.x. IN A", "NOERROR", [Self.a], reply: reply("NOERROR", both)).found == ["1: divergence new-record"])
  }

  @Test func `what means the same is the same`() throws {
    let written = ["www.X  IN  300 MX 10 MAIL.y", "www.x. MX 20 mail.z."]
    let heard = ["www.x. 300 IN MX 20 mail.z.", "www.x. 300 IN MX 10 mail.y."]
    #expect(try grade("www.x. IN MX", "NOERROR", written, reply: reply("NOERROR", heard)).found == [])
    #expect(
      try grade("www.x. IN AAAA", "NOERROR", ["www.x. IN AAAA 2001:DB8:0::1"], reply: reply("NOERROR", ["www.x. 1 IN AAAA 2001:db8::1"]))
        .found == [])
    // Texts are letter by letter.
    #expect(
      try grade("www.x. IN TXT", "NOERROR", [#"www.x. IN TXT "a""#], reply: reply("NOERROR", [#"www.x. 1 IN TXT "A""#])).found == [
        "11: divergence record"
      ])
  }

  @Test func `another time to live is drift`() throws {
    let other = ["www.x. 60 IN A 192.0.2.1"]
    #expect(try grade("www.x. IN A", "NOERROR", [Self.a], reply: reply("NOERROR", other)).found == ["11: drift ttl"])
    let pattern = ["www.x. ${:number=0} IN A 192.0.2.1"]
    #expect(try grade("www.x. IN A", "NOERROR", pattern, reply: reply("NOERROR", other)).found == [])
    #expect(try grade("www.x. IN A", "NOERROR", ["www.x. IN A 192.0.2.1"], reply: reply("NOERROR", other)).found == [])
  }

  @Test func `the way by CNAMEs is drift, where it leads is not`() throws {
    let direct = [Self.a]
    let way = ["www.x. 300 IN CNAME y.x.", "y.x. 300 IN A 192.0.2.1"]
    let longer = ["www.x. 300 IN CNAME z.x.", "z.x. 300 IN CNAME y.x.", "y.x. 300 IN A 192.0.2.1"]
    #expect(try grade("www.x. IN A", "NOERROR", direct, reply: reply("NOERROR", way)).found == ["1: drift new-cname"])
    #expect(try grade("www.x. IN A", "NOERROR", way, reply: reply("NOERROR", direct)).found == ["11: drift missing-cname"])
    #expect(try grade("www.x. IN A", "NOERROR", way, reply: reply("NOERROR", longer)).found == ["11: drift cname", "1: drift new-cname"])
    #expect(
      try grade("www.x. IN A", "NOERROR", way, reply: reply("NOERROR", [way[0], "y.x. 300 IN A 192.0.2.9"])).found == [
        "12: divergence record"
      ])
    // Asked for itself, it is the value.
    #expect(
      try grade("www.x. IN CNAME", "NOERROR", [way[0]], reply: reply("NOERROR", ["www.x. 300 IN CNAME q."])).found == [
        "11: divergence record"
      ])
    // Round in a circle.
    let circle = ["www.x. 300 IN CNAME y.x.", "y.x. 300 IN CNAME www.x."]
    #expect(try grade("www.x. IN A", "NOERROR", [], reply: reply("NOERROR", circle)).found == ["1: drift new-cname", "1: drift new-cname"])
  }

  @Test func `flags are drift, but for the one that says that something is missing`() throws {
    let flags = ["qr", "aa", "rd", "ra"]
    #expect(try grade(flags: flags, reply: reply(flags: flags)).found == [])
    #expect(try grade(flags: flags, reply: reply(flags: ["rd", "ra", "ad"])).found == ["3: drift missing-flag", "1: drift new-flag"])
    #expect(try grade(flags: ["aa"], reply: reply(flags: ["qr", "aa"])).found == [])
    #expect(try grade(flags: flags, reply: reply(flags: flags + ["tc"])).found == ["1: divergence new-flag"])
  }

  @Test func `other sections, signatures and EDNS are notes`() throws {
    let soa = "x. 60 IN SOA ns.x. root.x. 1 2 3 4 5"
    #expect(try grade(authority: [soa], reply: reply(authority: [soa])).found == [])
    #expect(
      try grade(authority: [soa], reply: reply(authority: ["x. 61 IN SOA ns.x. root.x. 2 2 3 4 5"])).found == ["21: note other-record"])
    #expect(try grade(authority: [soa], reply: reply()).found == ["21: note missing-other-record"])
    #expect(try grade(authority: [], reply: reply(authority: [soa])).found == ["1: note new-other-record"])
    #expect(
      try grade(additional: ["a. IN A 192.0.2.1"], reply: reply(additional: ["b. 0 IN A 192.0.2.1"])).found == ["31: note other-record"])
    let signature = "www.x. 300 IN RRSIG A 5 2 86400 20300322173103 20300220173103 2642 x. oJB1W6WN"
    #expect(
      try grade("www.x. IN A", "NOERROR", [Self.a], reply: reply("NOERROR", [Self.a, signature])).found == ["1: note new-other-record"])
    #expect(try grade(edns: ["size": "512"], reply: reply()).found == ["1: note edns"])
    #expect(try grade(edns: ["size": "1232", "do": "true"], reply: reply()).found == ["1: note missing-edns"])
  }

  @Test func `patterns bind, and what a later step needs has to be there`() throws {
    let mx = ["x. ${:number=0} IN MX 10 ${mx:host=server.x}"]
    let address = ["${mx} ${:number=0} IN A ${ip:ip=192.0.2.1}"]
    let other = reply("NOERROR", ["x. 5 IN MX 10 Mail.x."], additional: ["mail.x. 5 IN A 192.0.2.7"])
    let matched = try grade("x. IN MX", "NOERROR", mx, additional: address, needed: ["mx", "ip"], reply: other)
    #expect(matched.found == [])
    #expect(matched.verifier.bindings["ip"]?.value == Array("192.0.2.7".utf8))
    #expect(matched.verifier.bindings["mx"]?.value.map(\.lowercased) == Array("mail.x.".utf8))
    let gone = try grade(
      "x. IN MX", "NOERROR", mx, additional: address, needed: ["mx", "ip"], reply: reply("NOERROR", ["x. 5 IN MX 10 m.x."]))
    #expect(gone.found == ["31: divergence unbound"])
  }

  @Test func `with exact every record counts, wherever it stands`() throws {
    var step = Step(.say(Message(.server, ["NOERROR"], [Part("answer", .set([Text(Self.a)]))])))
    step.exact = true
    let command = Message(.client, ["www.x. IN A"])
    var verifier = Verifier(DNS(), bindings: Bindings(), needed: [], commands: [])
    func heard(_ records: String...) -> Heard? {
      var follower = Follower(DNS().begin(.datagrams), over: .datagrams)
      var ear = Ear(DNS(), payloadLimit: 1 << 16)
      follower.receive(follower.write(command).span, from: .client, into: &ear)
      follower.receive(follower.write(reply("NOERROR", records)).span, from: .server, into: &ear)
      if case .message(let heard)? = ear.takeSounds().last { return heard }
      return nil
    }
    let same = try #require(heard(Self.a))
    let other = try #require(heard("www.x. 301 IN A 192.0.2.1"))
    #expect(verifier.compare(step, same, answering: command, later: 0).differences == [])
    #expect(verifier.compare(step, other, answering: command, later: 0).differences.map(\.kind) == ["content"])
  }

  @Test func `many records are no work`() throws {
    let records = (0..<4000).map { "www.x. IN TXT \"\($0)\"" }
    let part = Part("answer", .set(records.map { Text($0) }))
    let command = Message(.client, ["www.x. IN TXT"])
    var step = Step(.say(Message(.server, ["NOERROR"], [part])))
    step.name = "many"
    var verifier = Verifier(DNS(), bindings: Bindings(), needed: [], commands: [])
    var follower = Follower(DNS().begin(.stream), over: .stream)
    var ear = Ear(DNS(), payloadLimit: 1 << 16)
    follower.receive(follower.write(command).span, from: .client, into: &ear)
    let shuffled = Message(.server, ["NOERROR"], [Part("answer", .set(records.reversed().map { Text($0) }))])
    follower.receive(follower.write(shuffled).span, from: .server, into: &ear)
    guard case .message(let heard)? = ear.takeSounds().last else { return }
    #expect(verifier.compare(step, heard, answering: command, later: 0).hasOutcome)
  }
}
