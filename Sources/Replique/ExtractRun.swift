import Capture
import Dialects
import Extraction
import Transcript
import TranscriptYAML
import Wire

/// Turns captures into transcripts, one for each conversation.
package struct ExtractRun {
  package struct Options: Sendable {
    package var output = "Transcripts"
    /// Files that are there already are written anew.
    package var force = false
    package var completeOnly = false
    /// Nothing is written; what would be is told.
    package var dryRun = false
    /// A dialect's name for every conversation, or `PORT=NAME` for those of a server's port.
    package var protocols: [String] = []
    /// In the language of pcap-filter(7).
    package var filter: String?
    /// Bytes of the largest payload that stands in a transcript itself; a larger one has a file beside it.
    package var inlineLimit = 64 << 10

    package init() {}
  }

  private let captures: [String]
  private let options: Options
  private let choice: ProtocolChoice

  package init(_ paths: [String], options: Options) throws(CallError) {
    captures = try FileSystem.expand(paths, endings: CaptureFiles.endings)
    guard !captures.isEmpty else {
      throw CallError("there are no captures (*.pcap, *.pcapng) in \(paths.map { printable($0) }.joined(separator: ", "))")
    }
    self.options = options
    choice = try ProtocolChoice(options.protocols)
  }

  /// - Parameters:
  ///   - told: a line for each transcript, as it is written.
  ///   - warned: a line for what could not be read, or was left out.
  /// - Returns: the summary table, and what to leave with.
  package func run(told: @escaping (String) -> Void, warned: @escaping (String) -> Void) throws(CallError) -> (
    table: String, status: ExitStatus
  ) {
    if !options.dryRun { try FileSystem.makeFolder(options.output) }
    let ledger = ExtractionLedger()
    var status = ExitStatus.passed
    for capture in captures {
      let writer = TranscriptFiles(capture, options, by: by)
      var failure: CallError?
      var extractor = Extractor(choice: choice.dialect) { recorded in
        guard failure == nil else { return }
        do throws(CallError) {
          let outcome = try writer.write(recorded)
          ledger.add(recorded, outcome)
          if let line = outcome.line { told(line) }
          if let warning = outcome.warning { warned(warning) }
        } catch { failure = error }
      }
      do throws(CaptureError) {
        let summary = try CaptureReader(capture, filter: options.filter).read(into: &extractor)
        for warning in summary.warnings(capture) { warned(warning) }
      } catch {
        warned("replique: \(error.description)")
        status = status.or(.unreadable)
      }
      if let failure { throw failure }
      if extractor.crowdedOut > 0 {
        warned("\(printable(capture)): \(extractor.crowdedOut) conversations were cut: together they held too much")
      }
    }
    if status == .passed, ledger.recognised == 0 { warned("replique: no conversation of a protocol that is known") }
    if ledger.recognised == 0 { status = status.or(.unreadable) }
    if ledger.kept > 0 {
      warned("\(ledger.kept) file\(ledger.kept == 1 ? " is" : "s are") there already and not the same: --force writes them anew")
      status = status.or(.unreadable)
    }
    return (ledger.table(isDry: options.dryRun), status)
  }

  private var by: String {
    var words = [Version.number]
    words += options.protocols.map { "--protocol \($0)" }
    return words.joined(separator: " ")
  }
}

/// Captures by the names of their files.
enum CaptureFiles {
  static let endings: Set<String> = ["pcap", "pcapng", "cap"]

  /// Whether the first bytes are those of pcap, in either byte order and precision, or pcapng.
  static func isCapture(_ bytes: some Collection<UInt8>) -> Bool {
    let magic = Array(bytes.prefix(4))
    return [
      [0xa1, 0xb2, 0xc3, 0xd4], [0xd4, 0xc3, 0xb2, 0xa1], [0xa1, 0xb2, 0x3c, 0x4d], [0x4d, 0x3c, 0xb2, 0xa1], [0x0a, 0x0d, 0x0d, 0x0a],
    ]
    .contains(magic)
  }
}

/// What `--protocol` says.
struct ProtocolChoice: Sendable {
  private var general: (any Dialect)?
  private var byPort: [UInt16: any Dialect] = [:]

  init(_ texts: [String]) throws(CallError) {
    for text in texts {
      let parts = text.split(separator: "=", maxSplits: 1).map(String.init)
      guard let name = parts.last, let dialect = Registry[name] else {
        let names = Registry.all.map(\.name)
        let near =
          nearest(to: parts.last ?? "", among: names).map { "did you mean '\($0)'?" } ?? "protocols are " + names.joined(separator: ", ")
        throw CallError("--protocol \(printable(text)): \(near)")
      }
      guard parts.count == 2 else {
        general = dialect
        continue
      }
      guard let port = UInt16(parts[0]) else { throw CallError("--protocol \(printable(text)): write NAME, or PORT=NAME") }
      byPort[port] = dialect
    }
  }

  func dialect(_ origin: Origin) -> (any Dialect)? {
    guard let dialect = byPort[origin.server.port] ?? general, dialect.transports.contains(origin.transport) else { return nil }
    return dialect
  }
}

extension CaptureSummary {
  /// What a person should know of how a capture was read.
  func warnings(_ capture: String) -> [String] {
    var out: [String] = []
    if let cutShort {
      out.append("\(printable(capture)): cut short after \(packets) packets (\(printable(cutShort))); everything before was read")
    }
    for (reason, count) in ignored.sorted(by: { $0.key < $1.key }) where reason != "not IP" && reason != "neither TCP nor UDP" {
      out.append("\(printable(capture)): \(count) packet\(count == 1 ? "" : "s") not read: \(reason)")
    }
    for (limit, count) in limits.sorted(by: { $0.key < $1.key }) {
      out.append("\(printable(capture)): a limit was reached \(count) times: \(limit)")
    }
    if conflictingBytes > 0 {
      out.append("\(printable(capture)): \(conflictingBytes) bytes came twice with different content; the first ones count")
    }
    return out
  }
}
