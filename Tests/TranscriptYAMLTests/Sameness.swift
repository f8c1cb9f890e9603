import Testing
import Transcript

/// Whether two transcripts say the same, wherever it stands.
func expectSame(_ a: Transcript, _ b: Transcript, sourceLocation: SourceLocation = #_sourceLocation) throws {
  #expect(a.conversations.count == b.conversations.count, sourceLocation: sourceLocation)
  for (mine, other) in zip(a.conversations, b.conversations) {
    #expect(mine.steps.count == other.steps.count, sourceLocation: sourceLocation)
    for (mine, other) in zip(mine.steps, other.steps) where mine.nowhere != other.nowhere {
      Issue.record("\(mine.nowhere)\nis not\n\(other.nowhere)", sourceLocation: sourceLocation)
    }
  }
  #expect(a.rest == b.rest, sourceLocation: sourceLocation)
}

extension Transcript {
  /// All but its steps.
  fileprivate var rest: [String] {
    func variables(_ variables: [Variable]) -> String { variables.map { "\($0.name)=\($0.value?.template ?? "-")" }.joined(separator: " ") }
    func sorted(_ grades: [String: Grade]) -> String { grades.map { "\($0)=\($1)" }.sorted().joined(separator: " ") }
    return [
      "\(title ?? "-")", "\(about ?? "-")", "\(cite ?? "-")", "\(tags)", "\(locks)", "\(String(describing: gate))", sorted(grades),
      variables(vars),
    ]
      + conversations.flatMap { conversation in
        [
          "\(conversation.name ?? "-") \(conversation.dialect)", "\(conversation.about ?? "-")", "\(conversation.cite ?? "-")",
          "\(conversation.target?.template ?? "-")", "\(conversation.proxy?.template ?? "-")",
          "\(String(describing: conversation.transport))",
          "\(String(describing: conversation.gate))", sorted(conversation.grades), "\(String(describing: conversation.within))",
          "\(String(describing: conversation.retry))", "\(conversation.needs)", "\(String(describing: conversation.source))",
          variables(conversation.vars),
        ]
      }
  }
}

extension Step {
  fileprivate var nowhere: Step {
    var step = self
    step.place = .nowhere
    switch action {
    case .say(var message):
      for i in message.parts.indices {
        if case .payload(let payload) = message.parts[i].content { message.parts[i].content = .payload(payload.nowhere) }
      }
      step.action = .say(message)
    case .data(let side, let payload): step.action = .data(side, payload.nowhere)
    default: break
    }
    return step
  }
}

extension Payload {
  fileprivate var nowhere: Payload {
    var payload = self
    payload.place = .nowhere
    if case .fields(let headers, let body?)? = content { payload.content = .fields(headers: headers, body: Box(body.payload.nowhere)) }
    return payload
  }
}
