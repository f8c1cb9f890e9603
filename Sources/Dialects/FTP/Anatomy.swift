import Transcript
import Wire

/// A text as bytes, each hole as what it stands for, so that what is expected and what was observed are taken apart alike.
struct Anatomy {
  let bytes: [UInt8]
  private let text: Text

  init(_ text: Text) {
    self.text = text
    bytes = text.literal ?? text.pieces.flatMap(Self.standIn)
  }

  /// A stretch of it. A hole is never cut: whoever has a part of it has all.
  subscript(range: Range<Int>) -> Text {
    if text.isLiteral { return Text(Array(bytes[range]), place: text.place) }
    var out = Text(pieces: [], place: text.place)
    var start = 0
    for piece in text.pieces {
      let end = start + Self.standIn(piece).count
      let common = range.clamped(to: start..<end)
      switch piece {
      case .literal(let bytes): out.append(.literal(Array(bytes[(common.lowerBound - start)..<(common.upperBound - start)])))
      case .hole: if !common.isEmpty { out.append(piece) }
      }
      start = end
    }
    return out
  }

  /// Without blanks around it.
  var trimmed: Anatomy {
    guard let first = bytes.firstIndex(where: { !$0.isSpace }), let last = bytes.lastIndex(where: { !$0.isSpace }) else {
      return Anatomy("")
    }
    return first == 0 && last == bytes.count - 1 ? self : Anatomy(self[first..<(last + 1)])
  }

  var whole: Text { text }

  private static func standIn(_ piece: Text.Piece) -> [UInt8] {
    switch piece {
    case .literal(let bytes): return bytes
    case .hole(let hole):
      if let example = hole.example { return example }
      switch hole.content {
      case .type(.number), .type(.port): return [UInt8(ascii: "0")]
      case .type(.date): return Array("Jan 01 00:00".utf8)
      case .type(.time): return Array("00:00".utf8)
      default: return [UInt8(ascii: "?")]
      }
    }
  }
}

extension UInt8 {
  fileprivate var isSpace: Bool { self == UInt8(ascii: " ") || self == UInt8(ascii: "\t") }
}
