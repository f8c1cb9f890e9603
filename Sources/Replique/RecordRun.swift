import Capture
import Dialects
import Extraction
package import Replay
import Transcript
import Wire

/// Turns what an interface carries into transcripts, one for each conversation, as they end.
package struct RecordRun {
  package struct Options: Sendable {
    package var interface = ""
    package var extraction = ExtractRun.Options()
    /// Of servers; empty for all.
    package var ports: [UInt16] = []
    /// A file that the packets are written to, too.
    package var log: String?
    /// Transcripts, after which it ends.
    package var count: Int?
    package var duration: Duration?

    package init() {}
  }

  /// What is recorded, and as who, for whoever waits for it to begin.
  package let opening: String

  private let options: Options
  private let choice: ProtocolChoice
  private let capture: LiveCapture
  private let folder: OpenFolder
  private let origin: Provenance

  /// Opens what only root may open, and gives root up, for good.
  ///
  /// To be called before there are threads: see `Privileges`.
  package init(_ options: Options) throws(CallError) {
    self.options = options
    choice = try ProtocolChoice(options.extraction.protocols)
    let name = options.interface
    let filter = CaptureFilter.text(ports: options.ports, options.extraction.filter)
    do throws(LiveCaptureError) { capture = try LiveCapture(name, filter: filter) } catch {
      throw Self.refusal(error, name, options.extraction.filter)
    }
    let invoker = Invoker.find()
    folder = try OpenFolder(options.extraction.output, madeFor: invoker)
    var log: CInt?
    if let path = options.log { log = try FileSystem.create(path, replacing: options.extraction.force, for: invoker) }
    let kept = options.log.flatMap { FileSystem.isRegular($0) ? $0 : nil }
    do throws(PrivilegeError) {
      if let invoker { try Privileges.giveUp(to: invoker) } else { try Privileges.giveUpCapabilities() }
    } catch { throw CallError("root could not be given up, so nothing is recorded: \(error)", .incomplete) }
    guard folder.isWritable else {
      let path = printable(options.extraction.output)
      let remedy = invoker.map { ", as who it is recorded: chown \(printable($0.name)) \(path), or name another folder" } ?? ""
      throw CallError("\(path): not writable for \(invoker.map { printable($0.name) } ?? "us")\(remedy)", .incomplete)
    }
    // Not before: a file that stays empty is in nobody's way.
    if let path = options.log, let log {
      do throws(LiveCaptureError) { try capture.write(to: log, name: printable(path)) } catch { throw Self.refusal(error, path, nil) }
    }
    origin = .interface(name, since: WallClock.now, log: kept)
    opening =
      "recording \(printable(name)) (\(capture.linkName))" + (invoker.map { " as \(printable($0.name))" } ?? "") + "; Ctrl-C ends it"
  }

  /// - Parameters:
  ///   - interruption: ends it.
  ///   - told: a line for each transcript, as it is written.
  ///   - warned: a line for what could not be read, or was left out.
  ///   - progressed: several times a second, how many packets and transcripts there are.
  /// - Returns: the summary table, and what to leave with.
  package func run(
    interruption: Interruption, told: @escaping (String) -> Void, warned: @escaping (String) -> Void,
    progressed: (_ packets: Int, _ transcripts: Int) -> Void
  ) throws(CallError) -> (table: String, status: ExitStatus) {
    let stop = capture.stop
    interruption.whenItComes { stop.send() }
    let end = options.duration.map { ContinuousClock.now + $0 }
    let files = TranscriptFiles([origin], options.extraction, into: folder)
    let filing = Filing(files, limit: options.count ?? .max, told: told, warned: warned)
    var extractor = Extractor(choice: choice.dialect, deliver: filing.take)
    let checksums = options.extraction.verifyChecksums ? Checksums.verified : .ignored
    let summary = capture.read(into: &extractor, checksums: checksums, now: { WallClock.now }) { packets in
      progressed(packets, filing.ledger.written)
      if let end, ContinuousClock.now >= end { stop.send() }
      return !filing.isOver
    }
    extractor.finish()
    if let log = options.log { told("\(printable(log))  \(summary.packets) packets") }
    for warning in summary.warnings([options.interface]) { warned(warning) }
    let status = try filing.conclude(extractor, summary.cutShort.isEmpty ? .passed : .incomplete)
    return (filing.ledger.table(isDry: false), status)
  }

  private static func refusal(_ error: LiveCaptureError, _ name: String, _ filter: String?) -> CallError {
    switch error {
    case .unknownInterface:
      let names = LiveCapture.interfaces
      let near = nearest(to: name, among: names).map { "; did you mean '\(printable($0))'?" } ?? "."
      return CallError("there is no interface \(printable(name))\(near) There are \(names.map { printable($0) }.joined(separator: ", "))")
    case .forbidden:
      let program = printable(FileSystem.program)
      return CallError(
        """
        \(printable(name)): listening takes the capability CAP_NET_RAW: call replique with sudo, or grant it once and for all: \
        sudo setcap cap_net_raw+ep \(program)
        """, .incomplete)
    case .badFilter(let reason): return CallError("--filter \(printable(filter ?? "")): \(reason)")
    case .failed(let reason): return CallError("\(printable(name)): \(reason)", .incomplete)
    }
  }
}

/// What is said of packets in the language of pcap-filter(7).
enum CaptureFilter {
  /// - Parameter ports: beside their packets, the messages that say one could not be delivered.
  /// - Returns: nil where all packets are wanted.
  static func text(ports: [UInt16], _ filter: String?) -> String? {
    let wanted = ports.map { "port \($0)" } + (ports.isEmpty ? [] : [undeliverable])
    let both = [wanted.joined(separator: " or "), filter ?? ""].filter { !$0.allSatisfy(\.isWhitespace) }
    return both.isEmpty ? nil : both.map { "(\($0))" }.joined(separator: " and ")
  }

  /// RFC 792 and RFC 4443 §3.1, without extension headers. In this language, `and` binds no closer than `or`.
  private static let undeliverable = "icmp[icmptype] == icmp-unreach or (ip6[6] == 58 and ip6[40] == 1)"
}
