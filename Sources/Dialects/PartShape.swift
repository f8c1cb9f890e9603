package import Wire

/// A key that may stand beside a head.
package struct PartShape: Sendable, Hashable {
  package enum Content: Sendable, Hashable {
    case lines, set, fields
    /// A payload; written plainly it is lines.
    case payload
    /// A payload; written plainly it is a text, sent as it stands.
    case text
  }

  package var name: String
  package var content: Content
  package var sides: Set<Side>
  /// Whether it holds more than a transcript names, as a rule: each of its facets is told by its key, and others are not compared.
  package var isOpen: Bool

  package init(_ name: String, _ content: Content, _ sides: Set<Side> = [.client, .server], isOpen: Bool = false) {
    self.name = name
    self.content = content
    self.sides = sides
    self.isOpen = isOpen
  }
}
