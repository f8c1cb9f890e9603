import Transcript
import Wire

/// Messages of transcripts on the wire.
enum DNSText {
  static func query(_ message: Message, id: UInt16) -> [[UInt8]] {
    let text = message.head.first.flatMap { try? QuestionText($0) }
    var bits = flags(message)
    bits |= (text?.opcode ?? 0) << 11
    return [assemble(message, id: id, bits: bits & ~Flag.qr.bit, text?.question, edns(message), code: 0)]
  }

  /// One message, or where they are too many for one the records of a transfer in several.
  ///
  /// - Parameter asked: the question that it answers; it is repeated as it was put.
  static func answer(_ message: Message, to asked: Asked?, over transport: Transport) -> [[UInt8]] {
    let code = message.head.first.flatMap { Registered.codes.number($0.words(limit: 2)[0].recorded) } ?? 0
    let opcode = (asked?.opcode ?? 0) << 11
    var bits = Flag.qr.bit | code & 15 | opcode
    if message[part: "flags"] != nil {
      bits |= flags(message)
    } else {
      bits |= Flag.ra.bit | (asked?.isRecursive == true ? Flag.rd.bit : 0)
    }
    // A question with OPT gets one back, one without none (RFC 6891 §7).
    var edns = edns(message) ?? EDNS()
    if message[part: "edns"] == nil { edns.options = [] }
    let sent = asked?.hasEDNS ?? (message[part: "edns"] != nil || code > 15) ? edns : nil
    let id = asked?.id ?? 0
    let whole = assemble(message, id: id, bits: bits, asked?.question, sent, code: code)
    switch transport {
    case .datagrams:
      guard let asked, whole.count > asked.limit else { return [whole] }
      // RFC 2181 §9.
      return [assemble(Message(.server, []), id: id, bits: bits | Flag.tc.bit, asked.question, sent, code: code)]
    case .stream:
      guard whole.count > 0xffff, case .set(let records)? = message[part: "answer"] else { return [whole] }
      return stretches(of: records).enumerated().map { index, stretch in
        let part = Message(.server, message.head, [Part("answer", .set(stretch))])
        return assemble(part, id: id, bits: bits, index == 0 ? asked?.question : nil, index == 0 ? sent : nil, code: code)
      }
    }
  }

  /// Owners and types of what a message answers with.
  static func answered(by message: Message) -> [Packet.Question] {
    records(message, .answer).compactMap { record in
      DomainName(text: record.owner.recorded).map { Packet.Question(name: $0, type: record.type, class: record.class) }
    }
  }

  private static func assemble(
    _ message: Message, id: UInt16, bits: UInt16, _ question: Packet.Question?, _ edns: EDNS?, code: UInt16
  ) -> [UInt8] {
    var body = DNSWriter()
    body.header(id: id, bits: bits, questions: question == nil ? 0 : 1, counts: [0, 0, 0])
    if let question { body.question(question) }
    var counts: [Int] = []
    for section in Section.allCases { counts.append(records(message, section).count { body.record($0) }) }
    if let edns {
      body.append(edns.record(code))
      counts[Section.additional.rawValue] += 1
    }
    var header = DNSWriter()
    header.header(id: id, bits: bits, questions: question == nil ? 0 : 1, counts: counts)
    return header.bytes + body.bytes.dropFirst(Header.size)
  }

  private static func records(_ message: Message, _ section: Section) -> [RecordText] {
    guard case .set(let texts)? = message[part: section.name] else { return [] }
    return texts.compactMap { try? RecordText($0) }
  }

  private static func flags(_ message: Message) -> UInt16 {
    guard case .set(let names)? = message[part: "flags"] else { return 0 }
    return names.reduce(0) { $0 | (Flag(rawValue: String(decoding: $1.recorded, as: UTF8.self).lowercased())?.bit ?? 0) }
  }

  private static func edns(_ message: Message) -> EDNS? {
    guard case .fields(let fields)? = message[part: "edns"] else { return nil }
    return (try? EDNS(fields)) ?? EDNS()
  }

  /// Records in as many stretches as need be for each to fit into a message.
  private static func stretches(of texts: [Text]) -> [[Text]] {
    var out: [[Text]] = [[]]
    var size = 0
    for text in texts {
      var writer = DNSWriter()
      guard let record = try? RecordText(text), writer.record(record) else { continue }
      if size + writer.bytes.count > largest, !(out.last ?? []).isEmpty {
        out.append([])
        size = 0
      }
      size += writer.bytes.count
      out[out.count - 1].append(text)
    }
    return out
  }

  /// What leaves room for header, question and OPT.
  private static let largest = 0xffff - 1024
}
