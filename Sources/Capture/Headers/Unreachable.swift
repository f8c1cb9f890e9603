import Wire

/// ICMP's "destination unreachable": it quotes the beginning of the packet that was not delivered (RFC 792, RFC 4443 §3.1).
struct Unreachable {
  /// Of the quoted packet: who sent it, and who never got it.
  var source: Endpoint
  var destination: Endpoint

  init(_ bytes: Span<UInt8>, at start: Int, isV6: Bool) throws(Ignored) {
    guard start + 8 <= bytes.count else { throw .cut }
    // IPv4's code 4 only asks for smaller packets.
    guard bytes[start] == (isV6 ? 1 : 3), isV6 || bytes[start + 1] != 4 else { throw .notTCPOrUDP }
    let quoted = start + 8
    let (addresses, ports, kind): ((Address, Address), Int, UInt8)
    if isV6 {
      guard quoted + 44 <= bytes.count else { throw .cut }
      addresses = (
        Address(v6: bytes.long(quoted + 8), bytes.long(quoted + 16)), Address(v6: bytes.long(quoted + 24), bytes.long(quoted + 32))
      )
      (ports, kind) = (quoted + 40, bytes[quoted + 6])
    } else {
      guard quoted + 20 <= bytes.count else { throw .cut }
      addresses = (Address(v4: bytes.word(quoted + 12)), Address(v4: bytes.word(quoted + 16)))
      (ports, kind) = (quoted + Int(bytes[quoted] & 15) * 4, bytes[quoted + 9])
      guard ports + 4 <= bytes.count else { throw .cut }
    }
    guard kind == 6 else { throw .notTCPOrUDP }
    source = Endpoint(addresses.0, bytes.short(ports))
    destination = Endpoint(addresses.1, bytes.short(ports + 2))
  }
}
