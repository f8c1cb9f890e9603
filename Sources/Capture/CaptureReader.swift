import Wire

/// Reads captures, and tells a listener what they hold.
package struct CaptureReader {
  private let paths: [String]
  private let begun: [UInt8]
  private let filter: String?
  private let checksums: Checksums
  private let limits: CaptureLimits

  /// - Parameters:
  ///   - paths: files, or `-` for standard input: read as one, in the order of their packets' times.
  ///   - begun: what was read of standard input already, at most a few bytes, to learn what it is.
  ///   - filter: in the language of pcap-filter(7).
  package init(
    _ paths: [String], begun: [UInt8] = [], filter: String? = nil, checksums: Checksums = .ignored, limits: CaptureLimits = CaptureLimits()
  ) {
    self.paths = paths
    self.begun = begun
    self.filter = filter
    self.checksums = checksums
    self.limits = limits
  }

  package init(
    _ path: String, begun: [UInt8] = [], filter: String? = nil, checksums: Checksums = .ignored, limits: CaptureLimits = CaptureLimits()
  ) {
    self.init([path], begun: begun, filter: filter, checksums: checksums, limits: limits)
  }

  /// One pass. Memory does not grow with the captures.
  ///
  /// - Throws: where nothing can be read of any of them. A capture that breaks off later is read up to there: see `CaptureSummary`.
  package func read(into listener: inout some CaptureListener) throws(CaptureError) -> CaptureSummary {
    var queue = CaptureQueue(paths, begun: begun)
    guard queue.refused.count < paths.count else { throw CaptureError(queue.refused.map(\.description).joined(separator: "\n")) }
    let filter = filter.map(PacketFilter.init)
    var tap = Tap(limits, checksums, captures: paths.count)
    var unread: [LinkLayer: Int] = [:]
    while let (capture, frame) = queue.next() {
      guard let link = frame.link.type else {
        unread[frame.link, default: 0] += 1
        continue
      }
      if let filter, try !filter.admits(frame) { continue }
      let bytes = unsafe Span(_unsafeStart: frame.start, count: frame.count)
      tap.take(bytes, length: frame.length, link, at: frame.at, of: capture, &listener)
    }
    var summary = tap.finish(&listener)
    if let link = unread.keys.min(by: { $0.number < $1.number }), unread.values.reduce(0, +) == queue.packets {
      throw queue.error(0, link.refusal)
    }
    for (link, count) in unread { summary.ignored["link type \(link.name)"] = count }
    summary.refused = queue.refused
    summary.cutShort = queue.cutShort
    return summary
  }
}
