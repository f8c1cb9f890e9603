import Expressions
import Testing

@Suite struct ExpressionTests {
  @Test(arguments: [
    (#"\d{3}"#, "250", true), (#"\d{3}"#, "2500", false), (#"\d{3}"#, "x250", false), ("a|ab", "ab", true), ("", "", true),
    ("", "x", false),
    ("a*", "", true), (#"(a)\1"#, "aa", true), ("^a$", "a", true), ("a$", "a\n", false), (".", "\n", false), ("a#b", "a#b", true),
    ("(?x)a # b", "a", true), (#"\Qa.b"#, "a.b", true), ("é", "é", true), (".", "é", false), ("(*ACCEPT)b", "", true),
    ("a(*ACCEPT)b", "ab", false),
    (#"a\Kb"#, "ab", true), ("(?C1)a", "a", true), ("(?=a)", "a", false),
  ])
  func `an expression takes all of the text or nothing`(source: String, text: String, fits: Bool) throws {
    #expect(try Expression(source).matches(Array(text.utf8)) == fits)
  }

  @Test func `every byte can be matched, whatever it is`() throws {
    let every = Array(UInt8.min...UInt8.max)
    #expect(try Expression("(?s).{256}").matches(every))
    #expect(try Expression(#"[^\n]+"#).matches([0xe9, 0x20, 0xff, 0]))
    #expect(try Expression(#"Bienvenue .+ tous"#).matches(Array("Bienvenue ".utf8) + [0xe0] + Array(" tous".utf8)))
  }

  @Test func `only the slice is seen, not what stands around it`() throws {
    let line = Array("x250y".utf8)
    #expect(try Expression(#"^\b250\b$"#).matches(line[1..<4]))
    #expect(try !Expression("(?<=x)250").matches(line[1..<4]))
    #expect(try Expression("").matches(line[2..<2]))
  }

  @Test(arguments: [
    ("a(b", 3), ("[a-", 3), ("a{2,1}", 5), ("*a", 0), ("é(", 3), (#"a\"#, 2), ("(*UTF)a", 6), ("(*UCP)a", 6), (#"\C"#, 2),
    (#"\p{Nonsense}"#, 12),
  ])
  func `an error says where it is`(source: String, offset: Int) {
    let error = #expect(throws: ExpressionError.self) { try Expression(source) }
    #expect(error?.offset == offset, "\(error?.message ?? "")")
    #expect(error?.message.isEmpty == false)
  }

  @Test(arguments: ["(a+)+$", "(a|aa)+$", "(a*)*[bc]", "^(a|a|a)*$", "(*LIMIT_MATCH=4000000000)(a+)+$"])
  func `an expression that backtracks without end is given up, and says so`(source: String) throws {
    let subject = [UInt8](repeating: 0x61, count: 4000) + [0x21]
    let expression = try Expression(source)
    #expect(throws: ExpressionLimit.self) { try expression.matches(subject) }
  }

  @Test(arguments: ["(?:a|b)*", "(a|b)*", "(?:(?:a|b)(?:a|b)?)*", "((a|b)(?2)?)*"])
  func `a long line is matched, or given up within the limits`(source: String) throws {
    let expression = try Expression(source)
    let subject = [UInt8](repeating: 0x61, count: 60_000)
    do throws(ExpressionLimit) { #expect(try expression.matches(subject)) } catch { #expect(error != .failed(0)) }
  }

  @Test func `a recursion without end is given up`() throws {
    #expect(throws: ExpressionLimit.self) { try Expression("(a|(?1)b)(?1)*[cd]").matches([UInt8](repeating: 0x61, count: 30_000)) }
    #expect(throws: ExpressionLimit.self) { try Expression("(a?(?1)?)*[cd]").matches([UInt8](repeating: 0x61, count: 30_000)) }
  }

  @Test func `what is too large to compile is an error`() {
    #expect(throws: ExpressionError.self) { try Expression(String(repeating: "a", count: ExpressionLimit.length + 1)) }
    #expect(throws: ExpressionError.self) { try Expression(String(repeating: "(", count: 101) + String(repeating: ")", count: 101)) }
    #expect(throws: ExpressionError.self) { try Expression("((a{1,1000}){1,1000}){1,1000}") }
  }

  @Test(arguments: [
    (#"\d+"#, "12x", true), (#"\d+"#, "x12", false), (#"\d+$"#, "12x", true), (#"(?>abc|a)b"#, "abcx", true), ("ab*+b", "abb", true),
    ("a", "", false),
  ])
  func `what cannot begin a text is known, what might is never excluded`(source: String, text: String, may: Bool) throws {
    #expect(try Expression(source).mayBegin(Array(text.utf8)[...]) == may)
  }

  @Test func `one expression serves many threads`() async throws {
    let expression = try Expression(#"(\w+)@\1\.demo"#)
    await withTaskGroup(of: Int.self) { group in
      for task in 0..<8 {
        group.addTask {
          (0..<500).count { n in (try? expression.matches(Array("u\(task)\(n)@u\(task)\(n).demo".utf8))) ?? false }
        }
      }
      for await count in group { #expect(count == 500) }
    }
  }
}
