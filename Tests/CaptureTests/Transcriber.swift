import Capture
import Wire

/// What was told of each conversation, in lines: `opened`, `C bytes`, `S gap 5`, `C end`, `S reset`, `closed finished`, `refused timedOut`. What one side
/// says in several pieces is one line. Notes what breaks the order that events promise.
struct Transcriber: CaptureListener {
  struct Told {
    var origin: Origin
    var lines: [String] = []
    var streams = Sides<[UInt8]>(client: [], server: [])
    var gaps = Sides(client: 0, server: 0)
    var datagrams = 0
    fileprivate var saying: Side?
    fileprivate var ended: Set<Side> = []
    fileprivate var isClosed = false
    fileprivate(set) var last: Instant
  }

  /// By number, in order.
  private(set) var conversations: [Told] = []
  private(set) var broken: [String] = []
  private(set) var events = 0
  private var places: [Int: Int] = [:]

  var lines: [[String]] { conversations.map(\.lines) }

  mutating func heard(_ event: CaptureEvent, _ bytes: Span<UInt8>) {
    events += 1
    switch event {
    case .opened(let origin):
      add(origin, "opened")
    case .refused(let origin, let how):
      add(origin, "refused \(how)")
      conversations[conversations.count - 1].isClosed = true
    case .bytes(let number, let side, let at):
      if bytes.count == 0 { broken.append("\(number): no bytes") }
      tell(number, side, at) { told in
        for i in bytes.indices { told.streams[side].append(bytes[i]) }
        let text = String(decoding: told.streams[side].suffix(bytes.count), as: UTF8.self)
        if told.saying == side { told.lines[told.lines.count - 1] += text } else { told.lines.append("\(side.letter) \(text)") }
        told.saying = side
      }
    case .datagram(let number, let side, let at):
      tell(number, side, at) { told in
        for i in bytes.indices { told.streams[side].append(bytes[i]) }
        told.datagrams += 1
        told.lines.append("\(side.letter) " + String(decoding: told.streams[side].suffix(bytes.count), as: UTF8.self))
      }
    case .gap(let number, let side, let count, let at):
      if count <= 0 { broken.append("\(number): a gap of \(count)") }
      tell(number, side, at) { told in
        told.gaps[side] += count
        told.lines.append("\(side.letter) gap \(count)")
        told.saying = nil
      }
    case .ended(let number, let side, let how, let at):
      tell(number, side, at) { told in
        told.lines.append("\(side.letter) " + (how == .reset ? "reset" : "end"))
        told.ended.insert(side)
        told.saying = nil
      }
    case .closed(let number, let how, let at):
      tell(number, nil, at) { told in
        told.lines.append("closed \(how)")
        told.isClosed = true
      }
    }
  }

  private mutating func add(_ origin: Origin, _ line: String) {
    if places[origin.number] != nil { broken.append("\(origin.number): begun twice") }
    places[origin.number] = conversations.count
    conversations.append(Told(origin: origin, lines: [line], last: origin.at))
  }

  private mutating func tell(_ number: Int, _ side: Side?, _ at: Instant, _ change: (inout Told) -> Void) {
    guard let place = places[number] else { return broken.append("\(number): not opened") }
    let told = conversations[place]
    if told.isClosed { broken.append("\(number): told after it was closed") }
    if let side, told.ended.contains(side) { broken.append("\(number): \(side) told after its end") }
    if at < told.last { broken.append("\(number): back in time") }
    change(&conversations[place])
    conversations[place].last = at
  }
}
