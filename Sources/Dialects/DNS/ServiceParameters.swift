import Wire

/// Service parameters (RFC 9460 §2.1): `alpn="h2,h3" port=8443 ipv4hint=192.0.2.1`; keys without a form of their own as `key65333="…"`.
enum ServiceParameters {
  private static let keys: [String] = ["mandatory", "alpn", "no-default-alpn", "port", "ipv4hint", "ech", "ipv6hint", "dohpath"]

  static func text(_ bytes: [UInt8]) -> [UInt8]? {
    var out: [[UInt8]] = []
    var rest = bytes[...]
    var last = -1
    while !rest.isEmpty {
      guard let key = rest.popWord(), let count = rest.popWord(), rest.count >= count, Int(key) > last else { return nil }
      last = Int(key)
      let value = Array(rest.prefix(Int(count)))
      rest = rest.dropFirst(Int(count))
      out.append(written(key, value))
    }
    return Array(out.joined(separator: [32]))
  }

  private static func written(_ key: UInt16, _ value: [UInt8]) -> [UInt8] {
    let name = Int(key) < keys.count ? keys[Int(key)] : "key\(key)"
    if value.isEmpty { return Array(name.utf8) }
    if let text = plain(key, value) { return Array("\(name)=".utf8) + text }
    let quoted = value.flatMap { Escaped.written($0, besides: Set("\\\"".utf8), blanks: true) }
    return Array("key\(key)=\"".utf8) + quoted + [UInt8(ascii: "\"")]
  }

  /// In the key's own form; nil where the value does not have it.
  private static func plain(_ key: UInt16, _ value: [UInt8]) -> [UInt8]? {
    switch key {
    case 0:
      guard value.count % 2 == 0 else { return nil }
      let names = stride(from: 0, to: value.count, by: 2).map { name(UInt16(value[$0]) << 8 | UInt16(value[$0 + 1])) }
      return Array(names.joined(separator: ",").utf8)
    case 1:
      var ids: [[UInt8]] = []
      var rest = value[...]
      while let count = rest.popFirst() {
        let id = Array(rest.prefix(Int(count)))
        guard count > 0, id.count == Int(count), id.allSatisfy({ $0 > 32 && $0 < 127 && !",\\\"".utf8.contains($0) }) else { return nil }
        rest = rest.dropFirst(id.count)
        ids.append(id)
      }
      return [UInt8(ascii: "\"")] + ids.joined(separator: [UInt8(ascii: ",")]) + [UInt8(ascii: "\"")]
    case 3: return value.count == 2 ? Array(String(UInt16(value[0]) << 8 | UInt16(value[1])).utf8) : nil
    case 4, 6:
      let size = key == 4 ? 4 : 16
      guard value.count % size == 0 else { return nil }
      let hints = stride(from: 0, to: value.count, by: size).map { Address(bytes: value[$0..<($0 + size)]).description }
      return Array(hints.joined(separator: ",").utf8)
    case 5: return Base64.encode(value)
    default: return nil
    }
  }

  private static func name(_ key: UInt16) -> String { Int(key) < keys.count ? keys[Int(key)] : "key\(key)" }

  // MARK: Writing

  /// - Parameter words: `key=value`, quotes taken away where they stood around the value, escapes still there.
  static func bytes(_ words: some Collection<[UInt8]>) -> [UInt8]? {
    var values: [UInt16: [UInt8]] = [:]
    for word in words {
      let parts = word.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
      var text = parts.count > 1 ? Array(parts[1]) : []
      let isQuoted = text.count > 1 && text.first == UInt8(ascii: "\"") && text.last == UInt8(ascii: "\"")
      if isQuoted { text = Array(text.dropFirst().dropLast()) }
      guard let key = number(parts[0]), values[key] == nil else { return nil }
      let isGeneric = parts[0].starts(with: "key".utf8)
      guard let value = isGeneric ? unescaped(text) : value(key, text) else { return nil }
      values[key] = value
    }
    return values.sorted { $0.key < $1.key }.flatMap { $0.key.twoBytes + UInt16($0.value.count).twoBytes + $0.value }
  }

  private static func number(_ name: some Collection<UInt8>) -> UInt16? {
    let name = String(decoding: name, as: UTF8.self).lowercased()
    if let known = keys.firstIndex(of: name) { return UInt16(known) }
    return name.hasPrefix("key") ? UInt16(name.dropFirst(3)) : nil
  }

  private static func value(_ key: UInt16, _ text: [UInt8]) -> [UInt8]? {
    let items = text.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false)
    switch key {
    case 0:
      let numbers = items.map(number)
      return numbers.contains(nil) ? nil : numbers.compactMap(\.self).flatMap(\.twoBytes)
    case 1: return items.allSatisfy { (1...255).contains($0.count) } ? items.flatMap { [UInt8($0.count)] + $0 } : nil
    case 2: return text.isEmpty ? [] : nil
    case 3: return UInt16(String(decoding: text, as: UTF8.self))?.twoBytes
    case 4, 6:
      let family: Address.Family = key == 4 ? .v4 : .v6
      let addresses = items.compactMap { Address(String(decoding: $0, as: UTF8.self)) }.filter { $0.family == family }
      return addresses.count == items.count ? addresses.flatMap(\.bytes) : nil
    case 5: return Base64.decode(text)
    default: return unescaped(text)
    }
  }

  private static func unescaped(_ text: [UInt8]) -> [UInt8]? {
    var characters = Escaped(text)
    var out: [UInt8] = []
    while let (byte, _) = characters.next() { out.append(byte) }
    return characters.isBroken ? nil : out
  }
}

extension ArraySlice<UInt8> {
  mutating func popWord() -> UInt16? {
    guard let high = popFirst(), let low = popFirst() else { return nil }
    return UInt16(high) << 8 | UInt16(low)
  }
}

extension UInt16 {
  /// The higher one first.
  var twoBytes: [UInt8] { [UInt8(self >> 8), UInt8(self & 255)] }
}

extension UInt32 {
  var fourBytes: [UInt8] { UInt16(self >> 16).twoBytes + UInt16(truncatingIfNeeded: self).twoBytes }
}

extension Address {
  /// Four bytes or sixteen.
  fileprivate init(bytes: ArraySlice<UInt8>) {
    func word(_ bytes: ArraySlice<UInt8>) -> UInt64 { bytes.reduce(0) { $0 << 8 | UInt64($1) } }
    if bytes.count == 4 { self.init(v4: UInt32(word(bytes))) } else { self.init(v6: word(bytes.prefix(8)), word(bytes.suffix(8))) }
  }
}
