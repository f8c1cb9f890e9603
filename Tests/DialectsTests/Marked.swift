import Dialects
import Transcript
import Wire

/// What is heard of a conversation, line by line, each mark as `{meaning}` in the place of its bytes.
func marked(_ dialect: any Dialect, _ happenings: [Happening]) -> [String] {
  var rehearsal = Rehearsal(dialect)
  for happening in happenings { rehearsal.happens(happening) }
  let heard = rehearsal.sounds.compactMap { if case .message(let heard) = $0 { heard } else { nil } }
  return heard.flatMap { message -> [String] in
    let answered = message.answer.ordinal.flatMap { ordinal in heard.first { $0.side == .client && $0.ordinal == ordinal } }
    let marks = dialect.marks(of: message, answering: answered)
    var out = message.message.head.enumerated().map { shown($1.recorded, marks, .head($0)) }
    for part in message.message.parts {
      switch part.content {
      case .lines(let lines): out += lines.enumerated().map { shown($1.recorded, marks, .part(part.name, line: $0)) }
      case .payload(let payload): out += lines(payload.bytes).enumerated().map { shown($1.recorded, marks, .part(part.name, line: $0)) }
      case .fields(let fields):
        let values = fields.flatMap { field in field.values.map { (field.name, $0) } }
        out += values.enumerated().map { "\($1.0): \(shown($1.1.recorded, marks, .part(part.name, line: $0)))" }
      default: break
      }
    }
    return out.map { "\(message.side.letter): \($0)" }
  }
}

private func shown(_ line: [UInt8], _ marks: [Mark], _ place: Mark.Place) -> String {
  var out = ""
  var at = 0
  for mark in marks.filter({ $0.place == place }).sorted(by: { $0.range.lowerBound < $1.range.lowerBound }) {
    out += printable(line[at..<mark.range.lowerBound]) + "{\(shown(mark.meaning))}"
    at = mark.range.upperBound
  }
  return out + printable(line[at...])
}

private func shown(_ meaning: Mark.Meaning) -> String {
  func text(_ bytes: [UInt8]?) -> String { bytes.map { String(decoding: $0, as: UTF8.self) } ?? "" }
  switch meaning {
  case .varies(let type, let name): return "\(name):\(type)"
  case .matches(let expression, let name): return "\(name):/\(expression)/"
  case .names(let name): return name
  case .size: return "size"
  case .endpoint: return "data"
  case .givesSecret(let owner): return "gives secret of \(text(owner))"
  case .secret(let owner): return owner == nil ? "secret" : "secret of \(text(owner))"
  case .call(let function, let arguments):
    let shown = arguments.map { argument in
      switch argument {
      case .names(let name, let value): "\(name)=\(text(value))"
      case .secret(let owner): "secret of \(text(owner))"
      case .password(let value, let owner): "password \(text(value)) of \(text(owner))"
      case .bound(let name): name
      }
    }
    return "\(function.rawValue)(\(shown.joined(separator: ", ")))"
  }
}
