import Support
import Testing
import Transcript
import TranscriptYAML

/// Transcripts that an editor, a disk or a merge has spoilt: never a crash, always a transcript or an error with its place.
@Suite struct MutationTests {
  private static let sample = Array(
    """
    \u{feff}replique: 1
    title: "A \\u00e9 title"   # said
    vars: {to: etu1@local.demo, 'c''c': "x\\t${to}"}
    grades: {late: note}
    conversations:
      - name: one
        protocol: smtp
        exchange:
          - S: 220 é 😀 ${:any=x}
            or: [421, '5yz']
          - C: >
              folded
          - S: |2+
               250-a${%x20}
            \t 250 ${x:/a\\/[b]/=a/b} ${x}

          - C:
              message: |
                Subject: x

                .
              x-y: 1
          - {close: S, within: 500ms}

    """.replacing("C: >\n          folded", with: "C: \"${plain(to, secret.p)}\"").utf8)

  private func check(_ bytes: [UInt8], _ what: @autoclosure () -> String) {
    let (transcript, found) = TranscriptReader { (_) throws(LoadError) in throw LoadError(description: "no such file") }.read(
      bytes, file: "t")
    let errors = found.filter { $0.severity == .error }
    #expect((transcript != nil) == errors.isEmpty, "\(what())")
    let source = SourceText(file: "t", bytes: bytes)
    for diagnostic in found {
      #expect((1...source.lineCount).contains(diagnostic.place.line) && diagnostic.place.column >= 1, "\(what()): \(diagnostic)")
      #expect(diagnostic.place.column <= (source.line(diagnostic.place.line)?.count ?? 0) + 1, "\(what()): \(diagnostic)")
    }
  }

  @Test func `cut anywhere`() {
    for count in 0...Self.sample.count { check(Array(Self.sample.prefix(count)), "cut at \(count)") }
    for count in 0...Self.sample.count { check(Array(Self.sample.dropFirst(count)), "begun at \(count)") }
  }

  @Test(arguments: Project.examples)
  func `an example cut anywhere`(path: String) throws {
    let bytes = try Project.bytes(of: path)
    for count in stride(from: 0, through: bytes.count, by: bytes.count > 1000 ? 3 : 1) {
      check(Array(bytes.prefix(count)), "\(path) cut at \(count)")
    }
  }

  @Test func `any byte changed`() {
    var random = Seeded(11)
    let odd: [UInt8] = Array("\0\t\n\r #:-[]{}'\"|>&*!%@`,?\\$=~<".utf8) + [0x80, 0x85, 0xc2, 0xe2, 0xff]
    for at in Self.sample.indices {
      var bytes = Self.sample
      bytes[at] = random.isHeads() ? random.one(of: odd) : UInt8(truncatingIfNeeded: random.next())
      check(bytes, "\(bytes[at]) at \(at)")
      bytes.insert(random.one(of: odd), at: at)
      check(bytes, "\(bytes[at]) inserted at \(at)")
    }
  }

  @Test func `lines lost, doubled and in another order`() {
    var random = Seeded(12)
    let lines = Self.sample.split(separator: 10, omittingEmptySubsequences: false).map { Array($0) }
    for _ in 0..<300 {
      let some = (0..<lines.count).map { at in random.number(0...4) == 0 ? random.one(of: lines) : lines[at] }
      check(Array(some.joined(separator: [10])), "\(String(decoding: Array(some.joined(separator: [10])), as: UTF8.self))")
    }
  }
}
