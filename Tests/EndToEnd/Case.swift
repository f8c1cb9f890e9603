import FoundationEssentials
import Subprocess
import Testing

/// A folder of `Cases/`: `command` is run by a shell in a copy of it, and what it prints is in `expected.out` and `expected.err`, its exit
/// status on the last line of `expected.out`. With `REPLIQUE_REWRITE_GOLDEN=1`, and never in CI, what it prints now is written there.
struct Case: Sendable, CustomTestStringConvertible {
  let name: String

  var testDescription: String { name }

  static let all: [Case] = ((try? FileManager.default.contentsOfDirectory(atPath: cases)) ?? []).sorted().map(Case.init(name:))

  struct Output {
    var out: String
    var err: String
  }

  func run() async throws -> Output {
    let folder = try copy()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let environment: Environment = .inherit.updating([
      "PATH": "\(Self.products):/usr/bin:/bin", "CAPTURES": Self.captures, "PRELUDE": "\(Self.here)/prelude.sh", "NO_COLOR": "1",
    ])
    let result = try await Subprocess.run(
      .name("sh"), arguments: ["-c", "cd \"$1\" && . \"$PRELUDE\" && . ./command", "sh", folder], environment: environment,
      output: .string(limit: 1 << 20), error: .string(limit: 1 << 20))
    let status: String =
      switch result.terminationStatus {
      case .exited(let code): "\(code)"
      default: "\(result.terminationStatus)"
      }
    return Output(
      out: steady(result.standardOutput, folder) + "status \(status)\n", err: steady(result.standardError, folder))
  }

  func expected() throws -> Output { Output(out: try read("expected.out"), err: try read("expected.err")) }

  func rewrite(_ output: Output) throws {
    try Data(output.out.utf8).write(to: URL(filePath: "\(Self.cases)/\(name)/expected.out"))
    try Data(output.err.utf8).write(to: URL(filePath: "\(Self.cases)/\(name)/expected.err"))
  }

  static var isRewriting: Bool {
    let environment = ProcessInfo.processInfo.environment
    return environment["REPLIQUE_REWRITE_GOLDEN"] == "1" && environment["CI"] == nil
  }

  private func read(_ file: String) throws -> String {
    String(decoding: try Data(contentsOf: URL(filePath: "\(Self.cases)/\(name)/\(file)")), as: UTF8.self)
  }

  private func copy() throws -> String {
    let folder = FileManager.default.temporaryDirectory.path + "/replique-\(name)-\(UInt64.random(in: 0 ... .max))"
    try FileManager.default.copyItem(atPath: "\(Self.cases)/\(name)", toPath: folder)
    return folder
  }

  /// Without what is another in each run: folders, ports, times.
  private func steady(_ text: String, _ folder: String) -> String {
    text.replacing(folder, with: "FOLDER").replacing(Self.captures, with: "CAPTURES")
      .replacing(/(127\.0\.0\.1|\[::1\]):[0-9]+/) { "\($0.output.1):PORT" }
      .replacing(/\ *[0-9]+(\.[0-9]+)? (ms|s)\b/, with: " TIME")
  }

  private static let here = #filePath.split(separator: "/").dropLast().reduce("") { $0 + "/" + $1 }
  private static let cases = here + "/Cases"
  private static let captures = here + "/../Fixtures/captures"
  /// Where the program and these tests were built.
  private static let products = ((try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? "").split(separator: "/")
    .dropLast().reduce("") { $0 + "/" + $1 }
}

@Suite struct EndToEndTests {
  @Test(arguments: Case.all) func `the program says what its golden files hold`(example: Case) async throws {
    let output = try await example.run()
    if Case.isRewriting { return try example.rewrite(output) }
    let expected = try example.expected()
    #expect(output.out == expected.out)
    #expect(output.err == expected.err)
  }

  @Test func `there are golden files`() { #expect(Case.all.count > 10) }
}
