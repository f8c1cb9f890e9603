import FoundationEssentials
import Results

extension Report {
  /// The result itself, version 1 of its format, keys in alphabetical order: `Documentation/results.md` describes it.
  package static let json = Report { result in
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    guard let data = try? encoder.encode(result) else { preconditionFailure("a result is plain data") }
    return Array(data) + [10]
  }
}
