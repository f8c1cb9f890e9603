import Transcript

/// A piece of YAML with its place. Every scalar is text: nothing is guessed.
indirect enum Node {
  case scalar(Scalar)
  case sequence([Node], Mark)
  case mapping([Pair], Mark)

  struct Pair {
    var key: Scalar
    var value: Node
  }

  var mark: Mark {
    switch self {
    case .scalar(let scalar): scalar.mark
    case .sequence(_, let mark), .mapping(_, let mark): mark
    }
  }

  var place: Place {
    switch self {
    case .scalar(let scalar): scalar.place
    case .sequence(_, let mark), .mapping(_, let mark): mark.place
    }
  }

  var kind: String {
    switch self {
    case .scalar(let scalar): scalar.isNothing ? "nothing" : "a text"
    case .sequence: "a list"
    case .mapping: "a mapping"
    }
  }
}

/// Where something begins in a file.
struct Mark {
  var place: Place
  /// The byte.
  var offset: Int
  /// Whether it is `[…]` or `{…}`.
  var isFlow = false
}

struct Scalar {
  enum Style { case plain, single, double, literal, folded }

  var text: String
  var style: Style
  /// Of its first character, quotes left out; in a block, of its first line's.
  var place: Place
  /// Where it begins as YAML has it: at the quote, at the `|`.
  var mark: Mark
  /// The byte behind it.
  var end: Int
  var isOnOneLine: Bool

  /// As in `key:` with nothing behind it.
  var isNothing: Bool { style == .plain && text.isEmpty }
}
