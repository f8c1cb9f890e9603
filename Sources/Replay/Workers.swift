import NIOCore
import NIOPosix

/// Work that is done on event loops, so that no conversation has to wake another thread to begin or to report its end.
package enum Workers {
  /// Does the work that many times at once, and ends with the last.
  package static func run(_ count: Int, _ work: @escaping @Sendable () async -> Void) async {
    await withTaskGroup { group in
      for _ in 0..<max(1, count) {
        group.addTask(executorPreference: LoopExecutor(MultiThreadedEventLoopGroup.singleton.next())) { await work() }
      }
    }
  }
}

/// Runs tasks on one event loop.
private final class LoopExecutor: TaskExecutor {
  private let loop: any EventLoop

  init(_ loop: any EventLoop) { self.loop = loop }

  func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    loop.execute { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
  }
}
