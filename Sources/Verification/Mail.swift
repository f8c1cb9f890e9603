/// A mail's header fields, unfolded (RFC 5322 §2.2.3), and its body.
struct Mail {
  private(set) var headers: [(name: String, value: [UInt8])] = []
  private(set) var body: [UInt8] = []

  init(_ bytes: [UInt8]) {
    var start = 0
    while start < bytes.count {
      let end = bytes[start...].firstIndex(of: 10) ?? bytes.count
      let next = min(end + 1, bytes.count)
      let line = bytes[start..<(end > start && bytes[end - 1] == 13 ? end - 1 : end)]
      start = next
      if line.isEmpty { break }
      if line.first == 32 || line.first == 9, !headers.isEmpty {
        headers[headers.count - 1].value += line
      } else if let colon = line.firstIndex(of: UInt8(ascii: ":")) {
        headers.append((String(decoding: line[..<colon], as: UTF8.self), Array(line[(colon + 1)...].drop { $0 == 32 || $0 == 9 })))
      }
    }
    body = Array(bytes[start...])
  }
}
