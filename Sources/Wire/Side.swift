/// The two ends of a conversation. The client is the one who dialled, or, for datagrams, who asked first.
package enum Side: Sendable, Hashable, CaseIterable {
  case client, server

  package var other: Side { self == .client ? .server : .client }
  /// `C` or `S`, as transcripts write it.
  package var letter: String { self == .client ? "C" : "S" }
  /// `client` or `server`, as people say it.
  package var name: String { self == .client ? "client" : "server" }
}

/// One value for each side.
package struct Sides<Value> {
  package var client: Value
  package var server: Value

  package init(client: Value, server: Value) {
    self.client = client
    self.server = server
  }

  package subscript(side: Side) -> Value {
    get { side == .client ? client : server }
    _modify {
      if side == .client { yield &client } else { yield &server }
    }
  }
}

extension Sides: Sendable where Value: Sendable {}
extension Sides: Equatable where Value: Equatable {}

/// How one direction of a connection stands.
package enum Ending: Sendable, Hashable {
  /// More may come.
  case open
  /// The side has said that it sends no more (FIN, end of file).
  case finished
  /// The side has given the connection up (RST).
  case reset
}

package enum Transport: Sendable, Hashable {
  case stream, datagrams
}
