/// A text with every line's end as it is on the wire: a CR before each LF that has none (RFC 959 §3.1.1.1, RFC 854).
package func networkText(_ bytes: [UInt8]) -> [UInt8] {
  var out: [UInt8] = []
  out.reserveCapacity(bytes.count + bytes.count / 16)
  var last: UInt8 = 0
  for byte in bytes {
    if byte == 10, last != 13 { out.append(13) }
    out.append(byte)
    last = byte
  }
  return out
}

/// Whether every line's end is CR LF.
package func isNetworkText(_ bytes: [UInt8]) -> Bool {
  var last: UInt8 = 0
  for byte in bytes {
    if byte == 10, last != 13 { return false }
    last = byte
  }
  return true
}
