import Capture
import Dialects
import Extraction
import Glibc
import Support
import Testing
import Transcript
import TranscriptYAML
import Wire

/// Data connections as `../shared/corpus/truth` and `../shared/lab/truth` tell them, made by another program.
private struct Truth {
  /// What each transfer carried: the command's verb, who sent, how many bytes and their SHA-256.
  var transfers: [String] = []

  /// Of a file of one JSON object for each conversation, those of FTP, by their client's port.
  static func read(_ path: String) -> [String: Truth] {
    var out: [String: Truth] = [:]
    for line in lines(of: path) where line.contains("\"protocol\": \"ftp\",") {
      guard let client = value("client", in: line[...]) else { continue }
      var truth = Truth()
      if let start = line.firstRange(of: "\"data_connections\": [")?.upperBound {
        let rest = line[start...]
        for item in rest.ranges(of: "{\"command\": ").map({ rest[$0.lowerBound...] }) {
          // One without a stream of its own is not in the capture, and then the next one's must not be taken for it.
          let own = item.dropFirst().firstRange(of: "{\"command\": \"").map { item[..<$0.lowerBound] } ?? item
          guard value("tcp_stream", in: own) != nil, let command = value("command", in: own), let bytes = value("bytes", in: own),
            let digest = value("sha256", in: own), let gaps = value("gaps", in: own)
          else { continue }
          let verb = command.split(separator: " ")[0]
          truth.transfers.append(gaps == "0" ? "\(verb) \(bytes) \(digest)" : "\(verb) \(bytes)")
        }
      }
      out[client] = truth
    }
    return out
  }

  private static func lines(of path: String) -> [String] {
    guard let file = fopen(path, "r") else { return [] }
    defer { fclose(file) }
    var out: [String] = []
    var line: UnsafeMutablePointer<CChar>?
    var capacity = 0
    defer { free(line) }
    while getline(&line, &capacity, file) > 0, let line { out.append(String(cString: line)) }
    return out
  }

  private static func value(_ key: String, in text: Substring) -> String? {
    guard let found = text.firstRange(of: "\"\(key)\": ") else { return nil }
    let rest = text[found.upperBound...]
    if rest.first == "\"" { return String(rest.dropFirst().prefix { $0 != "\"" }) }
    let number = rest.prefix { $0.isNumber }
    return number.isEmpty ? nil : String(number)
  }
}

@Suite struct CapturedTests {
  private static let shared = "../shared"
  private static let fixtures = #filePath.split(separator: "/").dropLast(2).reduce("") { $0 + "/" + $1 } + "/Fixtures/captures"

  private static func captures(in folder: String) -> [String] {
    Folder.captures(in: folder).filter { $0.contains("ftp") || $0.hasPrefix("full-lab") }.map { "\(folder)/\($0)" }
  }

  private static let others = captures(in: "\(shared)/corpus/captures")

  @Test(.enabled(if: !others.isEmpty, "the corpus beside the project is not here"), arguments: others)
  func `data connections of others' captures carry what another program found in them`(path: String) throws { try compare(path) }

  @Test(arguments: captures(in: fixtures))
  func `data connections of the lab's captures carry what another program found in them`(path: String) throws {
    try compare(path, truths: "\(Self.shared)/lab/truth")
  }

  /// Captures of which the truth tells another run, or which it cannot tell: replies cut by the snap length say nothing, and it follows gaps
  /// no further than the next message.
  private static let deliberate = ["full-lab.pcap", "ftp-snaplen80", "ftp-zeek-bigtransfer"]

  private func compare(_ path: String, truths: String? = nil) throws {
    let name = String(path.split(separator: "/").last ?? "").split(separator: ".")[0]
    let truth = Truth.read("\(truths ?? "\(Self.shared)/corpus/truth")/\(name).jsonl")
    var recorded: [Recorded] = []
    var extractor = Extractor { recorded.append($0) }
    _ = try CaptureReader(path).read(into: &extractor)
    extractor.finish()
    let controls = recorded.filter { $0.dialect?.name == "ftp" }
    for control in controls {
      try checkReads(control)
      guard !Self.deliberate.contains(where: path.contains) else { continue }
      let client = "\(control.origin.client.address) \(control.origin.client.port)"
      guard let expected = truth[client] else { continue }
      let ours = control.transfers.compactMap { transferred, command -> String? in
        guard let carried = transferred.carried, let command else { return nil }
        let digest = carried.digest ?? Digest.sha256(carried.bytes)
        return "\(command.label) \(carried.size + carried.lost)" + (carried.lost > 0 ? "" : " \(digest)")
      }
      // What was refused carried nothing.
      #expect(ours == expected.transfers.filter { !$0.contains(" 0 ") }, "\(client)")
    }
    let strays = recorded.filter { if case .strayData? = $0.skip { true } else { false } }
    #expect(strays.isEmpty || path.contains("snaplen"))
  }

  /// What is written reads back without a word.
  private func checkReads(_ control: Recorded) throws {
    var beside: [String: [UInt8]] = [:]
    let written = Scribe.write(control, source: nil, inlineLimit: 1 << 16) { content in
      let name = "\(beside.count).bin"
      beside[name] = content
      return name
    }
    let bytes = TranscriptWriter.write(try #require(written))
    let (transcript, found) = TranscriptReader { (path) throws(LoadError) in
      guard let bytes = beside[path] else { throw LoadError(description: path) }
      return bytes
    }.read(bytes, file: "t.yaml")
    #expect(found == [], "\(String(decoding: bytes, as: UTF8.self))")
    #expect(transcript != nil)
  }
}
