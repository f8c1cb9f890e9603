import Dialects
import Transcript
import TranscriptYAML
import Wire

/// Transcripts read from files, and everything that was wrong with them.
struct Loading {
  var transcripts: [Transcript] = []
  /// Rendered for a terminal.
  var errors: [String] = []
  var warnings: [String] = []

  static let endings: Set<String> = ["yaml", "yml"]

  init(_ inputs: [String]) throws(CallError) {
    let files = try FileSystem.expand(inputs, endings: Self.endings)
    guard !files.isEmpty else {
      throw CallError("there are no transcripts (*.yaml) in \(inputs.map { printable($0) }.joined(separator: ", "))")
    }
    for file in files {
      let folder = inputs.first { file.hasPrefix($0.hasSuffix("/") ? $0 : "\($0)/") }
      do throws(CallError) { read(try FileSystem.read(file), file, under: folder) } catch { errors.append(error.description) }
    }
  }

  /// One transcript that was read already.
  init(content: [UInt8], name: String) { read(content, name, under: nil) }

  /// - Parameter folder: the folder that the run was started on, where the file was found in one.
  private mutating func read(_ bytes: [UInt8], _ file: String, under folder: String?) {
    var sources = [SourceText(file: file, bytes: bytes)]
    let reader = TranscriptReader { (path) throws(LoadError) in
      do throws(CallError) {
        let bytes = try FileSystem.read(path)
        sources.append(SourceText(file: path, bytes: bytes))
        return bytes
      } catch { throw LoadError(description: error.description) }
    }
    let (transcript, diagnostics) = reader.read(bytes, file: file, under: folder)
    if let transcript { transcripts.append(transcript) }
    for diagnostic in diagnostics {
      let text = diagnostic.rendered(in: sources)
      if diagnostic.severity == .error { errors.append(text) } else { warnings.append(text) }
    }
  }
}
