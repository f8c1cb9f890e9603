import Dialects
import Testing
import Transcript
import Wire

/// Records as zone files write them, on the wire and back.
@Suite struct DNSRecordTests {
  static let records = [
    "x.org. 300 IN A 192.0.2.1", "x.org. 0 IN AAAA 2001:db8::1", "x.org. 1 IN NS ns.x.org.", "a.x.org. 1 IN CNAME b.x.org.",
    "x.org. 1 IN SOA ns.x.org. root.x.org. 2026112301 7200 3600 1209600 300", "1.2.0.192.in-addr.arpa. 1 IN PTR x.org.",
    "x.org. 1 IN MX 10 mail.x.org.", #"x.org. 1 IN TXT "v=spf1 mx -all" "b \"c\" \\ \001\255" """#,
    "_sip._tcp.x.org. 1 IN SRV 0 5 5060 sip.x.org.", #"x.org. 1 IN NAPTR 100 10 "S" "SIP+D2U" "" _sip._udp.x.org."#,
    #"x.org. 1 IN CAA 0 issue "ca.example; account=1""#,
    "x.org. 1 IN DS 60485 5 1 2BB183AF5F22588179A53B0A98631FAD1A292118",
    "x.org. 1 IN DNSKEY 256 3 5 AQPSKmynfzW4kyBv015MUG2DeIQ3Cbl+BBZH4b/0PY1kxkmvHjcZc8nokfzj31GajIQKY+5CptLr3buXA10hWqTkF7H6",
    "x.org. 1 IN RRSIG A 5 2 86400 20300322173103 20300220173103 2642 x.org. oJB1W6WNGv+ldvQ3WDG0MQkg5IEhjRip8WTr",
    "a.x.org. 1 IN NSEC host.x.org. A MX RRSIG NSEC TYPE1234",
    "0p9mhaveqvm6t7vbl5lop2u3t2rp3tom.x.org. 1 IN NSEC3 1 1 12 AABBCCDD 2T7B4G4VSA5SMI47K61MV5BV1A22BOJR MX DNSKEY NS SOA NSEC3PARAM RRSIG",
    "x.org. 1 IN NSEC3PARAM 1 0 0 -", "_25._tcp.x.org. 1 IN TLSA 3 1 1 0C72AC70B745AC19998811B131D662C9AC69DBDBE7CB23E5B514B566",
    "x.org. 1 IN SSHFP 2 1 123456789ABCDEF67890123456789ABCDEF67890", #"x.org. 1 IN HINFO "PDP-11/70" "UNIX""#,
    #"x.org. 1 IN HTTPS 1 . alpn="h2,h3" port=8443 ipv4hint=192.0.2.1,192.0.2.2 ech=AEX+DQ== ipv6hint=2001:db8::1"#,
    #"x.org. 1 IN SVCB 16 svc.x.org. mandatory=alpn,port alpn="h2" no-default-alpn port=53 key65333="a\000b""#,
    "x.org. 1 IN TYPE731 \\# 6 ABCDEF012345", "x.org. 1 CLASS32 TYPE65280 \\# 0", #"version.bind. 0 CH TXT "9.18""#,
    #"x.org. 1 IN URI 10 1 "ftp://x.org/""#, "x.org. 1 IN DNAME y.org.", "x.org. 1 IN RP m.x.org. .", ". 1 IN NS a.root-servers.net.",
    #"a\.b.c\\d\032e\255.x.org. 1 IN A 192.0.2.1"#, "*.X.ORG. 1 IN A 192.0.2.1", "x.org. 1 IN EUI48 \\# 6 0123456789AB",
    "x.org. 0 ANY A \\# 0", "k. 0 ANY TSIG \\# 2 0102",
  ]

  @Test(arguments: records) func `a record comes back as it was written`(record: String) throws {
    var exchange = Datagrams(.stream)
    exchange.ask("x.org. IN ANY")
    // NSEC3's types come in the order of their numbers, which is the canonical one.
    let written = record.replacing("MX DNSKEY NS SOA NSEC3PARAM RRSIG", with: "NS SOA MX RRSIG DNSKEY NSEC3PARAM")
    let record = record.hasSuffix(" ") ? String(record.dropLast()) : record
    let sounds = exchange.hears(exchange.write(answer("NOERROR", record)), from: .server)
    guard case .message(let heard)? = sounds.first, case .set(let records)? = heard.message[part: "answer"] else {
      Issue.record("\(sounds.map(describe))")
      return
    }
    #expect(records.map { String(decoding: $0.recorded, as: UTF8.self) } == [written.hasSuffix(" ") ? String(written.dropLast()) : written])
    #expect(heard.violations == [])
  }

