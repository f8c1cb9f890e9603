import Transcript
import Wire

/// Puts a message together, names compressed where they may be (RFC 1035 §4.1.4) and their letters are the same (RFC 4343 §4).
struct DNSWriter {
  private(set) var bytes: [UInt8] = []
  /// Where each end of a name stands for the first time, within what a pointer reaches.
  private var places: [ArraySlice<UInt8>: Int] = [:]

  mutating func header(id: UInt16, bits: UInt16, questions: Int, counts: [Int]) {
    word(id)
    word(bits)
    for count in [questions] + counts { word(UInt16(truncatingIfNeeded: count)) }
  }

  mutating func question(_ question: Packet.Question) {
    name(question.name)
    word(question.type)
    word(question.class)
  }

  /// False where the text is no record: then nothing was written.
  mutating func record(_ text: RecordText) -> Bool {
    let before = self
    guard let owner = DomainName(text: text.owner.recorded) else { return false }
    name(owner)
    word(text.type)
    word(text.class)
    append(UInt32(String(decoding: text.ttl?.recorded ?? [], as: UTF8.self))?.fourBytes ?? [0, 0, 0, 0])
    word(0)
    let start = bytes.count
    guard data(text.data.map(\.recorded), text.type), bytes.count - start < 1 << 16 else {
      self = before
      return false
    }
    bytes.replaceSubrange((start - 2)..<start, with: UInt16(bytes.count - start).twoBytes)
    return true
  }

  mutating func append(_ more: [UInt8]) { bytes += more }
  private mutating func word(_ number: UInt16) { append(number.twoBytes) }

  private mutating func name(_ name: DomainName, compressed: Bool = true) {
    guard compressed else { return append(name.wire) }
    for (at, end) in name.ends {
      if let place = places[end] {
        append(Array(name.wire[..<at]) + (0xc000 | UInt16(place)).twoBytes)
        remember(name, upTo: at, from: bytes.count - 2 - at)
        return
      }
    }
    let start = bytes.count
    append(name.wire)
    remember(name, upTo: name.wire.count, from: start)
  }

  private mutating func remember(_ name: DomainName, upTo limit: Int, from start: Int) {
    for (at, end) in name.ends where at < limit && start + at < 0x4000 { places[end] = start + at }
  }

  // MARK: Data

  /// Writes a record's data; false where these are not the words of its type.
  mutating func data(_ words: [[UInt8]], _ type: UInt16) -> Bool {
    var rest = words[...]
    if rest.first?.elementsEqual("\\#".utf8) == true {
      rest.removeFirst()
      guard let count = rest.popFirst().flatMap({ Int(String(decoding: $0, as: UTF8.self)) }),
        let bytes = Hexadecimal.decode(rest.flatMap(\.self)), bytes.count == count
      else { return false }
      append(bytes)
      return true
    }
    guard let layout = RecordData.layout(type) else { return false }
    for field in layout { if !write(field, &rest, type) { return false } }
    return rest.isEmpty
  }

  private mutating func write(_ field: DataField, _ words: inout ArraySlice<[UInt8]>, _ type: UInt16) -> Bool {
    switch field {
    case .hex: return all(&words) { Hexadecimal.decode($0) }
    case .base64: return all(&words) { Base64.decode($0) }
    case .types: return types(&words)
    case .parameters:
      guard let parameters = ServiceParameters.bytes(words) else { return false }
      words = []
      append(parameters)
      return true
    case .strings:
      guard !words.isEmpty else { return false }
      while let word = words.popFirst() { if !string(word) { return false } }
      return true
    default: break
    }
    guard let word = words.popFirst() else { return false }
    switch field {
    case .byte: return number(UInt8(String(decoding: word, as: UTF8.self)).map { [$0] })
    case .word: return number(UInt16(String(decoding: word, as: UTF8.self))?.twoBytes)
    case .long: return number(UInt32(String(decoding: word, as: UTF8.self))?.fourBytes)
    case .time: return number(SignatureTime.seconds(word)?.fourBytes)
    case .type: return number(Registered.types.number(word)?.twoBytes)
    case .name:
      guard let domain = DomainName(text: word) else { return false }
      name(domain, compressed: RecordData.isOfNames(type))
      return true
    case .ip4, .ip6:
      guard let address = Address(String(decoding: word, as: UTF8.self)), (address.family == .v4) == (field == .ip4) else { return false }
      append(address.bytes)
      return true
    case .string: return string(word)
    case .text: return number(unquoted(word))
    case .tag: return word.isEmpty || word.count > 255 ? false : number([UInt8(word.count)] + word)
    case .salt: return number(word == [UInt8(ascii: "-")] ? [0] : counted(Hexadecimal.decode(word)))
    case .hash: return number(counted(Base32.decode(word)))
    case .hex, .base64, .types, .parameters, .strings: return false
    }
  }

  private mutating func number(_ bytes: [UInt8]?) -> Bool {
    guard let bytes else { return false }
    append(bytes)
    return true
  }

  private mutating func all(_ words: inout ArraySlice<[UInt8]>, _ decode: ([UInt8]) -> [UInt8]?) -> Bool {
    defer { words = [] }
    return number(decode(words.flatMap(\.self)))
  }

  private mutating func string(_ word: [UInt8]) -> Bool { number(counted(unquoted(word))) }

  private func counted(_ bytes: [UInt8]?) -> [UInt8]? {
    guard let bytes, bytes.count < 256 else { return nil }
    return [UInt8(bytes.count)] + bytes
  }

  private func unquoted(_ word: [UInt8]) -> [UInt8]? {
    let quote = UInt8(ascii: "\"")
    let isQuoted = word.count > 1 && word.first == quote && word.last == quote
    var characters = Escaped(isQuoted ? word[1..<(word.count - 1)] : word[...])
    var out: [UInt8] = []
    while let (byte, _) = characters.next() { out.append(byte) }
    return characters.isBroken ? nil : out
  }

  /// A window for each 256 types, with a bit for each that is there (RFC 4034 §4.1.2).
  private mutating func types(_ words: inout ArraySlice<[UInt8]>) -> Bool {
    let types = words.map { Registered.types.number($0) }
    words = []
    guard !types.contains(nil) else { return false }
    var windows: [UInt8: [UInt8]] = [:]
    for type in types.compactMap(\.self) {
      var window = windows[UInt8(type >> 8)] ?? []
      let at = Int(type & 255) / 8
      while window.count <= at { window.append(0) }
      window[at] |= 0x80 >> (type & 7)
      windows[UInt8(type >> 8)] = window
    }
    for (number, window) in windows.sorted(by: { $0.key < $1.key }) { append([number, UInt8(window.count)] + window) }
    return true
  }
}

extension DataField: Equatable {}
