import Dialects
import Wire

/// A transfer that a reply of ours has begun.
struct ServedTransfer: Sendable {
  enum State: Sendable { case due, done, failed(TransferFailure) }

  /// The number of the client's command.
  let command: Int
  let kind: Transfer
  let line: LineName?
  let fault: Fault?
  let began: Instant
  var state = State.due
  /// Bytes that have moved, and when the last of them did.
  var moved = 0
  var movedAt: Instant
}
