import Results
import Testing
import Transcript

@testable import Reports

@Suite struct JUnitReportTests {
  private func parsed(_ name: String) throws -> XMLNode {
    try StrictXML.parse(Report.junit.render(try #require(Samples.all.first { $0.name == name }?.result)))
  }

  @Test func `the reader is strict`() throws {
    let head = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
    #expect(try StrictXML.parse(Array((head + "<a b=\"&lt;&#10;\">x<c/></a>\n").utf8)).attributes == ["b": "<\n"])
    for wrong in [
      "<a>", "<a></b>", "<a/><a/>", "<a b=\"1\" b=\"2\"/>", "<a b='1'/>", "<a b=\"<\"/>", "<a>&x;</a>", "<a>]]></a>", "<a>\u{1}</a>",
      "<a b=\"\n\"/>",
    ] {
      #expect(throws: XMLError.self, "\(wrong)") { try StrictXML.parse(Array((head + wrong).utf8)) }
    }
  }

  @Test(arguments: Samples.all.map(\.name)) func `the counts are those of the elements, suite by suite and in all`(_ name: String) throws {
    let root = try parsed(name)
    #expect(root.name == "testsuites")
    for node in [root] + root.children("testsuite") {
      let cases = node.name == "testsuites" ? node.children("testsuite").flatMap { $0.children("testcase") } : node.children("testcase")
      #expect(node.attributes["tests"] == String(cases.count))
      for (attribute, element) in [("failures", "failure"), ("errors", "error"), ("skipped", "skipped")] {
        #expect(node.attributes[attribute] == String(cases.count { !$0.children(element).isEmpty }))
      }
      #expect(node.attributes["timestamp"] == "2026-11-23T07:34:41")
      #expect(node.attributes["time"]?.wholeMatch(of: /[0-9]+\.[0-9]{3}/) != nil)
    }
    // No two cases of a suite are the same one to whoever reads it.
    for suite in root.children { #expect(Set(suite.children.map { $0.attributes["name"] }).count == suite.children.count) }
  }

  @Test func `a conversation is a case, its differences one failure, with file and line`() throws {
    let root = try parsed("refused-recipient")
    let suite = root.children[1]
    #expect(suite.attributes["name"] == "Transcripts/mail.yaml")
    let testcase = suite.children[0]
    #expect(testcase.attributes["classname"] == "Transcripts.mail")
    #expect(testcase.attributes["name"] == "Mail to etu1")
    #expect(testcase.attributes["file"] == "Transcripts/mail.yaml")
    #expect(testcase.attributes["line"] == "5")
    #expect(testcase.attributes["time"] == "0.031")
    let failure = testcase.children("failure")
    #expect(failure.count == 1)
    #expect(failure[0].attributes["type"] == "reply-code")
    #expect(
      failure[0].attributes["message"]?.hasPrefix("divergence: reply-code: expected '250 2.1.5 Ok', observed '550 5.1.1 <etu1@") == true)
    #expect(failure[0].text.contains("\n> RCPT TO:<etu1@local.demo>\n< 550 5.1.1 <etu1@local.demo>"))
    #expect(root.children[0].children[0].children("system-out")[0].text.contains(":6:8: note: wording (fault: server)"))
  }

  @Test func `several failing differences are one failure, and the first is its message`() throws {
    let failure = try parsed("several-conversations").children[0].children[1].children("failure")
    #expect(failure.count == 1)
    #expect(failure[0].attributes["message"] == "divergence: value: expected '2 800', observed '3 1200'")
    #expect(failure[0].text.contains("divergence: late (fault: network)"))
  }

  @Test func `what could not be found out is an error, what was not offered is skipped`() throws {
    let suites = try parsed("several-conversations").children
    #expect(
      suites[1].children[0].children == [
        XMLNode(
          name: "skipped", attributes: ["message": "the server does not offer STARTTLS", "type": "needs"],
          text: "the server does not offer STARTTLS")
      ])
    #expect(suites[2].children[0].children("error")[0].attributes["type"] == "unreachable")
    #expect(suites[3].children[0].children("error")[0].text.hasSuffix("\nhint: steps that can be: C, S"))
  }

  @Test func `an escaped text is read back as it was, and what XML cannot say is shown`() throws {
    let text = "a<b>&amp;\"'\t\n\r]]>\u{0}\u{8}\u{1b}\u{7f}\u{fffe}\u{10ffff}é"
    var root = Element("root", [("value", text)])
    root.append(Element("text", text: text))
    let node = try StrictXML.parse(root.document)
    let shown = "a<b>&amp;\"'\t\n\r]]>\\x00\\x08\\x1b\\x7f\\u{fffe}\u{10ffff}é"
    #expect(node.attributes["value"] == shown)
    #expect(node.children[0].text == shown)
  }
}
