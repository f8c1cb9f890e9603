package import Transcript
package import Wire

/// The Post Office Protocol, version 3 (RFC 1939, RFC 2449).
package struct POP3: Dialect {
  package init() {}

  package var name: String { "pop3" }
  package var transports: [Transport] { [.stream] }
  package var ports: [UInt16] { [110] }
  package var parts: [PartShape] { [PartShape("message", .payload, [.server]), PartShape("lines", .lines, [.server])] }
  package var subjects: [String] { ["user"] }
  package var farewell: Message? { Message(.client, ["QUIT"]) }
  package var capabilities: Message? { Message(.client, ["CAPA"]) }

  package func begin(_ transport: Transport) -> any Session { POP3Session() }

  /// `+OK` is said elsewhere, too (by Redis, to `AUTH` as well): the greeting must speak of mail, the client must say what only a mail
  /// client says, or the port must be mail's and nothing speak against it.
  package func likeness(_ glimpse: Glimpse) -> Int {
    guard glimpse.transport == .stream else { return 0 }
    let greeting = glimpse.greeting.map(Words.upper)
    if let greeting, greeting.first != "+OK", greeting.first != "-ERR" { return 0 }
    let command = glimpse.command.map(Words.upper) ?? []
    let isKnownPort = ports.contains(glimpse.port)
    let bonus = isKnownPort ? 30 : 0
    guard let greeting else {
      // FTP and IRC have USER and PASS, FTP has most others.
      if let verb = command.first, ["CAPA", "APOP", "UIDL", "STLS", "TOP"].contains(verb) { return 40 + bonus }
      return isKnownPort && command.first.map(Self.commands.contains) ?? true ? 30 : 0
    }
    if greeting.contains(where: { $0.contains("POP") }) { return 60 + bonus }
    switch command.first {
    case "CAPA"?, "APOP"?, "UIDL"?, "STLS"?, "TOP"?, "USER"?, "PASS"?, "RETR"?, "DELE"?: return 60 + bonus
    case "AUTH"? where greeting.count > 1 && command.count > 1 && Self.mechanisms.contains(command[1]): return 60 + bonus
    default: return isKnownPort ? 60 : 0
    }
  }

  package func verb(of command: Message) -> String {
    guard let first = command.head.first else { return "" }
    return Words.upper(first.words(limit: 2)[0].recorded).first ?? ""
  }

  package func succeeded(_ reply: Message) -> Bool { reply.head.first?.recorded.first == UInt8(ascii: "+") }

  /// Without a login, nothing but another try makes sense (RFC 1939 §4).
  package func isHindered(_ command: Message, by history: [Turn]) -> Bool {
    if Self.loginCommands.contains(verb(of: command)) { return false }
    for turn in history.reversed()
    where ["PASS", "APOP", "AUTH"].contains(verb(of: turn.command)) || verb(of: turn.command) == "USER" && !turn.didSucceed {
      return turn.wasToSucceed && !turn.didSucceed
    }
    return false
  }

  package func uses(_ keyword: String, in command: Message) -> Bool {
    switch keyword {
    case "TOP", "UIDL", "USER", "STLS", "UTF8", "LANG": verb(of: command) == keyword
    case "SASL": verb(of: command) == "AUTH"
    default: false
    }
  }

  package func notImplemented(_ command: Message) -> Message { Message(.server, ["-ERR Unknown command"]) }

  package func usualReply(_ code: String, to command: Message?, with keywords: [Text]) -> Message {
    let verb = command.map(verb(of:))
    if code == "-ERR" { return Message(.server, ["-ERR Not possible"]) }
    guard code == "+OK" else { return Message(.server, [Text(code)]) }
    switch verb {
    case nil: return Message(.server, ["+OK replique.invalid ready"])
    case "CAPA"?: return Message(.server, ["+OK Capability list follows"], [Part("lines", .lines(keywords))])
    case "LIST"?, "UIDL"?, "AUTH"?, "LANG"?:
      let hasArgument = command?.head.first.map { wordRanges($0.recorded).count > 1 } ?? false
      return Message(.server, ["+OK"], hasArgument ? [] : [Part("lines", .lines([]))])
    case "RETR"?, "TOP"?: return Message(.server, ["+OK"], [Part("message", .payload(Payload(.lines([]))))])
    case "STAT"?: return Message(.server, ["+OK 0 0"])
    case "QUIT"?: return Message(.server, ["+OK Bye"])
    default: return Message(.server, ["+OK"])
    }
  }

  package func refused(_ reply: Message, code: String?) -> Message {
    let code = code ?? (succeeded(reply) ? "-ERR" : "+OK")
    return Message(.server, [Text(code == "-ERR" ? "-ERR Not possible" : code)])
  }

  package func dropping(keyword: String?, from reply: Message) -> Message? {
    guard case .lines(var lines)? = reply[part: "lines"], !lines.isEmpty else { return nil }
    if let keyword {
      guard let index = lines.firstIndex(where: { Words.upper($0.recorded).first == keyword.uppercased() }) else { return nil }
      lines.remove(at: index)
    } else {
      lines.removeLast()
    }
    return Message(.server, reply.head, [Part("lines", .lines(lines))])
  }

  package func replies(to command: Message?) -> ReplyRule? {
    // A command that is not understood, or in the wrong state, is refused (RFC 1939 §3), so both may come to each.
    func rule(_ section: String, _ more: String...) -> ReplyRule {
      ReplyRule(listed: ["+OK", "-ERR"] + more, classes: "+-", rule: section)
    }
    switch command.map(verb(of:)) {
    case nil: return rule("RFC 1939 §4")
    case "AUTH"?: return rule("RFC 5034 §4", "+")
    case "CAPA"?: return rule("RFC 2449 §5")
    case "STLS"?: return rule("RFC 2595 §4")
    case "UTF8"?: return rule("RFC 6856 §2.1")
    case "LANG"?: return rule("RFC 6856 §3")
    case "USER"?, "PASS"?, "APOP"?, "TOP"?, "UIDL"?: return rule("RFC 1939 §7")
    case "STAT"?, "LIST"?, "RETR"?, "DELE"?, "NOOP"?, "RSET"?: return rule("RFC 1939 §5")
    case "QUIT"?: return rule("RFC 1939 §6")
    // An answer within AUTH is no verb; nor is what no RFC knows.
    default: return nil
    }
  }

  private static let loginCommands: Set<String> = ["USER", "PASS", "APOP", "AUTH", "QUIT", "CAPA", "STLS", "NOOP"]
  static let commands: Set<String> = [
    "USER", "PASS", "APOP", "AUTH", "CAPA", "STLS", "STAT", "LIST", "RETR", "DELE", "NOOP", "RSET", "TOP", "UIDL", "QUIT", "LAST", "UTF8",
    "LANG", "XTND",
  ]
  private static let mechanisms: Set<String> = [
    "PLAIN", "LOGIN", "CRAM-MD5", "DIGEST-MD5", "NTLM", "GSSAPI", "EXTERNAL", "XOAUTH2", "OAUTHBEARER", "SCRAM-SHA-1", "SCRAM-SHA-256",
  ]
  /// What a client may begin with (RFC 1939 §4).
  static let openers: Set<String> = ["USER", "APOP", "AUTH", "CAPA", "STLS", "QUIT", "NOOP", "UTF8", "LANG"]
}
