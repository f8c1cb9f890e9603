package import Transcript
import Wire

/// Writes transcripts the way a person would: plain where that is safe, a `|` block for what has several lines. What it writes reads back
/// to the same value; the same transcript always gives the same bytes.
package struct TranscriptWriter {
  private var out = ""

  package static func write(_ transcript: Transcript) -> [UInt8] {
    var writer = TranscriptWriter()
    writer.write(transcript)
    return Array(writer.out.utf8)
  }

  private mutating func write(_ transcript: Transcript) {
    line("replique: 1")
    if let title = transcript.title { line("title: \(Quoting.scalar(title))") }
    if let about = transcript.about { block("about", about.split(separator: "\n", omittingEmptySubsequences: false).map(String.init), "") }
    if !transcript.tags.isEmpty { line("tags: \(flow(transcript.tags))") }
    if let cite = transcript.cite { line("cite: \(Quoting.scalar(cite))") }
    if let gate = transcript.gate { line("gate: \(gate.rawValue)") }
    if !transcript.locks.isEmpty { line("locks: \(flow(transcript.locks))") }
    if transcript.conversations.count == 1, let only = transcript.conversations.first, only.name == nil {
      line("protocol: \(only.dialect)")
      write(transcript.vars, "")
      write(transcript.grades.merging(only.grades) { $1 }, "")
      facts(only, "")
      line("exchange:")
      for step in only.steps { write(step, "  ") }
      return
    }
    write(transcript.vars, "")
    write(transcript.grades, "")
    line("conversations:")
    for conversation in transcript.conversations {
      let start = out.count
      if let name = conversation.name { line("    name: \(Quoting.scalar(name))") }
      line("    protocol: \(conversation.dialect)")
      write(conversation.vars, "    ")
      if let gate = conversation.gate { line("    gate: \(gate.rawValue)") }
      write(conversation.grades, "    ")
      facts(conversation, "    ")
      line("    exchange:")
      for step in conversation.steps { write(step, "      ") }
      // The first key of a list's item stands behind its hyphen.
      let index = out.index(out.startIndex, offsetBy: start)
      out.replaceSubrange(index..<out.index(index, offsetBy: 4), with: "  - ")
    }
  }

  private mutating func facts(_ conversation: Conversation, _ indent: String) {
    if let target = conversation.target { line("\(indent)target: \(scalar(target))") }
    if let transport = conversation.transport { line("\(indent)transport: \(transport == .stream ? "tcp" : "udp")") }
    if let proxy = conversation.proxy { line("\(indent)proxy: \(scalar(proxy))") }
    if let within = conversation.within { line("\(indent)within: \(within.transcript)") }
    if !conversation.needs.isEmpty { line("\(indent)needs: \(flow(conversation.needs))") }
    if let retry = conversation.retry { line("\(indent)retry: \(retry.transcript)") }
    if let source = conversation.source { write(source, indent) }
  }

  private mutating func write(_ vars: [Variable], _ indent: String) {
    guard !vars.isEmpty else { return }
    let items = vars.map { variable in variable.value.map { "\(variable.name): \(scalar($0, inFlow: true))" } ?? "\(variable.name): ~" }
    let short = "\(indent)vars: {\(items.joined(separator: ", "))}"
    if short.count <= 120 { return line(short) }
    line("\(indent)vars:")
    for variable in vars { line("\(indent)  \(variable.name): \(variable.value.map { scalar($0) } ?? "~")") }
  }

  private mutating func write(_ grades: [String: Grade], _ indent: String) {
    guard !grades.isEmpty else { return }
    line(
      "\(indent)grades: {\(grades.sorted { $0.key < $1.key }.map { "\(Quoting.scalar($0.key, inFlow: true)): \($0.value.rawValue)" }.joined(separator: ", "))}"
    )
  }

  private mutating func write(_ source: Source, _ indent: String) {
    line("\(indent)source:")
    func fact(_ name: String, _ value: String?) { if let value { line("\(indent)  \(name): \(Quoting.scalar(value))") } }
    fact("capture", source.capture)
    fact("sha256", source.sha256)
    fact("at", source.at)
    fact("client", source.client)
    fact("server", source.server)
    fact("stream", source.stream.map(String.init))
    fact("by", source.by)
    fact("count", source.count.map(String.init))
  }

  // MARK: Steps

  private mutating func write(_ step: Step, _ indent: String) {
    let inner = indent + "  "
    switch step.action {
    case .say(let message): write(message, indent)
    case .data(let side, let payload):
      line("\(indent)- data: \(side.letter)")
      write(payload, inner)
    case .connect(let how): line("\(indent)- connect: \(how.rawValue)")
    case .speak(let dialect): line("\(indent)- protocol: \(dialect)")
    case .close(let side): line("\(indent)- close: \(side.letter)")
    case .reset(let side): line("\(indent)- reset: \(side.letter)")
    case .silence(let duration): line("\(indent)- silence: \(duration.transcript)")
    case .pause(let duration): line("\(indent)- pause: \(duration.transcript)")
    case .tls(let options):
      line("\(indent)- tls: start")
      if let sni = options.sni { line("\(inner)sni: \(scalar(sni))") }
      if let verify = options.verify { line("\(inner)verify: \(verify)") }
      if !options.alpn.isEmpty { line("\(inner)alpn: \(flow(options.alpn))") }
    }
    if !step.alternatives.isEmpty { line("\(inner)or: \(flow(step.alternatives))") }
    if !step.has.isEmpty { line("\(inner)has: \(flow(step.has))") }
    if !step.lacks.isEmpty { line("\(inner)lacks: \(flow(step.lacks))") }
    if step.isOptional { line("\(inner)optional: true") }
    if step.unordered { line("\(inner)unordered: true") }
    if step.exact { line("\(inner)exact: true") }
    if let within = step.within { line("\(inner)within: \(within.transcript)") }
    write(step.grades, inner)
    if let name = step.name { line("\(inner)name: \(Quoting.scalar(name))") }
    if let cite = step.cite { line("\(inner)cite: \(Quoting.scalar(cite))") }
    if let about = step.about { line("\(inner)about: \(Quoting.scalar(about))") }
  }

  private mutating func write(_ message: Message, _ indent: String) {
    let key = "\(indent)- \(message.side.letter)"
    let inner = indent + "  "
    switch message.head.count {
    case 0:
      line("\(key):")
      for part in message.parts {
        if part.name == Part.raw, case .payload(let payload) = part.content {
          write(payload, inner + "  ")
        } else {
          write(part, inner + "  ")
        }
      }
      return
    case 1: line("\(key): \(scalar(message.head[0]))")
    default: block("- \(message.side.letter)", message.head.map(\.template), indent)
    }
    for part in message.parts { write(part, inner) }
  }

  private mutating func write(_ part: Part, _ indent: String) {
    switch part.content {
    case .lines(let texts): write(texts, part.name, indent)
    case .set(let texts): line("\(indent)\(part.name): \(flow(texts))")
    case .fields(let fields):
      line("\(indent)\(part.name):")
      for field in fields {
        line("\(indent)  \(Quoting.scalar(field.name)): \(field.values.count == 1 ? scalar(field.values[0]) : flow(field.values))")
      }
    case .payload(let payload):
      if case .lines(let texts)? = payload.content, payload.isContentAlone {
        write(texts, part.name, indent)
      } else {
        line("\(indent)\(part.name):")
        write(payload, indent + "  ")
      }
    }
  }

  private mutating func write(_ payload: Payload, _ indent: String) {
    switch payload.content {
    case nil: break
    case .lines(let texts)?: write(texts, "lines", indent)
    case .text(let text)?: line("\(indent)text: \(scalar(text))")
    case .json(let text)?: line("\(indent)json: \(scalar(text))")
    case .file(let path, _)?: line("\(indent)file: \(Quoting.scalar(path))")
    case .bytes(let bytes)?:
      let isShort = bytes.count <= 200
      let text = String(String.UnicodeScalarView(bytes.map { Unicode.Scalar($0) }))
      line(
        isShort
          ? "\(indent)bytes: \(Quoting.quotedBytes(text))" : "\(indent)base64: \(String(decoding: Base64.encode(bytes), as: UTF8.self))")
    case .fields(let headers, let body)?:
      line("\(indent)headers:")
      for field in headers {
        line("\(indent)  \(Quoting.scalar(field.name)): \(field.values.count == 1 ? scalar(field.values[0]) : flow(field.values))")
      }
      if let body { write(Part("body", .payload(body.payload)), indent) }
    }
    if let digest = payload.sha256 { line("\(indent)sha256: \(digest)") }
    if let size = payload.size { line("\(indent)size: \(size)") }
    if !payload.has.isEmpty { line("\(indent)has: \(flow(payload.has))") }
    if !payload.lacks.isEmpty { line("\(indent)lacks: \(flow(payload.lacks))") }
    if payload.unordered { line("\(indent)unordered: true") }
    if payload.exact { line("\(indent)exact: true") }
    if payload.endsEarly { line("\(indent)ends: early") }
  }

  private mutating func write(_ texts: [Text], _ name: String, _ indent: String) {
    if texts.isEmpty { return line("\(indent)\(name): []") }
    block(name, texts.map(\.template), indent)
  }

  // MARK: Texts

  /// A `|` block. Blanks at a line's end, which an editor takes away, are written as `${%x20}`.
  private mutating func block(_ key: String, _ lines: [String], _ indent: String) {
    let inner = indent + (key.hasPrefix("- ") ? "    " : "  ")
    let isBlank = lines.allSatisfy(\.isEmpty)
    // A block of nothing but empty lines, or one that YAML would not take as it is, is a list.
    if isBlank || lines.contains(where: { !Quoting.canStandInBlock($0) }) {
      line("\(indent)\(key):")
      for text in lines { line("\(inner)- \(Quoting.quoted(text))") }
      return
    }
    let startsBlank = lines.first { !$0.isEmpty }?.first == " " || lines.first { !$0.isEmpty }?.first == "\t"
    let indicator = startsBlank ? String(inner.count - indent.count - (key.hasPrefix("- ") ? 2 : 0)) : ""
    line("\(indent)\(key): |\(indicator)\(lines.last?.isEmpty == true ? "+" : "")")
    for text in lines { line(text.isEmpty ? "" : inner + Quoting.protectingEnd(text)) }
  }

  private func scalar(_ text: Text, inFlow: Bool = false) -> String { Quoting.scalar(text.template, inFlow: inFlow) }
  private func flow(_ texts: [Text]) -> String { flow(texts.map(\.template)) }
  private func flow(_ texts: [String]) -> String { "[\(texts.map { Quoting.scalar($0, inFlow: true) }.joined(separator: ", "))]" }
  private mutating func line(_ text: String) { out += text + "\n" }
}

