package import Results

package struct TerminalReport: Sendable {
  private let isVerbose: Bool
  private let usesColor: Bool

  package init(isVerbose: Bool, usesColor: Bool) {
    self.isVerbose = isVerbose
    self.usesColor = usesColor
  }

  package func render(_ result: RunResult) -> String {
    result.transcripts.map { "\($0.verdict.rawValue) \($0.file)\n" }.joined()
  }
}
