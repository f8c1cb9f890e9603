import Glibc
import NIOCore
import Wire

extension Endpoint {
  /// Nil for what is no address of IP. An address of IPv4 within IPv6 is one of IPv4.
  init?(_ address: SocketAddress) {
    guard let text = address.ipAddress, let parsed = Address(text), let port = address.port else { return nil }
    self.init(parsed.unmapped, UInt16(truncatingIfNeeded: port))
  }
}

extension SocketAddress {
  init(_ endpoint: Endpoint) {
    do { try self.init(ipAddress: "\(endpoint.address)", port: Int(endpoint.port)) } catch {
      preconditionFailure("an address is written as one: \(error)")
    }
  }
}
