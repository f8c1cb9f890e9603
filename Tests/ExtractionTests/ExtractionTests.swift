import Capture
import Dialects
import Extraction
import Testing
import Transcript
import Wire

@Suite struct ExtractionTests {
  private func play(port: UInt16 = 25, _ script: String) -> Recorder {
    var recorder = Recorder(port: port)
    return recorder.plays(script)
  }

  // MARK: Names

  @Test func `hosts and addresses are variables wherever they stand`() {
    let mail = play(
      """
      S: 220 mx.example.org ESMTP
      C: EHLO me.example.org
      S: 250-mx.example.org\\n250 SIZE
      C: MAIL FROM:<a1@example.org>
      S: 250 ok
      C: RCPT TO:<b1@example.org>
      S: 550 <b1@example.org>: unknown at mx.example.org.
      S.
      """)
    #expect(mail.yaml().contains("vars: {server: mx.example.org, client: me.example.org, from: a1@example.org, to: b1@example.org}"))
    #expect(mail.exchange().contains("550 <${to}>: unknown at ${server}."))
    #expect(mail.exchange().hasSuffix("- close: S\n"))
  }

  @Test func `a second recipient has a second name, the same one the same`() {
    let exchange = play(
      "S: 220 SMTP\nC: HELO x\nS: 250\nC: RCPT TO:<b@x.y>\nS: 250\nC: RCPT TO:<c@x.y>\nS: 250\nC: RCPT TO:<b@x.y>\nS: 250"
    ).exchange()
    #expect(exchange.contains("TO:<${to}>\n  - S: 250\n  - C: RCPT TO:<${to-2}>\n  - S: 250\n  - C: RCPT TO:<${to}>"))
  }

  @Test func `what the server gave and the client sent back is bound once and used again`() {
    let exchange = play(port: 110, "S: +OK <1896.697@x.org> ready\nC: APOP mrose c4c9334bac560ecc979e58001b3e22fb\nS: +OK").exchange()
    #expect(exchange.contains("+OK ${stamp:/<[^>]+>/=<1896.697@x.org>} ready"))
    #expect(exchange.contains("- C: APOP ${user} ${apop(stamp, secret.mrose)}"))
  }

  @Test func `what only varies has a type and no name`() {
    let exchange = play("S: 220 x SMTP\nC: EHLO a\nS: 250 x\nC: DATA\nS: 354\nC: hi\\n.\nS: 250 Ok: queued as 1150EF8A7EB").exchange()
    #expect(exchange.contains("queued as ${:token=1150EF8A7EB}"))
  }

  @Test func `what the server repeats is one value`() {
    let exchange = play(
      """
      S: 220 x SMTP
      C: EHLO a
      S: 250 x
      C: DATA
      S: 354
      C: hi\\n.
      S: 250 Ok: queued as 1150EF8A7EB
      C: NOOP 1150EF8A7EB
      S: 250 still 1150EF8A7EB
      """
    ).exchange()
    #expect(exchange.contains("queued as ${id:token=1150EF8A7EB}"))
    #expect(exchange.contains("NOOP ${id}\n  - S: 250 still ${id}"))
  }

  // MARK: Secrets

