package import Dialects
package import Wire

extension Recorded {
  /// A transfer that a control conversation says has run, and what its data connection carried.
  package struct Transferred: Sendable {
    /// The command that asked for it, counted among the client's messages.
    package let command: Int
    package let transfer: Transfer
    /// Whether its final reply says that all went well; nil where none came.
    package var succeeded: Bool?
    /// Nil where its data connection is not in the capture, or never was.
    package var carried: Carried?

    init(command: Int, _ transfer: Transfer) {
      self.command = command
      self.transfer = transfer
    }

    /// Whether it was cut, by a reset or by who sent.
    package var endsEarly: Bool {
      guard let carried else { return false }
      if succeeded == false { return true }
      return carried.course == .resetByReceiver || carried.course == .resetBySender && succeeded != true
    }

    /// Why its content is not known, or not for sure; nil where it is.
    package var lack: Lack? {
      guard let carried else { return succeeded == true ? .connection : nil }
      if carried.lost > 0 { return .bytes(carried.lost) }
      if carried.course == .open { return .end }
      if transfer.from == .client, carried.digest != nil { return .content }
      return carried.lacksBeginning ? .beginning : nil
    }
  }

  /// What came over a data connection.
  package struct Carried: Sendable {
    package enum Course: Sendable, Hashable {
      case finished, resetBySender, resetByReceiver
      /// The capture does not show its end.
      case open
    }

    /// The data connection's own number.
    package var stream: Int
    /// All that was sent, or nothing where that was too much to keep, or some is missing.
    package var bytes: [UInt8]
    /// As far as it was captured.
    package var size: Int
    /// SHA-256, where `bytes` were too many to keep.
    package var digest: String?
    package var lost: Int
    package var lacksBeginning: Bool
    package var course: Course
    package var began: Instant
    package var ended: Instant
  }

  /// What the capture does not show of a transfer.
  package enum Lack: Sendable, Hashable {
    case connection, beginning, end
    case bytes(Int)
    /// There was too much of it to be kept, and it would have to be sent.
    case content
  }

  /// Each transfer with the command that asked for it.
  package var transfers: [(transferred: Transferred, command: Heard?)] {
    var commands: [Int: Heard] = [:]
    var out: [(Transferred, Heard?)] = []
    for entry in entries {
      switch entry {
      case .message(let heard): if heard.side == .client { commands[heard.ordinal] = heard }
      case .transfer(let transferred): out.append((transferred, commands[transferred.command]))
      case .ended, .speaks: break
      }
    }
    return out
  }
}
