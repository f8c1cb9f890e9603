import CPcap
import Glibc

/// Wakes whoever waits for packets, and tells to stop; may be sent from any thread, and more than once.
package final class StopSignal: Sendable {
  let descriptor: CInt

  /// Nil where the system has no more descriptors.
  init?() {
    descriptor = eventfd(0, CInt(EFD_CLOEXEC) | CInt(EFD_NONBLOCK))
    if descriptor < 0 { return nil }
  }

  deinit { close(descriptor) }

  package func send() { _ = eventfd_write(descriptor, 1) }
}
