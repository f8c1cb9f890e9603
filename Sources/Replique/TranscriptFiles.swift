import Capture
import Extraction
import Transcript
import TranscriptYAML
import Wire

/// What became of one recorded conversation.
enum FilingOutcome {
  case written(path: String, Transcript)
  /// A file with this content was there already.
  case unchanged(path: String)
  /// Another file has its name.
  case kept(path: String)
  case incomplete(Recorded)
  case skipped(Recorded.Skip, Origin)

  /// For whoever watches.
  var line: String? {
    switch self {
    case .written(let path, let transcript):
      let messages = transcript.conversations.reduce(0) { $0 + $1.steps.filter { $0.message != nil }.count }
      let transfers = transcript.conversations.reduce(0) { $0 + $1.steps.count(where: \.isTransfer) }
      let data = transfers == 0 ? "" : ", \(transfers) transfer\(transfers == 1 ? "" : "s")"
      return "\(printable(path))  \(printable(transcript.title ?? "")), \(messages) messages\(data)"
    case .unchanged(let path): return "\(printable(path))  unchanged"
    case .kept, .incomplete, .skipped: return nil
    }
  }

  var warning: String? {
    switch self {
    case .kept(let path): "\(printable(path)): there already, and not the same"
    case .incomplete(let recorded):
      "stream \(recorded.origin.stream), \(recorded.origin.client) to \(recorded.origin.server): left out, it is not complete: "
        + (recorded.missing.first { $0 != .tls }?.sentence ?? "")
    case .skipped(.strayData(_, let control), let origin):
      "stream \(origin.stream), \(origin.client) to \(origin.server): left out, "
        + (control.map { "a data connection that stream \($0) announced, and that" } ?? "a data connection that") + " belongs to no command"
    case .written, .unchanged, .skipped: nil
    }
  }
}

extension Step {
  fileprivate var isTransfer: Bool { if case .data = action { true } else { false } }
}

/// Writes the transcripts of captures into the output folder.
final class TranscriptFiles {
  private let captures: [String]
  private let options: ExtractRun.Options
  private let by: String
  private var digests: [Int: String] = [:]

  init(_ captures: [String], _ options: ExtractRun.Options, by: String) {
    self.captures = captures
    self.options = options
    self.by = by
  }

  func write(_ recorded: Recorded) throws(CallError) -> FilingOutcome {
    if let skip = recorded.skip { return .skipped(skip, recorded.origin) }
    if options.completeOnly, !recorded.isComplete { return .incomplete(recorded) }
    let source = options.dryRun ? nil : try source(of: recorded)
    var beside: [[UInt8]] = []
    func written(stem: String) -> Transcript? {
      beside = []
      return Scribe.write(recorded, source: source, inlineLimit: options.inlineLimit) { content in
        beside.append(content)
        return Self.name(stem, beside.count)
      }
    }
    guard var transcript = written(stem: "") else { return .skipped(.silent, recorded.origin) }
    let stem = self.stem(recorded, transcript)
    // Files beside the transcript are named after it, and its name hangs on what is in it: only where there are any, it is written again.
    if !beside.isEmpty, let named = written(stem: stem) { transcript = named }
    let path = Self.join(options.output, stem + ".yaml")
    if options.dryRun { return .written(path: path, transcript) }
    let bytes = TranscriptWriter.write(transcript)
    for (index, content) in beside.enumerated() {
      guard try place(content, at: Self.join(options.output, Self.name(stem, index + 1))) != .kept else { return .kept(path: path) }
    }
    return switch try place(bytes, at: path) {
    case .written: .written(path: path, transcript)
    case .unchanged: .unchanged(path: path)
    case .kept: .kept(path: path)
    }
  }

  private enum Placed { case written, unchanged, kept }

  private func place(_ bytes: [UInt8], at path: String) throws(CallError) -> Placed {
    if try FileSystem.write(bytes, to: path, replacing: options.force) { return .written }
    return (try? FileSystem.read(path)) == bytes ? .unchanged : .kept
  }

  private func source(of recorded: Recorded) throws(CallError) -> Source {
    var source = Source()
    let capture = captures[recorded.origin.capture]
    // What came through a pipe is gone.
    if FileSystem.isRegular(capture) {
      if digests[recorded.origin.capture] == nil { digests[recorded.origin.capture] = try FileSystem.digest(of: capture) }
      source.capture = FileSystem.relative(capture, from: options.output)
      source.sha256 = digests[recorded.origin.capture]
    }
    source.at = recorded.origin.at.rfc3339
    source.client = recorded.origin.client.description
    source.server = recorded.origin.server.description
    source.stream = recorded.origin.stream
    source.by = by
    source.count = 1
    return source
  }

  /// The capture's name, the stream's number, the protocol and who it is about: `full-lab-003-smtp-etu1@local.demo`.
  private func stem(_ recorded: Recorded, _ transcript: Transcript) -> String {
    let capture = captures[recorded.origin.capture]
    let name = capture == "-" ? "stdin" : CaptureFiles.stem(capture)
    let number = String(recorded.origin.stream)
    var parts = [String(name), String(repeating: "0", count: max(0, 3 - number.count)) + number, transcript.conversations[0].dialect]
    if let subject = Scribe.subject(of: transcript) { parts.append(String(decoding: subject.value, as: UTF8.self)) }
    return String(parts.map(Self.plain).joined(separator: "-").prefix(120))
  }

  private static func name(_ stem: String, _ number: Int) -> String { "\(stem).\(number).bin" }
  private static func join(_ folder: String, _ name: String) -> String { folder.hasSuffix("/") ? folder + name : "\(folder)/\(name)" }

  /// Without what a shell, a file system or a person would stumble over.
  private static func plain(_ text: String) -> String {
    let kept = String(text.prefix(60).map { $0.isASCII && ($0.isLetter || $0.isNumber || "._@+".contains($0)) ? $0 : "-" })
    return kept.hasPrefix(".") ? "-" + kept.dropFirst() : kept
  }
}
