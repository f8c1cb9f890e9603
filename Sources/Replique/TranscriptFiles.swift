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
  /// It stands in the transcript of another one that is like it.
  case alike
  case incomplete(Recorded)
  case skipped(Recorded.Skip, Origin)

  /// For whoever watches.
  var line: String? {
    switch self {
    case .written(let path, let transcript):
      let messages = transcript.conversations.reduce(0) { $0 + $1.steps.filter { $0.message != nil }.count }
      let transfers = transcript.conversations.reduce(0) { $0 + $1.steps.count(where: \.isTransfer) }
      let data = transfers == 0 ? "" : ", \(transfers) transfer\(transfers == 1 ? "" : "s")"
      let count = transcript.conversations.count == 1 ? transcript.conversations[0].source?.count ?? 1 : 1
      let alike = count == 1 ? "" : ", \(count) conversations"
      return "\(printable(path))  \(printable(transcript.title ?? "")), \(messages) messages\(data)\(alike)"
    case .unchanged(let path): return "\(printable(path))  unchanged"
    case .kept, .alike, .incomplete, .skipped: return nil
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
    case .written, .unchanged, .alike, .skipped: nil
    }
  }
}

extension Transcript {
  /// The files that it refers to.
  fileprivate var files: Set<String> {
    Set(conversations.flatMap(\.steps).flatMap(\.payloads).flatMap(\.files))
  }
}

extension Payload {
  fileprivate var files: [String] {
    switch content {
    case .file(let name, _)?: [name]
    case .fields(_, let body)?: body?.payload.files ?? []
    default: []
    }
  }
}

extension Step {
  fileprivate var payloads: [Payload] {
    switch action {
    case .data(_, let payload): [payload]
    case .say(let message): message.parts.compactMap { if case .payload(let payload) = $0.content { payload } else { nil } }
    default: []
    }
  }

  fileprivate var isTransfer: Bool { if case .data = action { true } else { false } }
}

/// Writes the transcripts of captures into the output folder.
final class TranscriptFiles {
  private let origins: [Provenance]
  private let options: ExtractRun.Options
  private let folder: OpenFolder?
  private var digests: [Int: String] = [:]

  /// - Parameters:
  ///   - origins: by the number that conversations' origins give their capture.
  ///   - folder: the output folder, where it is open already.
  init(_ origins: [Provenance], _ options: ExtractRun.Options, into folder: OpenFolder? = nil) {
    self.origins = origins
    self.options = options
    self.folder = folder
  }

  /// A transcript that is not written yet.
  struct Draft {
    var transcript: Transcript
    /// The file's name without its ending.
    let stem: String
    /// What stands in files of its own, in the order of their numbers.
    let beside: [[UInt8]]
  }

  enum Drafted {
    case draft(Draft)
    /// Nothing is to be written.
    case nothing(FilingOutcome)
  }

  func draft(_ recorded: Recorded) throws(CallError) -> Drafted {
    if let skip = recorded.skip { return .nothing(.skipped(skip, recorded.origin)) }
    if options.completeOnly, !recorded.isComplete { return .nothing(.incomplete(recorded)) }
    let source = options.dryRun ? nil : try source(of: recorded)
    var beside: [[UInt8]] = []
    func written(stem: String) -> Transcript? {
      beside = []
      return Scribe.write(recorded, source: source, inlineLimit: options.inlineLimit) { content in
        beside.append(content)
        return Self.name(stem, beside.count)
      }
    }
    guard var transcript = written(stem: "") else { return .nothing(.skipped(.silent, recorded.origin)) }
    let stem = self.stem(recorded, transcript)
    // Files beside the transcript are named after it, and its name hangs on what is in it: only where there are any, it is written again.
    if !beside.isEmpty, let named = written(stem: stem) { transcript = named }
    return .draft(Draft(transcript: transcript, stem: stem, beside: beside))
  }

  func write(_ draft: Draft) throws(CallError) -> FilingOutcome {
    let name = draft.stem + ".yaml"
    let path = FileSystem.join(options.output, name)
    if options.dryRun { return .written(path: path, draft.transcript) }
    let bytes = TranscriptWriter.write(draft.transcript)
    for (index, content) in draft.beside.enumerated() {
      let name = Self.name(draft.stem, index + 1)
      // What only some conversations of a group had is not referred to any more.
      guard draft.transcript.files.contains(name) else { continue }
      guard try place(content, name) != .kept else { return .kept(path: path) }
    }
    return switch try place(bytes, name) {
    case .written: .written(path: path, draft.transcript)
    case .unchanged: .unchanged(path: path)
    case .kept: .kept(path: path)
    }
  }

  private enum Placed { case written, unchanged, kept }

  private func place(_ bytes: [UInt8], _ name: String) throws(CallError) -> Placed {
    let place = folder.map { FilePlace(name, in: $0) } ?? FilePlace(FileSystem.join(options.output, name))
    if try FileSystem.write(bytes, to: place, replacing: options.force) { return .written }
    return (try? FileSystem.read(place.shown)) == bytes ? .unchanged : .kept
  }

  private func source(of recorded: Recorded) throws(CallError) -> Source {
    var source = Source()
    let origin = origins[recorded.origin.capture]
    // What came through a pipe is gone.
    if let file = origin.file {
      source.capture = FileSystem.relative(file, from: options.output)
      if !origin.isGrowing {
        if digests[recorded.origin.capture] == nil { digests[recorded.origin.capture] = try FileSystem.digest(of: file) }
        source.sha256 = digests[recorded.origin.capture]
      }
    }
    source.at = recorded.origin.at.rfc3339
    source.client = recorded.origin.client.description
    source.server = recorded.origin.server.description
    source.stream = recorded.origin.stream
    source.by = options.by
    source.count = 1
    return source
  }

  /// The capture's name, the stream's number, the protocol and who it is about: `full-lab-003-smtp-etu1@local.demo`.
  private func stem(_ recorded: Recorded, _ transcript: Transcript) -> String {
    let number = String(recorded.origin.stream)
    var parts = [
      origins[recorded.origin.capture].stem, String(repeating: "0", count: max(0, 3 - number.count)) + number,
      transcript.conversations[0].dialect,
    ]
    if let subject = Scribe.subject(of: transcript) { parts.append(String(decoding: subject.value, as: UTF8.self)) }
    return String(parts.map(Self.plain).joined(separator: "-").prefix(120))
  }

  private static func name(_ stem: String, _ number: Int) -> String { "\(stem).\(number).bin" }

  /// Without what a shell, a file system or a person would stumble over.
  private static func plain(_ text: String) -> String {
    let kept = String(text.prefix(60).map { $0.isASCII && ($0.isLetter || $0.isNumber || "._@+".contains($0)) ? $0 : "-" })
    return kept.hasPrefix(".") ? "-" + kept.dropFirst() : kept
  }
}
