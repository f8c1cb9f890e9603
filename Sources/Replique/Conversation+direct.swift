import Dialects
import Transcript
import Wire

extension Conversation {
  /// The conversation as it is had with the server itself: where all of it was recorded inside a tunnel through a proxy, without the tunnel.
  var direct: Conversation {
    guard let dialect = Registry[self.dialect],
      let inside = steps.firstIndex(where: { if case .speak = $0.action { true } else { false } }),
      case .speak(let name) = steps[inside].action
    else { return self }
    let requests = steps[..<inside].compactMap(\.message).filter { $0.side == .client }
    guard !requests.isEmpty, requests.allSatisfy(dialect.asksForTunnel) else { return self }
    var out = self
    out.dialect = name
    out.transport = .stream
    out.steps.removeFirst(inside + 1)
    return out
  }
}
