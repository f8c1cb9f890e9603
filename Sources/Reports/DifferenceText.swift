import Results
import Transcript
import Wire

/// One difference as a terminal shows it.
struct DifferenceText {
  private let difference: Difference
  private let step: StepResult
  private let width: Int
  private let ink: Ink

  init(_ difference: Difference, at step: StepResult, width: Int, _ ink: Ink) {
    self.difference = difference
    self.step = step
    self.width = width
    self.ink = ink
  }

  /// What, where, by whom; the transcript's line with a caret; what was expected and what was seen; what is known beside.
  var full: [String] {
    var out = [ink(difference.grade >= .divergence ? .bad : .doubtful, headline)]
    if let line = difference.line { out += difference.place.excerpt(line).split(separator: "\n").map(String.init) }
    let room = width - Label.width
    switch (difference.expected, difference.observed) {
    case (let expected?, let observed?): out += Contrast(expected, observed).lines(width: room, ink)
    case (let expected?, nil): out.append(Label.expected + ink(.wanted, clipped(expected.bytes, to: room)))
    case (nil, let observed?): out.append(Label.observed + ink(.found, clipped(observed.bytes, to: room)))
    case (nil, nil): break
    }
    if let rule = difference.rule { out.append(Label.rule + printable(rule)) }
    if let hint = difference.hint { out.append(Label.hint + printable(hint)) }
    return out
  }

  /// One line, for what was told before or only follows.
  func short(times: Int) -> String {
    ink(.faint, headline + (difference.follows ? ", only follows" : ", again") + (times > 1 ? ", \(times) times" : ""))
  }

  /// `mail.yaml:12:8: divergence: reply-code at 'rcpt' (fault: server)`
  var headline: String {
    let name = step.name.map { " at '\(printable($0))'" } ?? ""
    return "\(printable(difference.place.file)):\(difference.place.line):\(difference.place.column): \(difference.grade.rawValue): "
      + "\(printable(difference.kind))\(name) (fault: \(Wording.fault(difference.fault)))"
  }
}
