import Transcript

/// A piece of YAML with its place. Every scalar is text: nothing is guessed.
indirect enum Node {
  case scalar(Scalar)
  case sequence([Node], Place)
  case mapping([(key: Scalar, value: Node)], Place)

  var place: Place {
    switch self {
    case .scalar(let scalar): scalar.place
    case .sequence(_, let place), .mapping(_, let place): place
    }
  }

  var kind: String {
    switch self {
    case .scalar: "a text"
    case .sequence: "a list"
    case .mapping: "a mapping"
    }
  }
}

struct Scalar {
  enum Style { case plain, single, double, literal, folded }

  var text: String
  var style: Style
  /// Of its first character, quotes left out; in a block, of its first line's.
  var place: Place
  /// Counted from 0, as libyaml has it: where it begins and where what follows it does.
  var start: (line: Int, column: Int)
  var end: (line: Int, column: Int)

  var isEmptyPlain: Bool { style == .plain && text.isEmpty }
}
