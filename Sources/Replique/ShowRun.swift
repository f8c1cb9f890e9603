import Capture
import Dialects
import Extraction
import Glibc
import Reports
import Transcript
import Wire

/// Prints transcripts as dialogues, and captures as lists of their conversations.
package struct ShowRun {
  private let paths: [String]
  private let stream: Int?
  private let choice: ProtocolChoice
  private let filter: String?
  private let checksums: Checksums
  private let report: DialogueReport

  /// - Parameter stream: of a capture, only that conversation, as a dialogue.
  package init(_ paths: [String], stream: Int?, protocols: [String], filter: String?, verifyChecksums: Bool, usesColor: Bool)
    throws(CallError)
  {
    self.paths = try FileSystem.expand(paths, endings: CaptureFiles.endings.union(Loading.endings))
    guard !self.paths.isEmpty else {
      throw CallError("there are neither transcripts nor captures in \(paths.map { printable($0) }.joined(separator: ", "))")
    }
    self.stream = stream
    self.filter = filter
    checksums = verifyChecksums ? .verified : .ignored
    choice = try ProtocolChoice(protocols)
    report = DialogueReport(usesColor: usesColor)
  }

  package func run(told: @escaping (String) -> Void, warned: @escaping (String) -> Void) throws(CallError) -> ExitStatus {
    var status = ExitStatus.passed
    for (index, path) in paths.enumerated() {
      if index > 0 { told("\n") }
      if paths.count > 1 { told("\(printable(path))\n") }
      let beginning = try FileSystem.beginning(of: path)
      if CaptureFormat.isCapture(beginning) {
        status = status.or(try show(capture: path, begun: beginning, told, warned))
      } else {
        status = status.or(try show(transcript: path, path == "-" ? beginning + FileSystem.read(path) : nil, told, warned))
      }
    }
    return status
  }

  private func show(transcript path: String, _ content: [UInt8]?, _ told: (String) -> Void, _ warned: (String) -> Void) throws(CallError)
    -> ExitStatus
  {
    guard stream == nil else { throw CallError("\(printable(path)) is no capture: --stream chooses a conversation of one") }
    let loading = if let content { Loading(content: content, name: path) } else { try Loading([path]) }
    for text in loading.errors + loading.warnings { warned(text) }
    for transcript in loading.transcripts { told(report.render(transcript)) }
    return loading.errors.isEmpty ? .passed : .unreadable
  }

  private func show(
    capture path: String, begun: [UInt8], _ told: @escaping (String) -> Void, _ warned: (String) -> Void
  ) throws(CallError) -> ExitStatus {
    var table = TextTable(["stream", "protocol", "client", "server", "messages", "> bytes", "< bytes", ""], right: [0, 4, 5, 6])
    var rows: [(Int, [String])] = []
    var chosen: Recorded?
    var extractor = Extractor(choice: choice.dialect) { [stream] recorded in
      if let stream {
        if recorded.origin.number == stream { chosen = recorded }
      } else {
        rows.append((recorded.origin.number, recorded.row))
      }
    }
    do throws(CaptureError) {
      let summary = try CaptureReader(path, begun: begun, filter: filter, checksums: checksums).read(into: &extractor)
      extractor.finish()
      for warning in summary.warnings([path]) { warned(warning) }
    } catch { throw CallError(error.description) }
    guard let stream else {
      for (_, row) in rows.sorted(by: { $0.0 < $1.0 }) { table.add(row) }
      told(table.text)
      return .passed
    }
    guard let chosen else { throw CallError("\(printable(path)) has no stream \(stream): replique show \(printable(path)) lists them") }
    guard let transcript = Scribe.write(chosen, source: nil, inlineLimit: .max, store: { _ in "" }) else {
      throw CallError("stream \(stream) of \(printable(path)): " + (chosen.skip?.explanation(chosen) ?? "nothing was said"))
    }
    told(report.render(transcript))
    return .passed
  }
}

extension Recorded {
  fileprivate var row: [String] {
    [
      String(origin.number), dialect?.name ?? skip?.dataProtocol ?? "-", origin.client.description, origin.server.description,
      dialect == nil ? "-" : String(messages.count),
      String(volume.client), String(volume.server), course,
    ]
  }

  /// How it went, in a few words.
  private var course: String {
    var words: [String] = []
    switch refusal {
    case .refused?: words.append("refused")
    case .timedOut?: words.append("no answer")
    case .unreachable?: words.append("unreachable")
    case nil: break
    }
    if !transfers.isEmpty { words.append("\(transfers.count) transfer\(transfers.count == 1 ? "" : "s")") }
    if let first = entries.lazy.compactMap({ if case .ended(let side, let ending) = $0 { (side, ending) } else { nil } }).first {
      words.append("\(first.1 == .reset ? "reset" : "closed") by the \(first.0.name)")
    }
    if missing.contains(.tls) { words.append("turns to TLS") }
    switch skip {
    case .tls?: words.append("TLS")
    case .data(_, let control)?: words.append("data of stream \(control)")
    case .strayData?: words.append("data that belong to no command")
    case .unknownProtocol?, .silent?, .neverOpened?, nil: break
    }
    if !isComplete { words.append("not complete") }
    return words.joined(separator: ", ")
  }
}
