import Expressions
import Wire

extension Text {
  /// What is wrong with this text whatever a peer says: an expression that does not compile, an example that does not fit, two `any` side
  /// by side, arguments that a function cannot take; and, where it is `sent`, a hole that nothing could fill. `bound` are the names that
  /// have a value by then. Each diagnostic points at the pattern, or, in an expression, at the character.
  package func check(sent: Bool, bound: Set<String> = []) -> [Diagnostic] {
    guard !isLiteral else { return [] }
    var found: [Diagnostic] = []
    var isBehindAny = false
    // Names that earlier patterns of this text bind.
    var own: Set<String> = []
    for piece in pieces {
      guard case .hole(let hole) = piece else {
        isBehindAny = false
        continue
      }
      let isKnown = hole.name.map { bound.contains($0) || own.contains($0) } ?? false
      found += hole.check(sent: sent && !isKnown, at: hole.place == .nowhere ? place : hole.place)
      let isAny = hole.content == .type(.any) && !isKnown
      if isAny && isBehindAny {
        found.append(Diagnostic("two 'any' side by side: nothing says where one ends", at: hole.place == .nowhere ? place : hole.place))
      }
      isBehindAny = isAny
      if let name = hole.name { own.insert(name) }
    }
    if holes.count > Text.mostHoles { found.append(Diagnostic("more than \(Text.mostHoles) patterns in one text", at: place)) }
    return found
  }

  /// A text has no more patterns than this.
  package static let mostHoles = 1000
}

extension Hole {
  fileprivate func check(sent: Bool, at place: Place) -> [Diagnostic] {
    var found: [Diagnostic] = []
    switch content {
    case .bound: break
    case .type(let type): found = check(type, sent: sent, at: place)
    case .expression(let source): found = check(source, sent: sent, at: place)
    case .call(let function, let arguments): found = check(function, arguments, at: place)
    }
    if isSecret, example != nil {
      found.append(Diagnostic("an example would show the secret", at: place, hint: "leave '=' and what follows out", severity: .warning))
    }
    return found
  }

  private func check(_ type: ValueType, sent: Bool, at place: Place) -> [Diagnostic] {
    if let example {
      return type.fits(example) ? [] : [Diagnostic("the example '\(shown(example))' is not of type '\(type.rawValue)'", at: place)]
    }
    guard sent, !isSecret, type == .ip || type == .port else { return [] }
    return [
      Diagnostic("a value of type '\(type.rawValue)' cannot be made up", at: place, hint: "give an example: \(named(type.rawValue))=…}'")
    ]
  }

  private func check(_ source: String, sent: Bool, at place: Place) -> [Diagnostic] {
    guard let expression = ExpressionCache.shared.expression(source) else { return [flaw(of: source, at: place)] }
    guard let example else {
      guard sent, !isSecret else { return [] }
      return [Diagnostic("an expression without an example cannot be sent", at: place, hint: "give an example: \(named("/…/"))=…}'")]
    }
    do throws(ExpressionLimit) {
      return try expression.matches(example) ? [] : [Diagnostic("the example '\(shown(example))' does not match its expression", at: place)]
    } catch {
      return [Diagnostic("the expression takes too long to match its example", at: place)]
    }
  }

  /// Why an expression does not compile.
  private func flaw(of source: String, at place: Place) -> Diagnostic {
    do throws(ExpressionError) {
      _ = try Expression(source)
      return Diagnostic("the expression is wrong", at: place)
    } catch {
      return Diagnostic("the expression is wrong: \(error.message)", at: self.place(of: error.offset, in: source, at: place))
    }
  }

  private func check(_ function: Function, _ arguments: [Argument], at place: Place) -> [Diagnostic] {
    if let complaint = function.complaint(about: arguments.count) { return [Diagnostic("'\(function.rawValue)' \(complaint)", at: place)] }
    for (at, argument) in arguments.enumerated() {
      if case .number(let number) = argument, function != .repeat || at != 1 {
        return [
          Diagnostic(
            "an argument of '\(function.rawValue)' is a name or a quoted text, not a number", at: place, hint: "write \"\(number)\"")
        ]
      }
    }
    // With names in it, only a run can tell.
    guard reads.isEmpty else { return [] }
    do throws(Unfillable) {
      _ = try function.result(arguments) { name throws(Unfillable) in throw .unbound(name) }
      return []
    } catch {
      return [Diagnostic("\(error)", at: place)]
    }
  }

  /// The character at a byte of the expression, where the pattern stands at `place`: each `/` in it was written `\/`.
  private func place(of offset: Int, in source: String, at place: Place) -> Place {
    guard self.place != .nowhere else { return place }
    let before = String(decoding: source.utf8.prefix(offset), as: UTF8.self)
    let slashes = before.utf8.count { $0 == UInt8(ascii: "/") }
    let column = place.column + "${:/".count + (name ?? "").count + before.unicodeScalars.count + slashes
    return Place(file: place.file, line: place.line, column: column)
  }

  /// `${name:type`
  private func named(_ type: String) -> String { "'${\((name ?? "").shown):\(type)" }

  private func shown(_ example: [UInt8]) -> String { isSecret ? "***" : String(decoding: example, as: UTF8.self).shown }
}
