import Wire

extension ValueType {
  /// Whether these bytes, all of them, are a value of this type. Only `any` may be nothing at all.
  ///
  /// - `word`: no blanks. `token`: letters, digits, `.-_~+/=`. `hex`: digits of either case.
  /// - `number`: a sign if any, digits, a fraction if any; no exponent.
  /// - `base64`: RFC 4648 §4, padded, nothing behind the last bit.
  /// - `uuid`: RFC 9562 §4. `ip`: as in RFC 4291 §2.2, or four decimal numbers; no zone. `port`: 1 to 65535.
  /// - `host`: a name of RFC 1123 §2.1 (`_` too, a dot at its end too), an IPv4 address, or an address in brackets.
  /// - `path`: no `"`, no control character. `time`: `7:42`, `07:42:11`, with a fraction if any. `date`: see `DateNotation`.
  package func fits(_ bytes: [UInt8]) -> Bool { fits(bytes[...]) }

  package func fits(_ bytes: ArraySlice<UInt8>) -> Bool {
    switch self {
    case .any: true
    case .word, .token, .hex, .path: !bytes.isEmpty && bytes.allSatisfy(admits)
    case .number: isNumber(bytes)
    case .base64: isBase64(bytes)
    case .uuid: isUUID(bytes)
    case .host: isHost(bytes)
    case .ip: isAddress(bytes)
    case .port: isPort(bytes)
    case .time: isTime(bytes)
    case .date: DateNotation(of: bytes) != nil
    }
  }

  /// Whether the byte can stand in a value of this type at all.
  func admits(_ byte: UInt8) -> Bool {
    switch self {
    case .any: true
    case .word: byte > 0x20 || byte < 9 || (14...31).contains(byte)
    case .token: byte.isLetterOrDigit || ".-_~+/=".utf8.contains(byte)
    case .number: byte.isDigit || ".+-".utf8.contains(byte)
    case .hex: byte.isHexadecimal
    case .base64: byte.isLetterOrDigit || "+/=".utf8.contains(byte)
    case .uuid: byte.isHexadecimal || byte == UInt8(ascii: "-")
    case .host: byte.isLetterOrDigit || "-._[]:".utf8.contains(byte)
    case .ip: byte.isHexadecimal || ".:".utf8.contains(byte)
    case .port: byte.isDigit
    case .path: byte >= 0x20 && byte != 0x7f && byte != UInt8(ascii: "\"")
    case .time: byte.isDigit || ".,:".utf8.contains(byte)
    case .date: byte >= 0x20 && byte < 0x7f
    }
  }

  /// Bytes of the longest value of this type, where it has one.
  var longest: Int? {
    switch self {
    case .any, .word, .token, .number, .hex, .base64, .path: nil
    case .uuid: 36
    case .host: 255
    case .ip: 45
    case .port: 5
    case .time: 18
    case .date: DateNotation.longest
    }
  }
}

private func isNumber(_ bytes: ArraySlice<UInt8>) -> Bool {
  var rest = bytes
  if let first = rest.first, first == UInt8(ascii: "+") || first == UInt8(ascii: "-") { rest.removeFirst() }
  let whole = rest.prefix(while: \.isDigit)
  rest = rest.dropFirst(whole.count)
  guard !whole.isEmpty else { return false }
  guard let dot = rest.popFirst() else { return true }
  return dot == UInt8(ascii: ".") && !rest.isEmpty && rest.allSatisfy(\.isDigit)
}

private func isBase64(_ bytes: ArraySlice<UInt8>) -> Bool {
  guard !bytes.isEmpty, bytes.count % 4 == 0, bytes.dropLast(4).allSatisfy({ $0 != UInt8(ascii: "=") && ValueType.base64.admits($0) })
  else {
    return false
  }
  return Base64.decode(bytes.suffix(4)) != nil
}

private func isUUID(_ bytes: ArraySlice<UInt8>) -> Bool {
  bytes.count == 36
    && bytes.enumerated().allSatisfy { [8, 13, 18, 23].contains($0.offset) ? $0.element == UInt8(ascii: "-") : $0.element.isHexadecimal }
}

private func isAddress(_ bytes: ArraySlice<UInt8>) -> Bool {
  guard (2...45).contains(bytes.count), bytes.allSatisfy(ValueType.ip.admits) else { return false }
  return Address(String(decoding: bytes, as: UTF8.self)) != nil
}

private func isHost(_ bytes: ArraySlice<UInt8>) -> Bool {
  guard !bytes.isEmpty, bytes.count <= 255 else { return false }
  if bytes.first == UInt8(ascii: "["), bytes.last == UInt8(ascii: "]") {
    let inner = bytes.dropFirst().dropLast()
    return isAddress(inner) || inner.starts(with: "IPv6:".utf8) && isAddress(inner.dropFirst(5))
  }
  let name = bytes.last == UInt8(ascii: ".") ? bytes.dropLast() : bytes
  return name.count <= 253
    && name.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false).allSatisfy { label in
      (1...63).contains(label.count) && label.first != UInt8(ascii: "-") && label.last != UInt8(ascii: "-")
        && label.allSatisfy { $0.isLetterOrDigit || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "_") }
    }
}

private func isPort(_ bytes: ArraySlice<UInt8>) -> Bool {
  guard (1...5).contains(bytes.count), bytes.first != UInt8(ascii: "0"), bytes.allSatisfy(\.isDigit) else { return false }
  return bytes.reduce(0) { $0 * 10 + Int($1 - 48) } <= 65535
}

private func isTime(_ bytes: ArraySlice<UInt8>) -> Bool {
  var scanner = DateScanner(bytes)
  return bytes.count <= 18 && scanner.clock(hourDigits: 1...2, seconds: .optional, fraction: .optional) && scanner.isAtEnd
}
