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

/// The moments of the last while, in microseconds.
struct SlidingWindow: Sendable, Hashable {
    let span: Int64
    private(set) var moments: [Int64] = []

    init(seconds: Int64) { span = seconds * 1_000_000 }

    /// Forgets what is too old and says how many are left.
    mutating func count(at now: Int64) -> Int {
        moments.removeAll { $0 <= now - span }
        return moments.count
    }

    /// Notes a moment and says how many there are with it.
    mutating func add(_ now: Int64) -> Int {
        moments.append(now)
        return count(at: now)
    }
}
