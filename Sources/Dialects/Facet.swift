package import Transcript

/// What a message's meaning depends on.
package struct Context: Sendable {
  /// The command that it answers; nil for a greeting.
  package var command: Message?
  /// Keywords that the server has announced so far, upper case.
  package var offered: Set<String>

  package init(answering command: Message?, offered: Set<String> = []) {
    self.command = command
    self.offered = offered
  }
}

/// How much a facet counts when it differs. Dialects weigh; only Verification grades.
package enum Weight: Sendable, Hashable { case outcome, value, detail, wording }

/// One thing by which messages are compared.
package struct Facet: Sendable, Hashable {
  /// The kind of difference that it makes: `reply-code`, `keyword`, `wording`, …
  package var kind: String
  /// Tells facets of one kind apart: the keyword, the line's number. Facets of both messages are paired by kind and key.
  package var key: String
  package var value: Text
  package var weight: Weight
  /// The head's line, or the part's, that it was taken from.
  package var part: String?
  package var line: Int

  package init(_ kind: String, key: String = "", _ value: Text, _ weight: Weight, part: String? = nil, line: Int = 0) {
    self.kind = kind
    self.key = key
    self.value = value
    self.weight = weight
    self.part = part
    self.line = line
  }
}
