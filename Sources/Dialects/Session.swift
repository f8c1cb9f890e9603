package import Transcript
package import Wire

/// One conversation in progress, both sides of it. A pure value: Extraction, Play and offline checks feed it alike.
package protocol Session: Sendable {
  /// Cuts the next thing off the front of what `side` has sent.
  ///
  ///     taken before | bytes: searched ········ |
  ///                  ^ here the answer's lengths begin
  ///
  /// - Parameters:
  ///   - bytes: what is not cut yet, behind what earlier answers `took` of the same message.
  ///   - searched: how many of them were there already when the last answer for this side was `more`.
  ///   - ending: how the side's direction stands; unless `open`, these are its last bytes and the answer must not be `more` for ever:
  ///     it is asked again until it answers `more` or `blocked`, and what is left then is reported as cut short.
  ///   - quiet: the other side has nothing uncut, so what looks unasked for is.
  mutating func cut(_ side: Side, _ bytes: Span<UInt8>, searched: Int, ending: Ending, quiet: Bool) -> Cut
  /// Some bytes of a side are missing here. What was taken of a message before them is dropped; false where nothing behind the gap can
  /// be understood.
  mutating func lost(_ count: Int, from side: Side) -> Bool
  /// Writes a message of ours: line ends, stuffing, lengths, prefixes. Its texts are literal. What it writes is then cut like any other.
  func write(_ message: Message) -> [UInt8]
  /// Whether a message of ours can be sent in this state.
  func admits(_ message: Message) -> Admission
}

package enum Admission: Sendable, Hashable {
  case now
  /// Once the other side has spoken.
  case afterReply
  /// Not in this state: it would be taken for something else (a command after 354, a message without one).
  case never
}