  @Test(arguments: [
    ("x 60 A 1.2.3.4", "x. 60 IN A 1.2.3.4"), ("x.\tIN\t60   a   1.2.3.4", "x. 60 IN A 1.2.3.4"), ("x. A 1.2.3.4", "x. 0 IN A 1.2.3.4"),
    ("x. 1 IN AAAA 2001:DB8:0:0::1", "x. 1 IN AAAA 2001:db8::1"), ("x. 1 IN TXT bare", #"x. 1 IN TXT "bare""#),
    ("x. 1 IN DS 1 5 1 2bb1 83af", "x. 1 IN DS 1 5 1 2BB183AF"), ("x. 1 IN A \\# 4 0a000001", "x. 1 IN A 10.0.0.1"),
    ("x. 1 IN TYPE1 10.0.0.1", "x. 1 IN A 10.0.0.1"), ("x. 1 IN MX 10 y", "x. 1 IN MX 10 y."), ("x. 1 ANY ANY \\# 0", "x. 1 ANY ANY \\# 0"),
    ("x. 1 IN RRSIG A 5 2 1 1900431063 1897839063 2 x. AAAA", "x. 1 IN RRSIG A 5 2 1 20300322173103 20300220173103 2 x. AAAA"),
  ])
  func `a record may be written in other ways`(record: String, heard: String) {
    var exchange = Datagrams()
    exchange.ask("x. IN ANY")
    #expect(exchange.hear(exchange.write(answer("NOERROR", record)), from: .server).first?.contains("{\(printable(heard))}") == true)
  }

  @Test func `of compressed names all is there`() {
    var exchange = Datagrams()
    exchange.ask("www.local.demo. IN MX")
    let records = (1...3).map { "www.local.demo. 1 IN MX \($0) mail\($0).local.demo." }
    let bytes = exchange.write(answer("NOERROR", records[0], records[1], records[2]))
    #expect(exchange.hear(bytes, from: .server).first?.contains("{\(records.joined(separator: "⏎"))}") == true)
    // A name that was there takes two bytes, one with a new label before it that label more.
    #expect(bytes.count == 12 + (16 + 4) + 3 * (2 + 10 + 2 + 6 + 2))
  }

  @Test(arguments: [
    ("C", "www.x. IN AA", "there is no type 'AA'"), ("C", "www.x. INN A", "there is no class 'INN'"),
    ("C", "www.x.", "a question has a type"),
    ("C", "www.x. IN A B", "'B' stands behind the question"), ("C", "a..b. IN A", "'a..b.' is no name"),
    ("C", String(repeating: "a", count: 64) + ". IN A", "is no name"), ("S", "NOEROR", "there is no response code 'NOEROR'"),
    ("answer", "x. IN A 1.2.3", "this is no data of a record of type A"), ("answer", "x. 300 IN", "a record has a type"),
    ("answer", "x. 300 IN LOC 1 2 3", "no data of a record of type LOC"), ("answer", "x. IN MX mail", "no data of a record of type MX"),
    ("flags", "rdd", "there is no flag 'rdd'"), ("size", "12k", "'12k' is no 'size' of EDNS"), ("sise", "12", "'edns' has no key 'sise'"),
    ("options", "COOKIE xyz", "is no 'options' of EDNS"),
  ])
  func `what could be neither sent nor compared is told`(place: String, text: String, complaint: String) {
    let message =
      switch place {
      case "C": Message(.client, [Text(text)])
      case "S": Message(.server, [Text(text)])
      case "answer", "flags": Message(.server, ["NOERROR"], [Part(place, .set([Text(text)]))])
      default: Message(.server, ["NOERROR"], [Part("edns", .fields([Part.Field(place, [Text(text)])]))])
      }
    let found = DNS().complaints(about: message)
    #expect(found.count == 1)
    #expect(found.first?.message.contains(complaint) == true, "\(found)")
  }

  @Test func `patterns are complained about only where nothing could be right`() throws {
    func complaints(_ template: String) throws -> [String] {
      DNS().complaints(about: Message(.server, ["NOERROR"], [Part("answer", .set([try Text(template: template, at: .nowhere)]))])).map(
        \.message)
    }
    #expect(try complaints("${x} ${:number=0} IN A ${web:ip=192.168.1.1}") == [])
    #expect(try complaints("x. ${:number=0} IN MX 10 ${mx:host=y.}") == [])
    #expect(try complaints("${:any}") == [])
    #expect(try complaints("a..b ${:number=0} IN A ${web:ip=192.168.1.1}") == ["'a..b' is no name"])
  }
}
