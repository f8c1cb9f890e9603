import Dialects
import Extraction
import Testing
import Transcript
import TranscriptYAML
import Wire

@Suite struct DistinctTests {
  /// Conversations with a server's port, one behind the other, and what becomes of them together.
  private func merge(port: Int = 25, _ scripts: [String], limits: Distinct.Limits = .init()) -> (
    groups: [String], outcomes: [Distinct.Outcome]
  ) {
    let told = scripts.enumerated().map { number, script in
      let lines = script.split(separator: "\n").map { "\(number + 1) \($0)" }
      return (["\(number + 1) c:\(40_000 + number) > s:\(port)"] + lines + ["\(number + 1) over"]).joined(separator: "\n")
    }
    var scene = Scene(told.joined(separator: "\n"))
    scene.play()
    var distinct = Distinct(limits)
    let outcomes = scene.recorded.compactMap { recorded in
      Scribe.write(recorded, source: nil, inlineLimit: 1 << 16, store: { _ in "beside" }).map { distinct.add($0) }
    }
    let groups = outcomes.compactMap { if case .began(let number) = $0 { number } else { nil } }
    return (groups.map { String(decoding: TranscriptWriter.write(distinct[$0]), as: UTF8.self) }, outcomes)
  }

  static func mail(_ to: String, id: String, size: Int, code: String = "250") -> String {
    """
    S: 220 mx.example.org ESMTP
    C: EHLO me.example.org
    S: 250-mx.example.org\\n250 SIZE 1000
    C: MAIL FROM:<a1@example.org> SIZE=\(size)
    S: 250 ok
    C: RCPT TO:<\(to)>
    S: \(code) <\(to)> accepted, \(size) to come
    C: DATA
    S: 354 go
    C: To: \(to)\\n\\nHello\\n.
    S: 250 Ok: queued as \(id)
    C: QUIT
    S: 221 bye, served \(to.count) today
    S.
    """
  }

  static let mails = [
    mail("b1@example.org", id: "1150EF8A7EB", size: 120), mail("carla1@example.org", id: "2250EF8A7EC", size: 1340),
    mail("d22@example.org", id: "3350EF8A7ED", size: 77),
  ]

  @Test func `mails that differ in recipient, size and id are one transcript`() {
    let (groups, outcomes) = merge(Self.mails)
    #expect(outcomes == [.began(0), .joined(0), .joined(0)])
    let yaml = groups.first ?? ""
    #expect(yaml.contains("count: 3"))
    #expect(yaml.contains("to: b1@example.org"), "\(yaml)")
    #expect(yaml.contains("TO:<${to}>"))
    #expect(yaml.contains("mail: 120") || yaml.contains("mail: \"120\""), "\(yaml)")
    #expect(yaml.contains("FROM:<${from}> SIZE=${mail}"), "\(yaml)")
    #expect(yaml.contains("250 <${to}> accepted, ${mail} to come"), "\(yaml)")
    #expect(yaml.contains("queued as ${:token=1150EF8A7EB}"), "\(yaml)")
    #expect(yaml.contains("served ${:number=14} today"), "\(yaml)")
    #expect(yaml.contains("354 go\n"))
  }

  @Test func `another reply code is another transcript, in the order of the first conversations`() {
    let refused = Self.mail("x9@example.org", id: "9", size: 1, code: "251")
    let (groups, outcomes) = merge([Self.mails[0], refused, Self.mails[1], refused])
    #expect(outcomes == [.began(0), .began(1), .joined(0), .joined(1)])
    #expect(groups.count == 2 && groups[1].contains("251 <${to}>"))
  }

  @Test func `one that nothing is like stays as it is`() throws {
    var recorder = Recorder()
    let alone = recorder.plays(Self.mails[0]).yaml()
    let groups = merge([Self.mails[0]]).groups
    #expect(groups.first?.replacing("source: {count: 1}\n", with: "").replacing("source:\n  count: 1\n", with: "") == alone)
  }

  @Test func `what is written is read back without a word`() throws {
    try Self.expectNoWord(about: merge(Self.mails).groups)
  }

  private static func expectNoWord(about groups: [String]) throws {
    for group in groups {
      let (read, diagnostics) = TranscriptReader { (path) throws(LoadError) in throw LoadError(description: path) }
        .read(Array(group.utf8), file: "x.yaml")
      #expect(diagnostics.isEmpty && read != nil, "\(diagnostics)\n\(group)")
    }
  }

  @Test func `the order of those that follow does not count`() {
    let two = merge([Self.mails[0], Self.mails[2], Self.mails[1]]).groups
    #expect(two == merge(Self.mails).groups)
  }

