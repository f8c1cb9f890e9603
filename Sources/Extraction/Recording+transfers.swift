import Capture
import Dialects
import Wire

extension Recording {
  /// Takes down what a message says of data connections.
  mutating func noteTransfers(_ heard: Heard) {
    for effect in heard.effects {
      switch effect {
      case .announces(let announcement): signals.append(.announces(announcement, heard.ended))
      case .transfers(let transfer): if let command = heard.answer.ordinal { begin(transfer, command, heard) }
      case .startTLS, .tunnels, .ends, .asksAgain: break
      }
    }
    if case .final(let command) = heard.answer, running.remove(command) != nil { end(command, heard) }
  }

  private mutating func begin(_ transfer: Transfer, _ command: Int, _ reply: Heard) {
    let asked = place(ofCommand: command)
    var since = recorded.origin.at
    if let asked, let before = recorded.entries[..<asked].last(where: { $0.isMessage(of: .server) }), case .message(let heard) = before {
      since = heard.ended
    }
    running.insert(command)
    signals.append(.begins(command: command, transfer, since: since))
    let entry = Recorded.Entry.transfer(Recorded.Transferred(command: command, transfer))
    if case .final = reply.answer, let asked { recorded.entries.insert(entry, at: asked + 1) } else { recorded.entries.append(entry) }
  }

  private mutating func end(_ command: Int, _ reply: Heard) {
    signals.append(.ends(command: command, reply.ended))
    let place = recorded.entries.lastIndex { if case .transfer(let transferred) = $0 { transferred.command == command } else { false } }
    guard let place, case .transfer(var transferred) = recorded.entries[place] else { return }
    transferred.succeeded = recorded.dialect?.succeeded(reply.message)
    recorded.entries[place] = .transfer(transferred)
  }

  /// Most often near the end.
  private func place(ofCommand ordinal: Int) -> Int? {
    recorded.entries.lastIndex { if case .message(let heard) = $0 { heard.side == .client && heard.ordinal == ordinal } else { false } }
  }
}

extension Recorded.Entry {
  fileprivate func isMessage(of side: Side) -> Bool { if case .message(let heard) = self { heard.side == side } else { false } }
}
