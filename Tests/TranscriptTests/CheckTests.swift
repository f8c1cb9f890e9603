import Testing
import Transcript

@Suite struct CheckTests {
  private func check(_ template: String, sent: Bool = false, bound: Set<String> = []) throws -> [Diagnostic] {
    try Text(template: template, at: Place(file: "t.yaml", line: 3, column: 5)).check(sent: sent, bound: bound)
  }

  @Test(arguments: [
    ("x 1️⃣${:token=a b}", "the example 'a b' is not of type 'token'"), ("1️⃣${d:date=2024-13-01}", "is not of type 'date'"),
    ("1️⃣${:/a+/=b}", "does not match its expression"),
    ("1️⃣${:/(a+)+$/=aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!}", "takes too long"),
    ("é ${:/a(1️⃣/}", "the expression is wrong: missing closing parenthesis"), ("${name:/\\/\\/[b-1️⃣a]/}", "range out of order"),
    ("${:any}1️⃣${:any}", "two 'any' side by side"), ("a ${x:any}1️⃣${y:any=z} b", "two 'any' side by side"),
    (#"1️⃣${repeat("a", "x")}"#, "the count is not a whole number"), (#"1️⃣${repeat("a", 99999999)}"#, "longer than 16777216 bytes"),
    ("1️⃣${base64(5)}", "a name or a quoted text"), (#"1️⃣${repeat(5, 5)}"#, "a name or a quoted text"),
    (#"1️⃣${cram-md5("?", "u", "p")}"#, "not base 64"), ("1️⃣${secret.p:token=abc}", "would show the secret"),
  ])
  func `what is wrong with a text is told at its place`(marked: String, message: String) throws {
    let parts = marked.split(separator: "1️⃣", omittingEmptySubsequences: false)
    let found = try check(parts.joined())
    #expect(found.map { $0.message.contains(message) } == [true], "\(found)")
    #expect(found.first?.place.column == 5 + parts[0].count, "\(found)")
    #expect(found.first?.place.line == 3)
  }

  @Test(arguments: [("1️⃣${e:/a+/}", "cannot be sent"), ("x 1️⃣${:ip}", "cannot be made up"), ("1️⃣${p:port}", "cannot be made up")])
  func `what cannot be sent is told, where it is to be sent`(marked: String, message: String) throws {
    let template = marked.split(separator: "1️⃣", omittingEmptySubsequences: false).joined()
    #expect(try check(template, sent: true).map { $0.message.contains(message) } == [true])
    #expect(try check(template).isEmpty)
    #expect(try check(template, sent: true, bound: ["e", "p"]).isEmpty == !template.contains(":ip"))
  }

  @Test(arguments: [
    "", "a", "${x}", "${:any}", "${:any} ${:any}", "${x:any}${y:token}", "${:token=a}", "${:any=}", "${:/a+/=aa}", "${:/^a$/=a}",
    "${plain(user, secret.p)}", #"${repeat("a", 70000)}"#,
    #"${repeat("a", n)}"#, "${secret.sid:token}", "${:date=Mar 05  2024}", "${:date=Nov 23 07:42}", #"${etag:/"[^"]+"/="6b03e8ba-8a"}"#,
    "${challenge:base64=PDE4OTYuNjk3MTcwOTUyQHg+}",
  ])
  func `nothing is said about what is right`(template: String) throws { #expect(try check(template, sent: true) == []) }

  @Test func `a bound any is no any`() throws {
    #expect(try check("${x:any}${:any}", bound: ["x"]) == [])
    #expect(try check("${x:any}-${x:any}${:any}") == [])
  }

  @Test func `too many patterns are an error`() throws {
    #expect(try check(String(repeating: "${:token} ", count: Text.mostHoles)).isEmpty)
    #expect(try check(String(repeating: "${:token} ", count: Text.mostHoles + 1)).count == 1)
  }
}
