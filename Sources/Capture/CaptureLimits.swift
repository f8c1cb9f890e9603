/// What is kept at most, and for how long.
package struct CaptureLimits: Sendable {
  /// Conversations open at once; beyond, the one that was silent for longest is closed.
  package var conversations = 32_768
  /// Bytes of a conversation that came out of order, with 128 more for each segment; beyond, what is missing before them counts as lost.
  package var outOfOrder = 1 << 20
  /// The same of all conversations together.
  package var outOfOrderTotal = 64 << 20
  /// Bytes that were told last, of all conversations together: those that come again are compared with them. Beyond, they are not.
  package var recent = 8 << 20
  /// Without a packet for that long, by the capture's clock, a conversation is over.
  package var idle = Duration.seconds(3600)
  /// The same for datagrams (RFC 4787 §4.3).
  package var idleDatagrams = Duration.seconds(300)
  /// Conversations that have ended, and are remembered for four minutes so that their late packets begin no new one. Beyond, the oldest is
  /// forgotten; nothing is said of that.
  package var remembered = 8_192

  /// Packets that come in pieces and are not whole yet; beyond, the oldest is given up.
  package var fragmentedPackets = 256
  /// Bytes of their pieces, with 96 more for each; the same beyond.
  package var fragmentBytes = 4 << 20

  package init() {}
}
