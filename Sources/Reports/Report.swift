package import Results

/// A form in which a run's result is told. Each reads only the result: now or later, here or elsewhere.
package struct Report: Sendable {
  /// The whole report.
  package let render: @Sendable (RunResult) -> [UInt8]
}
