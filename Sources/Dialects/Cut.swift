/// What a session cut off the front.
package enum Cut: Sendable {
  /// This side must say more.
  case more
  /// Cannot be cut before the other side has spoken.
  case blocked
  /// That many bytes belong to a message which goes on: nothing to report yet, and nothing to look at again.
  case took(Int)
  case head(Head)
  case piece(Piece)
  /// Not of the protocol: that many bytes, with those taken before, are cut past. More than none.
  case broken(Violation, taking: Int)
  /// Nothing more of the conversation can be understood; why has been told.
  case lost
}

/// The head of a message: a command's line, all lines of a reply.
package struct Head: Sendable {
  /// From where the cut began to the head's end, line end included; with what was taken before, the whole head. May be 0 where a
  /// payload stands alone.
  package var length: Int
  /// The command's verb in upper case, `?` where it has none; `*` with mechanism and number for a client's answer within AUTH; the
  /// reply's code or indicator. Empty for a payload alone.
  package var label: String
  package var answer = Answer.none
  package var effects: [Effect] = []
  package var violations: [Violation] = []
  /// What follows the head as pieces.
  package var payload: PayloadPart?
  /// Bytes in front that only say where it ends: they are no part of what the message is read from.
  package var framing = 0
  /// No text says what it is: the message is these bytes as they are.
  package var isRaw = false

  package init(length: Int, label: String) {
    self.length = length
    self.label = label
  }
}

/// A stretch of payload: `skipping` bytes left out (stuffing), then `content`, then what ends it, `taking` in all.
package struct Piece: Sendable {
  package var skipping = 0
  package var content: Int
  package var taking: Int
  package var isLast: Bool
  /// What the content is: not the payload itself, but the fields behind it.
  package var isTrailers = false
  package var effects: [Effect] = []
  package var violations: [Violation] = []

  package init(skipping: Int = 0, content: Int, taking: Int, isLast: Bool) {
    self.skipping = skipping
    self.content = content
    self.taking = taking
    self.isLast = isLast
  }
}

/// The part that a payload becomes.
package struct PayloadPart: Sendable, Hashable {
  /// The key in a transcript.
  package var name: String
  /// Compared and written as lines, or as one payload.
  package var isLines: Bool

  package init(_ name: String, isLines: Bool = false) {
    self.name = name
    self.isLines = isLines
  }
}

/// Which earlier message of the other side, counted from 0, a message answers.
package enum Answer: Sendable, Hashable {
  case none
  /// More answers to it follow (1yz; LMTP's reply for each recipient but the last).
  case interim(Int)
  case final(Int)

  package var ordinal: Int? {
    switch self {
    case .none: nil
    case .interim(let n), .final(let n): n
    }
  }
}
