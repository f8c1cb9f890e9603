import Dialects
import Results
import Testing
import Transcript
import Verification
import Wire

/// FORMAT's table of grades, row by row: http.
@Suite struct HTTPGradeTests {
  /// A response of these lines, fields and body.
  private func expect(_ status: String, _ fields: [(String, [String])] = [], body: Payload? = nil) throws -> Trial {
    var line = 1
    let parts = try fields.map { name, values in
      Part.Field(
        name,
        try values.map { value in
          line += 1
          return try Text(template: value, at: Place(file: "t", line: line, column: 1))
        })
    }
    var trial = Trial(dialect: "http", command: "GET / HTTP/1.1\r\nHost: x\r\n", expected: [status])
    trial.parts = (parts.isEmpty ? [] : [Part("headers", .fields(parts))]) + (body.map { [Part("body", .payload($0))] } ?? [])
    return trial
  }

  private func reply(_ status: String, _ fields: [String] = [], _ body: String = "") -> String {
    let length = fields.contains { $0.lowercased().hasPrefix("content-length") } ? [] : ["Content-Length: \(body.utf8.count)"]
    return ([status] + fields + length).map { $0 + "\r\n" }.joined() + "\r\n" + body
  }

  // MARK: Outcome

  @Test(arguments: [
    ("HTTP/1.1 200 OK", []), ("HTTP/1.1 200 Fine", ["1: note wording"]), ("HTTP/1.0 200 OK", ["1: drift version"]),
    ("HTTP/1.1 201 Created", ["1: divergence reply-code"]), ("HTTP/1.1 404 Not Found", ["1: divergence reply-code"]),
    ("HTTP/1.1 700 Odd", ["1: divergence reply-code", "1: violation reply-class"]),
  ]) func `the outcome is the status`(status: String, found: [String]) throws {
    #expect(try expect("HTTP/1.1 200 OK")(reply(status)) == found)
  }

  @Test func `a status alone leaves the reason open, and alternatives are as right`() throws {
    #expect(try expect("HTTP/1.1 404")(reply("HTTP/1.1 404 Nothing here")) == [])
    var trial = try expect("HTTP/1.1 200 OK")
    trial.modify = { $0.alternatives = ["HTTP/1.1 201"] }
    #expect(try trial(reply("HTTP/1.1 201 Created")) == [])
    #expect(try trial(reply("HTTP/1.1 202 Accepted")) == ["1: divergence reply-code"])
  }

  @Test(arguments: [
    ("GET /", 301, 308, "drift"), ("GET /", 302, 303, "drift"), ("GET /", 303, 307, "drift"), ("GET /", 301, 302, "divergence"),
    ("DELETE /", 405, 501, "drift"), ("FOO /", 400, 405, "drift"), ("GET /", 400, 405, "divergence"), ("DELETE /", 405, 404, "divergence"),
    ("GET http://a/", 502, 503, "drift"), ("GET http://a/", 500, 504, "drift"), ("GET /", 502, 503, "divergence"),
    ("CONNECT a:1", 503, 502, "drift"), ("CONNECT a:1", 503, 403, "divergence"),
  ]) func `codes that come to the same are drift`(request: String, expected: Int, observed: Int, grade: String) throws {
    var trial = try expect("HTTP/1.1 \(expected) X")
    trial.command = "\(request) HTTP/1.1\r\nHost: x\r\n"
    #expect(try trial(reply("HTTP/1.1 \(observed) X")) == ["1: \(grade) reply-code"])
  }

  // MARK: Fields

