import Dialects
import Testing
import Wire

@Suite struct LikenessTests {
  struct Words: Sendable, CustomTestStringConvertible {
    var port: UInt16
    var greeting: String?
    var command: String?
    var expected: String?

    init(_ port: UInt16, _ greeting: String?, _ command: String?, _ expected: String?) {
      self.port = port
      self.greeting = greeting
      self.command = command
      self.expected = expected
    }

    var testDescription: String { "\(port) \(greeting ?? "–") / \(command ?? "–")" }
  }

  @Test(arguments: [
    Words(25, "220 mx ESMTP Postfix", "EHLO x", "smtp"), Words(25, "220 mx", "QUIT", "smtp"), Words(25, "220 mx", nil, "smtp"),
    Words(25, "554 no", nil, "smtp"), Words(25, "450 try later", "QUIT", "smtp"), Words(25, nil, "EHLO x", "smtp"),
    Words(25, nil, nil, "smtp"),
    Words(587, "220-mx ESMTP", "ehlo x", "smtp"), Words(4025, "220 mx", "EHLO x", "smtp"), Words(4025, "220 mx ESMTP", nil, "smtp"),
    Words(4025, "220 mx ESMTP", "GET / HTTP/1.1", "smtp"), Words(4025, "220 mx", "MAIL FROM:<>", "smtp"),
    Words(4025, nil, "HELO x", "smtp"),
    Words(4025, "220 mx", nil, nil), Words(4025, "220 mx", "QUIT", nil), Words(4025, "220 mx", "USER x", "ftp"),
    Words(25, "220 mx ESMTP", "\u{1}\u{2}g", "smtp"),
    Words(24, "220 mx LMTP", "LHLO x", "lmtp"), Words(4024, "220 mx", "LHLO x", "lmtp"), Words(24, "220 mx", nil, "lmtp"),
    Words(24, "220 mx", "EHLO x", "smtp"),
    Words(4024, "220 mx LMTP ready", nil, "lmtp"),
    Words(25, "220 (vsFTPd 3.0.3)", "USER anonymous", "ftp"), Words(25, "220 ProFTPD ready", nil, "ftp"),
    Words(21, "220 x", "USER u", "ftp"),
    Words(21, "220 FTP Server ready", "QUIT", "ftp"), Words(21, "220 x", nil, "ftp"), Words(21, nil, nil, "ftp"),
    Words(21, nil, "CWD x", "ftp"),
    Words(21, "230 in", "SYST", "ftp"), Words(21, "120 wait", "USER u", "ftp"), Words(21, "220 mx ESMTP", "EHLO x", "smtp"),
    Words(21, "SSH-2.0-x", "SSH-2.0-y", nil), Words(21, "220 x", "GET / HTTP/1.1", "http"), Words(21, "220 x", "\u{16}\u{3}\u{1}", nil),
    Words(2121, "220 x", "HOST ftp.example", "ftp"), Words(2121, "220 x", "AUTH TLS", "ftp"), Words(2121, "220 x", "AUTH SSL", "ftp"),
    Words(2121, "220 x", "FEAT", "ftp"), Words(2121, "220-FileZilla Server", "auth tls", "ftp"),
    Words(2121, "220 x", "OPTS UTF8 ON", "ftp"),
    Words(2121, "220---------- Welcome to Pure-FTPd ----------", nil, "ftp"), Words(2121, "220 x", "NOOP", nil),
    Words(2121, "220 x", "QUIT", nil),
    Words(2121, nil, "USER u", nil), Words(2121, nil, "EPSV", "ftp"), Words(2121, "220 x", "AUTH PLAIN", nil),
    Words(587, "220 x", "AUTH TLS", "ftp"), Words(119, "200 news ready", "QUIT", nil),
    Words(25, "SSH-2.0-OpenSSH_9", "SSH-2.0-x", nil),
    Words(25, nil, "GET / HTTP/1.1", "http"), Words(80, "HTTP/1.1 400 Bad Request", "EHLO x", "http"),
    Words(8099, "HTTP/1.1 200 OK", "GET / HTTP/1.1", "http"), Words(8099, nil, "get /x HTTP/1.0", "http"), Words(80, nil, nil, "http"),
    Words(8099, "HTTP/1.0 200 OK", nil, "http"), Words(8099, "HTTP/1.1 101 Switching Protocols", "GET /chat HTTP/1.1", "http"),
    Words(5060, nil, "INVITE sip:a@b SIP/2.0", nil), Words(554, "RTSP/1.0 200 OK", "OPTIONS rtsp://x RTSP/1.0", nil),
    Words(80, nil, "PRI * HTTP/2.0", nil), Words(80, nil, "\u{16}\u{3}\u{1}", nil), Words(80, "SSH-2.0-x", "SSH-2.0-y", nil),
    Words(22, "SSH-2.0-x", "GET / HTTP/1.1", "http"), Words(8099, nil, "GET /", nil),
    Words(25, nil, "\u{16}\u{3}\u{1}\u{2}", nil),
    Words(465, nil, "\u{16}\u{3}\u{1}\u{2}", nil), Words(465, "220 mx ESMTP", "\u{16}\u{3}\u{1}\u{2}", nil),
    Words(110, "+OK ready", "USER x", "pop3"), Words(110, "+OK", nil, "pop3"), Words(110, "-ERR full", nil, "pop3"),
    Words(110, "+OK", "XTND x", "pop3"),
    Words(110, nil, "CAPA", "pop3"), Words(110, "+OK hi", "what", "pop3"), Words(4110, "+OK ready", "USER x", "pop3"),
    Words(4110, "+OK ready", "capa", "pop3"),
    Words(4110, "+OK POP3 server", nil, "pop3"), Words(4110, "+OK POP3 server", "QUIT", "pop3"),
    Words(4110, "+OK ready", "AUTH PLAIN", "pop3"),
    Words(4110, nil, "UIDL", "pop3"), Words(4110, "+OK", nil, nil), Words(4110, "+OK ready", "QUIT", nil),
    Words(6379, "+OK", "SET a b", nil), Words(6379, "+OK", "AUTH secret", nil), Words(6379, "+OK", "*3", nil),
    Words(6379, "+OK", "QUIT", nil),
    Words(6667, nil, "USER foo 0 * :Foo", nil), Words(6667, ":irc NOTICE *", "PASS x", nil), Words(143, "* OK ready", "a LOGIN u p", nil),
    Words(4190, "\"IMPLEMENTATION\" \"x\"", "AUTHENTICATE", nil), Words(110, "220 x", "USER x", "ftp"),
    Words(995, nil, "\u{16}\u{3}\u{1}", nil),
    Words(53, nil, "\u{0}\u{1d}", nil),
  ])
  func `port, greeting and first command tell together`(words: Words) {
    let glimpse = Glimpse(
      port: words.port, transport: .stream, greeting: words.greeting.map { Array($0.utf8) }, command: words.command.map { Array($0.utf8) })
    #expect(Registry.recognise(glimpse)?.name == words.expected)
  }

  @Test func `mail is no matter of datagrams`() {
    #expect(
      Registry.recognise(Glimpse(port: 25, transport: .datagrams, greeting: Array("220 x ESMTP".utf8), command: Array("EHLO x".utf8)))
        == nil)
  }
}
