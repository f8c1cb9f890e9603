package import Transcript
package import Wire

extension DNS {
  /// - Parameter head: a message without the length that a stream has before it; of a zone transfer, all messages of the answer, those
  ///   behind the first with their lengths.
  package func message(_ head: [UInt8], from side: Side) -> Message {
    let bytes = head.span
    guard let packet = try? Packet(bytes) else { return Message(side, []) }
    var sections = sections(packet, bytes)
    var end = packet.end
    while end + 2 < bytes.count {
      let more = bytes.extracting((end + 2)...)
      guard let next = try? Packet(more) else { break }
      for (section, records) in self.sections(next, more) { sections[section, default: []] += records }
      end += 2 + next.end
    }
    return Message(side, [Text(headText(packet, side))], parts(packet, bytes, sections, side))
  }

  private func headText(_ packet: Packet, _ side: Side) -> [UInt8] {
    if side == .server { return Array(Registered.codes.name(packet.code).utf8) }
    let question = packet.questions.first?.text
    guard packet.header.opcode != 0 || question == nil else { return question ?? [] }
    return Array(Registered.opcodes.name(packet.header.opcode).utf8) + (question.map { [32] + $0 } ?? [])
  }

  private func sections(_ packet: Packet, _ bytes: Span<UInt8>) -> [Section: [Text]] {
    var out: [Section: [Text]] = [:]
    for record in packet.records { out[record.section, default: []].append(Text(record.text(bytes))) }
    return out
  }

  /// What a question does not have is not written; nor is what tells nothing of a reply.
  private func parts(_ packet: Packet, _ bytes: Span<UInt8>, _ sections: [Section: [Text]], _ side: Side) -> [Part] {
    var parts: [Part] = []
    let flags = Flag.allCases.filter { packet.header.bits & $0.bit != 0 }.map { Text($0.rawValue) }
    if !flags.isEmpty { parts.append(Part("flags", .set(flags))) }
    if let edns = packet.edns { parts.append(Part("edns", .fields(EDNS(bytes, edns).fields))) }
    for section in Section.allCases {
      let records = sections[section] ?? []
      let tellsMuch = section == .answer && side == .server && packet.code == 0
      if !records.isEmpty || tellsMuch { parts.append(Part(section.name, .set(records))) }
    }
    return parts
  }
}

extension Packet.Record {
  /// `owner TTL class type data`; data that is not as its type has it, or is missing, in the form of RFC 3597 §5.
  func text(_ message: Span<UInt8>) -> [UInt8] {
    var next = 0
    let name = (try? DomainName(message, at: owner, next: &next)) ?? .root
    let data = (try? RecordData.text(message, self.data, type)) ?? RecordData.unknown(message, self.data)
    return name.text + Array(" \(ttl) \(Registered.classes.name(self.class)) \(Registered.types.name(type)) ".utf8) + data
  }
}
