/// How long a platform takes, in microseconds: each answer takes `base`, up to `jitter`, and `row` for each row.
package struct SandboxLatency: Codable, Sendable, Hashable {
    package var base: Int64 = 0
    package var jitter: Int64 = 0
    package var row: Int64 = 0
    package init(base: Int64 = 0, jitter: Int64 = 0) {
        self.base = base
        self.jitter = jitter
    }

    /// `chance` is the call's own hash.
    func delay(rows: Int = 0, chance: UInt64) -> Duration {
        let extra = Int64(Mix.below(Int(max(1, jitter + 1)), Mix.hash(chance, 400)))
        return .microseconds(base + extra + row * Int64(rows))
    }
}
