import Capture
import Dialects
import Extraction
import Transcript
import TranscriptYAML
import Wire

/// A capture of several TCP connections, told event by event, and what extraction makes of it.
///
/// Each line is an event, one millisecond after the line before: the connection's number, then
///
///     1 c:40000 > s:21      opened; `c` and `s` are the two hosts, `x` is another one; `~>` where the beginning was not captured
///     1 refused c:1 > s:2   not made
///     1 S: 220 hello        a line of a side; `\n`, `\l` and a `\` at the end as in `Recorder`
///     1 C~9   1 C.   1 C!   bytes lost, ended, reset
///     1 over                closed
///     wait 90               that many seconds pass
///     0 passed              it is noticed that they did, as in a live capture
struct Scene {
  var family = Address.Family.v4
  /// In the order in which they are told. The time of each is that of its place in the script, so that order and time can differ.
  private(set) var events: [(connection: Int, line: Substring, at: Instant)] = []
  private(set) var recorded: [Recorded] = []
  /// Those of it that were handed over before the capture was over.
  private(set) var early: [Recorded] = []
  private var now = Instant(nanoseconds: 1_700_000_000_000_000_000)

  init(_ script: String) { self.init(.v4, script) }

  init(_ family: Address.Family, _ script: String) {
    self.family = family
    for line in script.split(separator: "\n") {
      let words = line.split(separator: " ", maxSplits: 1)
      if words[0] == "wait" {
        now = now + .seconds(Int(words[1]) ?? 0)
      } else {
        now = now + .milliseconds(1)
        events.append((Int(words[0]) ?? 0, words[1], now))
      }
    }
  }

  // MARK: Order

  /// All of some connections first.
  mutating func begin(with connections: Int...) {
    let first = connections.flatMap { number in events.filter { $0.connection == number } }
    events = first + events.filter { !connections.contains($0.connection) }
  }

  /// Moves an event before another one.
  mutating func move(_ line: String, before other: String) {
    guard let from = events.firstIndex(where: { "\($0.connection) \($0.line)" == line }) else { return }
    let event = events.remove(at: from)
    guard let to = events.firstIndex(where: { "\($0.connection) \($0.line)".hasPrefix(other) }) else { return }
    events.insert(event, at: to)
  }

  mutating func drop(_ line: String) { events.removeAll { "\($0.connection) \($0.line)".hasPrefix(line) } }

  /// That many seconds pass.
  mutating func wait(_ seconds: Int, before line: String) {
    guard let start = events.firstIndex(where: { "\($0.connection) \($0.line)".hasPrefix(line) }) else { return }
    for index in events[start...].indices { events[index].at = events[index].at + .seconds(seconds) }
  }

  /// Times that follow the order of capture.
  mutating func restamp() {
    let times = events.map(\.at).sorted()
    for index in events.indices { events[index].at = times[index] }
  }

  // MARK: Playing

  mutating func play(_ limits: ExtractionLimits = ExtractionLimits()) {
    final class Box { var recorded: [Recorded] = [] }
    let box = Box()
    var extractor = Extractor(limits: limits) { box.recorded.append($0) }
    for event in events { tell(event.connection, event.line, event.at, &extractor) }
    early = box.recorded
    extractor.finish()
    recorded = box.recorded
  }

  private func tell(_ number: Int, _ line: Substring, _ now: Instant, _ extractor: inout Extractor) {
    func hear(_ event: CaptureEvent, _ bytes: [UInt8] = []) { extractor.heard(event, bytes.span) }
    let side: Side = line.first == "C" ? .client : .server
    switch line.dropFirst().first {
    case ":"? where line.first == "C" || line.first == "S":
      let isOpen = line.hasSuffix("\\")
      let text = line.dropFirst(3).dropLast(isOpen ? 1 : 0) + (isOpen ? "" : "\\n")
      hear(.bytes(number, side, now), Array(text.replacing("\\n", with: "\r\n").replacing("\\l", with: "\n").utf8))
    case "."?: hear(.ended(number, side, .finished, now))
    case "!"?: hear(.ended(number, side, .reset, now))
    case "~"?: hear(.gap(number, side, Int(line.dropFirst(2)) ?? 0, now))
    default:
      let words = line.split(separator: " ")
      if words[0] == "passed" { return extractor.passed(to: now) }
      if words[0] == "over" { return hear(.closed(number, words.count > 1 ? .captureEnded : .finished, now)) }
      let isRefused = words[0] == "refused"
      let ends = isRefused ? Array(words.dropFirst()) : words
      let origin = Origin(
        number: number, transport: .stream, client: endpoint(ends[0]), server: endpoint(ends[2]), at: now, isPartial: ends[1] == "~>")
      hear(isRefused ? .refused(origin, .refused) : .opened(origin))
    }
  }

