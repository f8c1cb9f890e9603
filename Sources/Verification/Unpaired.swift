import Dialects
import Transcript

/// Facets of a message that have no partner in another one so far. What is literal finds its partner by its value, however many there are.
struct Unpaired {
  private struct Key: Hashable {
    var kind: String
    var key: String?
    var part: String?
    var value: Text?
  }

  private var facets: [Facet?]
  /// Places of facets by kind and key, the same with their value, and by kind, part and value.
  private var places: [Key: [Int]] = [:]
  private let named: Set<String>

  /// - Parameter named: parts whose facets are told by their keys alone, whatever they say.
  init(_ facets: [Facet], named: Set<String> = []) {
    self.facets = facets
    self.named = named
    // Backwards, so that the first is at each list's end.
    for (place, facet) in facets.enumerated().reversed() {
      for key in [Self.own(facet), Self.same(facet), Self.elsewhere(facet), Self.any(facet)] { places[key, default: []].append(place) }
    }
  }

  var rest: [Facet] { facets.compactMap(\.self) }

  /// Takes one with the same value out: of the same key, or, where its text is free, of another.
  mutating func takeSame(as facet: Facet) -> Bool {
    take(Self.same(facet)) != nil || facet.weight == .wording && !isNamed(facet) && take(Self.elsewhere(facet)) != nil
  }

  /// Takes the first that fits, one of the same key if there is one.
  mutating func takeFirst(for facet: Facet, where fits: (Facet) -> Bool) -> Facet? {
    for key in isNamed(facet) ? [Self.own(facet)] : [Self.own(facet), Self.any(facet)] {
      for place in (places[key] ?? []).reversed() {
        guard let candidate = facets[place], fits(candidate) else { continue }
        facets[place] = nil
        return candidate
      }
    }
    return nil
  }

  /// Takes what stands in a facet's place: of the same key, or, where its text is free, of another.
  mutating func takePartner(of facet: Facet) -> Facet? {
    take(Self.own(facet)) ?? (facet.weight == .wording && !isNamed(facet) ? take(Self.any(facet)) : nil)
  }

  private func isNamed(_ facet: Facet) -> Bool { facet.part.map(named.contains) ?? false }

  private mutating func take(_ key: Key) -> Facet? {
    while let place = places[key]?.popLast() {
      guard let facet = facets[place] else { continue }
      facets[place] = nil
      return facet
    }
    return nil
  }

  private static func own(_ facet: Facet) -> Key { Key(kind: facet.kind, key: facet.key) }
  private static func same(_ facet: Facet) -> Key { Key(kind: facet.kind, key: facet.key, value: facet.value) }
  private static func elsewhere(_ facet: Facet) -> Key { Key(kind: facet.kind, part: facet.part ?? "", value: facet.value) }
  private static func any(_ facet: Facet) -> Key { Key(kind: facet.kind, part: facet.part ?? "") }
}