  @Test(arguments: [
    ("Content-Type", "text/html", "text/html; charset=utf-8", []), ("Content-Type", "text/html", "TEXT/HTML", []),
    ("Content-Type", "text/html; charset=utf-8", "text/html;charset=UTF-8", []),
    ("Content-Type", "text/html; charset=utf-8", "text/html; charset=latin1", ["2: drift header"]),
    ("Content-Type", "text/html", "text/plain", ["2: divergence media-type"]), ("Location", "/a", "/b", ["2: divergence location"]),
    ("Date", "a", "b", ["2: note header"]), ("Server", "a", "b", ["2: note header"]), ("ETag", "\"a\"", "\"b\"", ["2: note header"]),
    ("Via", "1.1 a", "1.1 b", ["2: note header"]), ("X-Cache", "HIT", "MISS", ["2: note header"]), ("X-Own", "a", "b", ["2: drift header"]),
    ("Vary", "Accept, Cookie", "cookie,accept", []), ("Allow", "GET, HEAD", "GET", ["2: drift header"]), ("X-Own", "${:token=a}", "b", []),
    ("x-own", "a", "a", []), ("X-Own", "${:number=1}", "b", ["2: drift header"]),
  ]) func `fields are weighed one by one`(name: String, expected: String, observed: String, found: [String]) throws {
    #expect(
      try expect("HTTP/1.1 200 OK", [(name, [expected])])(
        reply("HTTP/1.1 200 OK", ["X-Own: z"].filter { _ in name.lowercased() != "x-own" } + ["\(name.uppercased()): \(observed)"]))
        == found)
  }

  @Test func `a field that is gone is weighed likewise, and one that is not named is not compared`() throws {
    let trial = try expect("HTTP/1.1 200 OK", [("Date", ["x"]), ("X-Own", ["y"]), ("Location", ["/"])])
    #expect(
      try trial(reply("HTTP/1.1 200 OK", ["X-New: 1"])).sorted()
        == ["2: note missing-header", "3: drift missing-header", "4: divergence missing-location"])
  }

  @Test func `lists are one, however many lines they take`() throws {
    #expect(try expect("HTTP/1.1 200 OK", [("X-List", ["a, b"])])(reply("HTTP/1.1 200 OK", ["X-List: a", "X-List: b"])) == [])
    #expect(try expect("HTTP/1.1 200 OK", [("X-List", ["a", "b"])])(reply("HTTP/1.1 200 OK", ["x-list: a,b"])) == [])
  }

  @Test func `a cookie is told by its name, and binds what a later request needs`() throws {
    var trial = try expect("HTTP/1.1 200 OK", [("Set-Cookie", ["sid=${secret.sid:token}; Path=/", "a=b"])])
    trial.needed = ["secret.sid"]
    let result = try trial.run(reply("HTTP/1.1 200 OK", ["Set-Cookie: a=b", "Set-Cookie: sid=0815; Path=/"]))
    #expect(result.differences == [])
    #expect(result.verifier.bindings["secret.sid"]?.value == Array("0815".utf8))
    #expect(try trial(reply("HTTP/1.1 200 OK", ["Set-Cookie: a=b"])) == ["2: divergence unbound"])
  }

  // MARK: Bodies

  @Test func `another body is a divergence where the request succeeded, a note where it did not`() throws {
    let body = Payload(.text("hello\n"), place: Place(file: "t", line: 9, column: 1))
    #expect(try expect("HTTP/1.1 200 OK", body: body)(reply("HTTP/1.1 200 OK", [], "hello\n")) == [])
    #expect(try expect("HTTP/1.1 200 OK", body: body)(reply("HTTP/1.1 200 OK", [], "hullo\n")) == ["9: divergence content"])
    #expect(try expect("HTTP/1.1 404 No", body: body)(reply("HTTP/1.1 404 No", [], "hullo\n")) == ["9: note content"])
    #expect(try expect("HTTP/1.1 404 No", body: body)(reply("HTTP/1.1 404 No")) == ["9: note missing-body"])
    #expect(try expect("HTTP/1.1 200 OK", body: body)(reply("HTTP/1.1 200 OK")) == ["9: divergence missing-body"])
  }

  @Test func `what a transcript asks of an error's page it must have`() throws {
    var body = Payload(place: Place(file: "t", line: 9, column: 1))
    body.has = try texts("404", from: 10)
    #expect(try expect("HTTP/1.1 404 No", body: body)(reply("HTTP/1.1 404 No", [], "<h1>404</h1>")) == [])
    #expect(try expect("HTTP/1.1 404 No", body: body)(reply("HTTP/1.1 404 No", [], "none")) == ["10: divergence missing-text"])
  }

  @Test func `size and digest are of the decoded body, and chunks make no difference`() throws {
    var body = Payload(place: Place(file: "t", line: 9, column: 1))
    body.size = 5
    body.sha256 = Digest.sha256(Array("hello".utf8))
    let chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n"
    #expect(try expect("HTTP/1.1 200 OK", body: body)(chunked) == [])
    #expect(try expect("HTTP/1.1 200 OK", body: Payload(.chunks(["hel", "lo"])))(chunked) == [])
    #expect(try expect("HTTP/1.1 200 OK", [("Content-Length", ["${size}"])], body: body)(reply("HTTP/1.1 200 OK", [], "hello")) == [])
  }
}
