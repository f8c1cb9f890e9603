import Transcript
import Wire

extension DNS {
  /// What a resolver counts down, and what is made anew for each answer: TTLs, serial numbers, signatures, cookies.
  package func marks(of heard: Heard, answering answered: Heard?) -> [Mark] {
    heard.message.parts.flatMap { part -> [Mark] in
      switch part.content {
      case .set(let records) where part.name != "flags" && heard.side == .server:
        return records.enumerated().flatMap { marks(ofRecord: $1.recorded, .part(part.name, line: $0)) }
      case .fields(let fields):
        let values = fields.flatMap(\.values).map(\.recorded)
        return values.enumerated().compactMap { cookie($1, .part(part.name, line: $0)) }
      case .set, .lines, .payload: return []
      }
    }
  }

  private func marks(ofRecord line: [UInt8], _ place: Mark.Place) -> [Mark] {
    let words = wordRanges(line)
    guard words.count > 4, let type = Registered.types.number(line[words[3]]) else { return [] }
    var marks = [Mark(place, words[1], .varies(.number, name: "ttl"))]
    let data = words.dropFirst(4)
    func mark(_ at: Int, _ type: ValueType, _ name: String) {
      guard data.count > at, type.fits(line[data[data.startIndex + at]]) else { return }
      marks.append(Mark(place, data[data.startIndex + at], .varies(type, name: name)))
    }
    switch type {
    case .typeSOA: mark(2, .number, "serial")
    case .typeRRSIG:
      mark(4, .number, "expires")
      mark(5, .number, "signed")
      mark(6, .number, "key-tag")
      mark(8, .base64, "signature")
    default: break
    }
    return marks
  }

  /// RFC 7873 §4: a client's, with a server's behind it.
  private func cookie(_ line: [UInt8], _ place: Mark.Place) -> Mark? {
    let words = wordRanges(line)
    guard words.count == 2, line[words[0]].elementsEqual("COOKIE".utf8) else { return nil }
    return Mark(place, words[1], .varies(.hex, name: "cookie"))
  }
}
