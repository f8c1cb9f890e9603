import Expressions
import Synchronization

/// Expressions that were compiled already: matching compiles each once, whoever asks, on whatever thread.
final class ExpressionCache: Sendable {
  static let shared = ExpressionCache()

  private let compiled = Mutex<[String: Expression]>([:])

  /// Nil where it does not compile; `Text.check` says why.
  func expression(_ source: String) -> Expression? {
    if let known = compiled.withLock({ $0[source] }) { return known }
    guard let new = try? Expression(source) else { return nil }
    compiled.withLock {
      // Starting anew costs a compilation each; no transcript has so many.
      if $0.count >= ExpressionCache.most { $0.removeAll() }
      $0[source] = new
    }
    return new
  }

  private static let most = 1024
}
