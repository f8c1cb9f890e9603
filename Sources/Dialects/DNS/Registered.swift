import Wire

/// Numbers that have names (IANA, "Domain Name System Parameters"); those that have none are written with their kind before them:
/// `TYPE731`, `CLASS32` (RFC 3597 §5), `RCODE12`, `OPCODE7`.
struct Registered: Sendable {
  private let prefix: String
  private let names: [UInt16: String]
  private let numbers: [String: UInt16]
  private let limit: UInt16

  private init(_ prefix: String, _ names: [UInt16: String], limit: UInt16 = .max) {
    self.prefix = prefix
    self.names = names
    self.limit = limit
    numbers = Dictionary(names.map { ($1, $0) }) { first, _ in first }
  }

  func name(_ number: UInt16) -> String { names[number] ?? prefix + String(number) }

  /// Without case.
  func number(_ name: some Collection<UInt8>) -> UInt16? {
    let name = String(decoding: name, as: UTF8.self).uppercased()
    if let number = numbers[name] { return number }
    guard name.hasPrefix(prefix), name.utf8.dropFirst(prefix.utf8.count).allSatisfy(\.isDigit),
      let number = UInt16(name.dropFirst(prefix.count)), number <= limit
    else { return nil }
    return number
  }

  var all: [String] { names.values.sorted() }

  static let types = Registered(
    "TYPE",
    [
      1: "A", 2: "NS", 5: "CNAME", 6: "SOA", 7: "MB", 8: "MG", 9: "MR", 10: "NULL", 11: "WKS", 12: "PTR", 13: "HINFO", 14: "MINFO",
      15: "MX", 16: "TXT", 17: "RP", 18: "AFSDB", 24: "SIG", 25: "KEY", 28: "AAAA", 29: "LOC", 33: "SRV", 35: "NAPTR", 36: "KX",
      37: "CERT", 39: "DNAME", 41: "OPT", 42: "APL", 43: "DS", 44: "SSHFP", 45: "IPSECKEY", 46: "RRSIG", 47: "NSEC", 48: "DNSKEY",
      49: "DHCID", 50: "NSEC3", 51: "NSEC3PARAM", 52: "TLSA", 53: "SMIMEA", 55: "HIP", 59: "CDS", 60: "CDNSKEY", 61: "OPENPGPKEY",
      62: "CSYNC", 63: "ZONEMD", 64: "SVCB", 65: "HTTPS", 99: "SPF", 108: "EUI48", 109: "EUI64", 249: "TKEY", 250: "TSIG", 251: "IXFR",
      252: "AXFR", 253: "MAILB", 254: "MAILA", 255: "ANY", 256: "URI", 257: "CAA", 32768: "TA", 32769: "DLV",
    ])
  static let classes = Registered("CLASS", [1: "IN", 3: "CH", 4: "HS", 254: "NONE", 255: "ANY"])
  static let opcodes = Registered("OPCODE", [0: "QUERY", 1: "IQUERY", 2: "STATUS", 4: "NOTIFY", 5: "UPDATE", 6: "DSO"], limit: 15)
  /// Those above 15 need EDNS (RFC 6891 §6.1.3).
  static let codes = Registered(
    "RCODE",
    [
      0: "NOERROR", 1: "FORMERR", 2: "SERVFAIL", 3: "NXDOMAIN", 4: "NOTIMP", 5: "REFUSED", 6: "YXDOMAIN", 7: "YXRRSET", 8: "NXRRSET",
      9: "NOTAUTH", 10: "NOTZONE", 11: "DSOTYPENI", 16: "BADVERS", 17: "BADKEY", 18: "BADTIME", 19: "BADMODE", 20: "BADNAME", 21: "BADALG",
      22: "BADTRUNC", 23: "BADCOOKIE",
    ], limit: 4095)
  /// Options of EDNS.
  static let options = Registered(
    "OPTION",
    [
      1: "LLQ", 2: "UL", 3: "NSID", 5: "DAU", 6: "DHU", 7: "N3U", 8: "ECS", 9: "EXPIRE", 10: "COOKIE", 11: "KEEPALIVE", 12: "PADDING",
      13: "CHAIN", 14: "KEYTAG", 15: "EDE",
    ])
}

extension UInt16 {
  static let typeCNAME: UInt16 = 5
  static let typeSOA: UInt16 = 6
  static let typeDNAME: UInt16 = 39
  static let typeOPT: UInt16 = 41
  static let typeRRSIG: UInt16 = 46
  static let typeIXFR: UInt16 = 251
  static let typeAXFR: UInt16 = 252
  static let typeANY: UInt16 = 255
  static let classIN: UInt16 = 1
  static let classNONE: UInt16 = 254
  static let classANY: UInt16 = 255
}
