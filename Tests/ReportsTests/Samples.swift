import Results
import Transcript

/// Results worth looking at, each a folder in `Fixtures`.
enum Samples {
  static let all: [(name: String, result: RunResult)] = [
    ("all-well", run([fetch, mail([])])),
    ("refused-recipient", run([fetch, refusedRecipient], milliseconds: 346.2)),
    ("several-conversations", run([resolveAndFetch, needsTLS, down, noSecret], milliseconds: 2_345)),
    ("hostile", run([hostile])),
    ("strict-gate", run([strict])),
    ("nothing", run([])),
  ]

  static func run(_ transcripts: [TranscriptResult], milliseconds: Double = 50) -> RunResult {
    RunResult(
      tool: "replique 0.1.0", started: "2026-11-23T07:34:41.005757Z", milliseconds: milliseconds,
      options: ["target": "127.0.0.1:2525", "timeout": "30s"], transcripts: transcripts.map(inItsFile))
  }

  /// With every place in the transcript's own file.
  private static func inItsFile(_ transcript: TranscriptResult) -> TranscriptResult {
    var transcript = transcript
    for i in transcript.conversations.indices {
      transcript.conversations[i].place.file = transcript.file
      for j in transcript.conversations[i].steps.indices {
        transcript.conversations[i].steps[j].place.file = transcript.file
        for k in transcript.conversations[i].steps[j].differences.indices {
          transcript.conversations[i].steps[j].differences[k].place.file = transcript.file
        }
      }
    }
    return transcript
  }

  static func place(_ line: Int, _ column: Int = 6, length: Int = 1) -> Place {
    Place(file: "", line: line, column: column, length: length)
  }

  static func step(
    _ action: String, _ line: Int, _ expected: String..., said: [String]? = nil, state: StepResult.State = .done, at ms: Double? = 1.5,
    differences: [Difference] = []
  ) -> StepResult {
    StepResult(
      place: place(line), action: action, state: state, expected: expected,
      actual: state == .done ? (said ?? expected).map { Said.text($0) } : [], milliseconds: state == .done ? ms : nil,
      differences: differences)
  }

  static func difference(
    _ grade: Grade, _ kind: String, _ line: Int, _ text: String, expected: String? = nil, observed: String? = nil, rule: String? = nil,
    hint: String? = nil, fault: Difference.Fault = .server
  ) -> Difference {
    let value = text.firstRange(of: ": ").map { text.distance(from: text.startIndex, to: $0.upperBound) } ?? 0
    var difference = Difference(
      grade, kind, at: place(line, value + 1, length: text.count - value), expected: expected.map(Said.text),
      observed: observed.map(Said.text), rule: rule, hint: hint, fault: fault)
    difference.line = text
    return difference
  }

  static func conversation(
    _ name: String? = nil, _ dialect: String = "smtp", target: String? = "127.0.0.1:2525", gate: Grade = .divergence,
    reason: Reason? = nil,
    steps: [StepResult] = []
  ) -> ConversationResult {
    ConversationResult(
      name: name, protocol: dialect, target: target, gate: gate, reason: reason, place: place(5), milliseconds: 31.25, steps: steps)
  }

  private static let fetch = TranscriptResult(
    file: "Transcripts/lab/fetch.yaml", title: "Fetch two mails", milliseconds: 33.5,
    conversations: [
      conversation(
        nil, "pop3", target: "127.0.0.1:1110",
        steps: [
          step(
            "S", 6, "+OK ready", said: ["+OK Dovecot ready."],
            differences: [difference(.note, "wording", 6, "  - S: +OK ready", expected: "ready", observed: "Dovecot ready.")]),
          step("C", 7, "QUIT"), step("S", 8, "+OK Logging out."), step("close", 9, "S"),
        ])
    ])

  private static func mail(_ later: [StepResult]) -> TranscriptResult {
    TranscriptResult(
      file: "Transcripts/mail.yaml", title: "Mail to etu1", milliseconds: 312.4,
      conversations: [
        conversation(
          steps: [
            step("S", 6, "220", said: ["220 mail.local.demo ESMTP Postfix"]),
            step("C", 7, "EHLO ${client}", said: ["EHLO client.local.demo"]),
            step("S", 8, "250-mail.local.demo", "250-PIPELINING", "250-SIZE 10240000", "250 8BITMIME"),
            step("C", 9, "MAIL FROM:<prof@local.demo>"),
            step("S", 10, "250 2.1.0 Ok"),
            step("C", 11, "RCPT TO:<${to}>", said: ["RCPT TO:<etu1@local.demo>"]),
          ] + later)
      ])
  }

  private static var refusedRecipient: TranscriptResult {
    let line = "  - S: 250 2.1.5 Ok"
    let refusal = "550 5.1.1 <etu1@local.demo>: Recipient address rejected: User unknown in local recipient table"
    var transcript = mail([
      step(
        "S", 12, "250 2.1.5 Ok", said: [refusal], at: 12.25,
        differences: [
          difference(
            .divergence, "reply-code", 12, line, expected: "250 2.1.5 Ok", observed: refusal, rule: "RFC 5321 §3.3",
            hint: "the transcript's vars name the recipient: --var to=…")
        ]),
      step("C", 13, "DATA", state: .unreached), step("S", 14, "354", state: .unreached),
      step("C", 15, "Subject: TP SMTP", "", "Bonjour.", state: .unreached),
      step("S", 19, "250 2.0.0 Ok: queued as ${:token=1150EF8A7EB}", state: .unreached),
      step("C", 20, "QUIT", said: ["QUIT"]),
      step("S", 21, "221", said: ["221 2.0.0 Bye"]),
    ])
    transcript.repetitions = 10
    transcript.failures = 3
    return transcript
  }

