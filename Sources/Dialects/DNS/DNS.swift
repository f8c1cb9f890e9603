package import Transcript
package import Wire

/// The Domain Name System (RFC 1034, RFC 1035), with EDNS (RFC 6891), over datagrams and TCP (RFC 7766).
///
///     - C: www.local.demo. IN A
///       flags: [rd]
///     - S: NOERROR
///       flags: [qr, aa, rd, ra]
///       answer: [www.local.demo. 300 IN A 192.168.1.1]
///
/// A client's head is its question, with the operation's name before it where that is another one: `NOTIFY local.demo. IN SOA`. A server's
/// head is the response code. Ids are nowhere: each question gets a new one, and its answer must have it.
package struct DNS: Dialect {
  package init() {}

  package var name: String { "dns" }
  package var transports: [Transport] { [.datagrams, .stream] }
  package var ports: [UInt16] { [53] }
  package var parts: [PartShape] {
    [PartShape("flags", .set), PartShape("edns", .fields)] + Section.allCases.map { PartShape($0.name, .set) }
  }
  package var subjects: [String] { [] }
  package var farewell: Message? { nil }
  package var capabilities: Message? { nil }
  package var answersInAnyOrder: Bool { true }

  package func begin(_ transport: Transport) -> any Session { DNSSession(transport, seed: .random(in: .min ... .max)) }

  /// Whoever speaks first must put a question: no other protocol begins with such a header by chance.
  package func likeness(_ glimpse: Glimpse) -> Int {
    guard !Self.relatives.contains(glimpse.port) else { return 0 }
    var first = glimpse.opening.client[...]
    var isWhole = true
    if glimpse.transport == .stream {
      guard let length = first.popWord(), length >= Header.size else { return 0 }
      first = first.prefix(Int(length))
      isWhole = first.count == Int(length)
    }
    guard let header = try? Header(Array(first).span) else { return 0 }
    // RFC 1035 §4.1.1; an incremental transfer and an update bring records of their own.
    let isQuestion =
      !header.isAnswer && header.bits & (Flag.aa.bit | Flag.tc.bit | Flag.ra.bit) == 0 && header.opcode <= 6 && header.opcode != 3
      && header.code == 0 && header.questions <= 1 && header.counts[0] <= 1 && header.counts[1] <= 16 && header.counts[2] <= 4
    guard isQuestion, header.questions + header.counts[2] > 0 || ports.contains(glimpse.port) else {
      return ports.contains(glimpse.port) && glimpse.transport == .datagrams && !header.isAnswer ? 20 : 0
    }
    // On a stream not all of it may be there.
    if isWhole, (try? Packet(Array(first).span)) == nil { return ports.contains(glimpse.port) ? 30 : 0 }
    return ports.contains(glimpse.port) ? 95 : 80
  }

  /// NetBIOS names, multicast and link-local DNS have the same packets and other rules (RFC 1002, RFC 6762, RFC 4795).
  private static let relatives: Set<UInt16> = [137, 5353, 5355]

  /// The whole question, which is what a server answers by.
  package func verb(of command: Message) -> String {
    guard let head = command.head.first else { return "" }
    let words = RecordText.Words.of(head).map { String(decoding: $0.recorded, as: UTF8.self).uppercased() }
    guard let text = try? QuestionText(head), let name = text.name else { return words.joined(separator: " ") }
    let operation = text.opcode == 0 ? "" : Registered.opcodes.name(text.opcode) + " "
    let question = "\(Registered.classes.name(text.class)) \(Registered.types.name(text.type))"
    return operation + String(decoding: name.absolute.recorded, as: UTF8.self).uppercased() + " " + question
  }

  package func canonical(_ command: Text) -> Text { command.caseless }

  package func succeeded(_ reply: Message) -> Bool { reply.head.first?.hasPrefix("NOERROR") ?? false }
  package func isHindered(_ command: Message, by history: [Turn]) -> Bool { false }
  package func uses(_ keyword: String, in command: Message) -> Bool { false }
  package func replies(to command: Message?) -> ReplyRule? { nil }

  package func usualReply(_ code: String, to command: Message?, with keywords: [Text]) -> Message { Message(.server, [Text(code)]) }
  package func refused(_ reply: Message, code: String?) -> Message {
    Message(.server, [Text(code ?? (succeeded(reply) ? "SERVFAIL" : "NOERROR"))])
  }
  package func dropping(keyword: String?, from reply: Message) -> Message? { nil }

  /// What a server says of names that are not its own; of operations that it does not have, that it has not.
  package func notImplemented(_ command: Message) -> Message {
    guard let head = command.head.first else { return Message(.server, ["FORMERR"]) }
    return Message(.server, [(try? QuestionText(head))?.opcode == 0 ? "REFUSED" : "NOTIMP"])
  }

  package func complaints(about message: Message) -> [Diagnostic] { DNSComplaints(message).found }
}
