import Dialects
import Transcript
import Wire

extension Recorded {
  /// A message, the command that it answers, if it is the server's and answers one, and the dialect of both.
  struct Turn {
    var heard: Heard
    var command: Heard?
    var dialect: any Dialect
  }

  /// Every message, in order.
  var turns: [Turn] {
    guard var dialect else { return [] }
    var turns: [Turn] = []
    // Each dialect counts from 0.
    for stretch in entries.split(omittingEmptySubsequences: false, whereSeparator: { if case .speaks = $0 { true } else { false } }) {
      if stretch.startIndex > 0, case .speaks(let next) = entries[stretch.startIndex - 1] { dialect = next }
      let heard = stretch.compactMap { if case .message(let heard) = $0 { heard } else { nil } }
      var commands: [Int: Heard] = [:]
      for heard in heard where heard.side == .client { commands[heard.ordinal] = heard }
      turns += heard.map { heard in
        Turn(heard: heard, command: heard.side == .server ? heard.answer.ordinal.flatMap { commands[$0] } : nil, dialect: dialect)
      }
    }
    return turns
  }

  /// `entries` without what the client said to a server that had ended: it can be sent to none that ends likewise.
  var playable: ArraySlice<Entry> {
    guard let end = entries.firstIndex(where: { if case .ended(.server, _) = $0 { true } else { false } }) else { return entries[...] }
    let last = entries.lastIndex { if case .message(let heard) = $0 { heard.side == .server } else { false } } ?? 0
    return last > end ? entries[...] : entries[...end]
  }

  /// What the recorded server broke of the protocol, as a note: broken again, it is nothing new.
  var grades: [String: Grade] {
    var grades: [String: Grade] = [:]
    for case .broken(.server, let violation) in missing { grades[violation.kind] = .note }
    for turn in turns where turn.heard.side == .server {
      for violation in turn.heard.violations where !violation.isRemark { grades[violation.kind] = .note }
      if let finding = turn.dialect.replies(to: turn.command?.message)?.finding(turn.heard.label), finding == .wrongClass {
        grades[finding.kind] = .note
      }
    }
    return grades
  }

  /// What is missing, in sentences.
  var about: String? {
    var sentences: [String] = []
    for missing in missing where !sentences.contains(missing.sentence) { sentences.append(missing.sentence) }
    if entries[playable.endIndex...].contains(where: { if case .message = $0 { true } else { false } }) {
      sentences.append("What the client said after the server had ended is left out.")
    }
    return sentences.isEmpty ? nil : sentences.joined(separator: "\n")
  }
}

extension Recorded.Missing {
  package var sentence: String {
    switch self {
    case .beginning: "The capture does not hold the beginning of this conversation."
    case .end: "The capture ends before this conversation does."
    case .bytes(let count, let side): "\(count) bytes of the \(side.name) are missing from the capture."
    case .unfinished(let side, let count): "The last message of the \(side.name) was never finished: \(count) bytes are left out."
    case .broken(let side, let violation):
      "The \(side.name) sent what is no message (\(violation.kind), \(violation.rule)): it is left out."
    case .notFollowed(let side): "From somewhere on, what the \(side.name) said could not be understood: it is left out."
    case .limit: "The conversation was too large to be kept whole: its end is left out."
    case .unanswered(let count): "\(count) question\(count == 1 ? " was" : "s were") never answered: left out."
    case .tls: "It turns to TLS here: what follows is not in the capture."
    case .transfer(let command, let lack): lack.sentence(printable(command))
    case .stray(let stream): "A data connection (stream \(stream)) belongs to no command: it is left out."
    }
  }
}

extension Recorded.Lack {
  fileprivate func sentence(_ command: String) -> String {
    switch self {
    case .connection: "The data connection of '\(command)' is not in the capture."
    case .beginning: "The capture does not hold the beginning of the data connection of '\(command)'."
    case .end: "The capture does not hold the end of the data connection of '\(command)': its content is left out."
    case .bytes(let count): "\(count) bytes of the data connection of '\(command)' are missing from the capture: its content is left out."
    case .content: "The data of '\(command)' were too large to be kept: they are left out."
    }
  }
}
