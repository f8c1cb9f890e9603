import Support

extension Seeded {
  mutating func number(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &self) }
  mutating func isHeads() -> Bool { next() & 1 == 0 }
  mutating func one<Element>(of elements: [Element]) -> Element { elements[number(0...(elements.count - 1))] }
  mutating func some<Element>(_ count: ClosedRange<Int>, _ make: (inout Seeded) -> Element) -> [Element] {
    (0..<number(count)).map { _ in make(&self) }
  }
  mutating func maybe<Element>(_ make: (inout Seeded) -> Element) -> Element? { number(0...3) == 0 ? make(&self) : nil }
}
