package import Transcript
import Wire

extension SMTP {
  package func facets(of message: Message, in context: Context) -> [Facet] {
    guard message.side == .server, let last = message.head.last else { return [] }
    let code = Reply.code(of: last)
    let verb = context.command.map(verb(of:)) ?? ""
    // Any answer to these tells something about the server, and decides nothing (RFC 5321 §3.5, §4.1.1.8).
    let isFree = ["VRFY", "EXPN", "HELP"].contains(verb)
    var facets = [
      Facet("reply-code", key: "class", Text(Array(code.prefix(1))), isFree ? .detail : .outcome, line: message.head.count - 1),
      Facet("reply-code", key: "code", Text(code), .detail, line: message.head.count - 1),
    ]
    if message.head.count == 1, last.literal?.count ?? 4 <= 3 { return facets }
    let texts = message.head.map(Reply.text)
    if ["EHLO", "LHLO"].contains(verb), code.first == UInt8(ascii: "2") {
      if let greeting = texts.first { facets.append(Facet("wording", key: "0", greeting, .wording)) }
      for (line, text) in texts.enumerated().dropFirst() {
        let keyword = text.words(limit: 2)[0].recorded
        // `AUTH=LOGIN` is an old spelling of `AUTH LOGIN`.
        let name = String(decoding: keyword.prefix { $0 != UInt8(ascii: "=") }, as: UTF8.self).uppercased()
        if !facets.contains(where: { $0.kind == "keyword" && $0.key == name }) {
          facets.append(Facet("keyword", key: name, text, .detail, line: line))
        }
      }
      return facets
    }
    for (line, text) in texts.enumerated() {
      var text = text
      if let (enhanced, rest) = Reply.enhanced(text) {
        if line == 0 {
          let isAnnounced = context.offered.contains("ENHANCEDSTATUSCODES")
          facets.append(Facet("enhanced-code", enhanced, isAnnounced ? .detail : .wording, line: line))
        }
        text = rest
      }
      facets.append(Facet("wording", key: String(line), text, .wording, line: line))
    }
    return facets
  }

  package func usualReply(_ code: String, to command: Message?, with keywords: [Text]) -> Message {
    let verb = command.map(verb(of:))
    let texts: [String]
    switch (code, verb) {
    case ("220", nil): texts = [isLMTP ? "replique.invalid LMTP" : "replique.invalid ESMTP"]
    case ("250", "EHLO"?), ("250", "LHLO"?): texts = ["replique.invalid"]
    case ("250", _): texts = ["Ok"]
    case ("221", _): texts = ["Bye"]
    case ("220", _): texts = ["Ready"]
    case ("354", _): texts = ["End data with <CR><LF>.<CR><LF>"]
    case ("235", _): texts = ["Authentication successful"]
    case ("334", _): texts = [""]
    case ("252", _): texts = ["Cannot verify the user"]
    case ("421", _): texts = ["Service not available, closing the connection"]
    case ("450", _), ("451", _): texts = ["Try again later"]
    case ("452", _): texts = ["Insufficient storage"]
    case ("502", _), ("500", _): texts = ["Command not implemented"]
    case ("501", _): texts = ["Syntax error"]
    case ("503", _): texts = ["Bad sequence of commands"]
    case ("535", _): texts = ["Authentication failed"]
    case ("550", _): texts = ["No such user here"]
    case ("552", _): texts = ["Message too large"]
    default: texts = [code.hasPrefix("2") ? "Ok" : code.hasPrefix("3") ? "Go on" : "Not possible"]
    }
    return Message(.server, coded(code, texts.map { Text($0) } + keywords))
  }

  package func refused(_ reply: Message, code: String?) -> Message {
    let before = Reply.code(of: reply.head.last ?? "")
    let code = code ?? (before.first == UInt8(ascii: "2") || before.first == UInt8(ascii: "3") ? "550" : "250")
    return usualReply(code, to: nil, with: [])
  }

  package func dropping(keyword: String?, from reply: Message) -> Message? {
    guard reply.head.count > 1 else { return nil }
    var texts = reply.head.map(Reply.text)
    if let keyword {
      guard let index = texts.indices.dropFirst().first(where: { Words.upper(texts[$0].recorded).first == keyword.uppercased() }) else {
        return nil
      }
      texts.remove(at: index)
    } else {
      texts.removeLast()
    }
    return Message(.server, coded(String(decoding: Reply.code(of: reply.head[0]), as: UTF8.self), texts))
  }

  package func notImplemented(_ command: Message) -> Message { Message(.server, ["502 5.5.1 Command not implemented"]) }
}

/// A reply line's anatomy: code, separator, enhanced code, text.
enum Reply {
  static func code(of line: Text) -> [UInt8] { Array(line.recorded.prefix(3)) }

  /// What stands behind code and separator.
  static func text(_ line: Text) -> Text {
    guard case .literal(let bytes)? = line.pieces.first else { return line }
    return line.dropping(min(4, bytes.count)) ?? line
  }

  /// `2.1.5`, and what stands behind it (RFC 3463 §2).
  static func enhanced(_ text: Text) -> (code: Text, rest: Text)? {
    guard let first = text.words(limit: 2).first?.literal else { return nil }
    let digits = first.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    guard digits.count == 3, digits.allSatisfy({ (1...3).contains($0.count) && $0.allSatisfy(\.isDigit) }),
      let kind = digits[0].first, kind == 50 || kind == 52 || kind == 53, digits[0].count == 1
    else { return nil }
    guard case .literal(let bytes)? = text.pieces.first else { return nil }
    return (Text(first, place: text.place), text.dropping(min(first.count + 1, bytes.count)) ?? "")
  }
}
