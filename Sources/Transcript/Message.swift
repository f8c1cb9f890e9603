package import Wire

/// One message of a conversation, expected (with holes) or observed (without): the same type, so the same code reads both.
package struct Message: Sendable, Hashable {
  package var side: Side
  /// The lines of the command or reply as on the wire, line ends left out. Empty where only a payload is sent.
  package var head: [Text]
  package var parts: [Part]

  package init(_ side: Side, _ head: [Text], _ parts: [Part] = []) {
    self.side = side
    self.head = head
    self.parts = parts
  }

  /// What `${size}` names: the length of the message's payload as it is sent.
  package static let sizeName = "size"

  package subscript(part name: String) -> Part.Content? { parts.first { $0.name == name }?.content }
}

/// What hangs on a message's head. The case says how it is compared and how YAML writes it; the name is the key.
package struct Part: Sendable, Hashable {
  package enum Content: Sendable, Hashable {
    /// In order: POP3's multi-line answers, a listing.
    case lines([Text])
    /// In any order: DNS sections, flags.
    case set([Text])
    /// `Name: value`.
    case fields([Field])
    case payload(Payload)
  }

  package struct Field: Sendable, Hashable {
    package var name: String
    package var values: [Text]

    package init(_ name: String, _ values: [Text]) {
      self.name = name
      self.values = values
    }
  }

  package var name: String
  package var content: Content

  package init(_ name: String, _ content: Content) {
    self.name = name
    self.content = content
  }

  /// The name of a payload that is the whole message, byte for byte: `C: {bytes: …}`.
  package static let raw = "bytes"
}

/// The content of a message or a transfer: what to send, or what to expect of it.
package struct Payload: Sendable, Hashable {
  package enum Content: Sendable, Hashable {
    /// Lines, each ended with CRLF on the wire, the last too.
    case lines([Text])
    /// Characters as they are, nothing added.
    case text(Text)
    /// What was seen, or bytes written as such.
    case bytes([UInt8])
    /// A file beside the transcript, and what is in it.
    case file(String, [UInt8])
    /// What HTTP sends in these pieces; for comparing, one text.
    case chunks([Text])
    /// JSON text, compared as values; strings may hold patterns.
    case json(Text)
    /// A mail or page of which only these are compared.
    case fields(headers: [Part.Field], body: Box?)
  }

  /// A payload inside a payload.
  package final class Box: Sendable, Hashable {
    package let payload: Payload
    package init(_ payload: Payload) { self.payload = payload }
    package static func == (a: Box, b: Box) -> Bool { a.payload == b.payload }
    package func hash(into hasher: inout Hasher) { hasher.combine(payload) }
  }

  package var content: Content?
  /// Lower-case hexadecimal, after stuffing, chunks and encodings are undone.
  package var sha256: String?
  /// In bytes.
  package var size: Int?
  package var has: [Text] = []
  package var lacks: [Text] = []
  package var unordered = false
  package var exact = false
  /// The transfer is cut before its end.
  package var endsEarly = false
  package var place = Place.nowhere

  package init(_ content: Content? = nil, place: Place = .nowhere) {
    self.content = content
    self.place = place
  }
}

extension Payload {
  /// What it is on the wire, patterns with their examples; nothing where only facts about it are known.
  package var bytes: [UInt8] {
    switch content {
    case nil: return []
    case .lines(let lines)?: return lines.flatMap { $0.recorded + lineEnd }
    case .chunks(let texts)?: return texts.flatMap(\.recorded)
    case .text(let text)?, .json(let text)?: return text.recorded
    case .bytes(let bytes)?, .file(_, let bytes)?: return bytes
    case .fields(let headers, let body)?:
      let lines = headers.flatMap { field in field.values.map { Array("\(field.name): ".utf8) + $0.recorded + lineEnd } }
      return lines.flatMap(\.self) + lineEnd + (body?.payload.bytes ?? [])
    }
  }
}

private let lineEnd: [UInt8] = [13, 10]

extension Message {
  /// All its texts, in the order of the transcript.
  package var texts: [Text] { head + parts.flatMap(\.content.texts) }
}

extension Part.Content {
  package var texts: [Text] {
    switch self {
    case .lines(let lines), .set(let lines): lines
    case .fields(let fields): fields.flatMap(\.values)
    case .payload(let payload): payload.texts
    }
  }

  package var isPayload: Bool { if case .payload = self { true } else { false } }
}

extension Payload {
  package var texts: [Text] { (content?.texts ?? []) + has + lacks }
}

extension Payload.Content {
  fileprivate var texts: [Text] {
    switch self {
    case .lines(let texts), .chunks(let texts): texts
    case .text(let text), .json(let text): [text]
    case .fields(let headers, let body): headers.flatMap(\.values) + (body?.payload.texts ?? [])
    case .bytes, .file: []
    }
  }
}
