package import Transcript
import Wire

extension POP3 {
  package func facets(of message: Message, in context: Context) -> [Facet] {
    guard message.side == .server, let head = message.head.first else { return [] }
    let verb = context.command.map(verb(of:)) ?? ""
    let words = head.words(limit: 2)
    // A server without CAPA is none the worse (RFC 2449 §5).
    var facets = [Facet("reply-code", key: "indicator", words[0], verb == "CAPA" ? .detail : .outcome)]
    facets += self.parts(of: message, verb)
    guard words.count > 1 else { return facets }
    var rest = words[1]
    if rest.hasPrefix("["), let (code, behind) = responseCode(rest) {
      facets.append(Facet("response-code", code, .detail))
      rest = behind
    }
    let isPositive = head.hasPrefix("+OK")
    let hasArgument = context.command?.head.first.map { $0.words().count > 1 } ?? false
    switch verb {
    case "STAT" where isPositive: facets += numbers(rest, ["messages", "size"], .value, kind: "value")
    case "LIST" where isPositive && hasArgument: facets += numbers(rest, ["number", "size"], .value, kind: "value")
    case "UIDL" where isPositive && hasArgument: facets += numbers(rest, ["number"], .value, kind: "value") + uid(rest, key: "")
    default: if !rest.pieces.isEmpty { facets.append(Facet("wording", key: "0", rest, .wording)) }
    }
    return facets
  }

  /// The lines of multi-line answers, by what each is about.
  private func parts(of message: Message, _ verb: String) -> [Facet] {
    guard case .lines(let lines)? = message[part: "lines"] else { return [] }
    return lines.enumerated().flatMap { line, text -> [Facet] in
      let key = String(decoding: text.words(limit: 2)[0].recorded, as: UTF8.self).uppercased()
      switch verb {
      case "LIST": return [Facet("value", key: "size of \(key)", text, .value, part: "lines", line: line)]
      case "UIDL": return [Facet("uid", key: key, text, .detail, part: "lines", line: line)]
      default: return [Facet("keyword", key: key, text, .detail, part: "lines", line: line)]
      }
    }
  }

  private func numbers(_ text: Text, _ names: [String], _ weight: Weight, kind: String) -> [Facet] {
    zip(names, text.words()).map { Facet(kind, key: $0, $1, weight) }
  }

  private func uid(_ text: Text, key: String) -> [Facet] {
    let words = text.words()
    return words.count > 1 ? [Facet("uid", key: key, words[1], .detail)] : []
  }

  /// `[AUTH]`, and what stands behind it (RFC 2449 §8).
  private func responseCode(_ text: Text) -> (Text, Text)? {
    guard case .literal(let bytes)? = text.pieces.first, let close = bytes.firstIndex(of: UInt8(ascii: "]")) else { return nil }
    let behind = close + 1 < bytes.count && bytes[close + 1] == 32 ? close + 2 : close + 1
    return (Text(Array(bytes[...close]), place: text.place), text.dropping(behind) ?? "")
  }
}
