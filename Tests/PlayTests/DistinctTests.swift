import Dialects
import Extraction
import Play
import Results
import Testing
import Transcript
import TranscriptYAML
import Wire

/// What several conversations became together still is what each of them was.
@Suite struct DistinctTests {
  @Test func `what conversations became together can be played against the server of each`() throws {
    var distinct = Distinct()
    var members: [Int: [Transcript]] = [:]
    for transcript in try RecordedTests.captures.filter({ $0.hasPrefix("Tests") }).flatMap({ try RecordedTests.transcripts(of: $0) }) {
      switch distinct.add(transcript) {
      case .began(let group), .joined(let group): members[group, default: []].append(transcript)
      case .alone: Issue.record("\(transcript.file) was not kept")
      }
    }
    #expect(members.values.contains { $0.count > 3 })
    for (group, members) in members.sorted(by: { $0.key < $1.key }) where members.count > 1 {
      let merged = try Self.reread(distinct[group])
      guard merged.conversations[0].steps.first?.message != nil else { continue }
      for member in members where !member.conversations[0].steps.contains(where: \.isWithoutContent) && member.about == nil {
        let theatre = try RecordedTests.play(merged, server: member)
        let told = Theatre.differences(theatre.client).filter { !$0.hasSuffix("note unlisted-code") && !$0.hasSuffix("note unsolicited") }
        #expect(told == [], "\(members[0].file) against \(member.file)")
        #expect(theatre.client.steps.allSatisfy { $0.state == .done }, "\(members[0].file) against \(member.file)")
      }
    }
  }

  @Test func `what a server says that varies fits what each said`() throws {
    let fetch = { (count: Int, size: Int, word: String) in
      """
      S: +OK \(word) ready
      C: STAT
      S: +OK \(count) \(size)
      C: RETR \(count)
      S: +OK \(size) octets
      message: Subject: \(word)//\(size) sheep\(count == 2 ? " and goats" : "")
      C: NOOP
      S: +OK \(String(repeating: word + " ", count: count))done
      C: QUIT
      S: +OK
      close: S
      """
    }
    let told = [fetch(1, 320, "alpha"), fetch(2, 4711, "beta"), fetch(3, 5, "x:y")]
    let members = try told.map { Transcript(conversations: [try conversation("pop3", $0)]) }
    var distinct = Distinct()
    #expect(members.map { distinct.add($0) } == [.began(0), .joined(0), .joined(0)])
    let merged = try Self.reread(distinct[0])
    #expect(merged.vars.map(\.name) == ["retr"])
    for (member, count) in zip(members, 1...) {
      let script = try Script(merged.conversations[0], of: merged)
      var client = Bindings()
      client.bind("retr", Array("\(count)".utf8))
      let theatre = Theatre(script, server: try Script(member.conversations[0], of: member, acting: .server), clientBindings: client)
      #expect(Theatre.differences(theatre.client) == [])
      #expect(Theatre.differences(theatre.server) == [])
    }
  }

  /// As a file says it, and without a word about it.
  private static func reread(_ transcript: Transcript) throws -> Transcript {
    let yaml = TranscriptWriter.write(transcript)
    // What is in files beside it is the same, whichever they are.
    var contents: [String: [UInt8]] = [:]
    for step in transcript.conversations[0].steps {
      for payload in step.payloads { if case .file(let name, let content)? = payload.content { contents[name] = content } }
    }
    let reader = TranscriptReader { [contents] (path) throws(LoadError) in
      guard let content = contents.first(where: { path.hasSuffix($0.key) })?.value else { throw LoadError(description: path) }
      return content
    }
    let (read, diagnostics) = reader.read(yaml, file: "merged.yaml")
    #expect(diagnostics.isEmpty, "\(diagnostics)\n\(String(decoding: yaml, as: UTF8.self))")
    return try #require(read)
  }
}

extension Step {
  fileprivate var payloads: [Payload] {
    switch action {
    case .data(_, let payload): [payload]
    case .say(let message): message.parts.compactMap { if case .payload(let payload) = $0.content { payload } else { nil } }
    default: []
    }
  }
}