  private func endpoint(_ text: Substring) -> Endpoint {
    let parts = text.split(separator: ":")
    return Endpoint(Self.host(String(parts[0]), family), UInt16(parts[1]) ?? 0)
  }

  static func host(_ name: String, _ family: Address.Family) -> Address {
    let last: UInt32 = ["c": 1, "s": 2][name] ?? 3
    return family == .v4 ? Address(v4: 0x0a00_0000 + last) : Address(v6: 0xfd00 << 48, UInt64(last))
  }

  // MARK: What came of it

  subscript(number: Int) -> Recorded? { recorded.first { $0.origin.number == number } }

  var skips: [Int: Recorded.Skip] { recorded.reduce(into: [:]) { $0[$1.origin.number] = $1.skip } }

  /// What each transfer of a control conversation carried: the command, a colon, and the bytes, or `-`.
  func carried(by number: Int = 1) -> [String] {
    (self[number]?.transfers ?? []).map { transferred, command in
      let name = String(decoding: command?.message.head.first?.recorded ?? [], as: UTF8.self)
      return name + ": " + (transferred.carried.map { String(decoding: $0.bytes, as: UTF8.self) } ?? "-")
    }
  }

  func yaml(_ number: Int = 1, inlineLimit: Int = 1 << 16, store: @escaping Scribe.Store = { _ in "beside" }) -> String {
    guard let recorded = self[number],
      let transcript = Scribe.write(recorded, source: nil, inlineLimit: inlineLimit, store: store)
    else { return "" }
    return String(decoding: TranscriptWriter.write(transcript), as: UTF8.self)
  }
}

/// How a data connection is announced, and who dials.
enum Mode: CaseIterable, Sendable {
  case port, eprt, pasv, epsv

  var isActive: Bool { self == .port || self == .eprt }

  /// Those that there are for a family.
  static func of(_ family: Address.Family) -> [Mode] { family == .v4 ? allCases : [.eprt, .epsv] }

  /// The lines of the control connection that announce a port.
  func announce(_ port: UInt16, _ family: Address.Family, on connection: Int = 1) -> String {
    let listener = Endpoint(Scene.host(isActive ? "c" : "s", family), port)
    let bytes = listener.address.bytes + [UInt8(port >> 8), UInt8(port & 255)]
    let short = bytes.map(String.init).joined(separator: ",")
    switch self {
    case .port: return "\(connection) C: PORT \(short)\n\(connection) S: 200 ok"
    case .eprt: return "\(connection) C: EPRT |\(family == .v4 ? 1 : 2)|\(listener.address)|\(port)|\n\(connection) S: 200 ok"
    case .pasv: return "\(connection) C: PASV\n\(connection) S: 227 Entering Passive Mode (\(short))."
    case .epsv: return "\(connection) C: EPSV\n\(connection) S: 229 Entering Extended Passive Mode (|||\(port)|)"
    }
  }

  /// The data connection's ends.
  func ends(_ port: UInt16, _ arrow: String = ">", from: Int = 20) -> String {
    isActive ? "s:\(from) \(arrow) c:\(port)" : "c:\(40_000 + Int(port) % 1000) \(arrow) s:\(port)"
  }

  /// Who of the data connection's sides is the server of the control connection: who dialled is its client.
  var server: String { isActive ? "C" : "S" }
  var client: String { isActive ? "S" : "C" }
}
