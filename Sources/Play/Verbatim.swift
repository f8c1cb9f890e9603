import Dialects
import Results
import Transcript
import Wire

/// Steps and messages as a report shows them.
enum Verbatim {
  static func lines(_ step: Step) -> [String] {
    switch step.action {
    case .say(let message): message.shown.map { String(decoding: $0, as: UTF8.self) }
    case .data(let side, let payload): shown(payload, from: side)
    case .close(let side), .reset(let side): [side.letter]
    case .connect(let how): [how.rawValue]
    case .silence(let duration), .pause(let duration): [duration.transcript]
    case .speak(let dialect): [dialect]
    case .tls: ["start"]
    }
  }

  /// A transfer by its content, else by what is known of it.
  private static func shown(_ payload: Payload, from side: Side) -> [String] {
    if payload.content != nil { return lines(Step(.say(Message(side, [], [Part("data", .payload(payload))])))) }
    let facts = [payload.sha256.map { "sha256: \($0)" }, payload.size.map { "size: \($0)" }].compactMap(\.self)
    let has = payload.has.map { "has: \($0.template)" }
    return facts.isEmpty && has.isEmpty ? [side.letter] : facts + has
  }

  /// A set of words stands on one line, behind its name.
  fileprivate static func lines(ofSet name: String, _ texts: [[UInt8]]) -> [[UInt8]] {
    let isOfWords = !texts.isEmpty && texts.allSatisfy { !$0.contains(32) }
    return isOfWords ? [Array("\(name): ".utf8) + texts.joined(separator: [UInt8(ascii: " ")])] : texts
  }

  static func first(_ heard: Heard) -> String { printable(heard.message.head.first?.recorded ?? []) }

  /// Lines that are shown of a message.
  static let longest = 40
}

extension Message {
  /// Its lines as the transcript writes them, those of its parts behind the head's.
  var shown: [[UInt8]] {
    var out = head.map { Array($0.template.utf8) }
    for part in parts {
      switch part.content {
      case .lines(let texts): out += texts.prefix(Verbatim.longest).map { Array($0.template.utf8) }
      case .set(let texts): out += Verbatim.lines(ofSet: part.name, texts.prefix(Verbatim.longest).map { Array($0.template.utf8) })
      case .fields(let fields): out += fields.flatMap { field in field.values.map { Array("\(field.name): \($0.template)".utf8) } }
      case .payload(let payload):
        if case .lines(let texts)? = payload.content {
          out += texts.prefix(Verbatim.longest).map { Array($0.template.utf8) }
        } else {
          out += lines(payload.bytes).prefix(Verbatim.longest).map(\.recorded)
        }
      }
    }
    return Array(out.prefix(Verbatim.longest))
  }

  /// The same of a message without patterns.
  var said: [[UInt8]] {
    var out = head.map(\.recorded)
    for part in parts {
      switch part.content {
      case .lines(let texts): out += texts.prefix(Verbatim.longest).map(\.recorded)
      case .set(let texts): out += Verbatim.lines(ofSet: part.name, texts.prefix(Verbatim.longest).map(\.recorded))
      case .fields(let fields): out += fields.flatMap { field in field.values.map { Array("\(field.name): ".utf8) + $0.recorded } }
      case .payload(let payload):
        if case .lines(let texts)? = payload.content {
          out += texts.prefix(Verbatim.longest).map(\.recorded)
        } else {
          out += lines(Array(payload.bytes.prefix(Verbatim.longestBytes))).prefix(Verbatim.longest).map(\.recorded)
        }
      }
    }
    return Array(out.prefix(Verbatim.longest))
  }
}

extension Verbatim {
  /// Bytes of a payload that are looked at for lines.
  static let longestBytes = 64 << 10
}

extension Step.Action {
  /// Its key in a transcript; of a transfer, with the side that sends.
  var label: String {
    switch self {
    case .say(let message): message.side.letter
    case .data(let side, _): "data \(side.letter)"
    case .connect: "connect"
    case .tls: "tls"
    case .speak: "protocol"
    case .close: "close"
    case .reset: "reset"
    case .silence: "silence"
    case .pause: "pause"
    }
  }
}
