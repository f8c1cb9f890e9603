/// How many columns of a terminal a text takes, once it is printable: East Asian wide characters and emoji take two.
package func columns(_ text: some Sequence<Character>) -> Int { text.reduce(0) { $0 + columns($1) } }

package func columns(_ character: Character) -> Int {
  guard let scalar = character.unicodeScalars.first else { return 0 }
  if scalar.value < 0x300 { return 1 }
  if character.unicodeScalars.contains(where: { $0.properties.isEmojiPresentation || $0.value == 0xfe0f }) { return 2 }
  switch scalar.properties.generalCategory {
  case .nonspacingMark, .enclosingMark, .format: return 0
  default: return isWide(scalar.value) ? 2 : 1
  }
}

/// Unicode Standard Annex 11, `W` and `F`, in whole blocks.
private func isWide(_ value: UInt32) -> Bool {
  switch value {
  case 0x1100...0x115f, 0x2e80...0x303e, 0x3041...0xa4cf, 0xa960...0xa97c, 0xac00...0xd7a3, 0xf900...0xfaff, 0xfe30...0xfe6f,
    0xff01...0xff60, 0xffe0...0xffe6, 0x20000...0x3fffd:
    true
  default: false
  }
}
