import Glibc
package import Wire

/// The clock on the wall: rooms below are handed what it says.
package enum WallClock {
  /// Since the Unix epoch.
  package static var now: Instant {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Instant(nanoseconds: Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec))
  }
}
