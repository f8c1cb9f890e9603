import Transcript
import Wire

/// A record as a transcript has it, `owner TTL class type data`, taken apart. Holes are never cut, so one that is expected has the same
/// anatomy as one that was seen. TTL and class may be left out, and may stand in either order (RFC 1035 §5.1).
struct RecordText: Sendable {
  var owner: Text
  /// Nil where none is written: then it is not compared, and 0 where it is sent.
  var ttl: Text?
  var `class`: UInt16
  var type: UInt16
  /// What follows the type, word by word; a quoted one has its quotes.
  var data: [Text]

  enum Flaw: Error, Hashable { case noType, unknownType(String) }

  init(_ text: Text) throws(Flaw) {
    var words = Words.of(text)[...]
    guard let owner = words.popFirst() else { throw .noType }
    self.owner = owner
    `class` = .classIN
    while let word = words.popFirst() {
      // `ANY` is a class, too, where a type follows.
      let isClass = words.first?.literal.flatMap { Registered.types.number($0) } != nil && Registered.classes.number(word.recorded) != nil
      if !isClass, let literal = word.literal, let number = Registered.types.number(literal) {
        type = number
        data = Array(words)
        return
      }
      if let literal = word.literal, let number = Registered.classes.number(literal) {
        `class` = number
      } else if ttl == nil, word.literal?.allSatisfy(\.isDigit) ?? true {
        ttl = word
      } else {
        throw .unknownType(String(decoding: word.recorded, as: UTF8.self))
      }
    }
    throw .noType
  }

  /// The data on the wire, with each hole's example in its place, in a message of its own; nil where it is not as its type has it.
  var dataBytes: [UInt8]? {
    var writer = DNSWriter()
    return writer.data(data.map(\.recorded), type) ? writer.bytes : nil
  }

  /// The data in one way of writing, names and the like in lower case, so that texts that mean the same are the same.
  var canonicalData: Text {
    var joined = Text("")
    for (at, word) in data.enumerated() {
      if at > 0 { joined.append(.literal([32])) }
      word.pieces.forEach { joined.append($0) }
    }
    joined.place = owner.place
    if joined.isLiteral, let bytes = dataBytes, let text = try? RecordData.text(bytes.span, 0..<bytes.count, type) {
      joined = Text(text, place: owner.place)
    }
    return RecordData.isCaseless(type) ? joined.caseless : joined
  }
}

extension Text {
  /// Its letters in lower case, holes as they are.
  var caseless: Text {
    Text(
      pieces: pieces.map { piece in
        if case .literal(let bytes) = piece { .literal(bytes.map(\.lowercased)) } else { piece }
      }, place: place)
  }

  /// With the dot of a whole name at its end, where it ends in what is written.
  var absolute: Text {
    guard case .literal(let bytes)? = pieces.last, bytes.last != UInt8(ascii: ".") else { return self }
    var out = self
    out.append(.literal([UInt8(ascii: ".")]))
    return out
  }
}

extension RecordText {
  /// Words between blanks and tabs; blanks within quotes part none.
  enum Words {
    static func of(_ text: Text) -> [Text] {
      var out: [Text] = []
      var word: Text?
      var isQuoted = false
      var isEscaped = false
      for piece in text.pieces {
        guard case .literal(let bytes) = piece else {
          word = word ?? Text(pieces: [], place: text.place)
          word?.append(piece)
          continue
        }
        var plain: [UInt8] = []
        func flush() {
          guard !plain.isEmpty else { return }
          word = word ?? Text(pieces: [], place: text.place)
          word?.append(.literal(plain))
          plain = []
        }
        for byte in bytes {
          if byte == 32 || byte == 9, !isQuoted, !isEscaped {
            flush()
            if let whole = word { out.append(whole) }
            word = nil
            continue
          }
          if byte == UInt8(ascii: "\""), !isEscaped { isQuoted.toggle() }
          isEscaped = byte == UInt8(ascii: "\\") && !isEscaped
          plain.append(byte)
        }
        flush()
      }
      if let whole = word { out.append(whole) }
      return out
    }
  }
}

/// A client's head: `www.local.demo. IN A`, another operation's name before it (`NOTIFY local.demo. IN SOA`), or that alone.
struct QuestionText: Sendable {
  var opcode: UInt16 = 0
  var name: Text?
  var type: UInt16 = 1
  var `class`: UInt16 = .classIN

  enum Flaw: Error, Hashable { case unknownType(String), unknownClass(String), noType, tooMuch(String) }

  init(_ head: Text) throws(Flaw) {
    var words = RecordText.Words.of(head)[...]
    // A name ends with a dot, or is followed by a type.
    if let literal = words.first?.literal, let number = Registered.opcodes.number(literal), words.count != 2, words.count != 3 {
      opcode = number
      words.removeFirst()
    }
    guard let name = words.popFirst() else { return }
    self.name = name
    var hasType = false
    var hasClass = false
    while let word = words.popFirst() {
      let literal = word.recorded
      if !hasClass, !words.isEmpty || hasType, let number = Registered.classes.number(literal) {
        `class` = number
        hasClass = true
      } else if !hasType, let number = Registered.types.number(literal) {
        type = number
        hasType = true
      } else if hasType, hasClass {
        throw .tooMuch(String(decoding: literal, as: UTF8.self))
      } else if hasType || !hasClass && !words.isEmpty {
        throw .unknownClass(String(decoding: literal, as: UTF8.self))
      } else {
        throw .unknownType(String(decoding: literal, as: UTF8.self))
      }
    }
    guard hasType else { throw .noType }
  }

  /// Nil where there is none, or its name cannot be written.
  var question: Packet.Question? {
    guard let name, let whole = DomainName(text: name.recorded) else { return nil }
    return Packet.Question(name: whole, type: type, class: `class`)
  }
}

extension Packet.Question {
  var text: [UInt8] { name.text + Array(" \(Registered.classes.name(self.class)) \(Registered.types.name(type))".utf8) }
}
