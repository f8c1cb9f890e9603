import Glibc

/// An IP address. IPv4 addresses stand in the low four bytes.
package struct Address: Sendable, Hashable {
  package enum Family: Sendable, Hashable { case v4, v6 }

  package let family: Family
  private let high: UInt64
  private let low: UInt64

  package init(v4: UInt32) {
    family = .v4
    high = 0
    low = UInt64(v4)
  }

  /// Most significant half first.
  package init(v6 high: UInt64, _ low: UInt64) {
    family = .v6
    self.high = high
    self.low = low
  }

  /// Parses `192.168.1.1` or `fd00::1`, without brackets, port or zone.
  package init?(_ text: some StringProtocol) {
    let text = String(text)
    var four = in_addr()
    if inet_pton(AF_INET, text, &four) == 1 {
      self.init(v4: UInt32(bigEndian: four.s_addr))
      return
    }
    var six = in6_addr()
    guard inet_pton(AF_INET6, text, &six) == 1 else { return nil }
    let words = unsafe withUnsafeBytes(of: &six) { raw in
      unsafe (raw.loadUnaligned(fromByteOffset: 0, as: UInt64.self), raw.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
    }
    self.init(v6: UInt64(bigEndian: words.0), UInt64(bigEndian: words.1))
  }

  /// All of it but the family, most significant half first.
  package var words: (high: UInt64, low: UInt64) { (high, low) }

  package var isLoopback: Bool {
    switch family {
    case .v4: low >> 24 == 127
    case .v6: high == 0 && low == 1 || (high == 0 && low >> 32 == 0xffff && (low >> 24) & 0xff == 127)
    }
  }

  /// The address of IPv4 that stands within one of IPv6 (RFC 4291 §2.5.5.2); itself where there is none.
  package var unmapped: Address {
    family == .v6 && high == 0 && low >> 32 == 0xffff ? Address(v4: UInt32(truncatingIfNeeded: low)) : self
  }

  /// Network byte order: four bytes or sixteen.
  package var bytes: [UInt8] {
    let six =
      (0..<8).map { UInt8(truncatingIfNeeded: high >> (56 - 8 * $0)) } + (0..<8).map { UInt8(truncatingIfNeeded: low >> (56 - 8 * $0)) }
    return family == .v4 ? Array(six.suffix(4)) : six
  }
}

extension Address: CustomStringConvertible {
  package var description: String {
    switch family {
    case .v4: return "\(low >> 24 & 255).\(low >> 16 & 255).\(low >> 8 & 255).\(low & 255)"
    case .v6:
      var six = in6_addr()
      unsafe withUnsafeMutableBytes(of: &six) { raw in
        unsafe raw.storeBytes(of: high.bigEndian, toByteOffset: 0, as: UInt64.self)
        unsafe raw.storeBytes(of: low.bigEndian, toByteOffset: 8, as: UInt64.self)
      }
      var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
      guard unsafe inet_ntop(AF_INET6, &six, &text, socklen_t(text.count)) != nil else { return "::" }
      return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
  }
}

/// An address and a port, written `192.168.1.1:25` or `[fd00::1]:25`.
package struct Endpoint: Sendable, Hashable, CustomStringConvertible {
  package var address: Address
  package var port: UInt16

  package init(_ address: Address, _ port: UInt16) {
    self.address = address
    self.port = port
  }

  package init?(_ text: String) {
    guard let colon = text.lastIndex(of: ":"), let port = UInt16(text[text.index(after: colon)...]) else { return nil }
    var host = text[..<colon]
    if host.hasPrefix("["), host.hasSuffix("]") {
      host = host.dropFirst().dropLast()
    } else if host.contains(":") {
      return nil
    }
    guard let address = Address(host) else { return nil }
    self.init(address, port)
  }

  package var description: String { address.family == .v4 ? "\(address):\(port)" : "[\(address)]:\(port)" }
}
