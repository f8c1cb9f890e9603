import Wire

extension ValueType {
  /// Whether two texts are the same value: hosts without case, `ip` and `number` by value, all else byte for byte. Numbers are compared
  /// digit by digit, so none is too long or too precise.
  package func same(_ a: [UInt8], _ b: [UInt8]) -> Bool { same(a[...], b[...]) }

  package func same(_ a: ArraySlice<UInt8>, _ b: ArraySlice<UInt8>) -> Bool {
    switch self {
    case .host: a.count == b.count && zip(a, b).allSatisfy { $0.lowercased == $1.lowercased }
    case .number: a == b || fits(a) && fits(b) && Decimal(a) == Decimal(b)
    case .ip: a == b || fits(a) && fits(b) && address(a) == address(b)
    default: a == b
    }
  }

  /// Whether two values that differ as bytes may still be the same.
  var hasSpellings: Bool { self == .host || self == .number || self == .ip }
}

private func address(_ bytes: ArraySlice<UInt8>) -> Address? { Address(String(decoding: bytes, as: UTF8.self)) }

/// A decimal number without the zeros and the sign that do not count.
private struct Decimal: Equatable {
  private let isNegative: Bool
  private let whole: ArraySlice<UInt8>
  private let fraction: ArraySlice<UInt8>

  /// `bytes` are a number.
  init(_ bytes: ArraySlice<UInt8>) {
    let digits = bytes.drop { !$0.isDigit }
    whole = digits.prefix(while: \.isDigit).drop { $0 == UInt8(ascii: "0") }
    var fraction = digits.drop(while: \.isDigit).dropFirst()
    while fraction.last == UInt8(ascii: "0") { fraction.removeLast() }
    self.fraction = fraction
    isNegative = bytes.first == UInt8(ascii: "-") && !(whole.isEmpty && fraction.isEmpty)
  }
}
