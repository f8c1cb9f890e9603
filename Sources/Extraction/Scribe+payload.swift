import Dialects
import Transcript
import Wire

extension Scribe {
  mutating func content(_ part: Part, _ annotated: Annotated) -> Part.Content {
    switch part.content {
    case .lines: return .lines(texts(part.name, annotated))
    case .payload(let payload): return .payload(self.payload(payload.bytes, part.name, annotated))
    case .set: return .set(texts(part.name, annotated))
    case .fields(let fields):
      var values = texts(part.name, annotated)[...]
      return .fields(
        fields.map { field in
          defer { values = values.dropFirst(field.values.count) }
          return Part.Field(field.name, Array(values.prefix(field.values.count)))
        })
    }
  }

  private mutating func payload(_ bytes: [UInt8], _ part: String, _ annotated: Annotated) -> Payload {
    if let digest = annotated.heard.payloadDigest {
      // Too large to have been kept.
      var known = Payload()
      known.sha256 = digest
      known.size = annotated.heard.payloadSize
      return known
    }
    if bytes.count > inlineLimit { return large(bytes, part, annotated) }
    if bytes.isText { return Payload(.lines(texts(part, annotated))) }
    guard annotated.isText(part), bytes.isReadable else { return Payload(.bytes(bytes)) }
    return Payload(.text(joined(texts(part, annotated), of: annotated.lines(of: part), in: bytes)))
  }

  private mutating func texts(_ part: String, _ annotated: Annotated) -> [Text] {
    annotated.lines(of: part).enumerated().map { number, line in
      text(line, annotated.marks(at: .part(part, line: number)), of: annotated.heard.side)
    }
  }

  /// In a file of its own. Of what varies the header fields stay here; only the body is then compared as it is.
  private mutating func large(_ bytes: [UInt8], _ part: String, _ annotated: Annotated) -> Payload {
    guard annotated.heard.side == .server, annotated.hasMarks(in: part), let body = bytes.firstRange(of: [13, 10, 13, 10])?.upperBound
    else {
      return stored(bytes)
    }
    var fields: [Part.Field] = []
    for (number, line) in annotated.lines(of: part).enumerated() {
      if line.isEmpty { break }
      add(line, text(line, annotated.marks(at: .part(part, line: number)), of: annotated.heard.side), to: &fields)
    }
    return Payload(.fields(headers: fields, body: Payload.Box(stored(Array(bytes[body...])))))
  }

  /// One line of a mail's head; one that begins with a blank continues the field before it (RFC 5322 §2.2.3).
  private func add(_ line: [UInt8], _ text: Text, to fields: inout [Part.Field]) {
    if line[0] == 32 || line[0] == 9 {
      guard let last = fields.indices.last, let value = fields[last].values.indices.last else { return }
      for piece in text.pieces { fields[last].values[value].append(piece) }
      return
    }
    guard let colon = line.firstIndex(of: UInt8(ascii: ":")), let rest = text.dropping(colon + 1) else { return }
    let name = String(decoding: line[..<colon], as: UTF8.self)
    let value = rest.hasPrefix(" ") ? rest.dropping(1) ?? rest : rest
    if fields.last?.name.lowercased() == name.lowercased() {
      fields[fields.count - 1].values.append(value)
    } else if let known = fields.firstIndex(where: { $0.name.lowercased() == name.lowercased() }) {
      fields[known].values.append(value)
    } else {
      fields.append(Part.Field(name, [value]))
    }
  }

  func stored(_ bytes: [UInt8]) -> Payload {
    var payload = Payload(.file(store(bytes), bytes))
    payload.sha256 = Digest.sha256(bytes)
    payload.size = bytes.count
    return payload
  }
}

extension Annotated {
  /// Whether a part is a text as it stands, whatever ends its lines.
  fileprivate func isText(_ part: String) -> Bool { dialect.parts.contains { $0.name == part && $0.content == .text } }
}

extension [UInt8] {
  /// Whether it can stand as lines: every one ends in CR LF, and most of it can be read.
  var isText: Bool {
    guard isEmpty || suffix(2) == [13, 10], isReadable else { return false }
    for at in indices {
      switch self[at] {
      case 10 where at == 0 || self[at - 1] != 13: return false
      case 13 where at + 1 == count || self[at + 1] != 10: return false
      default: break
      }
    }
    return true
  }

  /// Whether most of it can be read, whatever ends its lines.
  var isReadable: Bool {
    var controls = 0
    var high = 0
    for byte in self {
      switch byte {
      case 9, 10, 13, 32...126: break
      case 128...: high += 1
      default: controls += 1
      }
    }
    // Outside of ASCII, UTF-8 can be read, too.
    return controls * 16 <= count && (high * 16 <= count || String(validating: self, as: UTF8.self) != nil)
  }
}
