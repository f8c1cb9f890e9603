import Transcript
import Wire

/// A place of a conversation that members of a group may fill differently.
enum Slot {
  case text(Text)
  case payload(Payload)
}

extension Conversation {
  /// Visits its texts and payloads in their order, which is the same in all conversations of a shape. `step` is the step's index.
  mutating func visitSlots(_ body: (_ slot: inout Slot, _ side: Side, _ step: Int) -> Void) {
    for index in steps.indices {
      func visit(_ text: inout Text, _ side: Side) {
        var slot = Slot.text(text)
        body(&slot, side, index)
        if case .text(let changed) = slot { text = changed }
      }
      func visit(_ payload: inout Payload, _ side: Side) {
        var slot = Slot.payload(payload)
        body(&slot, side, index)
        if case .payload(let changed) = slot { payload = changed }
      }
      switch steps[index].action {
      case .say(var message):
        for line in message.head.indices { visit(&message.head[line], message.side) }
        for part in message.parts.indices {
          switch message.parts[part].content {
          case .lines(var texts):
            for line in texts.indices { visit(&texts[line], message.side) }
            message.parts[part].content = .lines(texts)
          case .set(var texts):
            for line in texts.indices { visit(&texts[line], message.side) }
            message.parts[part].content = .set(texts)
          case .fields(var fields):
            for field in fields.indices {
              for value in fields[field].values.indices { visit(&fields[field].values[value], message.side) }
            }
            message.parts[part].content = .fields(fields)
          case .payload(var payload):
            visit(&payload, message.side)
            message.parts[part].content = .payload(payload)
          }
        }
        steps[index].action = .say(message)
      case .data(let side, var payload):
        visit(&payload, side)
        steps[index].action = .data(side, payload)
      case .connect, .tls, .speak, .close, .reset, .silence, .pause: break
      }
    }
  }

  /// Its texts and payloads, in the order of `visitSlots`.
  var slots: [Slot] {
    var copy = self
    var slots: [Slot] = []
    copy.visitSlots { slot, _, _ in slots.append(slot) }
    return slots
  }
}
