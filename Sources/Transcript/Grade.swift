/// How severely a difference counts. Ordered: the gate fails what is at or above it.
package enum Grade: String, Sendable, Hashable, Comparable, CaseIterable, Codable {
  /// Free text differs.
  case note
  /// Different, yet the protocol allows it here with the same outcome.
  case drift
  /// Another outcome than the transcript's.
  case divergence
  /// Breaks the protocol, whatever the transcript says.
  case violation

  package static func < (a: Grade, b: Grade) -> Bool { a.rank < b.rank }

  private var rank: Int {
    switch self {
    case .note: 0
    case .drift: 1
    case .divergence: 2
    case .violation: 3
    }
  }
}
