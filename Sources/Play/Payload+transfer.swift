import Transcript
import Wire

extension Payload {
  /// As it goes over a secondary connection, every hole filled.
  ///
  /// - Parameters:
  ///   - isText: whether line ends are the sender's to write (see `Transfer.isText`): then each becomes CR LF. Bytes that are given one by
  ///     one stay as they are.
  ///   - wall: from the Unix epoch.
  func cargo(_ bindings: inout Bindings, isText: Bool, at wall: Instant) throws(Unfillable) -> [UInt8] {
    var filled = self
    filled = try filled.fill(&bindings, at: wall)
    switch filled.content {
    case .text?, .json?, .file?: return isText ? networkText(filled.bytes) : filled.bytes
    case .lines?, .bytes?, .chunks?, .fields?, nil: return filled.bytes
    }
  }
}
