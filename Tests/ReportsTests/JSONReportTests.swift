import FoundationEssentials
import Reports
import Results
import Testing

@Suite struct JSONReportTests {
  private func stored(_ name: String) throws -> RunResult {
    try JSONDecoder().decode(RunResult.self, from: Data(try Golden.read("\(name)/expected.json")))
  }

  @Test(arguments: Samples.all.map(\.name)) func `a result that is written and read is the same result`(_ name: String) throws {
    let result = try #require(Samples.all.first { $0.name == name }?.result)
    #expect(try JSONDecoder().decode(RunResult.self, from: Data(Report.json.render(result))) == result)
  }

  @Test(arguments: Samples.all.map(\.name)) func `a stored result is told like a fresh one`(_ name: String) throws {
    let (fresh, stored) = (try #require(Samples.all.first { $0.name == name }?.result), try stored(name))
    for isVerbose in [false, true] {
      let report = TerminalReport(isVerbose: isVerbose, usesColor: true)
      #expect(report.render(stored) == report.render(fresh))
    }
    #expect(Report.junit.render(stored) == Report.junit.render(fresh))
  }
}
