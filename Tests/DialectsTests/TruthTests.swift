import Capture
import Dialects
import FoundationEssentials
import Glibc
import Support
import Testing
import Transcript
import Wire

/// What others made of a capture (see the README beside the truth): each conversation's messages, in order.
struct Truth: Decodable {
  struct Message: Decodable {
    /// `c` or `s`. DNS has neither this nor a kind.
    var dir: String?
    var kind: String?
    /// Latin-1, cut where it is long.
    var text: String?
    var bytes: Int?
    var sha256: String?
    var sha256_unstuffed: String?
    /// Of HTTP: the body without its chunks, encodings not undone, and how many fields stand before it.
    var wire_body_len: Int?
    var wire_body_sha256: String?
    var wire_headers: Int?
  }

  var `protocol`: String
  /// Address, blank, port.
  var client: String
  var server: String
  var messages: [Message]?
}

/// Captures, and what is known of them.
enum Library {
  static let shared = Folder.root + "/../shared"

  static func names(_ shelf: String) -> [String] {
    Folder.names(in: "\(shared)/\(shelf)/truth").filter { $0.hasSuffix(".jsonl") }.map { "\(shelf)/\($0.dropLast(6))" }
  }

  static let all = names("corpus") + names("lab")

  static func truth(_ name: String) throws -> [Truth] {
    let (shelf, file) = (name.split(separator: "/")[0], name.split(separator: "/")[1])
    let content = try Data(contentsOf: URL(filePath: "\(shared)/\(shelf)/truth/\(file).jsonl"))
    return try content.split(separator: 10).map { try JSONDecoder().decode(Truth.self, from: Data($0)) }
  }

  /// The conversations of the captures with that name: one, or the same in both formats.
  static func conversations(_ name: String) throws -> [Listening.Conversation] {
    let (shelf, file) = (name.split(separator: "/")[0], name.split(separator: "/")[1])
    let paths = [".pcap", ".pcapng"].map { "\(shared)/\(shelf)/captures/\(file)\($0)" }
    return try paths.filter { access($0, R_OK) == 0 }.flatMap { path in
      var listening = Listening()
      _ = try CaptureReader(path).read(into: &listening)
      return listening.conversations.values
    }
  }
}

/// Follows the TCP conversations of a capture, each in the dialect of its first words.
struct Listening: CaptureListener {
  struct Conversation {
    var origin: Origin
    var events: [(CaptureEvent, [UInt8])] = []
  }

  var conversations: [Int: Conversation] = [:]

  mutating func heard(_ event: CaptureEvent, _ bytes: Span<UInt8>) {
    switch event {
    case .opened(let origin): conversations[origin.number] = Conversation(origin: origin)
    case .bytes(let number, _, _), .datagram(let number, _, _), .gap(let number, _, _, _), .ended(let number, _, _, _):
      conversations[number]?.events.append((event, bytes.array))
    case .refused, .closed: break
    }
  }
}

extension Listening.Conversation {
  /// The first line of a side, as far as it came.
  private func firstLine(_ side: Side) -> [UInt8]? {
    let said = opening(side)
    return said.isEmpty ? nil : Array(said.prefix { $0 != 10 && $0 != 13 })
  }

  private func opening(_ side: Side) -> [UInt8] {
    for case (.datagram(_, side, _), let bytes) in events { return bytes }
    return events.flatMap { event, bytes -> [UInt8] in if case .bytes(_, side, _) = event { bytes } else { [] } }
  }

  var glimpse: Glimpse {
    Glimpse(
      port: origin.server.port, transport: origin.transport, greeting: firstLine(.server), command: firstLine(.client),
      opening: Sides(client: opening(.client), server: opening(.server)))
  }

  /// Everything heard of it, one line each.
  func lines(in dialect: any Dialect) -> [String] {
    var rehearsal = Rehearsal(dialect, payloadLimit: 1 << 24)
    if origin.isPartial { for side in Side.allCases { rehearsal.happens(.gap(side, 0)) } }
    for (event, bytes) in events {
      switch event {
      case .bytes(_, let side, _): rehearsal.feed(bytes[...], from: side)
      case .gap(_, let side, let count, _): rehearsal.happens(.gap(side, count))
      case .ended(_, let side, let ending, _): rehearsal.happens(.end(side, ending))
      default: break
      }
    }
    rehearsal.abandon()
    return rehearsal.sounds.flatMap(known)
  }

  private func known(_ sound: Sound) -> [String] {
    switch sound {
    case .message(let heard):
      let side = heard.side.letter.lowercased()
      var out = heard.message.head.isEmpty ? [] : ["\(side) \(latin1(Array(heard.message.head.map(\.recorded).joined(separator: [10]))))"]
      for part in heard.message.parts {
        var bytes: [UInt8] = []
        if case .lines(let lines) = part.content { bytes = lines.flatMap { $0.recorded + [13, 10] } }
        if case .payload(let payload) = part.content { bytes = payload.bytes }
        out.append("\(side) {\(Digest.sha256(bytes))}")
      }
      return out
    case .broken(let side, _, let bytes):
      var bytes = bytes[...]
      if bytes.last == 10 { bytes = bytes.dropLast() }
      if bytes.last == 13 { bytes = bytes.dropLast() }
      return ["\(side.letter.lowercased()) \(latin1(Array(bytes)))"]
    case .tunnelled: return []
    case .opaque(let side): return ["\(side.letter.lowercased()) tls"]
    }
  }
}

