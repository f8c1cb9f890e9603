/// What a run found: plain data, versioned, without a secret. Every report reads only this, now or later, here or elsewhere.
///
/// Written as JSON it is the result format, version 1, which `Documentation/results.md` describes.
package struct RunResult: Sendable, Codable, Hashable {
  /// Of the format.
  package var version = 1
  /// `replique 0.1.0`
  package var tool: String
  /// RFC 3339, UTC.
  package var started: String
  /// To the microsecond, like all times of a result.
  package var milliseconds: Double
  /// The options in effect, by their names without dashes; secrets left out.
  package var options: [String: String]
  package var transcripts: [TranscriptResult]
  package var counts: Counts

  package init(tool: String, started: String, milliseconds: Double, options: [String: String], transcripts: [TranscriptResult]) {
    self.tool = tool
    self.started = started
    self.milliseconds = milliseconds.toMicroseconds
    self.options = options
    self.transcripts = transcripts
    counts = transcripts.reduce(into: Counts()) { $0.add($1.counts) }
  }
}

extension Double {
  /// Milliseconds without what no clock can know and nobody wants to read: `6.993`, not `6.993375000001`.
  var toMicroseconds: Double { isFinite ? (self * 1000).rounded() / 1000 : 0 }
}
