import Transcript
import Wire

/// The types that every one of some values has.
struct Types: OptionSet {
  let rawValue: Int

  init(rawValue: Int) { self.rawValue = rawValue }

  /// Those of one value. Of a value that nobody knows, only that it is something.
  init(_ value: [UInt8]?) {
    guard let value else {
      self.init(rawValue: 1 << (Self.narrowestFirst.count - 1))
      return
    }
    var bits = 0
    for (at, type) in Self.narrowestFirst.enumerated() where Self.has(type, value) { bits |= 1 << at }
    self.init(rawValue: bits)
  }

  /// The one that says most.
  var narrowest: ValueType { Self.narrowestFirst.indices.first { rawValue & 1 << $0 != 0 }.map { Self.narrowestFirst[$0] } ?? .any }

  /// Some words look like a host's name, a port or base64 by chance: these are none unless they can hardly be anything else.
  private static func has(_ type: ValueType, _ value: [UInt8]) -> Bool {
    guard type.fits(value) else { return false }
    switch type {
    case .host: return value.contains(UInt8(ascii: ".")) && value.contains { $0.isLetter }
    case .hex: return value.count >= shortestHex && value.contains { $0.isDigit }
    default: return true
    }
  }

  private static let shortestHex = 8
  private static let narrowestFirst: [ValueType] = [.uuid, .ip, .date, .time, .number, .hex, .host, .token, .word, .any]
}
