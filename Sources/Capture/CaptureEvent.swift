package import Wire

/// A conversation of a capture: TCP connections and UDP exchanges together, numbered from 0 in the order of their first packets.
package struct Origin: Sendable, Hashable {
  package var number: Int
  package var transport: Transport
  /// Who dialled; where that was not seen, who has the higher port.
  package var client: Endpoint
  package var server: Endpoint
  package var at: Instant
  /// Whether its beginning was not captured.
  package var isPartial: Bool
  /// Of several captures that are read together, the one that holds its first packet, by its place; and its number among those that begin there.
  package var capture: Int
  package var stream: Int

  /// - Parameter stream: where there is only one capture, its number.
  package init(
    number: Int, transport: Transport, client: Endpoint, server: Endpoint, at: Instant, isPartial: Bool, capture: Int = 0,
    stream: Int? = nil
  ) {
    self.number = number
    self.transport = transport
    self.client = client
    self.server = server
    self.at = at
    self.isPartial = isPartial
    self.capture = capture
    self.stream = stream ?? number
  }
}

/// Why a conversation came to be over.
package enum Closing: Sendable, Hashable {
  /// Both sides ended.
  case finished
  case reset
  /// Nothing came for `CaptureLimits.idle`, by the capture's clock.
  case idle
  /// The same endpoints began anew.
  case reused
  /// Too many were open: the one that was silent for longest gives way.
  case crowded
  case captureEnded
}

/// Why a connection was never made.
package enum Refusal: Sendable, Hashable {
  /// RST to the SYN.
  case refused
  /// No answer to the SYN.
  case timedOut
  /// ICMP said so.
  case unreachable
}

/// What a capture tells about its conversations, in its own order, but no answer before what it acknowledges. Bytes come beside `bytes` and
/// `datagram`, valid during the call. Instants are those of capture; in a conversation none is earlier than the one before.
///
/// A conversation is `refused`, or it is `opened` and `closed`, with everything else in between.
package enum CaptureEvent: Sendable, Hashable {
  case opened(Origin)
  case refused(Origin, Refusal)
  case bytes(Int, Side, Instant)
  case datagram(Int, Side, Instant)
  /// That many bytes of a side are missing, at this place: they were not captured, or cut off by the snap length.
  case gap(Int, Side, Int, Instant)
  /// A side ended, exactly after its last byte, by FIN or RST; the other side's bytes may follow. Told at most once for each side: who ended
  /// first closed first.
  case ended(Int, Side, Ending, Instant)
  /// Nothing more will come.
  case closed(Int, Closing, Instant)
}

package protocol CaptureListener {
  mutating func heard(_ event: CaptureEvent, _ bytes: Span<UInt8>)
  /// Time has passed without a packet; of a live capture only. What comes later is not older.
  mutating func passed(to now: Instant)
}

extension CaptureListener {
  package mutating func passed(to now: Instant) {}

  /// An event beside which there are no bytes.
  mutating func tell(_ event: CaptureEvent) {
    let none: [UInt8] = []
    heard(event, none.span)
  }
}
