import Dialects
import Testing
import Transcript
import TranscriptYAML
import Wire

@Suite struct TopLevelTests {
  private let step = "exchange:\n  - S: 220\n"

  @Test func `every key at the top is read`() throws {
    let text = """
      replique: 1
      title: A title
      about: |
        Two lines
        of words ${not a pattern}
      tags: [nightly, slow]
      cite: RFC 5321 §4.1.1.1
      protocol: smtp
      target: "[fd00::1]:25"
      transport: tcp
      proxy: proxy.local.demo:3128
      vars: {a: x, b: "${a}y"}
      gate: drift
      grades: {missing-keyword: divergence, wording: note}
      within: 10s
      needs: [STARTTLS]
      locks: [mailbox]
      retry: 2m
      x-mine: {anything: [at, all]}
      source:
        capture: ../Captures/full-lab.pcap
        sha256: \(String(repeating: "0F", count: 32))
        at: 2026-11-23T07:34:41.005757Z
        client: 192.168.1.10:35158
        server: "[fd00::1]:25"
        stream: 3
        by: 0.1.0
        count: 1
      exchange:
        - S: 220 ${b}
      """
    let (read, found) = read(text)
    let transcript = try #require(read, "\(found)")
    let conversation = try #require(transcript.conversations.first)
    #expect(found == [])
    #expect(transcript.title == "A title" && transcript.about == "Two lines\nof words ${not a pattern}\n")
    #expect(transcript.tags == ["nightly", "slow"] && transcript.cite == "RFC 5321 §4.1.1.1" && transcript.locks == ["mailbox"])
    #expect(transcript.vars.map { "\($0.name)=\($0.value?.template ?? "")" } == ["a=x", "b=${a}y"])
    #expect(transcript.gate == .drift && transcript.grades == ["missing-keyword": .divergence, "wording": .note])
    #expect(conversation.dialect == "smtp" && conversation.target == "[fd00::1]:25" && conversation.transport == .stream)
    #expect(conversation.proxy == "proxy.local.demo:3128" && conversation.within == .seconds(10) && conversation.needs == ["STARTTLS"])
    #expect(conversation.retry == .seconds(120) && conversation.name == nil && conversation.vars == [])
    let source = try #require(conversation.source)
    #expect(source.capture == "../Captures/full-lab.pcap" && source.sha256 == String(repeating: "0f", count: 32))
    #expect(source.at == "2026-11-23T07:34:41.005757Z" && source.client == "192.168.1.10:35158" && source.server == "[fd00::1]:25")
    #expect(source.stream == 3 && source.by == "0.1.0" && source.count == 1)
  }

  @Test func `the version comes first, and is this one`() {
    expect("1️⃣protocol: smtp\n" + step, "begins with 'replique: 1'")
    expect("protocol: smtp\n1️⃣replique: 1\n" + step, "comes first")
    expect("replique: 1️⃣2\nprotocl: smtp\n", "version '2' of the format is not known")
    expect("1️⃣- replique: 1\n", "a transcript is a mapping, not a list")
    expect("1️⃣hello\n", "a transcript is a mapping, not a text")
  }

  @Test func `what is missing is told`() {
    expect("1️⃣replique: 1\nprotocol: smtp\n", "'exchange' is missing")
    expect("1️⃣replique: 1\n" + step, "one of smtp, lmtp, pop3")
    expect("replique: 1\nprotocol: smtp\nexchange: 1️⃣[]\n", "there is no step")
    expect("replique: 1\nprotocol: smtp\nexchange:1️⃣\n", "a list of steps, not nothing")
    expect("replique: 1\nconversations: 1️⃣[]\n", "there is no conversation")
    expect("replique: 1\nconversations: 1️⃣x\n", "a list, not a text")
  }