private func latin1(_ bytes: [UInt8]) -> String {
  var out = String.UnicodeScalarView()
  for byte in bytes { out.append(Unicode.Scalar(byte)) }
  return String(out)
}

@Suite(.enabled(if: !Library.all.isEmpty, "the captures beside the project are not here")) struct TruthTests {
  /// Where we differ on purpose, and why.
  static let deliberate: [String: String] = [
    "lab/ftp-snaplen80 192.168.1.10 33638": "each packet was cut: the truth puts together what is before and behind what is missing",
    "corpus/smtp-suri-pipelining 127.0.0.1 50287": "the message came before 354 did; it is one once 354 has been said",
    "corpus/pop3-suri-auth 1.1.1.1 5555":
      "the server greets nobody: the truth takes CAPA's reply for the greeting, and its lines for replies",
    "corpus/smtp-suri-errors 172.16.2.159 49274": "noise: what has no line end is told at the client's end, where the truth has it first",
  ]

  static let known: Set = ["smtp", "pop3", "ftp"]
  static let ours = (try? Library.all.filter { try Library.truth($0).contains { known.contains($0.protocol) } }) ?? []

  @Test(arguments: ours) func `what was said is what others heard`(name: String) throws {
    let conversations = try Library.conversations(name)
    for truth in try Library.truth(name) where Self.known.contains(truth.protocol) {
      guard let messages = truth.messages, !messages.isEmpty else { continue }
      let conversation = try #require(conversations.first { $0.isOf(truth) })
      #expect(Registry.recognise(conversation.glimpse)?.name == truth.protocol, "\(truth.client)")
      guard Self.deliberate["\(name) \(truth.client)"] == nil else { continue }
      let heard = conversation.lines(in: try #require(Registry[truth.protocol]))
      // When TLS begins, one side's bytes and then the other's are told; in which order does not matter.
      let expected = messages.compactMap(\.known)
      #expect(
        heard.filter { !$0.hasSuffix(" tls") } == expected.filter { !$0.hasSuffix(" tls") },
        "\(truth.client) \(firstDifference(heard, expected))")
      #expect(heard.count { $0.hasSuffix(" tls") } == expected.count { $0.hasSuffix(" tls") }, "\(truth.client)")
    }
  }

  @Test(arguments: Library.all) func `nothing else is taken for one of ours`(name: String) throws {
    let conversations = try Library.conversations(name)
    for truth in try Library.truth(name) where !Self.known.contains(truth.protocol) {
      for conversation in conversations where conversation.isOf(truth) {
        let found = Registry.recognise(conversation.glimpse)?.name
        #expect(!["smtp", "lmtp", "pop3"].contains(found), "\(truth.protocol) \(truth.client)")
        if Registry[truth.protocol] == nil { #expect(found == nil, "\(truth.protocol) \(truth.client)") }
      }
    }
  }

  @Test func `of a conversation with one side only, that side is understood`() throws {
    var listening = Listening()
    _ = try CaptureReader("\(Library.shared)/corpus/captures/nasty-oneside-smtp.pcap").read(into: &listening)
    let heard = try #require(listening.conversations.values.first).lines(in: SMTP.smtp)
    #expect(
      heard.map { $0.hasPrefix("c {") ? "c {}" : $0 } == [
        "c ehlo enzo.icir.org", "c mail FROM:<robin@icir.org> size=9030", "c rcpt TO:<robin@icir.org>", "c data", "c {}",
        "c mail FROM:<robin@icir.org> size=9031", "c rcpt TO:<rsommer@lbl.gov>", "c data", "c {}", "c quit",
      ])
  }

  private func firstDifference(_ a: [String], _ b: [String]) -> String {
    for (index, pair) in zip(a, b).enumerated() where pair.0 != pair.1 { return "\(index): \(pair.0.prefix(300)) ≠ \(pair.1.prefix(300))" }
    return "\(a.count) and \(b.count): \((a.count > b.count ? a[b.count...] : b[a.count...]).prefix(3))"
  }
}

extension Truth.Message {
  /// As `Listening.Conversation.lines` tells it; nil for a remark.
  var known: String? {
    let dir = dir ?? ""
    switch kind {
    // `bytes` and `sha256` are those of the stuffed text.
    case "data", "multiline": return "\(dir) {\(sha256_unstuffed ?? "")}"
    case "bdat": return "\(dir) {\(sha256 ?? "")}"
    case "tls": return "\(dir) tls"
    case "note-cleartext-after-starttls": return nil
    default: return "\(dir) \(text ?? "")"
    }
  }
}

extension Listening.Conversation {
  func isOf(_ truth: Truth) -> Bool { spaced(origin.client) == truth.client && spaced(origin.server) == truth.server }

  private func spaced(_ endpoint: Endpoint) -> String { "\(endpoint.address) \(endpoint.port)" }
}
