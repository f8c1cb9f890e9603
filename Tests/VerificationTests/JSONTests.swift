import Dialects
import Results
import Testing
import Transcript
import Verification
import Wire

@Suite struct JSONTests {
  private func compare(_ expected: String, _ observed: String) throws -> [String] {
    let text = try Text(template: expected, at: Place(file: "t", line: 5, column: 1))
    var trial = Trial(dialect: "http", command: "GET / HTTP/1.1\r\nHost: x\r\n", expected: ["HTTP/1.1 200 OK"])
    trial.parts = [Part("body", .payload(Payload(.json(text))))]
    return try trial.run("HTTP/1.1 200 OK\r\nContent-Length: \(observed.utf8.count)\r\n\r\n\(observed)").differences.map {
      "\($0.place.line): \($0.grade) \($0.kind) \($0.hint ?? "")"
    }
  }

  @Test(arguments: [
    (#"{"a": 1, "b": [true, null, "x"]}"#, #"{"b":[true,null,"x"],"a":1.0}"#), (#""é/""#, #""\u00e9\/""#), (#""😀""#, #""\ud83d\ude00""#),
    ("[]", " [ ] "), ("1e2", "100"), (#"{"id": ${:number=7}, "s": "n-${:hex=a}"}"#, #"{"s":"n-ff","id":42}"#),
    (#"{"x": "${:any}"}"#, #"{"x":{"y":[1]}}"#), (#"[${id:number}, "${id}"]"#, #"[5, "5"]"#),
  ]) func `what has the same value is the same`(expected: String, observed: String) throws {
    #expect(try compare(expected, observed) == [])
  }

  @Test(arguments: [
    (#"{"a": {"b": [1, 2]}}"#, #"{"a":{"b":[1,3]}}"#, "at $.a.b[1]"), (#"{"a": 1}"#, #"{"a":"1"}"#, "at $.a"),
    (#"{"a": 1}"#, #"{}"#, "at $.a"),
    ("{}", #"{"a":1}"#, "at $.a"), ("[1]", "[1,2]", "at $"), ("true", "false", "at $"), (#"["${:number}"]"#, #"["x"]"#, "at $[0]"),
    ("9007199254740993", "9007199254740992", "at $"), ("{}", "<html>", "this is not JSON"), ("{}", "{} x", "this is not JSON"),
    ("[1]", "[01]", "this is not JSON"), ("[1]", "[1,]", "this is not JSON"),
  ]) func `the first difference is told with its path`(expected: String, observed: String, hint: String) throws {
    #expect(try compare(expected, observed) == ["5: divergence content \(hint)"])
  }

  @Test func `nesting without end is no JSON, and no crash`() throws {
    #expect(try compare("[]", String(repeating: "[", count: 100_000)) == ["5: divergence content this is not JSON"])
  }
}
