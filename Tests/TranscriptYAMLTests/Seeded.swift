/// Random numbers that are the same every time (SplitMix64).
struct Seeded: RandomNumberGenerator {
  private var state: UInt64

  init(_ seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
  }

  mutating func number(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &self) }
  mutating func isHeads() -> Bool { next() & 1 == 0 }
  mutating func one<Element>(of elements: [Element]) -> Element { elements[number(0...(elements.count - 1))] }
  mutating func some<Element>(_ count: ClosedRange<Int>, _ make: (inout Seeded) -> Element) -> [Element] {
    (0..<number(count)).map { _ in make(&self) }
  }
  mutating func maybe<Element>(_ make: (inout Seeded) -> Element) -> Element? { number(0...3) == 0 ? make(&self) : nil }
}
