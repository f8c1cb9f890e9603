import Dialects
import Testing
import Transcript
import Wire

/// An exchange of DNS messages, as they would lie on the wire, and what is heard of it.
struct Datagrams {
  private(set) var follower: Follower
  private var ear = Ear(DNS(), payloadLimit: 1 << 20)
  let transport: Transport

  init(_ transport: Transport = .datagrams) {
    self.transport = transport
    follower = Follower(DNS().begin(transport), over: transport)
  }

  /// The bytes of a message as the session would send it now.
  func write(_ message: Message) -> [UInt8] { follower.write(message) }

  mutating func hears(_ bytes: [UInt8], from side: Side) -> [Sound] {
    // What lies around the bytes must not matter.
    let window = [0xc0, 0x0c] + bytes + [0xc0, 0x0c]
    follower.receive(window.span.extracting(2..<(2 + bytes.count)), from: side, into: &ear)
    return ear.takeSounds()
  }

  /// What is heard, as `describe` tells it.
  @discardableResult mutating func hear(_ bytes: [UInt8], from side: Side) -> [String] { hears(bytes, from: side).map(describe) }

  /// Says a question; its bytes.
  @discardableResult mutating func ask(_ question: String, _ parts: [Part] = []) -> [UInt8] {
    let bytes = write(Message(.client, [Text(question)], parts))
    hear(bytes, from: .client)
    return bytes
  }

  mutating func end(_ side: Side) -> [String] {
    follower.end(side, .finished, into: &ear)
    return ear.takeSounds().map(describe)
  }
}

func answer(_ code: String = "NOERROR", _ records: String..., flags: [String]? = nil) -> Message {
  var parts = [Part("answer", .set(records.map { Text($0) }))]
  if let flags { parts.append(Part("flags", .set(flags.map { Text($0) }))) }
  return Message(.server, [Text(code)], parts)
}

extension [UInt8] {
  func setting(_ at: Int, _ byte: UInt8) -> [UInt8] {
    var out = self
    out[at] = byte
    return out
  }
}
