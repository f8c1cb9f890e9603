import Transcript
import Wire

/// Whether the steps of a conversation can come in their order: what nothing could come after, or nothing could check, is an error.
struct Course {
  private let problems: Problems

  init(_ problems: Problems) { self.problems = problems }

  func check(_ steps: [Step]) {
    var ended: Set<Side> = []
    // Optional replies behind which no other has come so far.
    var open: [Step] = []
    var hasCommand = false
    for (index, step) in steps.enumerated() {
      switch step.action {
      case .connect:
        if index > 0 { problems.add("'connect' can be the first step only", at: step.place) }
        if index == 0, steps.count > 1 { problems.add("nothing can follow where no connection is made", at: steps[1].place) }
      case .say(let message):
        if ended.contains(message.side) { problems.add("the \(message.side.name) has ended its direction above", at: step.place) }
        if message.side == .client {
          hasCommand = true
          for optional in open where optional.within == nil {
            problems.add("what is optional before a 'C' needs 'within': how long to wait for it", at: optional.place)
          }
          open = []
        } else if step.isOptional {
          open.append(step)
        } else {
          open = []
        }
      case .close(let side): ended.insert(side)
      case .reset: ended = [.client, .server]
      case .data:
        if !hasCommand {
          problems.add("no command has asked for a transfer by here", at: step.place, hint: "'data' stands after the reply that begins it")
        }
      case .tls, .speak, .silence, .pause: break
      }
    }
  }
}
