import Dialects
import Testing
import Transcript
import Wire

/// What happens on a connection, in order.
enum Happening {
  case c(String)
  case s(String)
  case end(Side, Ending)
  case gap(Side, Int)
}

/// Feeds a conversation to a follower and an ear, and tells what was heard.
struct Rehearsal {
  private(set) var follower: Follower
  private(set) var ear: Ear
  private(set) var sounds: [Sound] = []

  init(_ dialect: any Dialect, payloadLimit: Int = 1 << 20) {
    follower = Follower(dialect.begin(.stream))
    ear = Ear(dialect, payloadLimit: payloadLimit)
  }

  mutating func feed(_ bytes: ArraySlice<UInt8>, from side: Side) {
    // What lies around the bytes must not matter.
    let window = Self.poison + bytes + Self.poison
    follower.receive(window.span.extracting(Self.poison.count..<(Self.poison.count + bytes.count)), from: side, into: &ear)
    sounds += ear.takeSounds()
  }

  mutating func happens(_ happening: Happening, pieces: (ArraySlice<UInt8>) -> [ArraySlice<UInt8>] = { [$0] }) {
    switch happening {
    case .c(let text): for piece in pieces(Array(text.utf8)[...]) { feed(piece, from: .client) }
    case .s(let text): for piece in pieces(Array(text.utf8)[...]) { feed(piece, from: .server) }
    case .end(let side, let ending): follower.end(side, ending, into: &ear)
    case .gap(let side, let count): follower.lost(count, from: side, into: &ear)
    }
    sounds += ear.takeSounds()
  }

  mutating func abandon() {
    follower.abandon(into: &ear)
    for side in Side.allCases { ear.abandon(side) }
    sounds += ear.takeSounds()
  }

  private static let poison = Array("\r\n.\r\n250 +OK\r\n".utf8)
}

/// What is heard of a conversation; an issue where it is not the same however the bytes come: whole, byte by byte, cut in two at every
/// place (of long texts near their ends), and everything of each side at once, but for the greeting.
func rehearse(_ dialect: any Dialect, _ happenings: [Happening], sourceLocation: SourceLocation = #_sourceLocation) -> [String] {
  func told(_ pieces: (Int, ArraySlice<UInt8>) -> [ArraySlice<UInt8>]) -> [String] {
    var rehearsal = Rehearsal(dialect)
    for (index, happening) in happenings.enumerated() { rehearsal.happens(happening) { pieces(index, $0) } }
    return rehearsal.sounds.map(describe)
  }
  let whole = told { [$1] }
  let dripping = told { _, bytes in bytes.indices.map { bytes[$0...$0] } }
  #expect(dripping == whole, "byte by byte", sourceLocation: sourceLocation)
  for (index, happening) in happenings.enumerated() {
    guard let text = happening.text else { continue }
    let count = text.utf8.count
    for at in 1..<max(count, 1) where at < 300 || at > count - 300 {
      let heard = told { $0 == index ? [$1[..<at], $1[at...]] : [$1] }
      guard heard != whole else { continue }
      Issue.record("cut before byte \(at) of \(index): \(heard)", sourceLocation: sourceLocation)
      return whole
    }
  }
  // When a side spoke matters where bytes are missing, for a reply to nothing, and where a greeting is missing.
  let isTimed =
    happenings.contains { if case .gap = $0 { true } else { false } }
    || whole.contains { $0.contains("!unsolicited") || $0.hasPrefix("S0=0") || $0.contains("startTLS") }
  guard !isTimed else { return whole }
  var atOnce = Rehearsal(dialect)
  var rest = happenings[...]
  if case .s? = rest.first { atOnce.happens(rest.removeFirst()) }
  for side in Side.allCases { atOnce.feed(Array(rest.filter { $0.side == side }.compactMap(\.text).joined().utf8)[...], from: side) }
  for happening in happenings where happening.text == nil { atOnce.happens(happening) }
  for side in Side.allCases {
    let expected = whole.filter { $0.hasPrefix(side.letter) }
    let heard = atOnce.sounds.map(describe).filter { $0.hasPrefix(side.letter) }
    #expect(heard == expected, "everything at once", sourceLocation: sourceLocation)
  }
  return whole
}

extension Happening {
  var text: String? {
    switch self {
    case .c(let text), .s(let text): text
    case .end, .gap: nil
    }
  }

  var side: Side {
    switch self {
    case .c: .client
    case .s: .server
    case .end(let side, _), .gap(let side, _): side
    }
  }
}

/// `S2=1 250 Ok !bare-lf`: the server's third message, which answers the client's second; `~1` where more answers follow.
func describe(_ sound: Sound) -> String {
  switch sound {
  case .message(let heard):
    let answer =
      switch heard.answer {
      case .none: ""
      case .interim(let ordinal): "~\(ordinal)"
      case .final(let ordinal): "=\(ordinal)"
      }
    var out = ["\(heard.side.letter)\(heard.ordinal)\(answer)"]
    if heard.label.hasPrefix("*") { out.append(heard.label) }
    if !heard.message.head.isEmpty { out.append(heard.message.head.map { printable($0.recorded) }.joined(separator: "⏎")) }
    for part in heard.message.parts {
      switch part.content {
      case .lines(let lines), .set(let lines): out.append("{\(lines.map { printable($0.recorded) }.joined(separator: "⏎"))}")
      case .payload(let payload):
        out.append("{\(printable(payload.bytes).replacing("\\x0d\\x0a", with: "⏎"))}")
        if payload.bytes.count != heard.payloadSize { out.append("of \(heard.payloadSize)") }
      case .fields(let fields):
        guard part.name == "trailers" else { break }
        out.append(
          "[\(fields.flatMap { field in field.values.map { "\(field.name): \(printable($0.recorded))" } }.joined(separator: ", "))]")
      }
    }
    out += heard.violations.map { "!\($0.kind)" }
    out += heard.effects.map(describe)
    if heard.isCutShort { out.append("cut short") }
    return out.joined(separator: " ")
  case .broken(let side, let violation, let bytes): return "\(side.letter) !\(violation.kind) \(printable(bytes))"
  case .opaque(let side): return "\(side.letter) opaque"
  case .tunnelled(let side, let bytes): return "\(side.letter) tunnelled \(printable(bytes))"
  }
}

private func describe(_ effect: Effect) -> String {
  switch effect {
  case .announces(let announcement):
    let address = announcement.address.map { "\($0) " } ?? ""
    return "\(announcement.dialler) dials \(address)\(announcement.port) as \(printable(announcement.written))"
  case .transfers(let transfer): return "\(transfer.isText ? "text" : "bytes") from \(transfer.from)"
  case .startTLS, .tunnels, .ends, .asksAgain: return "\(effect)"
  }
}
