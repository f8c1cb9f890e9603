import Dialects
import Replay
import Testing
import Transcript
import Wire

@testable import Replique

/// Which proxy a conversation goes through.
@Suite struct ProxiesTests {
  private func choice(
    _ option: String? = nil, _ environment: [String: String] = [:], own: String? = nil, _ dialect: any Dialect = HTTP(),
    target: String = "www.local.demo:80"
  ) throws -> String {
    let proxies = try Proxies(option, environment: .init { environment[$0] })
    switch proxies.choose(dialect, to: Destination(target), own: own.map { Array($0.utf8) }) {
    case .none: return "none"
    case .direct: return "direct"
    case .proxy(let proxy, _): return "\(proxy.destination)"
    case .unreadable: return "unreadable"
    }
  }

  @Test func `the call wins over the environment, that over the transcript`() throws {
    #expect(try choice() == "none")
    #expect(try choice(own: "c:3") == "c:3")
    #expect(try choice(["http_proxy": "http://b:2"], own: "c:3") == "b:2")
    #expect(try choice("a:1", ["http_proxy": "http://b:2", "no_proxy": "*"], own: "c:3") == "a:1")
    #expect(try choice("none", ["http_proxy": "http://b:2"], own: "c:3") == "direct")
  }

  private func choice(_ environment: [String: String], own: String? = nil) throws -> String { try choice(nil, environment, own: own) }

  @Test func `the environment is read as curl reads it`() throws {
    #expect(try choice(["HTTP_PROXY": "b:2"]) == "none")
    #expect(try choice(["https_proxy": "b:2"]) == "none")
    #expect(try choice(["all_proxy": "b:2"]) == "b:2")
    #expect(try choice(["ALL_PROXY": "b:2"]) == "b:2")
    #expect(try choice(["http_proxy": "", "all_proxy": "b:2"]) == "b:2")
    #expect(try choice(["http_proxy": "a:1", "all_proxy": "b:2"]) == "a:1")
    #expect(try choice(["http_proxy": "a:1", "no_proxy": "local.demo"]) == "none")
    #expect(try choice(["http_proxy": "a:1", "NO_PROXY": "local.demo"]) == "none")
    #expect(try choice(["http_proxy": "a:1", "no_proxy": "else", "NO_PROXY": "local.demo"]) == "a:1")
    #expect(try choice(["http_proxy": "socks5://a:1"]) == "unreadable")
  }

  @Test func `the environment's https proxy is that of https, in both cases`() {
    let environment = ["https_proxy": "a:1", "HTTPS_PROXY": "b:2"]
    #expect(Proxies.Environment { environment[$0] }.proxy(for: "https")?.text == "a:1")
    #expect(Proxies.Environment { $0 == "HTTPS_PROXY" ? "b:2" : nil }.proxy(for: "https")?.text == "b:2")
  }

  @Test func `other protocols go through a proxy only where they are told to`() throws {
    let environment = ["http_proxy": "b:2", "all_proxy": "b:2"]
    #expect(try choice(nil, environment, POP3()) == "none")
    #expect(try choice(nil, environment, own: "c:3", POP3()) == "c:3")
    #expect(try choice("a:1", environment, own: "c:3", POP3()) == "a:1")
  }

  @Test func `a wrong call is told without what may be a password`() {
    #expect {
      try Proxies("ftp://u:hush@a:1")
    } throws: { !"\($0)".contains("hush") }
  }

  @Test(
    arguments: [
      ("http://a:1", "a:1", nil), ("a:1", "a:1", nil), ("HTTP://a:1/", "a:1", nil), ("a", "a:1080", nil),
      ("http://[fd00::1]:1", "[fd00::1]:1", nil),
      ("http://u:p@a:1", "a:1", "u:p"), ("u:p%40%3a@a:1", "a:1", "u:p@:"), ("http://u@a:1", "a:1", "u:"),
      ("http://u:100%@a:1", "a:1", "u:100%"),
    ] as [(String, String, String?)])
  func `a proxy is named as for curl`(text: String, destination: String, credentials: String?) throws {
    let proxy = try #require(Proxy(text))
    #expect("\(proxy.destination)" == destination)
    #expect(proxy.credentials.map { String(decoding: $0, as: UTF8.self) } == credentials)
  }

  @Test(arguments: ["", "https://a:1", "socks5h://a:1", "a:x", "unix:/a", "http://"])
  func `what is no proxy that can be spoken to is none`(text: String) {
    #expect(Proxy(text) == nil)
  }

  @Test(arguments: [
    ("local.demo", "local.demo", true), ("local.demo", "www.local.demo", true), (".local.demo", "www.Local.demo.", true),
    (".local.demo", "local.demo", true), ("local.demo", "notlocal.demo", false), ("www.local.demo", "local.demo", false),
    ("a, b c", "c", true), ("*", "x", true), ("a,*", "x", false), ("", "x", false), (".", "x", false),
    ("127.0.0.1", "127.0.0.1", true), ("0.0.1", "127.0.0.1", false), ("10.0.0.0/8", "10.9.8.7", true), ("10.0.0.0/8", "11.0.0.1", false),
    ("192.168.1.128/25", "192.168.1.129", true), ("192.168.1.128/25", "192.168.1.1", false), ("10.0.0.0/33", "10.0.0.0", false),
    ("fd00::/8", "fd12::1", true), ("::1", "::1", true), ("0:0::1", "::1", true), ("::1", "::2", false),
  ]) func `no_proxy lists names with all that is below them, addresses and blocks`(list: String, host: String, isCovered: Bool) {
    #expect(NoProxy(list).covers(host) == isCovered)
  }

  // MARK: Without the tunnel

  @Test func `what was recorded inside a tunnel is had directly without it`() {
    let steps = [
      Step(.say(Message(.client, ["CONNECT mx:25 HTTP/1.1"]))), Step(.say(Message(.server, ["HTTP/1.1 200 OK"]))), Step(.speak("smtp")),
      Step(.say(Message(.server, ["220"]))),
    ]
    let direct = Conversation(dialect: "http", steps: steps).direct
    #expect(direct.dialect == "smtp")
    #expect(direct.steps == [steps[3]])
    let upgraded = [Step(.say(Message(.client, ["GET / HTTP/1.1"])))] + steps[1...]
    #expect(Conversation(dialect: "http", steps: upgraded).direct.steps == upgraded)
    let plain = Conversation(dialect: "smtp", steps: [steps[3]])
    #expect(plain.direct.steps == plain.steps)
  }
}
