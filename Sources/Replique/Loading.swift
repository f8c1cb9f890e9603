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
    for file in files { read(file, under: inputs.first { file.hasPrefix($0.hasSuffix("/") ? $0 : "\($0)/") }) }
  }

  /// - Parameter folder: the folder that the run was started on, where the file was found in one.
  private mutating func read(_ file: String, under folder: String?) {
    let bytes: [UInt8]
    do throws(CallError) { bytes = try FileSystem.read(file) } catch {
      errors.append(error.description)
      return
    }
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