  @Test func `unknown and repeated keys are told at every level`() {
    expect("replique: 1\nprotocol: smtp\n1️⃣grade: x\n" + step, "did you mean 'grades'?")
    expect("replique: 1\nprotocol: smtp\n1️⃣zzz: x\n" + step, "keys are about, cite, exchange")
    expect("replique: 1\nprotocol: smtp\n1️⃣protocol: pop3\n" + step, "first in line 2")
    expect("replique: 1\nprotocol: smtp\nvars: {a: x, 1️⃣a: y}\n" + step.replacing("220", with: "220 ${a}"), "stands twice")
    expect("replique: 1\nprotocol: smtp\nsource: {1️⃣captur: x}\n" + step, "did you mean 'capture'?")
    expect("replique: 1\nprotocol: smtp\ngrades: {1️⃣reply-cod: note}\n" + step, "did you mean 'reply-code'?")
    expect("replique: 1\nprotocol: smtp\ngrades: {late: 1️⃣nota}\n" + step, "did you mean 'note'?")
    expect("replique: 1\nprotocol: smtp\ngate: 1️⃣x\n" + step, "grades are note, drift, divergence, violation")
    expect("replique: 1\nprotocol: smtp\n1️⃣conn: x\n" + step, "reserved for a later version")
    expect("replique: 1\nprotocol: smtp\n1️⃣name: x\n" + step, "no key 'name'")
    expect(smtp("- S: 220\n  1️⃣hass: [x]"), "did you mean 'has'?")
    expect(smtp("- S: 220\n  1️⃣conn: 2"), "reserved")
    expect(smtp("- S: 220\n  1️⃣S: 250"), "stands twice")
    expect(smtp("- C:\n    message:\n      text: x\n      1️⃣siz: 5"), "did you mean 'size'?")
  }

  @Test func `keys that begin with x are ignored at every level`() {
    let text =
      "replique: 1\nx-a: 1\nprotocol: smtp\ngrades: {x-b: 1}\nsource: {x-c: 1}\n"
      + "exchange:\n  - S: 220\n    x-d: [1]\n  - C: {message: {text: a, x-e: 1}, x-f: 1}\n"
    #expect(read(text).1 == [])
  }

  @Test(arguments: ["imap", "lines", "bytes", "nonsense\\e"])
  func `a protocol of a later version is told with those that are there, and once`(name: String) {
    expect(
      "replique: 1\nprotocol: 1️⃣\"\(name)\"\nexchange:\n  - S: 220\n    nonsense: 1\n".replacing("1️⃣\"", with: "\"1️⃣"),
      "it speaks \(Registry.all.map(\.name).joined(separator: ", "))")
  }

  @Test func `a protocol's misspelt name is told its neighbour`() {
    expect("replique: 1\nprotocol: 1️⃣smpt\n" + step, "did you mean 'smtp'?")
    expect("replique: 1\nprotocol: smtp\ntransport: 1️⃣udp\n" + step, "smtp does not run over udp")
    expect("replique: 1\nprotocol: smtp\ntransport: 1️⃣sctp\n" + step, "'tcp' or 'udp'")
  }

  @Test(arguments: ["500ms", "0s", "10s", "2m"])
  func `a time has a unit`(text: String) throws {
    #expect(Duration(transcript: text)?.transcript == text)
    #expect(read("replique: 1\nprotocol: smtp\nwithin: \(text)\n" + step).1 == [])
  }

  @Test(arguments: ["10", "1h", "-1s", "1.5s", "s", "1 s", "99999999999999999999s", "1S", "١s"])
  func `what is no time is told`(text: String) { expect("replique: 1\nprotocol: smtp\nwithin: 1️⃣\(text)\n" + step, "is a time") }

  @Test(arguments: [
    "localhost", "localhost:", ":25", "localhost:0", "localhost:65536", "fd00::1:25x", "a b:25", "unix:", "[fd00::1]", "http://x:25",
  ])
  func `what is no endpoint is told`(text: String) {
    expect("replique: 1\nprotocol: smtp\ntarget: \"1️⃣\(text)\"\n" + step, "host:port")
    expect("replique: 1\nprotocol: smtp\nproxy: \"1️⃣\(text)\"\n" + step, "host:port")
  }

  @Test(arguments: ["localhost:25", "127.0.0.1:2525", "\"[fd00::1]:25\"", "unix:/run/lmtp", "${x}:25", "${x}"])
  func `what is an endpoint, or may become one, is taken`(text: String) {
    #expect(read("replique: 1\nprotocol: smtp\nvars: {x: y}\ntarget: \(text)\n" + step.replacing("220", with: "220 ${x}")).1 == [])
  }

