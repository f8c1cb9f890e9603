package import Dialects
package import Wire

/// How long to wait, and how much to take.
package struct PlayOptions: Sendable {
  /// For each reply, counted from when it is due.
  package var timeout: Duration = .seconds(30)
  /// Payloads that are larger are digested, not kept: 16 MiB.
  package var payloadLimit = 16 << 20
  /// Stretches of bytes that are no message, until a conversation is given up.
  package var brokenLimit = 10
  /// Bytes that arrive while messages wait to be looked at, until a conversation is given up: 64 MiB.
  package var unreadLimit = 64 << 20

  /// Bytes of one transfer beyond those that are expected, until it is cut: 1 GiB.
  package var transferLimit = 1 << 30

  /// What is said of where we wait for a secondary connection, instead of the address that we have: the outer one of a NAT.
  package var dataAddress: Address?
  /// Where we wait for secondary connections; nil for any port that is free.
  package var dataPorts: ClosedRange<UInt16>?

  /// The way to the server; nil for the one that the transcript has.
  package var route: Route?

  package init() {}
}
