import Wire

/// Takes secrets out of everything that is shown: each occurrence becomes `***`, in one pass, whatever overlaps as one.
///
/// A secret is found as it is, in base 64, and inside the base 64 of something longer, where only its whole digits are hidden. One shorter
/// than `shortest` bytes is found as a whole word only, so that a text does not fall apart for a password of one letter.
package struct Redactor: Sendable {
  private struct Form: Sendable {
    var bytes: [UInt8]
    var isWholeWord: Bool
  }

  /// By first byte, longest first.
  private var forms: [UInt8: [Form]] = [:]
  private var known: Set<[UInt8]> = []

  package init() {}

  /// Whether there is nothing to hide.
  package var isEmpty: Bool { forms.isEmpty }

  package init(_ secrets: some Sequence<[UInt8]>) { for secret in secrets { insert(secret) } }

  /// From now on these bytes are hidden, too. Nothing cannot be hidden.
  package mutating func insert(_ secret: [UInt8]) {
    guard !secret.isEmpty, known.insert(secret).inserted else { return }
    let isShort = secret.count < Redactor.shortest
    add(Form(bytes: secret, isWholeWord: isShort))
    add(Form(bytes: Base64.encode(secret), isWholeWord: isShort))
    guard !isShort else { return }
    for offset in 0..<3 { add(Form(bytes: Redactor.digits(of: secret, behind: offset), isWholeWord: false)) }
  }

  package func redact(_ bytes: [UInt8]) -> [UInt8] {
    guard !forms.isEmpty else { return bytes }
    var out: [UInt8] = []
    out.reserveCapacity(bytes.count)
    // The end of the secret that we are in, or of the last one.
    var hidden = 0
    for at in bytes.indices {
      if let longest = forms[bytes[at]]?.first(where: { matches($0, bytes, at) }) {
        if at >= hidden { out += Redactor.stars }
        hidden = max(hidden, at + longest.bytes.count)
      } else if at >= hidden {
        out.append(bytes[at])
      }
    }
    return out
  }

  package func redact(_ text: String) -> String { forms.isEmpty ? text : String(decoding: redact(Array(text.utf8)), as: UTF8.self) }

  private mutating func add(_ form: Form) {
    guard let first = form.bytes.first else { return }
    var list = forms[first] ?? []
    list.insert(form, at: list.firstIndex { $0.bytes.count < form.bytes.count } ?? list.endIndex)
    forms[first] = list
  }

  private func matches(_ form: Form, _ bytes: [UInt8], _ at: Int) -> Bool {
    let end = at + form.bytes.count
    guard end <= bytes.count, bytes[at..<end].elementsEqual(form.bytes) else { return false }
    return !form.isWholeWord || (at == 0 || !bytes[at - 1].isWordByte) && (end == bytes.count || !bytes[end].isWordByte)
  }

  /// The digits that the bytes alone decide on, where `offset` bytes (modulo 3) stand before them in what was encoded.
  private static func digits(of secret: [UInt8], behind offset: Int) -> [UInt8] {
    let first = (offset * 8 + 5) / 6
    let last = (offset + secret.count) * 8 / 6
    return Array(Base64.encode([UInt8](repeating: 0, count: offset) + secret)[first..<last])
  }

  /// Bytes of the shortest secret that is found inside a word.
  package static let shortest = 4
  private static let stars = Array("***".utf8)
}

extension UInt8 {
  /// Part of a word, also of one in another script.
  fileprivate var isWordByte: Bool { isLetterOrDigit || self == UInt8(ascii: "_") || self >= 0x80 }
}
