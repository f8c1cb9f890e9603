package import Transcript

/// A command of a replay that was answered.
package struct Turn: Sendable {
  package var command: Message
  /// Whether the transcript, and the server, let it succeed.
  package var wasToSucceed: Bool
  package var didSucceed: Bool

  package init(command: Message, wasToSucceed: Bool, didSucceed: Bool) {
    self.command = command
    self.wasToSucceed = wasToSucceed
    self.didSucceed = didSucceed
  }
}
