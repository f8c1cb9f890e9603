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

  package init(number: Int, transport: Transport, client: Endpoint, server: Endpoint, at: Instant, isPartial: Bool) {
    self.number = number
    self.transport = transport
    self.client = client
    self.server = server
    self.at = at
    self.isPartial = isPartial
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

/// What a capture tells about its conversations, in its own order. Bytes come beside `bytes` and `datagram`, valid during the call.
package enum CaptureEvent: Sendable, Hashable {
  case opened(Origin)
  case refused(Origin, Refusal)
  case bytes(Int, Side, Instant)
  case datagram(Int, Side, Instant)
  /// That many bytes of a side are missing.
  case gap(Int, Side, Int, Instant)
  /// A side ended, at its place among its bytes.
  case ended(Int, Side, Ending, Instant)
  /// Nothing more will come.
  case closed(Int, Closing, Instant)
}

package protocol CaptureListener {
  mutating func heard(_ event: CaptureEvent, _ bytes: Span<UInt8>)
}

extension CaptureListener {
  /// An event beside which there are no bytes.
  mutating func tell(_ event: CaptureEvent) {
    let none: [UInt8] = []
    heard(event, none.span)
  }
}
