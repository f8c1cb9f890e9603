package import Dialects
package import Transcript

/// Why a file that a transcript names cannot be loaded.
package struct LoadError: Error, Sendable, CustomStringConvertible {
  package var description: String
  package init(description: String) { self.description = description }
}

/// Reads transcripts. What comes out can be played; what is wrong is told with its place, all of it at once.
package struct TranscriptReader {
  package typealias Load = (_ path: String) throws(LoadError) -> [UInt8]

  private let dialects: [any Dialect]
  private let load: Load

  /// - Parameter load: reads a file that the transcript names, its path put together with the transcript's folder.
  package init(dialects: [any Dialect] = Registry.all, load: @escaping Load) {
    self.dialects = dialects
    self.load = load
  }

  /// - Parameters:
  ///   - file: the transcript's name, for places and for finding what it names.
  ///   - folder: the folder that the run was started on: nothing outside of it is loaded. Without one, the transcript's own.
  /// - Returns: the transcript, unless there was an error; and errors and warnings in the order of the file.
  package func read(_ bytes: [UInt8], file: String, under folder: String? = nil) -> (Transcript?, [Diagnostic]) {
    let problems = Problems()
    let library = Library(dialects: dialects, load: load, folder: folder ?? Library.folder(of: file).joined(separator: "/"))
    var reading = Reading(SourceText(file: file, bytes: bytes), library, problems)
    guard let transcript = reading.transcript() else { return (nil, problems.sorted) }
    var names = NameCheck(transcript, dialects, problems)
    names.run()
    return (problems.hasErrors ? nil : transcript, problems.sorted)
  }
}