  @Test func `a number of words that differs is anything`() {
    let script = { (text: String) in "S: +OK hi\nC: NOOP\nS: +OK \(text), bye\nC: QUIT\nS: +OK" }
    let group = merge(port: 110, [script("one mail"), script("no mail at all"), script("x")]).groups.first ?? ""
    #expect(group.contains("+OK ${:any=one mail}, bye"), "\(group)")
  }

  @Test func `what the client asks for is a variable, and has its name in the answer`() {
    let script = { (file: String, size: Int) in
      "S: 220 hi\nC: USER a1\nS: 230 ok\nC: SIZE \(file)\nS: 213 \(size)\nC: DELE \(file)\nS: 250 deleted \(file)\nC: QUIT\nS: 221 bye"
    }
    let group = merge(port: 21, [script("a.txt", 4), script("bcd.png", 18)]).groups.first ?? ""
    #expect(group.contains("a.txt"))
    #expect(group.contains("deleted ${"), "\(group)")
    #expect(!group.contains("DELE a.txt") && group.contains("213 ${:number=4}"), "\(group)")
  }

  @Test func `what the server says first and the client repeats is bound`() {
    let script = { (word: String) in "S: 220 x SMTP\nC: HELO a\nS: 250 ticket \(word) given\nC: NOOP \(word)\nS: 250 ok" }
    let group = merge([script("alpha"), script("beta"), script("gamma-x")]).groups.first ?? ""
    #expect(group.contains("ticket ${noop:token=alpha} given"), "\(group)")
    #expect(group.contains("NOOP ${noop}"), "\(group)")
  }

  @Test func `values that are the same by chance in one conversation are two variables`() {
    let script = { (a: String, b: String) in "S: 220 x SMTP\nC: NOOP \(a)\nS: 250 ok\nC: NOOP \(b)\nS: 250 ok" }
    let group = merge([script("one", "one"), script("two", "two"), script("two", "six")]).groups.first ?? ""
    #expect(group.contains("NOOP ${noop}") && group.contains("NOOP ${noop-2}"), "\(group)")
  }

  @Test func `content of a server that differs in its number of lines is left out`() {
    let script = { (body: String) in "S: +OK hi\nC: RETR 1\nS: +OK\\nSubject: x\\n\\n\(body)\\n.\nC: QUIT\nS: +OK" }
    let same = merge(port: 110, [script("1 sheep"), script("22 sheep")]).groups.first ?? ""
    #expect(same.contains("${:number=1} sheep"), "\(same)")
    let other = merge(port: 110, [script("1 sheep"), script("22\\nsheep")]).groups.first ?? ""
    #expect(other.contains("RETR 1") && !other.contains("sheep") && !other.contains("Subject"), "\(other)")
  }

  @Test func `a size whose content is left out is any`() throws {
    let script = { (body: String) in
      "C: GET / HTTP/1.1\\nHost: x.org\\n\nS: HTTP/1.1 200 OK\\nContent-Length: \(body.replacing("\\n", with: "..").count)\\n\\n\(body)\\"
    }
    let (groups, outcomes) = merge(port: 80, [script("one"), script("two\\nlines")])
    #expect(outcomes == [.began(0), .joined(0)])
    #expect(groups.first?.contains("Content-Length: ${:number=0}") == true, "\(groups)")
    try Self.expectNoWord(about: groups)
  }

  @Test func `a date is one pattern`() {
    let script = { (date: String) in "S: 220 x SMTP\nC: NOOP\nS: 250 since \(date), really\nC: QUIT\nS: 221 bye" }
    let group = merge([script("Mon, 23 Nov 2026 08:04:07 +0000"), script("Tue, 3 Mar 2026 18:04:07 +0000")]).groups.first ?? ""
    #expect(group.contains("250 since ${:date=Mon, 23 Nov 2026 08:04:07 +0000}, really"), "\(group)")
  }

  @Test func `beyond the limit a conversation is not kept`() {
    var limits = Distinct.Limits()
    limits.groups = 1
    let refused = Self.mail("x9@example.org", id: "9", size: 1, code: "251")
    #expect(merge([Self.mails[0], refused, Self.mails[1]], limits: limits).outcomes == [.began(0), .alone, .joined(0)])
  }

  @Test func `a password is a secret, whosever it is`() {
    let script = { (user: String, word: String) in
      "S: +OK\nC: USER \(user)\nS: +OK\nC: PASS \(word)\nS: +OK \(word.count) in\nC: QUIT\nS: +OK"
    }
    let (groups, outcomes) = merge(port: 110, [script("anna1", "sesame!"), script("bob22", "pencil-x")])
    #expect(outcomes == [.began(0), .joined(0)])
    #expect(groups.first?.contains("PASS ${secret.anna1}") == true && groups.first?.contains("pencil") == false)
  }
}