extension Payload {
  fileprivate var isContentAlone: Bool {
    sha256 == nil && size == nil && has.isEmpty && lacks.isEmpty && !unordered && !exact && !endsEarly
  }
}

extension Quoting {
  /// Nothing that YAML takes for a line's end, or would not take at all.
  static func canStandInBlock(_ text: String) -> Bool {
    text.unicodeScalars.allSatisfy {
      $0 == "\t"
        || ($0.value >= 0x20 && $0.value != 0x7f && !(0x80..<0xa0).contains($0.value) && $0.value != 0x2028 && $0.value != 0x2029
          && $0.value != 0xfeff && $0.value != 0xfffe && $0.value != 0xffff)
    }
  }

  static func protectingEnd(_ text: String) -> String {
    if text.hasSuffix(" ") { return text.dropLast() + "${%x20}" }
    return text.hasSuffix("\t") ? text.dropLast() + "${%x09}" : text
  }

  /// Double quotes with every byte above ASCII escaped.
  static func quotedBytes(_ text: String) -> String {
    var out = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": out += "\\\""
      case "\\": out += "\\\\"
      case "\n": out += "\\n"
      case "\r": out += "\\r"
      case "\t": out += "\\t"
      default:
        if (0x20..<0x7f).contains(scalar.value) {
          out.unicodeScalars.append(scalar)
        } else {
          let digits = String(scalar.value, radix: 16)
          out += "\\x" + (digits.count < 2 ? "0" : "") + digits
        }
      }
    }
    return out + "\""
  }
}
