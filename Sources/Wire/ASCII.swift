extension UInt8 {
  package var isDigit: Bool { (48...57).contains(self) }
  package var isUpper: Bool { (65...90).contains(self) }
  package var isLetter: Bool { isUpper || (97...122).contains(self) }
  package var isLetterOrDigit: Bool { isDigit || isLetter }
  package var isHexadecimal: Bool { isDigit || (97...102).contains(self | 0x20) }
  /// ASCII letters in lower case, all else as it is.
  package var lowercased: UInt8 { isUpper ? self | 0x20 : self }
}
