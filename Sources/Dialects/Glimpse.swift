package import Wire

/// The first words of a conversation.
package struct Glimpse: Sendable {
  package var port: UInt16
  package var transport: Transport
  /// The first line of each side, without its end, if there is one.
  package var greeting: [UInt8]?
  package var command: [UInt8]?
  /// The first bytes of each side as they came; of datagrams, the first one.
  package var opening: Sides<[UInt8]>

  /// - Parameter opening: where it is not given, the first lines.
  package init(port: UInt16, transport: Transport, greeting: [UInt8]?, command: [UInt8]?, opening: Sides<[UInt8]>? = nil) {
    self.port = port
    self.transport = transport
    self.greeting = greeting
    self.command = command
    self.opening = opening ?? Sides(client: command ?? [], server: greeting ?? [])
  }
}
