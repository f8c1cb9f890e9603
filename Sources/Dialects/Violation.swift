/// Something that breaks the protocol, whatever a transcript says.
package struct Violation: Sendable, Hashable {
  /// `bare-lf`, `mixed-codes`, …
  package var kind: String
  /// `RFC 5321 §2.3.8`
  package var rule: String
  /// Allowed all the same: worth a note.
  package var isRemark: Bool

  package init(_ kind: String, _ rule: String, isRemark: Bool = false) {
    self.kind = kind
    self.rule = rule
    self.isRemark = isRemark
  }

  /// The rest of what was lost in a gap, which is no message and nobody's fault: never told.
  package static let incomplete = Violation("", "")
}
