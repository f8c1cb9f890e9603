import Capture
import Glibc
import Support
import Testing
import Wire

/// A conversation as `../shared/corpus/truth` and `../shared/lab/truth` tell it: made by another program, with another reassembly.
struct Truth {
  var client: String
  var server: String
  /// Bytes and their SHA-256, of each side.
  var bytes: Sides<Int>
  var digests: Sides<String>

  /// One JSON object a line; only what is asked for is looked at.
  static func read(_ path: String) -> [Truth] {
    guard let file = fopen(path, "r") else { return [] }
    defer { fclose(file) }
    var out: [Truth] = []
    var line: UnsafeMutablePointer<CChar>?
    var capacity = 0
    defer { free(line) }
    while getline(&line, &capacity, file) > 0, let line {
      let text = String(cString: line)
      guard value("transport", in: text) == "tcp", let client = value("client", in: text), let server = value("server", in: text),
        let fromClient = value("bytes_c", in: text).flatMap({ Int($0) }), let fromServer = value("bytes_s", in: text).flatMap({ Int($0) }),
        let clients = value("sha256_c", in: text), let servers = value("sha256_s", in: text)
      else { continue }
      out.append(
        Truth(
          client: client, server: server, bytes: Sides(client: fromClient, server: fromServer),
          digests: Sides(client: clients, server: servers)))
    }
    return out
  }

  /// The first of that name, at the outermost level in these files.
  private static func value(_ key: String, in line: String) -> String? {
    guard let found = line.firstRange(of: "\"\(key)\": ") else { return nil }
    let rest = line[found.upperBound...]
    return rest.first == "\"" ? String(rest.dropFirst().prefix { $0 != "\"" }) : String(rest.prefix { $0.isNumber })
  }
}

@Suite struct TruthTests {
  /// What differs on purpose, and why: captures, or all of them.
  ///
  /// - Everywhere: the truth knows conversations of which nothing but a FIN or a RST was captured. That is the rest of an older
  ///   conversation, and nothing can be told of it.
  /// - Everywhere: the truth fills a gap and counts its bytes; here they are missing. Bytes that the snap length cut off it counts nowhere.
  /// - `full-lab.pcap`: the truth of that name is `full-lab.pcapng`'s, another run.
  static let deliberate: Set = ["full-lab.pcap"]

  @Test(.enabled(if: Corpus.isThere, "the corpus beside the project is not here"), arguments: Folder.captures(in: Corpus.folder))
  func `of the captures of others, the same bytes are read as by another program`(name: String) throws {
    try compare("\(Corpus.folder)/\(name)", with: "\(Corpus.folder)/../truth/\(stem(name)).jsonl")
  }

  @Test(.enabled(if: Corpus.hasLab, "the lab's captures beside the project are not here"), arguments: Folder.captures(in: Corpus.lab))
  func `of the lab's captures, the same bytes are read as by another program`(name: String) throws {
    try compare("\(Corpus.lab)/\(name)", with: "\(Corpus.lab)/../truth/\(stem(name)).jsonl")
  }

  private func compare(_ capture: String, with truth: String) throws {
    guard !Self.deliberate.contains(where: capture.hasSuffix) else { return }
    let expected = Truth.read(truth).filter { $0.bytes != Sides(client: 0, server: 0) }
    guard !expected.isEmpty else { return }
    var told = Transcriber()
    _ = try CaptureReader(capture).read(into: &told)
    #expect(told.broken == [])
    var unmatched = told.conversations.filter { $0.origin.transport == .stream }
    for conversation in expected {
      guard
        let index = unmatched.firstIndex(where: {
          shown($0.origin.client) == conversation.client && shown($0.origin.server) == conversation.server
        })
      else {
        Issue.record("\(conversation.client) → \(conversation.server): not found")
        continue
      }
      let ours = unmatched.remove(at: index)
      for side in Side.allCases {
        let isFilled = ours.streams[side].count != conversation.bytes[side] && ours.gaps[side] > 0
        #expect(
          ours.streams[side].count + (isFilled ? ours.gaps[side] : 0) == conversation.bytes[side], "\(ours.origin.client) \(side.name)")
        if isFilled { continue }
        #expect(Digest.sha256(ours.streams[side]) == conversation.digests[side], "\(ours.origin.client) \(side.name)")
      }
    }
  }

  private func shown(_ endpoint: Endpoint) -> String { "\(endpoint.address) \(endpoint.port)" }

  private func stem(_ name: String) -> String { String(name.prefix { $0 != "." }) }
}
