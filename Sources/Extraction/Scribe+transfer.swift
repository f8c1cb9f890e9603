import Dialects
import Transcript
import Wire

extension Scribe {
  /// The step of a transfer; nil where no data connection was made, and where what was sent to the server is not known: then nothing could
  /// be sent.
  mutating func step(_ transferred: Recorded.Transferred, since asked: Instant?) -> Step? {
    let side = transferred.transfer.from
    guard var payload = payload(transferred), side == .server || payload.content != nil else { return nil }
    payload.endsEarly = transferred.endsEarly
    var step = Step(.data(side, payload))
    if let carried = transferred.carried, let asked { step.within = Self.deadline(carried.ended - asked) }
    return step
  }

  /// Nil where there was no data connection.
  private mutating func payload(_ transferred: Recorded.Transferred) -> Payload? {
    guard let carried = transferred.carried else { return transferred.lack == .connection ? Payload() : nil }
    var known = Payload()
    switch transferred.lack {
    case .bytes(let count) where carried.course == .finished && !carried.lacksBeginning: known.size = carried.size + count
    case .bytes, .end: break
    case nil, .beginning, .connection, .content: return content(carried, transferred)
    }
    return known
  }

  private mutating func content(_ carried: Recorded.Carried, _ transferred: Recorded.Transferred) -> Payload {
    if let digest = carried.digest {
      var known = Payload()
      // Of what was cut, nobody knows how much will come.
      guard !transferred.endsEarly else { return known }
      known.sha256 = digest
      known.size = carried.size
      return known
    }
    let bytes = carried.bytes
    if let listing = listings[transferred.command] {
      let texts = zip(listing.lines, listing.marks).map { text($0, $1, of: transferred.transfer.from) }
      return Payload(bytes.isText ? .lines(texts) : .text(joined(texts, of: listing.lines, in: bytes)))
    }
    let secrets = names.passwords(of: transferred.transfer.from).filter {
      $0.value.count >= Redactor.shortest && bytes.firstRange(of: $0.value) != nil
    }
    guard secrets.isEmpty else { return Payload(.text(hiding(secrets, in: bytes))) }
    if bytes.count > inlineLimit {
      guard transferred.endsEarly else { return stored(bytes) }
      return Payload(.file(store(bytes), bytes))
    }
    if transferred.transfer.isText, bytes.isText { return Payload(.lines(lines(bytes))) }
    return Payload(!bytes.isEmpty && bytes.isReadable ? .text(Text(bytes)) : .bytes(bytes))
  }

  /// A listing that is short enough to stand in the transcript.
  func listing(_ transferred: Recorded.Transferred, _ command: Heard?) -> Listing? {
    guard let command, let carried = transferred.carried, carried.digest == nil, carried.lost == 0, carried.course != .open,
      carried.bytes.count <= inlineLimit, carried.bytes.isReadable
    else { return nil }
    let texts = lines(carried.bytes)
    guard dialect.facets(ofTransfer: texts, answering: command.message) != nil else { return nil }
    let lines = texts.map(\.recorded)
    return Listing(lines, dialect.marks(ofTransfer: lines, answering: command.message))
  }

  /// Lines with the line ends that they had: CR LF or LF, and maybe none behind the last.
  func joined(_ texts: [Text], of lines: [[UInt8]], in bytes: [UInt8]) -> Text {
    var out = Text(pieces: [])
    var at = 0
    for (text, line) in zip(texts, lines) {
      for piece in text.pieces { out.append(piece) }
      at += line.count
      let end = bytes[at...].prefix(2)
      let length = end.elementsEqual([13, 10]) ? 2 : min(end.count, 1)
      out.append(.literal(Array(bytes[at..<(at + length)])))
      at += length
    }
    return out
  }

  /// The content as it is, but for what must not be written.
  private func hiding(_ secrets: [(name: String, value: [UInt8])], in bytes: [UInt8]) -> Text {
    var found: [(range: Range<Int>, name: String)] = []
    for (name, value) in secrets {
      for range in bytes.ranges(of: value) where !found.contains(where: { $0.range.overlaps(range) }) { found.append((range, name)) }
    }
    var out = Text(pieces: [])
    var at = 0
    for (range, name) in found.sorted(by: { $0.range.lowerBound < $1.range.lowerBound }) {
      out.append(.literal(Array(bytes[at..<range.lowerBound])))
      out.append(.hole(Hole(name)))
      at = range.upperBound
    }
    out.append(.literal(Array(bytes[at...])))
    return out
  }
}
