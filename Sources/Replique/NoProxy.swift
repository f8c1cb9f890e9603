import Wire

/// Hosts that are reached without a proxy, as `no_proxy` lists them, read as curl does: names with all that is below them, a dot in front or
/// not, addresses, blocks of addresses (`10.0.0.0/8`), or `*` alone for all; between commas or blanks.
struct NoProxy: Sendable {
  private let entries: [Substring]
  private let isForAll: Bool

  init(_ list: String) {
    entries = list.split { $0 == "," || $0 == " " || $0 == "\t" }
    isForAll = list == "*"
  }

  /// - Parameter host: a name, or an address without brackets.
  func covers(_ host: String) -> Bool {
    if isForAll { return true }
    if let address = Address(host) { return entries.contains { Self.block($0, holds: address) } }
    let host = Self.trimmed(host.lowercased()[...], leading: false)
    return entries.contains { entry in
      let name = Self.trimmed(entry.lowercased()[...], leading: true)
      return !name.isEmpty && (host == name || host.hasSuffix(".\(name)"))
    }
  }

  /// A dot at the end says that the name is whole.
  private static func trimmed(_ name: Substring, leading: Bool) -> Substring {
    var name = name
    if name.hasSuffix(".") { name.removeLast() }
    if leading, name.hasPrefix(".") { name.removeFirst() }
    return name
  }

  private static func block(_ entry: Substring, holds address: Address) -> Bool {
    let parts = entry.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
    guard let base = Address(parts[0]), base.family == address.family else { return false }
    let (own, others) = (address.bytes, base.bytes)
    var bits = own.count * 8
    if parts.count > 1 {
      guard let written = Int(parts[1]), (1...bits).contains(written) else { return false }
      bits = written
    }
    let whole = bits / 8
    guard own[..<whole] == others[..<whole] else { return false }
    return bits % 8 == 0 || (own[whole] ^ others[whole]) >> (8 - bits % 8) == 0
  }
}
