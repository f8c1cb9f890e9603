import Transcript
import Wire

/// Declared misbehaviour of the scripted server: `KIND`, `KIND=VALUE`, `KIND@STEP`, `KIND=VALUE@STEP`.
package struct Fault: Sendable, Hashable {
  package enum Kind: String, Sendable, Hashable, CaseIterable {
    /// The reply comes late: by 2 s, or the duration given.
    case delay
    /// One byte at a time, 50 ms apart, or the duration given.
    case drip
    /// The connection is closed instead of a reply.
    case close
    /// The connection is reset in the middle of the reply.
    case reset
    /// Lines end in LF alone.
    case bareLF = "bare-lf"
    /// Another class of code, or the code given.
    case code
    /// The last keyword of a set is left out, or the one given.
    case dropKeyword = "drop-keyword"
    /// Bytes that are of no protocol stand before the reply.
    case garbage
    /// Lines without end follow the reply, up to 64 MiB.
    case flood
    /// There is no reply, and nothing else ever after.
    case stall
    /// Nobody makes a transfer's connection, or waits for it; what is said of the transfer is as if all had gone well.
    case noData = "no-data"
    /// A transfer's connection is reset in the middle.
    case dataReset = "data-reset"
    /// A transfer begins late: by 2 s, or the duration given.
    case dataLate = "data-late"
    /// Another address is named than the one where a transfer's connection is waited for: 192.0.2.1, 2001:db8::1, or the one given.
    case pasvBadAddress = "pasv-bad-address"
    /// Half of a transfer, and then its end, as if that were all.
    case truncate
  }

  package var kind: Kind
  package var value: String?
  /// A step's name or line, or the verb of the command that it belongs to. Without one, the first reply or transfer that it can strike.
  package var step: String?

  /// Nil with the reason where it is none.
  package static func parse(_ text: String) -> Result<Fault, FaultError> {
    let halves = text.split(separator: "@", maxSplits: 1, omittingEmptySubsequences: false)
    let parts = halves[0].split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    guard let kind = Kind(rawValue: String(parts[0])) else {
      return .failure(
        FaultError(
          description: "there is no fault '\(printable(String(parts[0])))'; faults are "
            + Kind.allCases.map(\.rawValue).joined(separator: ", ")))
    }
    let value = parts.count > 1 ? String(parts[1]) : nil
    if let value {
      switch kind {
      case .delay, .drip, .dataLate:
        guard Duration(transcript: value) != nil else {
          return .failure(FaultError(description: "'\(printable(value))' is no duration; write '500ms' or '2s'"))
        }
      case .pasvBadAddress:
        guard Address(value) != nil else {
          return .failure(FaultError(description: "'\(printable(value))' is no address; write '192.0.2.1'"))
        }
      case .code, .dropKeyword: break
      default: return .failure(FaultError(description: "the fault '\(kind.rawValue)' takes no value"))
      }
    }
    return .success(Fault(kind: kind, value: value, step: halves.count > 1 ? String(halves[1]) : nil))
  }
}

package struct FaultError: Error, Sendable, CustomStringConvertible {
  package var description: String
}
