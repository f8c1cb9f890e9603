import Testing
import Transcript
import Wire

@Suite struct RedactorTests {
  private func redactor(_ secrets: String...) -> Redactor { Redactor(secrets.map { Array($0.utf8) }) }

  @Test(arguments: [
    ("PASS hunter2", "PASS ***"), ("hunter2hunter2", "******"), ("hunter", "hunter"), ("", ""), ("xhunter2y", "x***y"),
    ("HUNTER2", "HUNTER2"),
    ("aHVudGVyMg==", "***"),
  ])
  func `a secret becomes stars wherever it stands`(text: String, shown: String) { #expect(redactor("hunter2").redact(text) == shown) }

  @Test func `nothing of a secret is left where two overlap`() {
    #expect(redactor("abcdef", "defghi").redact("xabcdefghiy") == "x***y")
    #expect(redactor("pass", "password").redact("password pass") == "*** ***")
    #expect(redactor("password", "sswo").redact("password!") == "***!")
    #expect(redactor("abcabc").redact("abcabcabc") == "***")
  }

  @Test func `a secret is found inside the base 64 of something longer`() {
    let redactor = redactor("correct horse")
    for prefix in ["", "a", "ab", "abc", "user:"] {
      let coded = Base64.encode(Array("\(prefix)correct horse battery".utf8))
      let shown = redactor.redact(coded)
      #expect(shown.count < coded.count - 10, "\(String(decoding: shown, as: UTF8.self))")
    }
  }

  @Test(arguments: [
    ("a cat", "*** cat"), ("banana", "banana"), ("x=a;", "x=***;"), ("éa", "éa"), ("a", "***"), ("a_b a1 a-b", "a_b a1 ***-b"),
    ("YQ==", "***"),
  ])
  func `a short secret is hidden as a whole word only`(text: String, shown: String) { #expect(redactor("a").redact(text) == shown) }

  @Test func `bytes that are no text are hidden, too`() {
    var redactor = Redactor()
    redactor.insert([0xff, 0, 0xe9, 0x0a])
    redactor.insert([])
    #expect(redactor.redact([1, 0xff, 0, 0xe9, 0x0a, 2]) == [1, 0x2a, 0x2a, 0x2a, 2])
    #expect(redactor.redact([0xff, 0, 0xe9]) == [0xff, 0, 0xe9])
  }

  @Test func `names that are secret hide their values, whenever they are bound`() {
    var bindings = Bindings()
    bindings.bind("secret.p", Array("hunter2".utf8))
    bindings.bind("cookie", Array("chocolate".utf8))
    #expect(bindings.redactor.redact("hunter2 chocolate") == "*** chocolate")
    bindings.hide("cookie")
    bindings.hide("later")
    bindings.bind("later", Array("vanilla".utf8))
    bindings.unbind("secret.p")
    #expect(bindings["secret.p"] == nil)
    #expect(bindings.redactor.redact("hunter2 chocolate vanilla") == "*** *** ***")
    #expect(bindings.isSecret("secret.p") && bindings.isSecret("cookie") && !bindings.isSecret("user"))
  }
}