  @Test(arguments: [
    ("USER anna\\nPASS sesame!", "PASS ${secret.anna}"), ("USER anna@x.org\\nPASS two words", "PASS ${secret.anna}"),
    ("PASS sesame!", "PASS ${secret.password}"), ("AUTH PLAIN AGFubmEAc2VzYW1lIQ==", "AUTH PLAIN ${plain(user, secret.anna)}"),
    ("AUTH XOAUTH2 dXNlcj1hbm5hAXNlc2FtZSE=", "AUTH XOAUTH2 ${secret.anna}"),
  ])
  func `a password is never written`(command: String, written: String) {
    var recorder = Recorder(port: 110)
    let yaml = recorder.plays("S: +OK hi\nC: \(command)\nS: +OK\\n+OK\nC: QUIT\nS: +OK").yaml()
    #expect(yaml.contains(written), "\(yaml)")
    for leak in ["sesame!", "two words", "c2VzYW1l", "dXNlcj1"] { #expect(!yaml.contains(leak), "\(yaml)") }
  }

  @Test func `a password that the server repeats is not written either`() {
    let exchange = play(port: 110, "S: +OK\nC: USER u1\nS: +OK\nC: PASS sesame!\nS: -ERR 'sesame!' is wrong").exchange()
    #expect(exchange.contains("-ERR '${secret.u1}' is wrong"))
  }

  @Test func `before it was said, a password is a word like others`() {
    let exchange = play(port: 110, "S: +OK\nC: USER u1\nS: +OK now the password\nC: PASS password\nS: -ERR not the password")
      .exchange()
    #expect(exchange.contains("+OK now the password\n") && exchange.contains("-ERR not the ${secret.u1}"), "\(exchange)")
    // Who has it may say it too early.
    let early = play(port: 110, "S: +OK\nC: sesame!\nS: -ERR\nC: USER u1\nS: +OK\nC: PASS sesame!\nS: +OK").exchange()
    #expect(!early.contains("sesame"), "\(early)")
  }

  @Test func `a wrong password and the right one are two secrets`() {
    let exchange = play(port: 110, "S: +OK\nC: USER u1\nS: +OK\nC: PASS wrong1\nS: -ERR\nC: USER u1\nS: +OK\nC: PASS right1\nS: +OK")
      .exchange()
    #expect(exchange.contains("PASS ${secret.u1}"))
    #expect(exchange.contains("PASS ${secret.u1-2}"))
  }

  @Test func `login in two steps names the user and hides the password`() {
    let exchange = play(
      "S: 220 x ESMTP\nC: EHLO a\nS: 250 AUTH LOGIN\nC: AUTH LOGIN\nS: 334 VXNlcm5hbWU6\nC: YW5uYQ==\nS: 334 UGFzc3dvcmQ6\nC: c2VzYW1lIQ==\nS: 235 ok"
    ).exchange()
    #expect(exchange.contains("- C: ${base64(user)}\n  - S: 334 UGFzc3dvcmQ6\n  - C: ${base64(secret.anna)}"))
  }

  @Test func `each challenge has its own response`() {
    let script =
      "S: 220 x ESMTP\nC: EHLO a\nS: 250 x\nC: AUTH CRAM-MD5\nS: 334 PDFAeD4=\nC: YW5uYSAwMTIz\nS: 535 no\nC: AUTH CRAM-MD5\nS: 334 PDJAeD4=\nC: YW5uYSA0NTY3\nS: 235 ok"
    let exchange = play(script).exchange()
    #expect(exchange.contains("334 ${challenge:base64=PDFAeD4=}\n  - C: ${cram-md5(challenge, user, secret.anna)}"))
    #expect(exchange.contains("334 ${challenge-2:base64=PDJAeD4=}\n  - C: ${cram-md5(challenge-2, user, secret.anna)}"))
  }

  // MARK: What is missing, and what is odd

  @Test func `what the recorded server broke is a note when it comes again`() {
    let yaml = play("S: 220 x SMTP\\l\\\nC: HELO a\nS: 354 what\nC: QUIT\nS: 221").yaml()
    #expect(yaml.contains("grades: {bare-lf: note, reply-class: note}"))
  }

  @Test func `a gap and an end that is not there are told`() {
    let mail = play("S: 220 x SMTP\nC: HELO a\nS: 250 x\nC~12\nC: QUIT\nS: 22\\")
    #expect(mail.yaml().contains("12 bytes of the client are missing from the capture."))
    #expect(mail.yaml().contains("The last message of the server was never finished: 2 bytes are left out."))
    #expect(mail.recorded?.isComplete == false)
  }

  @Test func `a conversation ends where TLS begins, and says so`() {
    let mail = play("S: 220 x SMTP\nC: EHLO a\nS: 250 STARTTLS\nC: STARTTLS\nS: 220 go\nC: \u{16}\u{3}\u{1}xx\nS: \u{16}\u{3}\nS.\nC.")
    #expect(mail.yaml().contains("It turns to TLS here"))
    #expect(mail.exchange().hasSuffix("- S: 220 go\n"))
    #expect(mail.recorded?.isComplete == true)
  }

  @Test func `a line of the client that ends in LF alone is sent so again`() {
    #expect(play("S: 220 x SMTP\nC: HELO a\\l\\\nS: 250 x").exchange().contains("bytes: \"HELO a\\n\""))
  }

  @Test func `who ends first is written, and a server's end`() {
    #expect(play("S: 220 x SMTP\nC: QUIT\nC.\nS: 221\nS.").exchange().hasSuffix("- close: C\n  - S: 221\n  - close: S\n"))
    #expect(play("S: 220 x SMTP\nC: QUIT\nS: 221\nS.\nC.").exchange().hasSuffix("- S: 221\n  - close: S\n"))
    #expect(play("S: 220 x SMTP\nC: QUIT\nS!").exchange().hasSuffix("- C: QUIT\n  - reset: S\n"))
  }

  @Test func `what the client said to a server that had left is left out`() {
    let mail = play("S: 220 x SMTP\nC: DATA\nS: 521 no\nS.\nC: QUIT\nC.")
    #expect(mail.exchange().hasSuffix("- S: 521 no\n  - close: S\n"))
    #expect(mail.yaml().contains("What the client said after the server had ended is left out."))
  }

  @Test func `a slow reply gets its time`() {
    #expect(play("S: 220 x SMTP\nC: HELO a\nS+20\nS: 250 x").exchange().contains("- S: 250 x\n    within: 40s"))
  }

  @Test func `a refused connection is a fact where the port tells the protocol`() {
    var known = Recorder(port: 25)
    #expect(known.isRefused(.refused).exchange() == "  - connect: refused\n")
    var other = Recorder(port: 4711)
    #expect(other.isRefused(.timedOut).recorded?.skip == .neverOpened)
  }

  // MARK: Payloads

  @Test func `a large payload stands in a file beside, with its digest`() {
    let big = String(repeating: "x\\n", count: 50)
    var stored: [[UInt8]] = []
    let exchange = play("S: 220 x SMTP\nC: EHLO a\nS: 250 x\nC: DATA\nS: 354\nC: \(big).\nS: 250 ok").exchange(inlineLimit: 100) {
      stored.append($0)
      return "mail.1.bin"
    }
    #expect(exchange.contains("file: mail.1.bin\n"))
    #expect(exchange.contains("size: 150"))
    #expect(stored.map(\.count) == [150])
  }

  @Test func `of a large mail that was fetched the fields stay, since they vary`() {
    let mail = "Received: from a; Mon, 23 Nov 2026 08:04:07 +0000\\nSubject: s\\n\\n" + String(repeating: "x\\n", count: 50)
    let exchange = play(port: 110, "S: +OK\nC: RETR 1\nS: +OK\\n\(mail).\nC: QUIT\nS: +OK").exchange(inlineLimit: 100)
    #expect(
      exchange.contains("Received: from a; ${:date=Mon, 23 Nov 2026 08:04:07 +0000}") || exchange.contains("Received: \"from a; ${:date="))
    #expect(exchange.contains("Subject: s"))
    #expect(exchange.contains("size: 150"))
  }

