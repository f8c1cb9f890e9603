/// The kinds of differences that there are: what a transcript's `grades` may name.
///
/// `Documentation/differences.md` says what each means. Tests hold this list, that page and what the house's sources can give together.
package enum DifferenceKind {
  package static let all: [String] =
    reply + names + content + listing + course + transfer + protocolBroken + namesBroken + client

  /// A reply, compared facet by facet: another one, one that is gone, one that is new.
  private static let reply = [
    "reply-code", "enhanced-code", "missing-enhanced-code", "new-enhanced-code", "response-code", "missing-response-code",
    "new-response-code", "unlisted-code", "keyword", "missing-keyword", "new-keyword", "forbidden-keyword", "value", "missing-value",
    "new-value", "uid", "missing-uid", "new-uid", "path", "missing-path", "new-path", "wording", "missing-wording", "new-wording", "text",
    "missing-text", "forbidden-text", "unbound", "date-notation", "version", "missing-version", "new-version", "media-type",
    "missing-media-type", "new-media-type", "location", "missing-location", "new-location", "new-header",
  ]
  /// An answer of DNS, record by record.
  private static let names = [
    "nodata", "missing-nodata", "new-nodata", "record", "missing-record", "new-record", "ttl", "missing-ttl", "new-ttl", "cname",
    "missing-cname", "new-cname", "flag", "missing-flag", "new-flag", "other-record", "missing-other-record", "new-other-record", "edns",
    "missing-edns", "new-edns", "missing-flags", "missing-answer", "missing-authority", "missing-additional",
  ]
  private static let content = [
    "content", "line-ends", "header", "missing-header", "size", "sha256", "missing-message", "missing-lines", "missing-headers",
    "missing-body",
    "missing-trailers",
    "cut-short", "match-limit",
  ]
  /// A listing, entry by entry.
  private static let listing =
    ["entry", "entry-type", "entry-size", "entry-date", "entry-column", "entry-fact", "listing"].flatMap {
      [$0, "missing-" + $0, "new-" + $0]
    } + ["order"]
  private static let course = [
    "late", "closed-early", "still-open", "closed-otherwise", "missing-reply", "extra-reply", "flood", "not-silent", "connected", "connect",
  ]
  /// Secondary connections, and what goes over them.
  private static let transfer = [
    "pasv-address", "pasv-port", "missing-preliminary", "extra-preliminary", "no-connection", "no-data", "data-reset", "extra-data",
  ]
  /// Violations.
  private static let protocolBroken = [
    "reply-class", "reply-syntax", "reply-too-long", "mixed-codes", "bare-lf", "bare-cr", "line-too-long", "missing-dot",
    "unsolicited", "data-endpoint", "request-syntax", "field-syntax", "obs-fold", "head-too-long", "host", "content-length",
    "transfer-encoding", "length-and-coding", "bad-chunk", "body-not-allowed", "excess-bytes", "empty-line", "content-encoding",
    "content-too-large",
  ]
  private static let namesBroken = [
    "short-message", "trailing-bytes", "name-too-long", "name-pointer", "label-type", "record-data", "opt-record", "question-count",
    "not-a-question", "not-an-answer", "wrong-id", "wrong-opcode", "wrong-question", "missing-question", "question-case",
    "transfer-order", "no-stream",
  ]
  /// What a client of the scripted server does.
  private static let client = ["command", "out-of-order", "unknown-command", "data-mode", "port-address", "data-cut"]
}
