import Testing
import Transcript
import TranscriptYAML

@Suite struct NameTests {
  @Test func `a variable that nobody binds is told, with its neighbour`() {
    expect(smtp("- S: 220 1️⃣${nobody}"), "name it in 'vars', or bind it before: '${nobody:type}'")
    expect(
      "replique: 1\nprotocol: smtp\nvars: {client: a}\n" + "exchange:\n  - C: EHLO 1️⃣${cleint}\n  - C: EHLO ${client}\n",
      "did you mean 'client'?"
    )
    expect(smtp("- C: HELP 1️⃣${x}\n- S: 214 ${x:token}"), "nothing has bound 'x' by here")
    expect(smtp("- C: AUTH PLAIN ${plain(1️⃣user, secret.p)}").replacing("${plain(1️⃣", with: "1️⃣${plain("), "nothing has bound 'user'")
    expect("replique: 1\nprotocol: smtp\ntarget: 1️⃣${x}:25\nexchange:\n  - S: 220\n", "nothing has bound 'x'")
    expect("replique: 1\nprotocol: smtp\nvars: {a: \"1️⃣${b}\", b: x}\nexchange:\n  - S: 220 ${a}\n", "nothing has bound 'b'")
    expect(smtp("- S: 250\n  has: [\"1️⃣${x}\"]"), "nothing has bound 'x'")
    expect(smtp("- S: 250\n  or: [\"250 1️⃣${x}\"]"), "nothing has bound 'x'")
    expect(ftp("- C: LIST\n- data: S\n  text: 1️⃣${x}"), "nothing has bound 'x'")
    expect(pop3("- S: +OK\n  message:\n    headers: {Subject: \"1️⃣${x}\"}\n    has: [\"1️⃣${y}\"]"), "'x'", "'y'")
  }

  @Test func `names are bound in the order of the file`() {
    #expect(read(smtp("- S: 220 ${x:token} ${x}\n- C: HELP ${x}\n- C: HELP ${y:uuid} ${y}\n- C: ${secret.p}")).1 == [])
    #expect(read("replique: 1\nprotocol: smtp\nvars: {a: x, b: \"${a}y\"}\nexchange:\n  - S: 220 ${b}\n").1 == [])
  }

  @Test func `what is never used again is a warning`() {
    expect(smtp("- S: 220 1️⃣${x:token}"), "write '${:type}'", severity: .warning)
    expect("replique: 1\nprotocol: smtp\nvars: {1️⃣a: x}\nexchange:\n  - S: 220\n", "the variable 'a' is never used", severity: .warning)
    #expect(read(smtp("- S: 220 ${secret.x:token}\n- S: 220 ${y:token}\n- S: 220 ${y:token}")).1 == [])
  }

  @Test func `the size is that of the step's payload`() {
    #expect(read(smtp("- C: BDAT ${size} LAST\n  message: x")).1 == [])
    expect(smtp("- C: BDAT ${size} LAST\n  message: x\n- C: BDAT 1️⃣${size} LAST"), "nothing has bound 'size'")
  }

  @Test(arguments: [
    "C: PORT ${data}", "C: EPRT ${data}", "C: port ${data}", "S: 227 Entering Passive Mode (${data}).",
    "S: \"229 ok: ${data}\"", "S: |\n    229-x\n    229 (${data})",
    "S: 227 x\n  or: [\"229 (${data})\"]",
  ])
  func `a message that announces a data connection has a place for its endpoint`(step: String) {
    #expect(read(ftp("- \(step)")).1 == [])
  }

  @Test func `elsewhere nothing binds an endpoint`() {
    for step in ["C: NOOP 1️⃣${data}", "S: 150 1️⃣${data}", "S: 227\n  has: [\"1️⃣${data}\"]"] {
      expect(ftp("- \(step)"), "where a message of ftp announces one")
    }
    expect(ftp("- C: LIST\n- data: S\n  text: 1️⃣${data}"), "this message has no place for '${data}'")
    expect(smtp("- C: HELP 1️⃣${data}"), "nothing has bound 'data'")
    #expect(read("replique: 1\nprotocol: smtp\nvars: {data: x}\nexchange:\n  - C: HELP ${data}\n").1 == [])
  }

  @Test func `where there are data connections, no name is data`() {
    let vars = "replique: 1\nprotocol: ftp\nvars: {1️⃣data: x}\nexchange:\n  - C: PORT ${data}\n"
    expect(vars, "'data' can be no name here")
    expect(ftp("- S: 200 1️⃣${data:token}\n- C: PORT ${data}"), "'data' can be no name here")
    let several = "replique: 1\nvars: {1️⃣data: x}\nconversations:\n  - protocol: smtp\n    exchange:\n      - C: HELP ${data}\n"
    expect(several + "  - protocol: ftp\n    exchange:\n      - C: PORT ${data}\n", "'data' can be no name here")
  }

  @Test func `where what binds a name may be what is wrong, only that is told`() {
    expect(smtp("- S: 220 ${x:token} 1️⃣${:tokn}\n- C: HELP ${x}"), "no type 'tokn'")
    expect("replique: 1\nprotocol: smtp\nvars: {x: a, y: 1️⃣[b]}\nexchange:\n  - C: HELP ${x}${y}\n", "is a text, not a list")
    expect(smtp("- include: 1️⃣nowhere.yaml\n- C: HELP ${x}"), "no such file")
    expect(smtp("- S: a 1️⃣#b\n- C: HELP 1️⃣${x}"), "comment", "nothing has bound 'x'")
  }

  @Test func `a text that is wrong in itself is told wherever it stands`() {
    expect(smtp("- S: 220 ${:any}1️⃣${:any}"), "two 'any' side by side")
    expect(smtp("- S: 220 1️⃣${:token=a b}"), "not of type 'token'")
    expect(smtp("- S: 220 ${:/(1️⃣/}"), "missing closing parenthesis")
    expect(smtp("- C: HELP 1️⃣${:ip}"), "cannot be made up")
    expect(smtp("- S: 220 1️⃣${a.b}"), "'a.b' is no name")
    expect(smtp("- C: 1️⃣${repeat(\"a\", 99999999)}"), "longer than")
    expect(smtp("- S: 220\n  lacks: [\"1️⃣${:port=0}\"]"), "not of type 'port'")
    expect("replique: 1\nprotocol: smtp\nvars: {x: \"1️⃣${:ip}\"}\nexchange:\n  - S: 220 ${x}\n", "cannot be made up")
    expect(smtp("- S: 220 1️⃣${secret.p:token=x}"), "would show the secret", severity: .warning)
  }
}
