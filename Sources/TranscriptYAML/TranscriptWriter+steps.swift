import Transcript
import Wire

extension TranscriptWriter {
  mutating func write(_ indent: String, _ step: Step) {
    switch step.action {
    case .say(let message): write(indent, message)
    case .data(let side, let payload):
      line(indent, "data: \(side.letter)")
      write(indent, payload)
    case .connect(let how): line(indent, "connect: \(how.rawValue)")
    case .speak(let dialect):
      line(indent, "protocol: \(dialect)")
      speak(dialect)
    case .close(let side): line(indent, "close: \(side.letter)")
    case .reset(let side): line(indent, "reset: \(side.letter)")
    case .silence(let duration): line(indent, "silence: \(duration.transcript)")
    case .pause(let duration): line(indent, "pause: \(duration.transcript)")
    case .tls(let options):
      line(indent, "tls: start")
      if let sni = options.sni { line(indent, "sni", sni) }
      if let verify = options.verify { line(indent, "verify: \(verify)") }
      list(indent, "alpn", options.alpn)
    }
    list(indent, "or", step.alternatives)
    list(indent, "has", step.has)
    list(indent, "lacks", step.lacks)
    if step.isOptional { line(indent, "optional: true") }
    if step.unordered { line(indent, "unordered: true") }
    if step.exact { line(indent, "exact: true") }
    if let within = step.within { line(indent, "within: \(within.transcript)") }
    write(indent, step.grades)
    remark(indent, "name", step.name)
    remark(indent, "cite", step.cite)
    remark(indent, "about", step.about)
  }

  private mutating func write(_ indent: String, _ message: Message) {
    let key = message.side.letter
    switch message.head.count {
    case 0:
      line(indent, "\(key):")
      for part in message.parts {
        if part.name == Part.raw, case .payload(let payload) = part.content {
          write(indent + "  ", payload)
        } else {
          write(indent + "  ", part)
        }
      }
      return
    case 1: line(indent, key, message.head[0])
    default: lines(indent, key, message.head)
    }
    for part in message.parts { write(indent, part) }
  }

  private mutating func write(_ indent: String, _ part: Part) {
    switch part.content {
    case .lines(let texts): lines(indent, part.name, texts)
    case .set(let texts): if texts.isEmpty { line(indent, "\(part.name): []") } else { list(indent, part.name, texts) }
    case .fields(let fields): write(indent, part.name, fields)
    case .payload(let payload): write(indent, part.name, payload)
    }
  }

  private mutating func write(_ indent: String, _ key: String, _ fields: [Part.Field]) {
    if let line = flow(key, fields) { return self.line(indent, line) }
    line(indent, "\(key):")
    for field in fields {
      let name = Quoting.scalar(field.name)
      if field.values.count == 1 {
        line(indent + "  ", name, field.values[0])
      } else if field.values.isEmpty {
        line(indent + "  ", "\(name): []")
      } else {
        list(indent + "  ", name, field.values)
      }
    }
  }

  private mutating func write(_ indent: String, _ key: String, _ payload: Payload) {
    if payload.isContentAlone {
      let isText = textParts.contains(key)
      if case .lines(let texts)? = payload.content, !isText { return lines(indent, key, texts) }
      if case .text(let text)? = payload.content, isText { return whole(indent, key, text) }
    }
    line(indent, "\(key):")
    write(indent + "  ", payload)
  }

  private mutating func write(_ indent: String, _ payload: Payload) {
    switch payload.content {
    case nil: break
    case .lines(let texts)?: lines(indent, "lines", texts)
    case .text(let text)?: whole(indent, "text", text)
    case .chunks(let texts)?: if texts.isEmpty { line(indent, "chunks: []") } else { list(indent, "chunks", texts) }
    case .json(let text)?: whole(indent, "json", text)
    case .file(let path, _)?: remark(indent, "file", path)
    case .bytes(let bytes)?: write(indent, bytes)
    case .fields(let headers, let body)?:
      write(indent, "headers", headers)
      if let body { write(indent, "body", body.payload) }
    }
    if let digest = payload.sha256 { line(indent, "sha256: \(digest)") }
    if let size = payload.size { line(indent, "size: \(size)") }
    list(indent, "has", payload.has)
    list(indent, "lacks", payload.lacks)
    if payload.unordered { line(indent, "unordered: true") }
    if payload.exact { line(indent, "exact: true") }
    if payload.endsEarly { line(indent, "ends: early") }
  }

  /// A few as characters, many in base 64.
  private mutating func write(_ indent: String, _ bytes: [UInt8]) {
    if bytes.count <= 64 {
      let text = String(String.UnicodeScalarView(bytes.map { Unicode.Scalar($0) }))
      return line(indent, "bytes: \(Quoting.doubleQuoted(text) { (0x20..<0x7f).contains($0.value) })")
    }
    line(indent, "base64: |")
    let digits = Base64.encode(bytes)
    for start in stride(from: 0, to: digits.count, by: 76) {
      line(indent + "  ", String(decoding: digits[start..<min(start + 76, digits.count)], as: UTF8.self))
    }
  }
}

extension Payload {
  fileprivate var isContentAlone: Bool {
    sha256 == nil && size == nil && has.isEmpty && lacks.isEmpty && !unordered && !exact && !endsEarly
  }
}
