import Capture
import Dialects
import FoundationEssentials
import Testing
import Transcript
import Wire

/// What others made of a conversation of DNS.
private struct NameTruth: Decodable {
  struct Message: Decodable {
    struct Question: Decodable {
      var name: String
      var type: UInt16
    }

    struct Record: Decodable {
      var name: String
      var type: UInt16
      var ttl: UInt32?
      /// Pairs of a field's name and its value.
      var rdata: [[String]]
    }

    var dir: String
    var id: String
    var flags: String
    var questions: [Question]
    var answers: [Record]
    var authority: [Record]
    var additional: [Record]
  }

  var `protocol`: String
  var transport: String
  var client: String
  var server: String
  var messages: [Message]?
}

@Suite(.enabled(if: !Library.all.isEmpty, "the captures beside the project are not here")) struct DNSTruthTests {
  private static func truth(_ name: String) throws -> [NameTruth] {
    let (shelf, file) = (name.split(separator: "/")[0], name.split(separator: "/")[1])
    let content = try Data(contentsOf: URL(filePath: "\(Library.shared)/\(shelf)/truth/\(file).jsonl"))
    return content.split(separator: 10).compactMap { try? JSONDecoder().decode(NameTruth.self, from: Data($0)) }.filter {
      $0.protocol == "dns"
    }
  }

  /// Where packets were cut, what others made of their rests is not what we do.
  static let names = Library.all.filter { (try? !truth($0).isEmpty) ?? false && !$0.contains("snaplen") }

  @Test(arguments: names) func `every message has the questions, the records and the data that others saw`(name: String) throws {
    let conversations = try Library.conversations(name)
    for truth in try Self.truth(name) {
      // Answers alone are no conversation.
      guard let messages = truth.messages, messages.contains(where: { $0.dir == "c" }) else { continue }
      let candidates = conversations.sorted { $0.origin.number < $1.origin.number }.filter {
        "\($0.origin.client.address) \($0.origin.client.port)" == truth.client
          && "\($0.origin.server.address) \($0.origin.server.port)" == truth.server
      }
      // What came again is one message.
      var expected: [String] = []
      var seen: Set<String> = []
      for message in messages {
        let text = Self.text(message)
        if truth.transport == "udp", !seen.insert("\(message.dir) \(message.id) \(text)").inserted { continue }
        expected.append(text)
      }
      let heard = candidates.map(Self.messages)
      // What was silent for long is two conversations, and one to others.
      #expect(heard.contains(expected) || heard.flatMap(\.self) == expected, "\(truth.client)")
      #expect(candidates.allSatisfy { Registry.recognise($0.glimpse)?.name == "dns" }, "\(truth.client)")
    }
  }

  private static func messages(_ conversation: Listening.Conversation) -> [String] {
    var follower = Follower(DNS().begin(conversation.origin.transport), over: conversation.origin.transport)
    var ear = Ear(DNS(), payloadLimit: 1 << 20)
    var out: [String] = []
    for (event, bytes) in conversation.events {
      switch event {
      case .bytes(_, let side, _), .datagram(_, let side, _): follower.receive(bytes.span, from: side, into: &ear)
      case .gap(_, let side, let count, _): follower.lost(count, from: side, into: &ear)
      case .ended(_, let side, let ending, _): follower.end(side, ending, into: &ear)
      default: break
      }
      for case .message(let heard) in ear.takeSounds() { out.append(text(heard.message)) }
    }
    return out
  }

  /// `c www.x 1`, or `s 0x8180` with owner, type, TTL and plain data of each record.
  private static func text(_ message: Message) -> String {
    var out = [message.side == .client ? "c" : "s"]
    if message.side == .client, let head = message.head.first {
      out += String(decoding: head.recorded, as: UTF8.self).split(separator: " ").suffix(3).prefix(1).map { plain(String($0)) }
    }
    for name in ["answer", "authority", "additional"] {
      guard case .set(let records)? = message[part: name] else { continue }
      for record in records {
        let words = String(decoding: record.recorded, as: UTF8.self).split(separator: " ").map(String.init)
        let data =
          ["A", "AAAA", "NS", "CNAME", "PTR"].contains(words[3]) ? " " + plain(words[4]) : words[3] == "MX" ? " " + plain(words[5]) : ""
        out.append("\(plain(words[0])) \(words[1])\(data)")
      }
    }
    return out.joined(separator: " | ")
  }

  private static func text(_ message: NameTruth.Message) -> String {
    var out = [message.dir]
    if message.dir == "c" { out += message.questions.prefix(1).map { plain($0.name) } }
    for record in message.answers + message.authority + message.additional where record.type != 41 {
      let fields: [UInt16: String] = [
        1: "dns.a", 2: "dns.ns", 5: "dns.cname", 12: "dns.ptr.domain_name", 15: "dns.mx.mail_exchange", 28: "dns.aaaa",
      ]
      let data = fields[record.type].flatMap { field in record.rdata.first { $0.first == field } }.map { " " + plain($0[1]) } ?? ""
      out.append("\(plain(record.name)) \(record.ttl ?? 0)\(data)")
    }
    return out.joined(separator: " | ")
  }

  /// Without the last dot; the root is nothing.
  private static func plain(_ name: String) -> String {
    if name == "<Root>" { return "" }
    return name.hasSuffix(".") ? String(name.dropLast()) : name
  }
}
