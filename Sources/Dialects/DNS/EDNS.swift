import Transcript
import Wire

/// The OPT record as a transcript has it (RFC 6891 §6.1): `edns: {size: 1232, do: true, options: [COOKIE c8ac95f48589750e]}`.
///
/// `size` is what its sender takes over UDP; `version` stands there unless it is 0, `flags` where bits but DO are set.
struct EDNS: Sendable {
  var size: UInt16 = 1232
  var version: UInt8 = 0
  /// Its upper bit is DO (RFC 3225 §3).
  var flags: UInt16 = 0
  var options: [(code: UInt16, data: [UInt8])] = []

  init() {}

  /// - Parameter record: an OPT record in `message`.
  init(_ message: Span<UInt8>, _ record: Packet.Record) {
    size = record.class
    version = UInt8(truncatingIfNeeded: record.ttl >> 16)
    flags = UInt16(truncatingIfNeeded: record.ttl)
    options = (Self.options(message, record.data) ?? []).map { ($0.code, message.extracting($0.data).array) }
  }

  /// Where each option's data stands; nil where they do not fill the record.
  static func options(_ message: Span<UInt8>, _ data: Range<Int>) -> [(code: UInt16, data: Range<Int>)]? {
    var out: [(UInt16, Range<Int>)] = []
    var at = data.lowerBound
    while at < data.upperBound {
      guard at + 4 <= data.upperBound else { return nil }
      let end = at + 4 + Int(message.word(at + 2))
      guard end <= data.upperBound else { return nil }
      out.append((message.word(at), (at + 4)..<end))
      at = end
    }
    return out
  }

  // MARK: As a part

  var fields: [Part.Field] {
    var out = [Part.Field("size", [Text("\(size)")])]
    if flags & Self.dnssec != 0 { out.append(Part.Field("do", ["true"])) }
    if version != 0 { out.append(Part.Field("version", [Text("\(version)")])) }
    if flags & ~Self.dnssec != 0 { out.append(Part.Field("flags", [Text("\(flags & ~Self.dnssec)")])) }
    if !options.isEmpty {
      out.append(
        Part.Field(
          "options",
          options.map { option in
            let data = option.data.isEmpty ? [] : [32] + Hexadecimal.encode(option.data).map(\.lowercased)
            return Text(Array(Registered.options.name(option.code).utf8) + data)
          }))
    }
    return out
  }

  enum Flaw: Error, Hashable { case key(String), value(String) }

  /// - Throws: the first key or value that means nothing. What has holes is as it was recorded.
  init(_ fields: [Part.Field]) throws(Flaw) {
    for field in fields {
      let text = field.values.first.map { String(decoding: $0.recorded, as: UTF8.self) } ?? ""
      func number<Number: FixedWidthInteger>(_: Number.Type) throws(Flaw) -> Number {
        guard let number = Number(text) else { throw .value(field.name) }
        return number
      }
      switch field.name {
      case "size": size = try number(UInt16.self)
      case "version": version = try number(UInt8.self)
      case "flags": flags |= try number(UInt16.self)
      case "do":
        guard text == "true" || text == "false" else { throw .value(field.name) }
        if text == "true" { flags |= Self.dnssec }
      case "options":
        for value in field.values {
          let words = value.recorded.split(separator: 32)
          guard let code = words.first.flatMap({ Registered.options.number($0) }),
            let data = Hexadecimal.decode(words.dropFirst().flatMap(\.self)), data.count < 1 << 16
          else { throw .value(field.name) }
          options.append((code, data))
        }
      default: throw .key(field.name)
      }
    }
  }

  static let keys = ["size", "do", "version", "flags", "options"]

  /// The record, with the upper bits of a response code.
  func record(_ code: UInt16) -> [UInt8] {
    let data = options.flatMap { $0.code.twoBytes + UInt16($0.data.count).twoBytes + $0.data }
    return [0] + UInt16.typeOPT.twoBytes + size.twoBytes + [UInt8(truncatingIfNeeded: code >> 4), version] + flags.twoBytes
      + UInt16(truncatingIfNeeded: data.count).twoBytes + data
  }

  private static let dnssec: UInt16 = 0x8000
}
