import Transcript
import Wire

/// One text of a group: what all its conversations have there, and the places where they differ.
struct MergedText {
  enum Piece {
    case same(Atom)
    case varies(Variation)
    /// Where even the number of words differs: anything, and what the first conversation had there.
    case open([UInt8]?)
  }

  struct Variation {
    /// Of the first conversation; nil where it must not be shown.
    var value: [UInt8]?
    /// The types that all values have.
    var types: Types
    var column: Int
  }

  private(set) var pieces: [Piece]

  init(_ text: Text) { pieces = Atom.all(of: text).map { .same($0) } }

  /// Whether any place differs.
  var differs: Bool {
    pieces.contains { if case .same = $0 { false } else { true } }
  }

  var isOpen: Bool {
    pieces.contains { if case .open = $0 { true } else { false } }
  }

  var variations: [Variation] {
    pieces.compactMap { if case .varies(let variation) = $0 { variation } else { nil } }
  }

  /// Takes in what another conversation has there.
  ///
  /// - Parameters:
  ///   - names: the values behind the names of the group's first conversation, and of the other one.
  ///   - mayOpen: whether what has another number of words may become anything.
  /// - Returns: whether it could; if not, nothing has changed.
  mutating func merge(
    _ text: Text, names: (first: [String: [UInt8]], other: [String: [UInt8]]), mayOpen: Bool, _ columns: inout Columns
  ) -> Bool {
    let atoms = Atom.all(of: text)
    var whole = 0
    while whole < min(pieces.count, atoms.count), pieces[whole].admits(atoms[whole], strictly: false) { whole += 1 }
    if whole == pieces.count, whole == atoms.count {
      for at in pieces.indices { pieces[at].take(atoms[at], names, &columns) }
      return true
    }
    guard mayOpen else { return false }
    let common = min(pieces.count, atoms.count)
    var head = 0
    while head < common, pieces[head].admits(atoms[head], strictly: true) { head += 1 }
    var tail = 0
    while tail < common - head, pieces[pieces.count - 1 - tail].admits(atoms[atoms.count - 1 - tail], strictly: true) { tail += 1 }
    for at in 0..<head { pieces[at].take(atoms[at], names, &columns) }
    for at in 0..<tail { pieces[pieces.count - 1 - at].take(atoms[atoms.count - 1 - at], names, &columns) }
    let middle = head..<(pieces.count - tail)
    var example: [UInt8]? = []
    for piece in pieces[middle] {
      let value = piece.value(names.first)
      example = example.flatMap { before in value.map { before + $0 } }
    }
    pieces.replaceSubrange(middle, with: [.open(example)])
    return true
  }

  /// - Parameter hole: what stands for a place that differs.
  func text(_ hole: (Variation) -> Hole) -> Text {
    var out: [Text.Piece] = []
    for piece in pieces {
      switch piece {
      case .same(.word(let bytes)), .same(.between(let bytes)): out.append(.literal(bytes))
      case .same(.hole(let hole)): append(hole, &out)
      case .varies(let variation): append(hole(variation), &out)
      case .open(let example): append(Hole(showing: example, .any), &out)
      }
    }
    return Text(pieces: out)
  }

  /// Nothing says where one `any` ends and another one begins: two side by side are one.
  private func append(_ hole: Hole, _ out: inout [Text.Piece]) {
    if hole.isAnything, case .hole(let before)? = out.last, before.isAnything {
      out[out.count - 1] = .hole(Hole(showing: before.example.flatMap { a in hole.example.map { a + $0 } }, .any))
    } else {
      out.append(.hole(hole))
    }
  }
}

extension MergedText.Piece {
  /// - Parameter strictly: whether a word that was the same until now has to stay so.
  fileprivate func admits(_ atom: Atom, strictly: Bool) -> Bool {
    switch self {
    case .same(let own): own.agrees(with: atom) || !strictly && !own.isBetween && !atom.isBetween
    case .varies: !atom.isBetween
    case .open: false
    }
  }

  fileprivate mutating func take(
    _ atom: Atom, _ names: (first: [String: [UInt8]], other: [String: [UInt8]]), _ columns: inout Columns
  ) {
    let now = atom.value(names.other)
    switch self {
    case .same(let own) where !own.agrees(with: atom):
      let value = own.value(names.first)
      let types = Types(value).intersection(Types(now))
      self = .varies(.init(value: value, types: types, column: columns.column(nil, agreedOn: value, now: now)))
    case .varies(var variation):
      variation.types = variation.types.intersection(Types(now))
      variation.column = columns.column(variation.column, agreedOn: nil, now: now)
      self = .varies(variation)
    case .same, .open: break
    }
  }

  fileprivate func value(_ names: [String: [UInt8]]) -> [UInt8]? {
    switch self {
    case .same(let atom): atom.value(names)
    case .varies(let variation): variation.value
    case .open(let example): example
    }
  }
}

extension Hole {
  /// A pattern with what was recorded there, where that can be written.
  init(_ name: String? = nil, showing example: [UInt8]?, _ type: ValueType) {
    self.init(name, .type(type), example: example.flatMap { !$0.isEmpty && Self.canShow($0) ? $0 : nil })
  }

  fileprivate var isAnything: Bool { name == nil && content == .type(.any) }
}
