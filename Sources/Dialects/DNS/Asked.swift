import Wire

/// A question that was put.
struct Asked: Sendable {
  /// Of the client's messages, counted from 0.
  var ordinal: Int
  var id: UInt16
  var opcode: UInt16
  /// As it was written; nil where it could not be read, or there was none.
  var question: Packet.Question?
  var isRecursive = false
  /// What its sender takes in one datagram (RFC 6891 §6.2.3).
  var limit = 512
  var hasEDNS = false
  /// Of the zone that the client has already (RFC 1995 §3).
  var serial: UInt32?

  init(ordinal: Int, id: UInt16, opcode: UInt16) {
    self.ordinal = ordinal
    self.id = id
    self.opcode = opcode
  }

  var isTransfer: Bool { question?.type == .typeAXFR || question?.type == .typeIXFR }

  func isSame(as other: Asked) -> Bool { opcode == other.opcode && question == other.question && question != nil }

  func isAnswered(by record: Packet.Question) -> Bool {
    guard let question else { return false }
    return record.name.canonical == question.name.canonical && record.class == question.class
      && [question.type, .typeCNAME].contains(record.type)
  }

  /// The question without case, as `Dialect.verb` has it.
  var label: String {
    let text = question.map { String(decoding: $0.text, as: UTF8.self).uppercased() }
    return opcode == 0 ? text ?? "QUERY" : Registered.opcodes.name(opcode) + (text.map { " " + $0 } ?? "")
  }
}
