package import NIOCore
import Synchronization

/// Ends the conversations under way when a run is interrupted, so that reports of what was done can still be written.
package final class Interruption: Sendable {
  private struct State {
    var hasCome = false
    var next = 0
    var waiting: [Int: @Sendable () -> Void] = [:]
  }

  private let state = Mutex(State())

  package init() {}

  package var hasCome: Bool { state.withLock { $0.hasCome } }

  package func come() {
    let waiting = state.withLock { state in
      state.hasCome = true
      defer { state.waiting = [:] }
      return Array(state.waiting.values)
    }
    for tell in waiting { tell() }
  }

  /// Calls `tell` when it comes, or at once where it has come.
  package func whenItComes(_ tell: @escaping @Sendable () -> Void) {
    if add(tell) == nil { tell() }
  }

  /// Calls `tell` if the interruption comes before `end` does.
  package func watch<Value>(_ end: EventLoopFuture<Value>, _ tell: @escaping @Sendable () -> Void) {
    guard let number = add(tell) else { return tell() }
    end.whenComplete { [self] _ in state.withLock { _ = $0.waiting.removeValue(forKey: number) } }
  }

  /// - Returns: the number it waits by; nil where the interruption has come.
  private func add(_ tell: @escaping @Sendable () -> Void) -> Int? {
    state.withLock { state in
      guard !state.hasCome else { return nil }
      state.next += 1
      state.waiting[state.next] = tell
      return state.next
    }
  }
}