  @Test func `numbers, digests and truths have their form`() {
    expect(
      "replique: 1\nprotocol: smtp\nsource: {stream: 1️⃣x, count: -1, sha256: abc}\n".replacing(": -1", with: ": 1️⃣-1").replacing(
        ": abc", with: ": 1️⃣abc") + step,
      "whole number", "whole number", "64 hexadecimal digits")
    expect(smtp("- S: 220\n  exact: 1️⃣yes"), "'true' or 'false'")
    expect(smtp("- S: 220\n  optional: 1️⃣True"), "'true' or 'false'")
  }

  @Test func `names are letters, digits, hyphens and underscores`() {
    expect("replique: 1\nprotocol: smtp\nvars: {a.b: x}\n".replacing("a.b", with: "1️⃣a.b") + step, "is no name")
    expect("replique: 1\nprotocol: smtp\nvars: {\"1️⃣é\": x}\n" + step, "is no name")
    #expect(read("replique: 1\nprotocol: smtp\nvars: {a-b_9: x}\nexchange:\n  - S: 220 ${a-b_9}\n").1 == [])
  }

  @Test func `a variable with nothing behind it has to be given`() throws {
    let vars = try #require(read("replique: 1\nprotocol: smtp\nvars:\n  a:\n  b: \"\"\n  c: ~\nexchange:\n  - S: 220 ${a}${b}${c}\n").0)
      .vars
    #expect(vars.map(\.value?.template) == [nil, "", "~"])
    #expect(
      try #require(read("replique: 1\nprotocol: smtp\nvars: {a, b: x}\nexchange:\n  - S: 220 ${a}${b}\n").0).vars.map(\.value?.template)
        == [nil, "x"])
    expect("replique: 1\nprotocol: smtp\nvars:\n  a: 1️⃣#x\nexchange:\n  - S: 220 ${a}\n", "comment")
  }
}

@Suite struct ConversationsTests {
  @Test func `several conversations have what one has, and what stands above them holds for each`() throws {
    let (transcript, found) = read(
      """
      replique: 1
      vars: {x: y}
      within: 5s
      target: localhost:25
      needs: [STARTTLS]
      conversations:
        - name: one
          about: first
          cite: RFC 5321
          protocol: smtp
          gate: note
          grades: {late: drift}
          exchange: [{S: 220 x}]
        - name: two
          protocol: pop3
          target: localhost:110
          within: 1s
          needs: []
          vars: {z: a}
          exchange:
            - S: "+OK ${x}${z}"
      """)
    #expect(found == [])
    let conversations = try #require(transcript).conversations
    #expect(conversations.map(\.name) == ["one", "two"] && conversations.map(\.dialect) == ["smtp", "pop3"])
    #expect(conversations.map(\.within) == [.seconds(5), .seconds(1)])
    #expect(conversations.map(\.target) == ["localhost:25", "localhost:110"] && conversations.map(\.needs) == [["STARTTLS"], []])
    #expect(conversations[0].about == "first" && conversations[0].cite == "RFC 5321" && conversations[0].gate == .note)
    #expect(conversations[0].grades == ["late": .drift] && conversations[1].vars.map(\.name) == ["z"])
  }

  @Test func `what each conversation has does not stand above them`() {
    let rest = "conversations:\n  - {name: a, protocol: smtp, exchange: [{S: 220}]}\n"
    for key in ["protocol: smtp", "exchange: []", "retry: 5s", "source: {}"] {
      expect("replique: 1\n1️⃣\(key)\n" + rest, "each of the 'conversations' has its own")
    }
    expect(
      "replique: 1\n" + rest
        + "  - {1️⃣name: a, protocol: smtp, exchange: [{S: 220}]}\n".replacing("1️⃣name", with: "name").replacing("- {", with: "- 1️⃣{"),
      "two conversations have the name 'a'")
    expect("replique: 1\nconversations:\n  - 1️⃣title: x\n    protocol: smtp\n    exchange: [{S: 220}]\n", "no key 'title'")
    expect("replique: 1\nconversations:\n  - 1️⃣x\n", "a conversation is a mapping, not a text")
  }

  @Test func `a name lives from conversation to conversation`() {
    let text =
      "replique: 1\nconversations:\n  - {name: a, protocol: smtp, exchange: [{S: \"220 ${x:token}\"}]}\n"
      + "  - {name: b, protocol: smtp, target: \"${x}:25\", exchange: [{S: \"220 ${x}\"}]}\n"
    #expect(read(text).1 == [])
  }
}
