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
  case skipped(Recorded.Skip)

  /// For whoever watches.
  var line: String? {
    switch self {
    case .written(let path, let transcript):
      let messages = transcript.conversations.reduce(0) { $0 + $1.steps.filter { $0.message != nil }.count }
      return "\(printable(path))  \(printable(transcript.title ?? "")), \(messages) messages"
    case .unchanged(let path): return "\(printable(path))  unchanged"
    case .kept, .incomplete, .skipped: return nil
    }
  }

  var warning: String? {
    switch self {
    case .kept(let path): "\(printable(path)): there already, and not the same"
    case .incomplete(let recorded):
      "stream \(recorded.origin.number), \(recorded.origin.client) to \(recorded.origin.server): left out, it is not complete: "
        + (recorded.missing.first { $0 != .tls }?.sentence ?? "")
    case .written, .unchanged, .skipped: nil
    }
  }
}

/// Writes one capture's transcripts into the output folder.
final class TranscriptFiles {
  private let capture: String
  private let options: ExtractRun.Options
  private let by: String
  private var sha256: String?

  init(_ capture: String, _ options: ExtractRun.Options, by: String) {
    self.capture = capture
    self.options = options
    self.by = by
  }

  func write(_ recorded: Recorded) throws(CallError) -> FilingOutcome {
    if let skip = recorded.skip { return .skipped(skip) }
    if options.completeOnly, !recorded.isComplete { return .incomplete(recorded) }
    let source = try source(of: recorded)
    var beside: [[UInt8]] = []
    func written(stem: String) -> Transcript? {
      beside = []
      return Scribe.write(recorded, source: source, inlineLimit: options.inlineLimit) { content in
        beside.append(content)
        return Self.name(stem, beside.count)
      }
    }
    guard var transcript = written(stem: "") else { return .skipped(.silent) }
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
    if capture != "-" {
      if sha256 == nil { sha256 = try FileSystem.digest(of: capture) }
      source.capture = FileSystem.relative(capture, from: options.output)
      source.sha256 = sha256
    }
    source.at = recorded.origin.at.rfc3339
    source.client = recorded.origin.client.description
    source.server = recorded.origin.server.description
    source.stream = recorded.origin.number
    source.by = by
    source.count = 1
    return source
  }

  /// The capture's name, the stream's number, the protocol and who it is about: `full-lab-003-smtp-etu1@local.demo`.
  private func stem(_ recorded: Recorded, _ transcript: Transcript) -> String {
    let file = capture == "-" ? "stdin" : String(capture.split(separator: "/").last ?? "capture")
    let name = file.lastIndex(of: ".").map { file[..<$0] } ?? file[...]
    let number = String(recorded.origin.number)
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
