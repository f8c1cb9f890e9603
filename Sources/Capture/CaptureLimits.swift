/// What is kept at most, and for how long.
package struct CaptureLimits: Sendable {
  /// Conversations open at once; beyond, the one that was silent for longest is closed.
  package var conversations = 32_768
  /// Bytes of a conversation that came out of order, with 128 more for each segment; beyond, what is missing before them counts as lost.
  package var outOfOrder = 1 << 20
  /// The same of all conversations together.
  package var outOfOrderTotal = 64 << 20
  /// Without a packet for that long, by the capture's clock, a conversation is over.
  package var idle = Duration.seconds(3600)
  /// The same for datagrams (RFC 4787 §4.3).
  package var idleDatagrams = Duration.seconds(300)
  /// Conversations that have ended, and are remembered for four minutes so that their late packets begin no new one. Beyond, the oldest is
  /// forgotten; nothing is said of that.
  package var remembered = 8_192

  package init() {}
}
