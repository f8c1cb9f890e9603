package import Wire

/// What a message changes beyond itself, once it is complete.
package enum Effect: Sendable, Hashable {
  /// All later bytes are TLS's; where they are not, the conversation goes on in clear.
  case startTLS
  /// All later bytes of both sides are another protocol's: a proxy passes them on, to that port where it is known, or the connection was
  /// upgraded.
  case tunnels(to: UInt16?)
  /// The sender closes after this.
  case ends
  /// Not all of the answer: its question is to be put again, over a stream.
  case asksAgain
  /// A secondary connection is to be made for the next transfer; an earlier announcement is void.
  case announces(Announcement)
  /// A reply says that a transfer runs from now on: on the first reply to its command that is positive, preliminary or not.
  case transfers(Transfer)
}

/// Where a secondary connection is made.
package struct Announcement: Sendable, Hashable {
  /// Who dials; the other side listens, and said where.
  package var dialler: Side
  /// Nil where it is left to the control connection (RFC 2428 §3).
  package var address: Address?
  package var port: UInt16
  /// As the message has it: what `${data}` stands for.
  package var written: [UInt8]

  package init(dialler: Side, address: Address?, port: UInt16, written: [UInt8]) {
    self.dialler = dialler
    self.address = address
    self.port = port
    self.written = written
  }
}

/// What goes over a secondary connection.
package struct Transfer: Sendable, Hashable {
  package var from: Side
  /// Whether the sender writes each line's end as CR LF and the receiver as it likes (TYPE A, RFC 959 §3.1.1.1); else bytes are bytes.
  package var isText: Bool

  package init(from side: Side, isText: Bool) {
    from = side
    self.isText = isText
  }
}

/// Why a transfer came to nothing.
package enum TransferFailure: Sendable, Hashable {
  /// There was no connection for it.
  case noConnection
  /// It was cut before its end.
  case cut
}
