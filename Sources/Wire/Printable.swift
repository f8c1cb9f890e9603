/// What a peer, a capture or a file said, fit for a terminal or a log: valid UTF-8 as it is, anything that could steer a terminal or
/// mislead a reader as `\x1b` (a byte) or `\u{202e}` (a character). Line ends are escaped, too.
package func printable(_ bytes: some Sequence<UInt8>) -> String {
  escape(Array(bytes))
}

package func printable(_ text: String) -> String { escape(Array(text.utf8)) }

private func escape(_ bytes: [UInt8]) -> String {
  var out = ""
  out.reserveCapacity(bytes.count)
  var rest = bytes[...]
  while !rest.isEmpty {
    var decoder = UTF8()
    var iterator = rest.makeIterator()
    if case .scalarValue(let scalar) = decoder.decode(&iterator) {
      append(scalar, to: &out)
      rest = rest.dropFirst(UTF8.width(scalar))
    } else {
      out += hex(rest.removeFirst())
    }
  }
  return out
}

private func append(_ scalar: Unicode.Scalar, to out: inout String) {
  switch scalar.value {
  case 0..<0x20, 0x7f: out += hex(UInt8(scalar.value))
  case 0x80..<0xa0, 0x200b...0x200f, 0x2028...0x202e, 0x2060...0x206f, 0xfeff, 0xfff9...0xfffb, 0xe0000...0xe0fff:
    out += "\\u{\(String(scalar.value, radix: 16))}"
  default: out.unicodeScalars.append(scalar)
  }
}

private func hex(_ byte: UInt8) -> String { "\\x" + (byte < 16 ? "0" : "") + String(byte, radix: 16) }
