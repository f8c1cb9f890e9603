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
    /// One transcript for all conversations of a shape.
    package var distinct = false
    /// Nothing is written; what would be is told.
    package var dryRun = false
    /// A dialect's name for every conversation, or `PORT=NAME` for those of a server's port.
    package var protocols: [String] = []
    /// In the language of pcap-filter(7).
    package var filter: String?
    /// Packets whose checksums are wrong are left out.
    package var verifyChecksums = false
    /// Bytes of the largest payload that stands in a transcript itself; a larger one has a file beside it.
    package var inlineLimit = 64 << 10

    package init() {}

    /// What transcripts name as their maker.
    var by: String { ([Version.number] + (distinct ? ["--distinct"] : []) + protocols.map { "--protocol \($0)" }).joined(separator: " ") }
  }

  private let captures: [String]
  private let options: Options
  private let choice: ProtocolChoice

  package init(_ paths: [String], options: Options) throws(CallError) {
    captures = try FileSystem.expand(paths, endings: CaptureFiles.endings)
    guard !captures.isEmpty else {
      throw CallError(
        "there are no captures (*.pcap, *.pcapng, *.cap, also with .gz or .zst) in \(paths.map { printable($0) }.joined(separator: ", "))")
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
    var status = ExitStatus.passed
    let files = TranscriptFiles(captures.map(Provenance.capture), options)
    let filing = Filing(files, distinct: options.distinct ? Distinct() : nil, told: told, warned: warned)
    var extractor = Extractor(choice: choice.dialect, deliver: filing.take)
    do throws(CaptureError) {
      let reader = CaptureReader(captures, filter: options.filter, checksums: options.verifyChecksums ? .verified : .ignored)
      let summary = try reader.read(into: &extractor)
      extractor.finish()
      for warning in summary.warnings(captures) { warned(warning) }
      if !summary.refused.isEmpty { status = .unreadable }
    } catch {
      for line in error.lines { warned("replique: \(line)") }
      status = .unreadable
    }
    status = try filing.conclude(extractor, status)
    return (filing.ledger.table(isDry: options.dryRun), status)
  }
}

/// Captures by the names of their files.
enum CaptureFiles {
  static let endings: Set<String> = Set(["pcap", "pcapng", "cap"].flatMap { kind in [kind] + compressions.map { "\(kind).\($0)" } })

  /// A capture's name without the folder and without its endings.
  static func stem(_ path: String) -> Substring {
    var name = path.split(separator: "/").last ?? "capture"
    for isCompression in [true, false] {
      guard let dot = name.lastIndex(of: "."), !isCompression || compressions.contains(String(name[name.index(after: dot)...])) else {
        continue
      }
      name = name[..<dot]
    }
    return name
  }

  private static let compressions: Set<String> = ["gz", "zst"]
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
  /// What a person should know of how captures were read.
  func warnings(_ captures: [String]) -> [String] {
    let name = captures.count == 1 ? printable(captures[0]) : "\(captures.count) captures"
    var out = refused.map { "replique: \($0.description)" }
    for broken in cutShort {
      out.append("\(broken.capture): cut short after \(broken.packets) packets (\(broken.reason)); everything before was read")
    }
    for (reason, count) in ignored.sorted(by: { $0.key < $1.key }) where reason != "not IP" && reason != "neither TCP nor UDP" {
      out.append("\(name): \(count) packet\(count == 1 ? "" : "s") not read: \(reason)")
    }
    for (limit, count) in limits.sorted(by: { $0.key < $1.key }) {
      out.append("\(name): a limit was reached \(count) times: \(limit)")
    }
    if dropped > 0 {
      out.append(
        "\(name): \(dropped) packet\(dropped == 1 ? "" : "s") came faster than they were read, and are missing: the system dropped them")
    }
    if conflictingBytes > 0 {
      let first = conflicting.map { "\($0.client) to \($0.server)" }.joined(separator: ", ")
      out.append("\(name): \(conflictingBytes) bytes came twice with different content, the first ones count: \(first)")
    }
    return out
  }
}
