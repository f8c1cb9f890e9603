package import Transcript

package struct ConversationResult: Sendable, Codable, Hashable {
  package var name: String?
  package var `protocol`: String
  /// The endpoint that was talked to.
  package var target: String?
  /// The lowest grade that fails it.
  package var gate: Grade
  package var verdict: Verdict
  /// Why it could not be found out, or was skipped. What was found before is kept, too.
  package var reason: Reason?
  package var place: Place
  package var milliseconds: Double
  /// How often it was tried, with `retry`.
  package var tries = 1
  package var steps: [StepResult]
  package var counts: Counts

  package init(
    name: String?, protocol: String, target: String?, gate: Grade, reason: Reason? = nil, place: Place, milliseconds: Double,
    steps: [StepResult]
  ) {
    self.name = name
    self.protocol = `protocol`
    self.target = target
    self.gate = gate
    self.reason = reason
    self.place = place
    self.milliseconds = milliseconds.toMicroseconds
    self.steps = steps
    counts = steps.reduce(into: Counts()) { $0.add($1) }
    verdict =
      switch reason?.kind {
      case .needs, .earlier: .skipped
      case .some: .error
      case nil: steps.contains { $0.fails(gate) } ? .failed : .passed
      }
  }
}

/// Why a conversation has no verdict of its own.
package struct Reason: Sendable, Codable, Hashable {
  package enum Kind: String, Sendable, Codable, Hashable {
    /// The target does not offer what the transcript needs.
    case needs
    /// An earlier conversation has not bound what this one needs to begin.
    case earlier
    /// The target could not be reached.
    case unreachable
    /// A value is missing: a secret, a variable without one, a target.
    case unbound
    /// The transcript has a step that this version cannot play.
    case unplayable
    /// A fault of ours, a limit of ours that was reached.
    case fault
    /// The run was interrupted, or ended at the first failure.
    case interrupted
  }

  package var kind: Kind
  /// For people; of one line or several.
  package var message: String

  package init(_ kind: Kind, _ message: String) {
    self.kind = kind
    self.message = message
  }
}
