import Dialects
import Testing
import Transcript
import TranscriptYAML

@Suite struct ExamplesTests {
  private func read(_ bytes: [UInt8]) -> (Transcript?, [Diagnostic]) {
    TranscriptReader { (path) throws(LoadError) in
      if path.hasSuffix(".bin") { return [0, 1, 2] }
      if path == "files/long.txt", let bytes = try? Project.bytes(of: Project.root + "/Transcripts/lab/" + path) { return bytes }
      guard path.hasSuffix("pop3-login.yaml") else { throw LoadError(description: "\(path): no such file") }
      return Array("replique: 1\nprotocol: pop3\nvars: {user: x}\nexchange:\n  - C: USER ${user}\n  - S: +OK\n".utf8)
    }.read(bytes, file: "x.yaml")
  }

  @Test(arguments: Project.examples)
  func `an example is read, or its protocol is one of a later version`(path: String) throws {
    let bytes = try Project.bytes(of: path)
    let (transcript, found) = read(bytes)
    let errors = found.filter { $0.severity == .error }
    let text = String(decoding: bytes, as: UTF8.self)
    let protocols = text.split(separator: "\n").filter { $0.contains("protocol: ") && !$0.contains("- protocol") }
    let unknown = protocols.filter { line in !Registry.all.contains { line.hasSuffix(": \($0.name)") } }
    #expect(errors.count == unknown.count, "\(errors.map { $0.rendered(in: [SourceText(file: "x.yaml", bytes: bytes)]) })")
    #expect(errors.allSatisfy { $0.message.contains("this version does not speak") && $0.hint?.hasPrefix("it speaks smtp") ?? false })
    #expect((transcript == nil) == !unknown.isEmpty)
  }

  @Test func `what ships is read without a word`() throws {
    #expect(!Project.shipped.isEmpty)
    for path in Project.shipped {
      let (transcript, found) = read(try Project.bytes(of: path))
      #expect(transcript != nil && found == [], "\(path)")
    }
  }

  @Test(arguments: Project.examples + Project.shipped)
  func `an example that is read is the same when written and read again`(path: String) throws {
    guard let transcript = read(try Project.bytes(of: path)).0 else { return }
    let written = TranscriptWriter.write(transcript)
    let (again, found) = read(written)
    #expect(found.filter { $0.severity == .error } == [], "\(String(decoding: written, as: UTF8.self))")
    try expectSame(try #require(again), transcript)
    #expect(TranscriptWriter.write(try #require(again)) == written)
  }
}
