import Dialects
import Testing
import Wire

@Suite struct HTTPMarksTests {
  private func request(_ line: String, _ fields: String..., body: String = "") -> [String] {
    let head = ([line] + fields).map { $0 + "\r\n" }.joined() + (body.isEmpty ? "" : "Content-Length: \(body.utf8.count)\r\n") + "\r\n"
    return marked(HTTP(), [.c(head + body)])
  }

  private func response(_ fields: String..., body: String = "") -> [String] {
    let head = (["HTTP/1.1 200 OK"] + fields).map { $0 + "\r\n" }.joined() + "Content-Length: \(body.utf8.count)\r\n\r\n"
    return Array(marked(HTTP(), [.c("GET / HTTP/1.1\r\nHost: x\r\n\r\n"), .s(head + body)]).dropFirst(3))
  }

  @Test(arguments: [
    ("GET /a?b=c HTTP/1.1", "GET /a?b=c HTTP/1.1"), ("GET http://www.x.org:81/a HTTP/1.1", "GET http://{host}:81/a HTTP/1.1"),
    ("CONNECT www.x.org:443 HTTP/1.1", "CONNECT {host}:443 HTTP/1.1"),
    ("GET http://[2001:db8::1]/ HTTP/1.1", "GET http://[{host}]/ HTTP/1.1"),
    ("GET http://anna:sesame@x.org/ HTTP/1.1", "GET http://anna:{secret of anna}@{host}/ HTTP/1.1"),
    ("GET /login?user=a&password=b HTTP/1.1", "GET /login?user=a&password={secret} HTTP/1.1"),
  ]) func `a target names a host and shows no secret`(line: String, expected: String) {
    #expect(request(line).first == "C: " + expected)
  }

  @Test(arguments: [
    ("Host: www.x.org:8080", "Host: {host}:8080"), ("User-Agent: curl/8", "User-Agent: curl/8"),
    ("Authorization: Basic YW5uYTpzZXNhbWU=", "Authorization: Basic {basic(user=anna, password sesame of anna)}"),
    ("Proxy-Authorization: basic YW5uYTpzZXNhbWU=", "Proxy-Authorization: basic {basic(user=anna, password sesame of anna)}"),
    ("Authorization: Bearer abc.def", "Authorization: Bearer {secret of bearer}"),
    ("Authorization: Digest username=\"a\", response=\"b\"", "Authorization: Digest {secret of digest}"),
    ("Authorization: x", "Authorization: {secret}"),
    ("Cookie: sid=1; b=\"2 3\"; c=", "Cookie: sid={secret of sid}; b=\"{secret of b}\"; c="),
    ("X-Api-Key: k", "X-Api-Key: {secret of x-api-key}"),
  ]) func `a request shows no secret`(field: String, expected: String) {
    #expect(request("GET / HTTP/1.1", field)[1] == "C: " + expected)
  }

  @Test func `a form shows no password, and its length is its size`() {
    #expect(
      request("POST / HTTP/1.1", "Host: x", "Content-Type: application/x-www-form-urlencoded", body: "user=anna&password=sesame").suffix(2)
        == ["C: Content-Length: {size}", "C: user=anna&password={secret}"])
  }

  @Test(arguments: [
    ("Date: Mon, 23 Nov 2026 08:04:28 GMT", "Date: {date:date}"),
    ("Last-Modified: Mon, 23 Nov 2026 08:04:28 GMT", "Last-Modified: {date:date}"),
    ("ETag: W/\"6b03e8ba-8a\"", "ETag: W/\"{etag:token}\""), ("Server: nginx/1.22.1", "Server: nginx/1.22.1"),
    ("Age: 12", "Age: {age:number}"),
    (
      "Set-Cookie: sid=abc; Expires=Wed, 02 Mar 2022 08:06:51 GMT; Path=/",
      "Set-Cookie: sid={gives secret of sid}; Expires={date:date}; Path=/"
    ),
    ("X-Request-Id: 7f3a", "X-Request-Id: {id:token}"), ("WWW-Authenticate: Basic realm=\"x\"", "WWW-Authenticate: Basic realm=\"x\""),
    ("WWW-Authenticate: Digest realm=\"x\", nonce=\"abc\"", "WWW-Authenticate: Digest realm=\"x\", nonce=\"{nonce:token}\""),
  ]) func `what varies in a response, and what it gives`(field: String, expected: String) {
    #expect(response(field)[0] == "S: " + expected)
  }
}
