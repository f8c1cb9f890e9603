package import Reports
package import Results

/// Writes reports to files.
package enum ReportFiles {
  package static func write(_ report: Report, _ result: RunResult, to path: String) throws(CallError) {
    if path == "-" {
      FileSystem.writeAll(report.render(result), to: 1)
    } else {
      try FileSystem.makeFolder(FileSystem.folder(of: path))
      try FileSystem.write(report.render(result), to: path)
    }
  }
}
