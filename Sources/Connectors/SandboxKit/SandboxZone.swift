import FoundationEssentials

/// Offsets of a time zone around a day, looked up once: `TimeZone` is too slow to ask per row.
struct SandboxZone: Sendable {
    private struct Step: Sendable {
        let from: Int64
        let offset: Int64
    }

    private let steps: [Step]

    /// Covers the seconds `from..<to`; beyond them the nearest offset holds.
    init(_ zone: TimeZone, from: Int64, to: Int64) {
        func offset(_ seconds: Int64) -> Int64 {
            Int64(zone.secondsFromGMT(for: Date(timeIntervalSince1970: Double(seconds))))
        }
        var steps = [Step(from: .min, offset: offset(from))]
        var low = from
        // No zone changes its offset twice within 25 days in the years that matter here.
        while low < to {
            let high = low + 25 * 86_400
            let after = offset(high)
            if let last = steps.last, after != last.offset {
                var left = low
                var right = high
                while right - left > 1 {
                    let middle = left + (right - left) / 2
                    if offset(middle) == last.offset { left = middle } else { right = middle }
                }
                steps.append(Step(from: right, offset: after))
            }
            low = high
        }
        self.steps = steps
    }

    /// Seconds east of UTC at a moment.
    func offset(at seconds: Int64) -> Int64 {
        var index = steps.count - 1
        while index > 0, steps[index].from > seconds { index -= 1 }
        return steps[index].offset
    }

    func day(at seconds: Int64) -> Int32 {
        let local = seconds + offset(at: seconds)
        return Int32(truncatingIfNeeded: local >= 0 ? local / 86_400 : (local - 86_399) / 86_400)
    }

    /// The first second of a day.
    func start(of day: Int32) -> Int64 {
        let midnight = Int64(day) * 86_400
        let guess = midnight - offset(at: midnight)
        return midnight - offset(at: guess)
    }
}
