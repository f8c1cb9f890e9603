package import Transcript
import Wire

extension FTP {
  package func facets(of message: Message, in context: Context) -> [Facet] {
    guard message.side == .server, !message.head.isEmpty else { return [] }
    let reply = FTPReply(message)
    let verb = context.command.map(verb(of:)) ?? ""
    let code = String(decoding: reply.code, as: UTF8.self)
    let line = message.head.count - 1
    var facets = [
      Facet("reply-code", key: "class", Text(Array(reply.code.prefix(1))), decides(verb, code) ? .outcome : .detail, line: line),
      Facet("reply-code", key: "code", Text(reply.code), .detail, line: line),
    ]
    if reply.isBare { return facets }
    switch (verb, code) {
    case ("SIZE", "213"): facets.append(Facet("value", key: "size", reply.texts[0], .value))
    case ("MDTM", "213"): facets.append(Facet("value", key: "time", reply.texts[0], .value))
    case ("FEAT", "211"): facets += features(reply.texts)
    case ("MLST", "250"): facets += self.facts(reply.texts)
    case (_, "257"): facets += path(reply.texts[0]) + wording(Array(reply.texts.dropFirst()), from: 1)
    default: facets += wording(reply.texts)
    }
    return facets
  }

  /// Any answer to these tells something about the server, and decides nothing; so does ABOR where there is nothing to abort: the reply is
  /// 225 then, or none that succeeds (RFC 959 §4.1.3).
  private func decides(_ verb: String, _ code: String) -> Bool {
    switch verb {
    case "SYST", "HELP", "STAT", "FEAT": false
    case "ABOR": code == "226"
    default: true
    }
  }

  private func wording(_ texts: [Text], from first: Int = 0) -> [Facet] {
    texts.enumerated().map { Facet("wording", key: String($0 + first), $1, .wording, line: $0 + first) }
  }

  /// `211-Features:`, a line for each (RFC 2389 §3.2), `211 End`.
  private func features(_ texts: [Text]) -> [Facet] {
    var facets: [Facet] = []
    for (line, text) in texts.enumerated() {
      guard line > 0, line < texts.count - 1 else {
        facets.append(Facet("wording", key: String(line), text, .wording, line: line))
        continue
      }
      let text = Anatomy(text).trimmed.whole
      var key = Words.upper(text.recorded).first ?? ""
      // Of these a server may have several, and each is one.
      if ["AUTH", "PROT", "SITE"].contains(key) { key = String(decoding: text.recorded, as: UTF8.self).uppercased() }
      if !key.isEmpty, !facets.contains(where: { $0.kind == "keyword" && $0.key == key }) {
        facets.append(Facet("keyword", key: key, text, .detail, line: line))
      }
    }
    return facets
  }

  /// `"/home/user" is the current directory`: quotes within are doubled (RFC 959 Appendix II).
  private func path(_ text: Text) -> [Facet] {
    let anatomy = Anatomy(text)
    let quote = UInt8(ascii: "\"")
    guard anatomy.bytes.first == quote else { return wording([text]) }
    var end = 1
    while end < anatomy.bytes.count {
      if anatomy.bytes[end] == quote {
        guard end + 1 < anatomy.bytes.count, anatomy.bytes[end + 1] == quote else { break }
        end += 1
      }
      end += 1
    }
    guard end < anatomy.bytes.count else { return wording([text]) }
    return [Facet("path", anatomy[1..<end], .detail)] + wording([anatomy[(end + 1)..<anatomy.bytes.count]])
  }

  /// The facts of the one line between the first and the last (RFC 3659 §7.2).
  private func facts(_ texts: [Text]) -> [Facet] {
    var facets: [Facet] = []
    for (line, text) in texts.enumerated() {
      let anatomy = Anatomy(text).trimmed
      if line > 0, line < texts.count - 1, let entry = ListingLine(facts: anatomy.bytes) {
        facets.append(Facet("path", anatomy[entry.name], .detail, line: line))
        entry.addProperties(anatomy, key: "", .value, part: nil, line: line, to: &facets)
      } else {
        facets.append(Facet("wording", key: String(line), text, .wording, line: line))
      }
    }
    return facets
  }
}
