import Testing
import Transcript
import TranscriptYAML

/// A body is a text as it stands, or payload keys, or chunks.
@Suite struct HTTPBodyTests {
  private func read(_ body: String) -> (Payload?, [Diagnostic]) {
    let text = "replique: 1\nprotocol: http\nexchange:\n  - C: POST / HTTP/1.1\n    body: \(body)\n  - S: HTTP/1.1 200\n"
    let (transcript, found) = TranscriptReader { (path) throws(LoadError) in throw LoadError(description: path) }
      .read(Array(text.utf8), file: "t")
    guard case .payload(let payload)? = transcript?.conversations[0].steps[0].message?[part: "body"] else { return (nil, found) }
    return (payload, found)
  }

  @Test(arguments: [
    ("a=1", "a=1"), ("|\n      one\n      two", "one\ntwo\n"), ("|-\n      one", "one"), ("\"a\\r\\nb\"", "a\r\nb"), ("{text: x}", "x"),
    ("{lines: [a, b]}", "a\r\nb\r\n"), ("{chunks: [ab, cd]}", "abcd"), ("{bytes: \"\\xe9\"}", nil), ("{json: '{\"a\": 1}'}", "{\"a\": 1}"),
  ]) func `what is written is what is sent`(body: String, sent: String?) {
    let (payload, found) = read(body)
    #expect(found == [])
    #expect(sent == nil ? payload?.bytes == [0xe9] : payload?.bytes == sent.map { Array($0.utf8) })
  }

  @Test(arguments: [
    ("{json: '{a: 1}'}", "this is not JSON"), ("{chunk: [a]}", "no key 'chunk'"),
    ("{chunks: [a], text: b}", "both say what the content is"),
    ("{}", "nothing to send"),
  ]) func `what is wrong is told`(body: String, message: String) {
    #expect(read(body).1.contains { $0.message.contains(message) }, "\(read(body).1)")
  }
}
