import NIOCore
import Synchronization

/// The conversations that a scripted server has under way.
final class Conversations: Sendable {
  private struct State {
    var open = 0
    var isClosing = false
  }

  private let state = Mutex(State())
  private let over: EventLoopPromise<Void>

  init(on loop: any EventLoop) { over = loop.makePromise() }

  func began() { state.withLock { $0.open += 1 } }

  func ended() {
    let isLast = state.withLock { state in
      state.open -= 1
      return state.isClosing && state.open == 0
    }
    if isLast { over.succeed() }
  }

  /// No more begin: ends with the last one.
  func drain() -> EventLoopFuture<Void> {
    let isIdle = state.withLock { state in
      state.isClosing = true
      return state.open == 0
    }
    if isIdle { over.succeed() }
    return over.futureResult
  }
}
