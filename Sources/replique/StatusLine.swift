import Glibc
import Synchronization

/// The last line of a terminal, written again and again; nothing where standard error is no terminal.
final class StatusLine: Sendable {
  private let isShown: Bool
  private let text = Mutex("")

  init(isWanted: Bool = true) { isShown = isWanted && isatty(STDERR_FILENO) == 1 }

  func show(_ new: String) {
    guard isShown else { return }
    text.withLock { text in
      guard text != new else { return }
      text = new
      Console.note("\r\u{1b}[K" + new)
    }
  }

  func clear() {
    guard isShown else { return }
    text.withLock { text in
      if !text.isEmpty { Console.note("\r\u{1b}[K") }
      text = ""
    }
  }

  /// Prints something else, and the line stays the last one.
  func aside(_ print: () -> Void) {
    let text = text.withLock { $0 }
    clear()
    print()
    show(text)
  }
}
