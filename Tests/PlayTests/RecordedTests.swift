import Capture
import Dialects
import Extraction
import Glibc
import Play
import Results
import Support
import Testing
import Transcript
import TranscriptYAML
import Wire

/// The main property: capture → transcript → scripted server ⇄ client, without a difference; one changed code, and it is found.
@Suite struct RecordedTests {
  static let root = Folder.root
  static let captures = ["Tests/Fixtures/captures", "../shared/corpus/captures"].flatMap { folder in
    Folder.captures(in: "\(root)/\(folder)").map { "\(folder)/\($0)" }
  }

  @Test(arguments: captures) func `what was recorded, played against itself, shows no difference`(capture: String) throws {
    for transcript in try Self.transcripts(of: capture)
    where transcript.conversations[0].steps.contains(where: { $0.message?.side == .server }) {
      guard case .say? = transcript.conversations[0].steps.first?.action else { continue }
      // A reply to what was left out answers nothing any more.
      if transcript.about?.contains("of the client was never finished") ?? false { continue }
      // Of some transfers only the size is known.
      if transcript.conversations[0].steps.contains(where: \.isWithoutContent) { continue }
      // Nor is there anything to answer where requests are missing.
      if transcript.conversations[0].dialect == "http", transcript.about != nil { continue }
      let theatre = try Self.play(transcript)
      // A code that no RFC lists is told, even where it was recorded, and so is a reply to nothing.
      let told = Theatre.differences(theatre.client).filter { !$0.hasSuffix("note unlisted-code") && !$0.hasSuffix("note unsolicited") }
      #expect(told == [], "\(transcript.file)")
      // What the recorded client broke, it breaks again.
      #expect(Theatre.differences(theatre.server).filter { !$0.contains(" violation ") } == [], "\(transcript.file)")
      #expect(theatre.client.steps.allSatisfy { $0.state == .done }, "\(transcript.file)")
      #expect(theatre.leftBehind == 0, "\(transcript.file)")
    }
  }

  @Test(arguments: captures.filter { $0.hasPrefix("Tests") }) func `another class of code anywhere is a divergence there`(capture: String)
    throws
  {
    for transcript in try Self.transcripts(of: capture) {
      // Where much is missing, a reply may answer nothing.
      if transcript.about?.contains("missing from the capture") ?? false { continue }
      let conversation = transcript.conversations[0]
      var command: Message?
      for (index, step) in conversation.steps.enumerated() {
        if let message = step.message, message.side == .client { command = message }
        guard let message = step.message, message.side == .server, let changed = Self.otherClass(message) else { continue }
        var served = transcript
        served.conversations[0].steps[index].action = .say(changed)
        let theatre = try Self.play(transcript, server: served)
        // Any answer to some commands is drift.
        let isFree =
          command.map {
            ["VRFY", "EXPN", "HELP", "CAPA", "SYST", "FEAT", "STAT", "ABOR"].contains(Registry[conversation.dialect]?.verb(of: $0))
          } ?? false
        let worst = theatre.client.steps[index].differences.map(\.grade).max()
        #expect(worst ?? .note >= (isFree ? .drift : .divergence), "\(transcript.file):\(step.place.line)")
      }
    }
  }

  // MARK: Playing

  static func play(_ transcript: Transcript, server: Transcript? = nil) throws -> Theatre {
    let script = try Script(transcript.conversations[0], of: transcript)
    let served = server ?? transcript
    var client = Bindings()
    var open = Bindings()
    var defaults: [String: [UInt8]] = [:]
    for variable in transcript.vars {
      client.bind(variable.name, variable.value?.recorded ?? [])
      defaults[variable.name] = variable.value?.recorded
      open.open.insert(variable.name)
    }
    for name in transcript.conversations[0].steps.flatMap({ $0.message?.reads ?? [] }) where name.hasPrefix("secret.") {
      client.bind(name, Array("geheim".utf8))
      open.open.insert(name)
      // What the server itself says before the client does has to be given.
      let isSaid = transcript.conversations[0].steps.contains { $0.message?.side == .server && $0.message?.reads.contains(name) ?? false }
      if isSaid { open.bind(name, Array("geheim".utf8)) }
    }
    return Theatre(
      script, server: try Script(served.conversations[0], of: served, acting: .server), clientBindings: client, serverBindings: open,
      defaults: defaults)
  }

  /// The same message with a code of another class, or the other indicator.
  private static func otherClass(_ message: Message) -> Message? {
    var changed = message
    for line in message.head.indices {
      guard case .literal(var bytes)? = message.head[line].pieces.first else { return nil }
      if bytes.starts(with: "+OK".utf8) {
        bytes = Array("-ERR".utf8) + bytes.dropFirst(3)
        changed.parts = []
      } else if bytes.starts(with: "-ERR".utf8) {
        bytes = Array("+OK".utf8) + bytes.dropFirst(4)
      } else if bytes == Array("NOERROR".utf8) || bytes == Array("NXDOMAIN".utf8) {
        bytes = Array((bytes[1] == UInt8(ascii: "O") ? "SERVFAIL" : "NOERROR").utf8)
      } else if let first = bytes.first, (50...53).contains(first) {
        bytes[0] = first == 53 ? 50 : 53
      } else {
        return nil
      }
      changed.head[line] = Text(pieces: [.literal(bytes)] + message.head[line].pieces.dropFirst(), place: message.head[line].place)
    }
    return changed
  }

  // MARK: Extracting

  /// Written, and read back.
  static func transcripts(of capture: String) throws -> [Transcript] {
    var transcripts: [Transcript] = []
    var extractor = Extractor { recorded in
      var files: [String: [UInt8]] = [:]
      let written = Scribe.write(recorded, source: nil, inlineLimit: 4096) { content in
        files["\(files.count)", default: []] = content
        return "\(files.count - 1)"
      }
      guard let written else { return }
      let reader = TranscriptReader { (path) throws(LoadError) in
        guard let content = files[String(path.split(separator: "/").last ?? "")] else { throw LoadError(description: path) }
        return content
      }
      let (read, diagnostics) = reader.read(TranscriptWriter.write(written), file: "\(capture)#\(recorded.origin.number)")
      #expect(diagnostics.isEmpty, "\(diagnostics)")
      if let read { transcripts.append(read) }
    }
    do { _ = try CaptureReader("\(root)/\(capture)").read(into: &extractor) } catch {
      // What cannot be read at all is for the tests of Capture.
      return []
    }
    return transcripts
  }
}

extension Step {
  /// Whether it is a transfer of the server's that cannot be sent: only facts about it are known.
  var isWithoutContent: Bool {
    if case .data(.server, let payload) = action { payload.content == nil && (payload.size != nil || payload.sha256 != nil) } else { false }
  }
}
