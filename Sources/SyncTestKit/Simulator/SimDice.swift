import Synchronization

/// Seeded chance, shared by the parts of one simulation.
package final class SimDice: Sendable {
    private let generator: Mutex<SeededGenerator>
    package init(seed: UInt64) { self.generator = Mutex(SeededGenerator(seed: seed)) }
    package func happens(_ chance: Double) -> Bool { chance > 0 && unit() < chance }
    package func unit() -> Double { generator.withLock { Double($0.next() >> 11) / Double(1 << 53) } }
    package func integer(_ range: ClosedRange<Int>) -> Int {
        range.lowerBound + Int(unit() * Double(range.count))
    }
}

/// How often states were reached that a run must not miss ("sometimes assertions", anchors.md 3.1).
package final class RareStates: Sendable {
    private let counts = Mutex<[String: Int]>([:])
    package init() {}
    package func count(_ name: String, by amount: Int = 1) {
        counts.withLock { $0[name, default: 0] += amount }
    }
    package var all: [String: Int] { counts.withLock { $0 } }
}
