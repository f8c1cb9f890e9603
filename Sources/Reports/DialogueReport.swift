package import Transcript
import Wire

/// A transcript as the dialogue that it records: what the client says behind `>`, the server behind `<`, payloads behind `|`.
///
///     < 220 server.local.demo ESMTP Postfix
///     > EHLO client.local.demo
///
/// Variables and patterns stand with their values; secrets, and what is made of them, stand as the transcript writes them.
package struct DialogueReport: Sendable {
  private let ink: Ink

  package init(usesColor: Bool) { ink = Ink(usesColor: usesColor) }

  package func render(_ transcript: Transcript) -> String {
    transcript.conversations.map { conversation in
      let variables = transcript.vars + conversation.vars
      let values = Dictionary(variables.compactMap { variable in variable.value.map { (variable.name, $0.recorded) } }) { $1 }
      let title = printable(conversation.name ?? transcript.title ?? conversation.dialect)
      let about = transcript.about.map { $0.split(separator: "\n").map { "# \(printable(String($0)))\n" }.joined() } ?? ""
      return "# \(title)\n" + about + conversation.steps.map { render($0, values) }.joined()
    }.joined(separator: "\n")
  }

  private func render(_ step: Step, _ values: [String: [UInt8]]) -> String {
    switch step.action {
    case .say(let message):
      return message.head.map { line(message.side, text($0, values)) }.joined()
        + message.parts.map { self.part($0.content, message.side, values) }.joined()
    case .data(let side, let payload): return aside("data from the \(side.name)") + part(.payload(payload), side, values)
    case .connect(let how): return aside(how == .refused ? "the connection is refused" : how == .timeout ? "nobody answers" : "unreachable")
    case .tls: return aside("TLS begins")
    case .speak(let dialect): return aside("from here on: \(dialect)")
    case .close(let side): return aside("the \(side.name) closes")
    case .reset(let side): return aside("the \(side.name) resets the connection")
    case .silence(let duration): return aside("silence for \(duration.transcript)")
    case .pause(let duration): return aside("\(duration.transcript) later")
    }
  }

  private func part(_ content: Part.Content, _ side: Side, _ values: [String: [UInt8]]) -> String {
    switch content {
    case .lines(let texts), .set(let texts): return block(texts, side, values)
    case .fields(let fields): return self.fields(fields, side, values)
    case .payload(let payload):
      switch payload.content {
      case .lines(let texts)?: return block(texts, side, values)
      case .text(let text)?, .json(let text)?: return block(text.endedLines, side, values)
      case .chunks(let texts)?: return block(texts, side, values)
      case .fields(let headers, let body)?:
        return fields(headers, side, values) + (body.map { line(side, "|") + part(.payload($0.payload), side, values) } ?? "")
      case .bytes(let bytes)? where bytes.count <= Self.shortest: return line(side, "| " + printable(bytes))
      case .file(let name, let bytes)?: return line(side, "| (\(bytes.count) bytes, in \(printable(name)))")
      case nil where payload.size == nil && payload.sha256 == nil: return ""
      case .bytes?, nil:
        let size = payload.size ?? payload.bytes.count
        return line(side, "| (\(size) bytes)")
      }
    }
  }

  private func fields(_ fields: [Part.Field], _ side: Side, _ values: [String: [UInt8]]) -> String {
    fields.flatMap { field in field.values.map { line(side, "| \(printable(field.name)): \(text($0, values))") } }.joined()
  }

  private func block(_ texts: [Text], _ side: Side, _ values: [String: [UInt8]]) -> String {
    texts.map { line(side, $0.pieces.isEmpty ? "|" : "| " + text($0, values)) }.joined()
  }

  private func text(_ text: Text, _ values: [String: [UInt8]]) -> String {
    text.pieces.map { piece in
      switch piece {
      case .literal(let bytes): printable(bytes)
      case .hole(let hole) where hole.isSecret: hole.template
      case .hole(let hole): (hole.name.flatMap { values[$0] } ?? hole.example).map { printable($0) } ?? hole.template
      }
    }.joined()
  }

  private func line(_ side: Side, _ text: String) -> String {
    "\(side == .client ? ink(.client, ">") : ink(.server, "<")) \(text)\n"
  }

  private func aside(_ text: String) -> String { ink(.faint, "  (\(text))") + "\n" }

  /// Bytes that are shown themselves; of more, only the number.
  private static let shortest = 200
}
