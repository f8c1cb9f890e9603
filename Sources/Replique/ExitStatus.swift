/// What a run tells its caller. Where several apply, the gravest in this order: unreadable, incomplete, failed.
package enum ExitStatus: Int32, Sendable {
  /// All passed.
  case passed = 0
  /// A difference at or above the gate.
  case failed = 1
  /// A wrong call, a transcript or capture that cannot be read, or nothing to do.
  case unreadable = 2
  /// The target could not be reached, or the run could not be completed.
  case incomplete = 3

  /// The graver of two.
  package func or(_ other: ExitStatus) -> ExitStatus {
    let order: [ExitStatus] = [.passed, .failed, .incomplete, .unreadable]
    func rank(_ status: ExitStatus) -> Int { order.firstIndex(of: status) ?? 0 }
    return rank(self) >= rank(other) ? self : other
  }
}

/// A call that cannot be carried out: a message for people, and the status to leave with.
package struct CallError: Error, Sendable, CustomStringConvertible {
  package let description: String
  package let status: ExitStatus

  package init(_ description: String, _ status: ExitStatus = .unreadable) {
    self.description = description
    self.status = status
  }
}
