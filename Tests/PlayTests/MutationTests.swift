import Play
import Results
import Testing
import Transcript
import Wire

/// One byte of one reply code changed, anywhere in a conversation: always found where it is, and a failure where the class changes.
@Suite struct MutationTests {
  static let smtp: [String] = [
    "220 mx ESMTP", "250-mx\r\n250-PIPELINING\r\n250 SIZE 1000", "250 2.1.0 Ok", "250 2.1.5 Ok", "250 2.1.5 Ok", "354 Go on",
    "250 2.0.0 Ok: queued as ABC123", "221 2.0.0 Bye",
  ]
  static let smtpSteps = [1, 3, 7, 9, 11, 13, 15, 17]

  static let pop3: [String] = [
    "+OK ready <1896.697170952@x>", "+OK\r\nTOP\r\nUIDL\r\nSASL PLAIN\r\n.", "+OK", "+OK 2 320", "+OK\r\n1 120\r\n2 200\r\n.",
    "+OK 120 octets\r\nSubject: x\r\n\r\n..dot\r\n-- \r\nend\r\n.", "+OK",
  ]
  static let pop3Steps = [1, 3, 6, 8, 10, 13, 16]

  @Test(arguments: smtp.indices) func `a changed digit of an SMTP code is found at its step`(index: Int) throws {
    for (offset, old) in codeBytes(of: Self.smtp[index]) {
      for new in UInt8(ascii: "0")...UInt8(ascii: "9") where new != old {
        let replies = changed(Self.smtp, index, offset, to: new)
        let found = try play("smtp", ClientRoleTests.mail, replies, secrets: [:])
        let here = found.filter { $0.line == Self.smtpSteps[index] || index == 1 && (3...5).contains($0.line) }
        #expect(!here.isEmpty, "\(printable(replies[index])): \(found)")
        let leavesClass = isFirstOfLine(offset, Self.smtp[index])
        if leavesClass { #expect(here.contains { $0.grade >= .divergence && !$0.follows }, "\(printable(replies[index])): \(found)") }
      }
      for new in [UInt8(ascii: "x"), 0, 0xff, 32] {
        let replies = changed(Self.smtp, index, offset, to: new)
        let found = try play("smtp", ClientRoleTests.mail, replies, secrets: [:])
        #expect(found.contains { $0.grade == .violation }, "\(printable(replies[index])): \(found)")
      }
    }
  }

  @Test(arguments: pop3.indices) func `a changed byte of a POP3 indicator is found at its step`(index: Int) throws {
    for offset in 0..<3 {
      for new in Array("+-OKER x".utf8) + [0, 0xff] where new != Array(Self.pop3[index].utf8)[offset] {
        let replies = changed(Self.pop3, index, offset, to: new)
        let found = try play("pop3", TheatreTests.fetch, replies, secrets: ["secret.u": "secret", "user": "u"])
        // Any answer to CAPA is allowed.
        let least = index == 1 ? Grade.drift : .divergence
        #expect(found.contains { $0.line == Self.pop3Steps[index] && $0.grade >= least }, "\(printable(replies[index])): \(found)")
      }
    }
  }

  @Test func `nothing changed, nothing found`() throws {
    #expect(try play("smtp", ClientRoleTests.mail, Self.smtp) == [])
    #expect(try play("pop3", TheatreTests.fetch, Self.pop3, secrets: ["secret.u": "secret", "user": "u"]) == [])
  }

  struct Found: Equatable {
    var line: Int
    var grade: Grade
    var follows: Bool
  }

  private func play(_ dialect: String, _ script: String, _ replies: [[UInt8]], secrets: [String: String]) throws -> [Found] {
    var play = try Dialogue(dialect, script, secrets: secrets, timeout: .seconds(1))
    _ = play.happens(.connected())
    for reply in replies {
      if play.isFinished { break }
      _ = play.hears(bytes: reply + [13, 10])
    }
    if !play.isFinished { _ = play.happens(.ended(.finished)) }
    for _ in 0..<replies.count where !play.isFinished { _ = play.waits(.seconds(1)) }
    #expect(play.isFinished)
    return play.role.outcome.steps.flatMap { step in
      step.differences.map { Found(line: step.place.line, grade: $0.grade, follows: $0.follows) }
    }
  }

  private func play(_ dialect: String, _ script: String, _ replies: [String], secrets: [String: String] = [:]) throws -> [Found] {
    try play(dialect, script, replies.map { Array($0.utf8) }, secrets: secrets)
  }

  private func codeBytes(of reply: String) -> [(Int, UInt8)] {
    let bytes = Array(reply.utf8)
    return bytes.indices.filter { at in (0..<3).contains { back in at >= back && isFirstOfLine(at - back, reply) } }.map { ($0, bytes[$0]) }
  }

  private func isFirstOfLine(_ at: Int, _ reply: String) -> Bool { at == 0 || Array(reply.utf8)[at - 1] == 10 }

  private func changed(_ replies: [String], _ index: Int, _ offset: Int, to byte: UInt8) -> [[UInt8]] {
    var out = replies.map { Array($0.utf8) }
    out[index][offset] = byte
    return out
  }
}