  private static var resolveAndFetch: TranscriptResult {
    var follower = difference(.divergence, "missing-reply", 21, "      - S: +OK", expected: "+OK")
    follower.follows = true
    var third = step(
      "S", 19, "+OK ${:number=2} ${:number=800}", said: ["+OK 3 1200"],
      differences: [
        difference(
          .divergence, "value", 19, "      - S: +OK 2 800", expected: "2 800", observed: "3 1200",
          hint: "two values at once, so that both are marked")
      ])
    third.name = "count"
    third.cite = "RFC 1939 §5"
    third.about = "two mails wait here"
    return TranscriptResult(
      file: "Transcripts/both.yaml", title: nil, milliseconds: 1_234.5,
      conversations: [
        conversation("send", steps: [step("S", 6, "220"), step("C", 7, "QUIT"), step("S", 8, "221")]),
        conversation(
          "count", "pop3", target: "[::1]:110",
          steps: [
            step("S", 14, "+OK"), step("C", 15, "USER etu1"), step("S", 15, "+OK"),
            step("C", 16, "PASS ${secret.etu1}", said: ["PASS ***"]),
            step("S", 17, "+OK"), step("C", 18, "STAT"), third,
            step("C", 20, "NOOP"), step("S", 21, "+OK", said: [], differences: [follower]), step("C", 22, "RSET"), step("S", 23, "+OK"),
            step(
              "S", 24, "+OK", said: [],
              differences: [
                difference(
                  .divergence, "late", 24, "      - S: +OK", expected: "within 2.0 seconds", observed: "nothing after 30.0 seconds",
                  fault: .network)
              ]), step("C", 25, "QUIT", state: .unreached), step("S", 26, "+OK", state: .unreached),
          ]),
        conversation("later", "pop3", target: nil, reason: Reason(.interrupted, "the run was interrupted")),
      ])
  }

  private static let needsTLS = TranscriptResult(
    file: "Transcripts/tls.yaml", title: "Mail over TLS", milliseconds: 1.2,
    conversations: [conversation(reason: Reason(.needs, "the server does not offer STARTTLS"))])

  private static let down = TranscriptResult(
    file: "Transcripts/down.yaml", title: nil, milliseconds: 0.4,
    conversations: [
      conversation(nil, "pop3", target: "127.0.0.1:9", reason: Reason(.unreachable, "127.0.0.1:9: connection refused"))
    ])

  private static let noSecret = TranscriptResult(
    file: "Transcripts/login.yaml", title: "Login", milliseconds: 0,
    conversations: [
      conversation(
        reason: Reason(
          .unplayable,
          "login.yaml:9:5: error: this step cannot be played yet\n9 |   - tls: start\n  |     ^^^\nhint: steps that can be: C, S"))
    ])

  /// A server that says whatever it likes, in a file with a name to match.
  private static var hostile: TranscriptResult {
    let line = "  - S: 250 名前 Ok ]]> &amp; <b>"
    let said: [Said] = [
      Said([0x32, 0x35, 0x30, 0x2d, 0x63, 0x61, 0x66, 0xe9, 0xff, 0x00, 0x1b, 0x5b, 0x32, 0x4a]),
      .text("250-]]> <script>&\"'\u{fffe}\u{ffff}\u{7}\u{85}\u{2028}\u{202e}evil\r\n</failure>"),
      .text("250 名前 No ]]> &amp; <b>"), .text("250 " + String(repeating: "x", count: 400) + " 👩‍👩‍👧 e\u{301}"),
    ]
    let place = Place(file: "a<b>&\"c\u{1}.yaml", line: 3, column: 12, length: 4)
    var wide = Difference(.divergence, "wording", at: place, expected: .text("250 名前 Ok ]]> &amp; <b>"), observed: said[2])
    wide.line = line
    var bytes = Difference(.violation, "reply-syntax", at: place, observed: said[0], rule: "RFC 5321 §4.2")
    bytes.line = line
    let long = String(repeating: "x", count: 400)
    let far = Difference(
      .divergence, "content", at: .nowhere, expected: .text("250 \(long) one two"), observed: .text("250 \(long) one three"),
      hint: "a hint\u{1b}[31m")
    let odd = Difference(.drift, "unlisted\u{0}kind", at: place, expected: said[1], observed: nil, fault: .us)
    return TranscriptResult(
      file: place.file, title: "]]>\u{1b}[31m\u{fffe}", milliseconds: .infinity,
      conversations: [
        conversation(
          "x\ny",
          steps: [
            StepResult(place: place, action: "S", state: .done, expected: [line], actual: said, differences: [wide, bytes, far, odd])
          ]),
        conversation("x\ny", steps: [step("S", 9, "250")]),
      ])
  }

  /// Where a note fails.
  private static let strict = TranscriptResult(
    file: "../other/strict.v2.yaml", title: nil, milliseconds: 80_000,
    conversations: [
      conversation(
        gate: .note,
        steps: [
          step(
            "S", 4, "220 ready", said: ["220 at your service"],
            differences: [difference(.note, "wording", 4, "  - S: 220 ready", expected: "ready", observed: "at your service")]),
          step("silence", 5, "0.5 seconds"), step("S", 6, "250", state: .absent),
          step("C", 7, "QUIT"),
        ])
    ])
}
