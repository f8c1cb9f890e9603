package import Transcript
package import Wire

/// The Post Office Protocol, version 3 (RFC 1939, RFC 2449).
package struct POP3: Dialect {
  package init() {}

  package var name: String { "pop3" }
  package var transports: [Transport] { [.stream] }
  package var ports: [UInt16] { [110] }
  package var parts: [PartShape] { [PartShape("message", .payload, [.server]), PartShape("lines", .lines, [.server])] }
  package var farewell: Message? { Message(.client, ["QUIT"]) }
  package var capabilities: Message? { Message(.client, ["CAPA"]) }

  package var subjects: [String] { ["user"] }

  package func begin(_ transport: Transport) -> any Session { POP3Session() }

  /// `+OK` greets elsewhere, too: the port or the client's command must speak for it.
  package func likeness(_ glimpse: Glimpse) -> Int {
    guard glimpse.transport == .stream else { return 0 }
    let greeting = glimpse.greeting.map(Words.upper)?.first
    if let greeting, greeting != "+OK", greeting != "-ERR" { return 0 }
    let verb = glimpse.command.map { Words.upper($0).first ?? "" }
    let isKnownPort = ports.contains(glimpse.port)
    if let verb, !verb.isEmpty {
      guard Self.commands.contains(verb) || isKnownPort && greeting != nil else { return 0 }
      return (greeting != nil ? 60 : ["APOP", "UIDL", "RETR", "TOP", "DELE", "STAT", "CAPA", "STLS"].contains(verb) ? 40 : 20)
        + (isKnownPort ? 30 : 0)
    }
    return greeting != nil && isKnownPort ? 60 : 0
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
    case "LIST"?, "UIDL"?:
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
    let listed = ["+OK", "-ERR"]
    switch command.map(verb(of:)) {
    case nil: return ReplyRule(listed: listed, classes: "+-", rule: "RFC 1939 §4")
    case "AUTH"?: return ReplyRule(listed: listed + ["+"], classes: "+-", rule: "RFC 5034 §4")
    case "CAPA"?: return ReplyRule(listed: listed, classes: "+-", rule: "RFC 2449 §5")
    case "STLS"?: return ReplyRule(listed: listed, classes: "+-", rule: "RFC 2595 §4")
    case "USER"?, "PASS"?, "APOP"?, "TOP"?, "UIDL"?: return ReplyRule(listed: listed, classes: "+-", rule: "RFC 1939 §7")
    case "STAT"?, "LIST"?, "RETR"?, "DELE"?, "NOOP"?, "RSET"?: return ReplyRule(listed: listed, classes: "+-", rule: "RFC 1939 §5")
    case "QUIT"?: return ReplyRule(listed: listed, classes: "+-", rule: "RFC 1939 §6")
    default: return nil
    }
  }

  private static let loginCommands: Set<String> = ["USER", "PASS", "APOP", "AUTH", "QUIT", "CAPA", "STLS", "NOOP"]
  private static let commands: Set<String> = [
    "USER", "PASS", "APOP", "AUTH", "CAPA", "STLS", "STAT", "LIST", "RETR", "DELE", "NOOP", "RSET", "TOP", "UIDL", "QUIT", "LAST", "UTF8",
    "LANG",
    "XTND",
  ]
}
