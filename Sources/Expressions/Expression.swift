/// A PCRE2 expression, compiled once and usable from every thread.
///
/// It sees bytes, not characters: a peer sends whatever it likes, and with PCRE2's UTF modes `.+` would not match a Latin-1 banner
/// (`PCRE2_MATCH_INVALID_UTF` never matches across a byte that is no UTF-8). So `.` is one byte, `é` is two that stand in a row,
/// and `\w` and `(?i)` know ASCII only. `.` does not match LF; `$` is the very end.
///
/// Hostile expressions and hostile subjects stay bounded: see `ExpressionLimit`. `(*UTF)`, `(*UCP)` and `\C` are errors; `(?C)` does
/// nothing, since no callout is ever set; `(*LIMIT_…)` can lower our limits only; backtracking verbs end with the expression.
package struct Expression: Sendable {
  /// As it was written.
  package let source: String
  private let whole: CompiledExpression
  /// The same without an anchor at its end, where that tells what cannot match at all.
  private let beginning: CompiledExpression?

  package init(_ source: String) throws(ExpressionError) {
    self.source = source
    let bytes = Array(source.utf8)
    whole = try CompiledExpression(bytes, .whole)
    beginning = Expression.dependsOnItsEnd(bytes) ? nil : try CompiledExpression(bytes, .beginning)
  }

  /// Whether these bytes, all of them and nothing around them, match.
  package func matches(_ bytes: ArraySlice<UInt8>) throws(ExpressionLimit) -> Bool { try whole.matches(bytes) }

  package func matches(_ bytes: [UInt8]) throws(ExpressionLimit) -> Bool { try whole.matches(bytes[...]) }

  /// False where no beginning of these bytes, however long, matches: spares trying each of them.
  package func mayBegin(_ bytes: ArraySlice<UInt8>) throws(ExpressionLimit) -> Bool { try beginning?.matches(bytes) ?? true }

  /// Whether what stands behind a match could decide on it: an assertion, or a group that never gives back what it took. With neither,
  /// bytes whose beginning matches match without an anchor, too. Where it cannot be told for sure, true.
  private static func dependsOnItsEnd(_ source: [UInt8]) -> Bool {
    for (at, byte) in source.enumerated() {
      let next = at + 1 < source.count ? source[at + 1] : 0
      switch byte {
      case UInt8(ascii: "$"): return true
      case UInt8(ascii: "\\"): if assertions.contains(next) { return true }
      case UInt8(ascii: "("): if next == UInt8(ascii: "*") || next == UInt8(ascii: "?") && source[at...].dropFirst(2).first != UInt8(ascii: ":") { return true }
      case UInt8(ascii: "+"), UInt8(ascii: "*"), UInt8(ascii: "?"), UInt8(ascii: "}"): if next == UInt8(ascii: "+") { return true }
      default: break
      }
    }
    return false
  }

  private static let assertions = Array("bBzZGKRX".utf8)
}

/// What is wrong with an expression's text, and where: the author's error.
package struct ExpressionError: Error, Sendable, Hashable {
  /// PCRE2's own words.
  package let message: String
  /// Bytes from the expression's start; the error stands at it or just before it.
  package let offset: Int
}

/// Why a match was given up. It says nothing about the bytes: our failure, not the peer's.
package enum ExpressionLimit: Error, Sendable, Hashable {
  /// More steps than `ExpressionLimit.steps`: the expression backtracks too much on this text.
  case tooManySteps
  /// Nested deeper than `ExpressionLimit.depth`.
  case tooDeep
  /// More memory than `ExpressionLimit.kibibytes`.
  case tooMuchMemory
  /// PCRE2's number for anything else, such as a recursion that never ends.
  case failed(Int32)

  /// Calls of PCRE2's internal match function in one match.
  package static let steps: UInt32 = 1_000_000
  /// Nested backtracking points, where the interpreter runs.
  package static let depth: UInt32 = 100_000
  /// Heap for one match, where the interpreter runs.
  package static let kibibytes: UInt32 = 16_384
  /// Bytes of an expression.
  package static let length = 8192
  /// Nested parentheses in an expression.
  package static let nesting: UInt32 = 100
}
