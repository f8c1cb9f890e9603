import Testing
import Transcript
import TranscriptYAML
import Wire

@Suite struct PayloadTests {
  private func payload(_ value: String, files: [String: String] = [:]) throws -> Payload {
    let step = try steps(pop3("- S: +OK\n  message:" + value.replacing("\n", with: "\n    ")), files: files).first
    guard case .payload(let payload)? = step?.message?[part: "message"] else { throw Missing() }
    return payload
  }

  private struct Missing: Error {}

  @Test func `lines are a block or a list, each sent with CRLF`() throws {
    for value in [" |\na\n\n  b\n", " [a, \"\", \"  b\"]", "\n- a\n- \"\"\n- \"  b\"", " \"a\\n\\n  b\\n\"", "\nlines: |\n  a\n\n    b"] {
      let read = try payload(value)
      #expect(read.content == .lines(["a", "", "  b"]) && read.bytes == Array("a\r\n\r\n  b\r\n".utf8), "\(value)")
    }
    #expect(try payload(" |+\na\n\n").content == .lines(["a", ""]))
    #expect(try payload(" |\na\n\n").content == .lines(["a"]))
    #expect(try payload(" |\n").content == .lines([]) && payload(" []").content == .lines([]) && payload(" \"\"").content == .lines([""]))
  }

  @Test func `text is as it is written`() throws {
    #expect(try payload("\ntext: |\n  a\n  b\n").content == .text("a\nb\n"))
    #expect(try payload("\ntext: |-\n  a\n  b\n").content == .text("a\nb"))
    #expect(try payload("\ntext: \"a\\r\\n\"").bytes == Array("a\r\n".utf8))
    #expect(try payload("\ntext: caf${%xE9} ${:token=b}").bytes == Array("caf".utf8) + [0xe9] + Array(" b".utf8))
    #expect(try payload("\njson: |\n  {\"a\": \"${:any=x}\"}\n").content == .json(Text(template: "{\"a\": \"${:any=x}\"}\n", at: .nowhere)))
  }

  @Test func `bytes are one for each character`() throws {
    #expect(try payload("\nbytes: \"caf\\xe9\\r\\n\\0\"").content == .bytes(Array("caf".utf8) + [0xe9, 13, 10, 0]))
    #expect(try payload("\nbytes: é${x}").content == .bytes([0xe9] + Array("${x}".utf8)))
    #expect(try payload("\nbase64: Y2Fm6Q0K").content == .bytes(Array("caf".utf8) + [0xe9, 13, 10]))
    #expect(try payload("\nbase64: |\n  Y2Fm\n  6Q0K\n").content == .bytes(Array("caf".utf8) + [0xe9, 13, 10]))
    expect(smtp("- C: {bytes: 1️⃣😀}"), "up to U+00FF")
    expect(smtp("- C: {base64: 1️⃣a}"), "not base 64")
  }

  @Test func `a message without a head is all there is`() throws {
    #expect(try steps(smtp("- C: {bytes: \"EHLO x\\n\"}")).first?.message?.parts.first?.name == Part.raw)
    #expect(try steps(smtp("- S: {bytes: \"220 x\\n\"}")).first?.message?.head == [])
    expect(smtp("- C: 1️⃣{}"), "YAML makes a mapping")
    expect(smtp("- C: 1️⃣{size: 5}"), "there is nothing to send")
    expect(smtp("- C:\n    message: 1️⃣{size: 5}"), "there is nothing to send")
    expect(ftp("- C: STOR x\n- data: 1️⃣C\n  size: 5"), "there is nothing to send")
    #expect(read(ftp("- C: LIST\n- data: S\n- data: S\n  ends: early\n- S: {has: [x]}")).1 == [])
  }

  @Test func `what is known of a payload is read`() throws {
    let digest = String(repeating: "aB", count: 32)
    let read = try payload("\nsha256: \(digest)\nsize: 5\nhas: [a]\nlacks: [b]\ntext: x\nunordered: true\nexact: true\nends: early")
    #expect(read.sha256 == digest.lowercased() && read.size == 5 && read.has == ["a"] && read.lacks == ["b"])
    #expect(read.unordered && read.exact && read.endsEarly)
    expect(pop3("- S: +OK\n  message:\n    text: a\n    1️⃣lines: [b]"), "both say what the content is")
    expect(pop3("- S: +OK\n  message: {size: 1️⃣-1}"), "whole number")
    expect(pop3("- S: +OK\n  message: {size: 1️⃣+1}"), "whole number")
    expect(pop3("- S: +OK\n  message: {sha256: 1️⃣\(digest.dropLast())}"), "64 hexadecimal digits")
    expect(pop3("- S: +OK\n  message: {sha256: 1️⃣\(digest.dropLast())g}"), "64 hexadecimal digits")
    expect(pop3("- S: +OK\n  message: {ends: 1️⃣late}"), "'early'")
    expect(pop3("- S: +OK\n  message: {has: 1️⃣[]}"), "nothing to check")
  }

  @Test func `of a mail, only some things are compared`() throws {
    let read = try payload("\nheaders: {Subject: \"${:any=x}\", Received: [a, b]}\nbody: |\n  hello\nsize: 9\nhas: [x]")
    guard case .fields(let headers, let body)? = read.content else { throw Missing() }
    #expect(headers.map(\.name) == ["Subject", "Received"] && headers[1].values == ["a", "b"])
    #expect(body?.payload.content == .lines(["hello"]) && read.size == 9 && read.has == ["x"])
    #expect(read.bytes == Array("Subject: x\r\nReceived: a\r\nReceived: b\r\n\r\nhello\r\n".utf8))
    expect(pop3("- S: +OK\n  message:\n    headers: {Subject: x}\n    1️⃣text: y"), "no key 'text'")
    expect(pop3("- S: +OK\n  message:\n    headers:\n      1️⃣a b: x"), "no name of a header field")
    expect(pop3("- S: +OK\n  message:\n    headers: 1️⃣[a]"), "a mapping, not a list")
  }

  @Test func `a file is beside the transcript`() throws {
    let read = try payload("\nfile: mails/a.eml", files: ["mails/a.eml": "x\n"])
    #expect(read.content == .file("mails/a.eml", Array("x\n".utf8)))
    expect(smtp("- C: {message: {file: 1️⃣/etc/passwd}}"), "never absolute")
    expect(smtp("- C: {message: {file: 1️⃣../a}}"), "leads out of the folder")
    expect(smtp("- C: {message: {file: 1️⃣a/../../b}}"), "leads out of the folder")
    expect(smtp("- C: {message: {file: 1️⃣nowhere}}"), "nowhere: no such file")
    expect(smtp("- C: {message: {file: \"1️⃣a\\0b\"}}"), "is no path")
    expect(smtp("- C: {message: {file: \"1️⃣\"}}"), "is no path")
    expect(smtp("- C: {message: {file: 1️⃣.}}"), "is no path")
  }
}
