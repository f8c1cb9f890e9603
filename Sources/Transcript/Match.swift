/// How an expected text and observed bytes go together.
package enum MatchResult: Sendable, Hashable {
  case matched(Match)
  case differs
  /// The text needs the value of a name to which nothing is bound.
  case unbound(String)
  /// Given up at a limit: our failure, it says nothing about the bytes.
  case limit
}

/// What a match found.
package struct Match: Sendable, Hashable {
  /// New values, in the order of the text. `Bindings.bind` takes them over.
  package var bindings: [Binding] = []
  /// Dates that are written otherwise than their examples.
  package var notes: [OtherNotation] = []
  /// Where the text of each hole stood in what was observed, in the order of `Text.holes`.
  package var holes: [Range<Int>] = []
  /// Results of functions of secrets, which no output may show.
  package var secrets: [[UInt8]] = []

  package struct OtherNotation: Sendable, Hashable {
    /// Which hole, as in `holes`.
    package var hole: Int
    package var expected: DateNotation
    package var observed: DateNotation

    package init(hole: Int, expected: DateNotation, observed: DateNotation) {
      self.hole = hole
      self.expected = expected
      self.observed = observed
    }
  }

  package init() {}
}
