/// Colours for a terminal, or none.
struct Ink: Sendable {
  enum Tone: String {
    case strong = "1"
    case faint = "2"
    case good = "32"
    case bad = "1;31"
    case doubtful = "33"
    case client = "36"
    case server = "35"
    /// The stretch of a line that is another one: what was to be there, what was.
    case wanted = "4;32"
    case found = "1;4;31"
  }

  let usesColor: Bool

  func callAsFunction(_ tone: Tone, _ text: String) -> String {
    usesColor && !text.isEmpty ? "\u{1b}[\(tone.rawValue)m\(text)\u{1b}[0m" : text
  }
}
