/// Answers to datagrams: one that comes again gets the same.
struct Echo: Sendable {
  private var answers: [[UInt8]: [UInt8]] = [:]
  /// By their numbers; the one that is being heard has none so far.
  private var questions: [Int: [UInt8]] = [:]
  private var latest: [UInt8] = []

  mutating func heard(_ datagram: [UInt8]) { latest = datagram }
  mutating func isNumber(_ ordinal: Int) { questions[ordinal] = latest }

  mutating func answered(_ ordinal: Int, _ answer: [UInt8]) {
    guard let question = questions.removeValue(forKey: ordinal) else { return }
    if answers.count >= Self.remembered { answers = [:] }
    answers[question] = answer
  }

  func answer(to datagram: [UInt8]) -> [UInt8]? { answers[datagram] }

  /// Of one conversation; who goes on beyond gets the first answers as if they were new.
  private static let remembered = 1024
  /// How long a client may take to ask again for an answer that got lost.
  static let patience = Duration.seconds(3)
}
