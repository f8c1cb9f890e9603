import Dialects
import Transcript
import Wire

extension Message {
  /// A reply as the scripted server says it: a bare code with the dialect's usual text and these keywords, and the part without which the
  /// client would wait for ever, if the transcript does not have it.
  func complete(with keywords: [Text], answering command: Message?, _ dialect: any Dialect) -> Message {
    guard let first = head.first else { return self }
    let bare = head.count == 1 ? dialect.bareCode(first) : nil
    let code = bare ?? String(decoding: first.words(limit: 2)[0].recorded, as: UTF8.self)
    let usual = dialect.usualReply(code, to: command, with: bare == nil ? [] : keywords)
    var reply = bare == nil ? self : usual
    reply.parts = parts + usual.parts.filter { self[part: $0.name] == nil }
    return reply
  }

  /// The same with nothing in its payloads: the end of a message that is not sent.
  var emptied: Message {
    var out = self
    for index in out.parts.indices {
      if case .payload = out.parts[index].content { out.parts[index].content = .payload(Payload(.lines([]))) }
    }
    return out
  }
}

extension Payload {
  /// What can be sent of it: its content, else the fields and texts that it must have. Nil where only facts about it are known.
  var sendable: Payload? {
    switch content {
    case .fields(let headers, let body)?:
      var text = Text("")
      for field in headers {
        for value in field.values {
          text.append(.literal(Array("\(field.name): ".utf8)))
          value.pieces.forEach { text.append($0) }
          text.append(.literal([13, 10]))
        }
      }
      text.append(.literal([13, 10]))
      guard let body = body?.payload else { return Payload(.text(text), place: place) }
      guard let pieces = body.sendable?.pieces else { return nil }
      pieces.forEach { text.append($0) }
      return Payload(.text(text), place: place)
    case .some: return self
    case nil: return has.isEmpty || sha256 != nil || size != nil ? nil : Payload(.lines(has), place: place)
    }
  }

  /// The same with lines that are the same in every run put together once.
  var joined: Payload {
    guard case .lines(let lines)? = content, lines.allSatisfy(\.isLiteral) else { return self }
    var out = self
    out.content = .bytes(bytes)
    return out
  }

  private var pieces: [Text.Piece] {
    switch content {
    case .lines(let texts)?: texts.flatMap { $0.pieces + [.literal([13, 10])] }
    case .text(let text)?, .json(let text)?: text.pieces
    case .chunks(let texts)?: texts.flatMap(\.pieces)
    case .bytes?, .file?, .fields?, nil: [.literal(bytes)]
    }
  }
}
