import Wire

/// What a peer said, or was told. In JSON `{"text": …}` where it is UTF-8, else `{"base64": …}`.
package enum Said: Sendable, Hashable, Codable {
  case text(String)
  case bytes([UInt8])

  package init(_ bytes: [UInt8]) {
    self = String(validating: bytes, as: UTF8.self).map(Said.text) ?? .bytes(bytes)
  }

  package var bytes: [UInt8] {
    switch self {
    case .text(let text): Array(text.utf8)
    case .bytes(let bytes): bytes
    }
  }

  private enum Key: String, CodingKey { case text, base64 }

  package init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Key.self)
    if let text = try container.decodeIfPresent(String.self, forKey: .text) {
      self = .text(text)
      return
    }
    guard let bytes = Base64.decode(try container.decode(String.self, forKey: .base64).utf8) else {
      throw DecodingError.dataCorruptedError(forKey: .base64, in: container, debugDescription: "not base 64")
    }
    self = .bytes(bytes)
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    switch self {
    case .text(let text): try container.encode(text, forKey: .text)
    case .bytes(let bytes): try container.encode(String(decoding: Base64.encode(bytes), as: UTF8.self), forKey: .base64)
    }
  }
}
