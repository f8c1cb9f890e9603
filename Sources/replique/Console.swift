import Glibc
import Replique

/// stdout is the result, stderr everything else.
enum Console {
  static func out(_ text: String) { write(text, to: STDOUT_FILENO) }
  static func error(_ text: String) { write(text + "\n", to: STDERR_FILENO) }
  /// Without a line's end.
  static func note(_ text: String) { write(text, to: STDERR_FILENO) }

  static var isTerminal: Bool { isatty(STDOUT_FILENO) == 1 }

  private static func write(_ text: String, to descriptor: CInt) { Output.write(Array(text.utf8), to: descriptor) }
}
