extension Difference {
  /// Every kind that there is, in the order of the alphabet: what `grades` in a transcript may name. `Documentation/differences.md` says
  /// what each means.
  package static let kinds = [
    "bare-lf", "closed-early", "closed-otherwise", "command", "connect", "connected", "content", "cut-short", "date-notation",
    "enhanced-code", "extra-reply", "forbidden-keyword", "forbidden-text", "header", "keyword", "late", "line-too-long", "match-limit",
    "missing-header", "missing-keyword", "missing-lines", "missing-message", "missing-reply", "missing-text", "missing-value",
    "missing-wording", "mixed-codes", "new-keyword", "new-wording", "not-silent", "out-of-order", "reply-class", "reply-code",
    "reply-syntax", "reply-too-long", "response-code", "sha256", "size", "still-open", "text", "uid", "unbound", "unknown-command",
    "unlisted-code", "unsolicited", "value", "wording",
  ]
}