  @Test func `what is no text is bytes`() {
    let exchange = play("S: 220 x SMTP\nC: EHLO a\nS: 250 x\nC: BDAT 4 LAST\\nab\\lc\\\nS: 250 ok").exchange()
    #expect(exchange.contains("bytes: \"ab\\nc\""))
  }

  // MARK: Which protocol

  @Test(arguments: [
    (25, "S: 220 ftp.x FTP server\nC: USER a\nS: 331", "ftp"), (2525, "S: 220 x ESMTP\nC: EHLO a\nS: 250 x", "smtp"),
    (8110, "S: +OK ready\nC: USER a\nS: +OK", "pop3"), (6379, "C: PING\nS: +PONG", "unknown"),
    (143, "S: * OK ready\nC: a LOGIN b c\nS: a OK", "unknown"),
    (24, "S: 220 x LMTP\nC: LHLO a\nS: 250 x", "lmtp"), (25, "C: GET / HTTP/1.1\nS: HTTP/1.1 200 OK", "http"),
  ])
  func `the first words tell the protocol`(port: Int, script: String, expected: String) {
    #expect(play(port: UInt16(port), script).recorded?.dialect?.name ?? "unknown" == expected)
  }

  @Test func `a choice wins over the first words`() {
    var recorder = Recorder(port: 21, dialect: Registry["smtp"])
    #expect(recorder.plays("S: 220 x FTP\nC: USER a\nS: 331").recorded?.dialect?.name == "smtp")
  }

  @Test func `nothing said, and TLS from the start, are skipped with the reason`() {
    #expect(play("S.\nC.").recorded?.skip == .silent)
    #expect(play(port: 465, "C: \u{16}\u{3}\u{1}hello").recorded?.skip == .tls)
  }

  @Test func `a capture that begins in the middle may have the sides the other way round`() {
    var recorder = Recorder(port: 50_000, isPartial: true)
    let recorded = recorder.plays("C: 220 x ESMTP\nS: EHLO a\nC: 250 x").recorded
    #expect(recorded?.dialect?.name == "smtp")
    #expect(recorded?.origin.client.port == 50_000)
    #expect(recorder.yaml().contains("does not hold the beginning"))
  }

  // MARK: Bounds

  @Test func `a conversation larger than the limit is cut, and says so`() {
    var limits = ExtractionLimits()
    limits.conversation = 100
    var recorder = Recorder(limits: limits)
    let yaml = recorder.plays("S: 220 x ESMTP\nC: EHLO a\nS: 250 x\nC: NOOP \(String(repeating: "x", count: 100))\nS: 250").yaml()
    #expect(yaml.contains("too large to be kept whole"))
    #expect(!yaml.contains("NOOP"))
  }
}
