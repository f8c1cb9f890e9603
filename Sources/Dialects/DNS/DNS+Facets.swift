package import Transcript
import Wire

extension DNS {
  /// The response code and whether there is data decide; the records that were asked for, at the end of whatever CNAMEs lead there, are the
  /// values; how long they live, flags and the CNAMEs on the way are details; the rest is by the way. Sections are sets.
  package func facets(of message: Message, in context: Context) -> [Facet] {
    guard message.side == .server, let head = message.head.first else { return [] }
    var facets = [Facet("reply-code", key: "code", head, .outcome)]
    for part in message.parts {
      switch part.content {
      case .set(let texts) where part.name == "flags": facets += texts.enumerated().compactMap { flag($1, $0) }
      case .set(let texts) where part.name == "answer": facets += answer(texts, message, context)
      case .set(let texts):
        facets += texts.enumerated().map { Facet("other-record", key: key($1), other($1), .wording, part: part.name, line: $0) }
      case .fields(let fields):
        for field in fields {
          for (index, value) in field.values.enumerated() {
            let key = field.name == "options" ? "\(field.name) \(index)" : field.name
            facets.append(Facet("edns", key: key, value, .wording, part: part.name))
          }
        }
      case .lines, .payload: break
      }
    }
    return facets
  }

  /// A cut answer is another one; that it is one at all is not worth a word.
  private func flag(_ text: Text, _ line: Int) -> Facet? {
    let name = text.caseless
    let key = String(decoding: name.recorded, as: UTF8.self)
    guard key != Flag.qr.rawValue else { return nil }
    return Facet("flag", key: key, name, key == Flag.tc.rawValue ? .value : .detail, part: "flags", line: line)
  }

  private func answer(_ texts: [Text], _ message: Message, _ context: Context) -> [Facet] {
    let records = texts.map { try? RecordText($0) }
    let asked = context.command?.head.first.flatMap { try? QuestionText($0) }
    let way = Way(records, from: asked)
    var out: [Facet] = []
    var lifetimes: Set<String> = []
    for (line, record) in records.enumerated() {
      guard let record else {
        out.append(Facet("record", key: "", texts[line], .value, part: "answer", line: line))
        continue
      }
      let type = Registered.types.name(record.type)
      switch way.role(of: record) {
      case .step:
        out.append(Facet("cname", key: key(owner: record.owner), whole(record, withTTL: true), .detail, part: "answer", line: line))
      case .other:
        out.append(Facet("other-record", key: key(texts[line]), whole(record, withTTL: true), .wording, part: "answer", line: line))
      case .asked(let isAtEnd):
        let key = isAtEnd ? type : self.key(owner: record.owner) + " " + type
        let value = isAtEnd ? self.data(record) : whole(record, withTTL: false)
        out.append(Facet("record", key: key, value, .value, part: "answer", line: line))
        // All records of a set live as long (RFC 2181 §5.2).
        if lifetimes.insert(key).inserted {
          out.append(Facet("ttl", key: key, record.ttl ?? Self.anyTTL, .detail, part: "answer", line: line))
        }
      }
    }
    // RFC 2308 §2.2: a name that is there, without what was asked for.
    if message.head.first?.hasPrefix("NOERROR") ?? false {
      let hasData = out.contains { $0.kind == "record" }
      out.append(Facet("nodata", key: "", hasData ? "records" : "no records", .outcome, part: "answer"))
    }
    return out
  }

  private static let anyTTL = Text(pieces: [.hole(Hole(nil, .type(.number)))])

  /// Data with its type before it.
  private func data(_ record: RecordText) -> Text {
    var text = Text("\(Registered.types.name(record.type)) ", place: record.owner.place)
    record.canonicalData.pieces.forEach { text.append($0) }
    return text
  }

  private func whole(_ record: RecordText, withTTL: Bool) -> Text {
    var text = record.owner.caseless.absolute
    if withTTL {
      text.append(.literal([32]))
      (record.ttl ?? Self.anyTTL).pieces.forEach { text.append($0) }
    }
    text.append(.literal(Array(" \(Registered.classes.name(record.class)) ".utf8)))
    data(record).pieces.forEach { text.append($0) }
    return text
  }

  /// A record of which only the text counts, in one way of writing.
  private func other(_ text: Text) -> Text { (try? RecordText(text)).map { whole($0, withTTL: true) } ?? text }

  private func key(_ text: Text) -> String {
    guard let record = try? RecordText(text) else { return "" }
    return key(owner: record.owner) + " " + Registered.types.name(record.type)
  }

  private func key(owner: Text) -> String { String(decoding: owner.absolute.recorded.map(\.lowercased), as: UTF8.self) }
}

/// From the name that was asked for to where its CNAMEs lead.
private struct Way {
  enum Role { case asked(isAtEnd: Bool), step, other }

  private let asked: QuestionText?
  private var names: Set<[UInt8]> = []
  private let asksForAll: Bool

  init(_ records: [RecordText?], from question: QuestionText?) {
    asked = question
    asksForAll = question.map { [.typeANY, .typeAXFR, .typeIXFR].contains($0.type) } ?? true
    guard let name = question?.name, !asksForAll, question?.type != .typeCNAME else { return }
    var steps: [[UInt8]: [UInt8]] = [:]
    for case let record? in records where record.type == .typeCNAME {
      guard let target = record.data.first else { continue }
      steps[Self.plain(record.owner)] = Self.plain(target)
    }
    var next = Self.plain(name)
    // Where they go round, each is passed once.
    while names.insert(next).inserted, let target = steps[next] { next = target }
  }

  func role(of record: RecordText) -> Role {
    guard let asked, !asksForAll else { return .asked(isAtEnd: false) }
    if record.type == asked.type {
      let isAtEnd = names.contains(Self.plain(record.owner)) || asked.type == .typeCNAME || !record.owner.isLiteral
      return isAtEnd ? .asked(isAtEnd: true) : .other
    }
    return record.type == .typeCNAME || record.type == .typeDNAME ? .step : .other
  }

  private static func plain(_ name: Text) -> [UInt8] { name.absolute.recorded.map(\.lowercased) }
}
