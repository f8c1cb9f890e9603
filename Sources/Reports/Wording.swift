import Results
import Transcript

/// Numbers, times and verdicts as a person reads them.
enum Wording {
  static func count(_ number: Int, _ noun: String) -> String { "\(number) \(noun)\(number == 1 ? "" : "s")" }

  /// `3 notes and 1 drift`; what there is none of is left out.
  static func grades(_ counts: Counts) -> String {
    list(Grade.allCases.reversed().filter { counts[$0] > 0 }.map { count(counts[$0], $0.rawValue) })
  }

  static func list(_ words: [String]) -> String {
    words.count < 2 ? words.joined() : words.dropLast().joined(separator: ", ") + " and " + words[words.count - 1]
  }

  /// Two or three digits, and a unit: `0.4 ms`, `312 ms`, `1.2 s`, `4m12s`.
  static func time(_ milliseconds: Double) -> String {
    let ms = milliseconds.isFinite ? max(0, min(milliseconds, 1e12)) : 0
    if ms < 9.95 { return "\(tenths(ms)) ms" }
    if ms < 999.5 { return "\(Int(ms.rounded())) ms" }
    if ms < 59_950 { return "\(tenths(ms / 1000)) s" }
    let seconds = Int((ms / 1000).rounded())
    return "\(seconds / 60)m\(seconds % 60)s"
  }

  static func fault(_ fault: Difference.Fault) -> String { fault == .us ? "replique" : fault.rawValue }

  private static func tenths(_ number: Double) -> String {
    let tenths = Int((number * 10).rounded())
    return "\(tenths / 10).\(tenths % 10)"
  }
}

extension Verdict {
  /// Capitals for what somebody has to look at.
  var word: String {
    switch self {
    case .passed: "passed"
    case .skipped: "skipped"
    case .failed: "FAILED"
    case .error: "ERROR"
    }
  }

  var tone: Ink.Tone {
    switch self {
    case .passed: .good
    case .skipped: .doubtful
    case .failed, .error: .bad
    }
  }
}
